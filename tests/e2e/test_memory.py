"""However many files a scan goes over, none of its processes grows."""

import harness
import live

FILES = 50_000 if not harness.SANITIZED else 10_000
ALLOWED = 20 << 20  # bytes; a leak of 1 kB a file would be more than that


class Memory(harness.Case):
    def test_it_does_not_grow_with_the_number_of_files(self):
        for folder in range(FILES // 500):
            path = self.directory / "tree" / str(folder)
            path.mkdir(parents=True)
            for number in range(500):
                with open(path / str(number), "wb") as file:
                    file.write(b"content %d of %d\n" % (number, folder) * (number % 40))
        samples = []
        with live.Scan("-j", "2", self.directory / "tree") as scan:

            def sample_until_the_end():
                sizes = {}
                for process in scan.processes:
                    try:
                        sizes[process.pid] = process.resident_bytes
                    except OSError:
                        continue
                samples.append(sizes)
                return scan.process.poll() is not None

            live.wait_for("the end", sample_until_the_end, 240)
            run = scan.finished()
        self.assertEqual(run.code, 0, run)
        # The same content is not the same file: each is looked at.
        self.assertEqual(run.summary["files"], FILES)
        self.check_level([max(sample.values(), default=0) for sample in samples])
        supervisor = [sample.get(scan.process.pid, 0) for sample in samples]
        self.check_level(supervisor)
        # LeakSanitizer looks at a process that ends from one of its own.
        if not harness.SANITIZED:
            self.assertEqual(len(set().union(*samples)), 4, "no worker was replaced")

    def check_level(self, sizes):
        quarter = len(sizes) // 4
        self.assertGreater(quarter, 5, "enough samples")
        second, last = max(sizes[quarter : 2 * quarter]), max(sizes[3 * quarter :])
        self.assertGreater(second, 1 << 20)
        self.assertLess(last, second + ALLOWED)


if __name__ == "__main__":
    harness.main()
