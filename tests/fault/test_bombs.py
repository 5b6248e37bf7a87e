"""Files that grow without end cost a bounded time and memory, and are said to."""

import sys
import time

import harness
import live

sys.path.insert(0, str(harness.SOURCE / "tests" / "corpus"))
import bombs  # noqa: E402

RULES = b"""rule Test_Payload {
    strings: $eicar = { 58 35 4f 21 50 25 40 41 50 5b 34 5c 50 5a 58 35 34 28 50 5e 29 37 43 43 29 }
    condition: $eicar at 0
}
"""
SLOWER = 8 if harness.SANITIZED else 1
# A decoder's 4 MB for each of 200,000 streams, which a sanitizer marks byte by byte.
SLOW_WITH_SANITIZERS = {"bomb_many_empty_bzip2_streams"}


class Bombs(harness.Case):
    def check(self, bomb):
        is_slow = bomb.seconds >= 120 or bomb.name in SLOW_WITH_SANITIZERS
        if harness.SANITIZED and is_slow:
            self.skipTest("takes minutes with sanitizers")
        if bomb.name == "bomb_7z_after_zeros":
            self.need("7z")
        path = bomb.build(self.directory, harness.eicar())
        rules = self.file("rules.yar", RULES)
        largest, began = [0], time.monotonic()
        with live.Scan("--rules", rules, "-j", "1", *bomb.options, path) as scan:

            def ended():
                for process in scan.workers:
                    try:
                        largest.append(int(process.status["VmHWM"].split()[0]) << 10)
                    except (OSError, KeyError):
                        continue  # it ended
                return scan.process.poll() is not None

            live.wait_for("the end", ended, bomb.seconds * SLOWER)
            seconds = time.monotonic() - began
            done = scan.finished()
        found = [event["members"] for event in done.of_type("match")]
        reasons = {event["reason"] for event in done.of_type("incomplete")}
        self.assertLessEqual(set(bomb.reasons), reasons, done)
        self.assertNotIn("time", reasons, done)
        self.assertNotIn("crash", reasons, done)
        if bomb.members is not None:
            self.assertIn(bomb.members, found, done)
        self.assertEqual(1 if found else 3 if reasons else 0, done.code, done)
        self.assertLess(seconds, bomb.seconds * SLOWER)
        if not harness.SANITIZED:
            self.assertLess(max(largest), bomb.megabytes << 20)


def add_test(bomb):
    setattr(Bombs, f"test_{bomb.name.removeprefix('bomb_')}", lambda self: self.check(bomb))


for _bomb in bombs.BOMBS:
    add_test(_bomb)

if __name__ == "__main__":
    harness.main()
