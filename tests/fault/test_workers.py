"""A process of the scanner that dies, hangs or is stopped costs at most the file it was at."""

import signal
import time
import unittest

import harness
import live

OTHERS = 200


class Lost(harness.Case):
    """One file takes for ever, 200 small ones do not, and one of those matches."""

    def setUp(self):
        super().setUp()
        self.slow = self.file("tree/000-slow", live.SLOW_CONTENT)
        for number in range(OTHERS):
            self.file(f"tree/{number:03}-small", b"nothing")
        self.rules = self.file("rules.yar", live.SLOW_RULE + live.MARK_RULE)

    def mark_one(self):
        return self.file("tree/100-small", live.MARK)

    def start(self, *arguments, **options):
        tree = self.directory / "tree"
        every = ["--rules", self.rules, "-j", "2", "--timeout", "60", *arguments]
        scan = live.Scan(*every, tree, **options)
        self.addCleanup(scan.__exit__)
        return scan

    def check_only_the_slow_file_is_lost(self, run, reason, files=OTHERS + 1):
        incomplete = run.of_type("incomplete")
        self.assertEqual([(e["path"], e["reason"]) for e in incomplete], [(str(self.slow), reason)])
        self.assertEqual(run.of_type("error"), [], run)
        summary = run.summary
        self.assertEqual((summary["files"], summary["objects"]), (files, files), run)
        self.assertEqual((summary["incomplete"], summary["by_reason"]), (1, {reason: 1}))
        self.assertEqual(summary["exit"], run.code)

    def check_signal(self, number, reason):
        scan = self.start("--all")
        scan.worker_at(self.slow).signal(number)
        run = scan.finished()
        self.check_only_the_slow_file_is_lost(run, reason)
        clean = [event["path"] for event in run.of_type("clean")]
        self.assertEqual(len(set(clean)), OTHERS, "each other file once")
        self.assertEqual(len(clean), OTHERS)
        self.assertEqual(run.code, 3, run)
        return run

    def test_a_segmentation_fault(self):
        self.check_signal(signal.SIGSEGV, "crash")

    def test_a_caller_that_ignores_the_ends_of_its_children(self):
        def ignore_ends():
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)

        scan = self.start(preexec_fn=ignore_ends)
        scan.worker_at(self.slow).signal(signal.SIGKILL)
        run = scan.finished()
        self.check_only_the_slow_file_is_lost(run, "crash")
        self.assertIn("SIGKILL", run.of_type("incomplete")[0]["detail"])

    def test_an_abort(self):
        self.check_signal(signal.SIGABRT, "crash")

    def test_a_bus_error_of_a_file_that_is_not_mapped(self):
        self.check_signal(signal.SIGBUS, "crash")

    def test_a_forbidden_system_call(self):
        run = self.check_signal(signal.SIGSYS, "crash")
        self.assertIn("sandbox", run.of_type("incomplete")[0]["detail"])

    def test_the_kernel_runs_out_of_memory(self):
        run = self.check_signal(signal.SIGKILL, "crash")
        self.assertIn("memory", run.of_type("incomplete")[0]["detail"])

    def test_cpu_time_is_used_up(self):
        self.check_signal(signal.SIGXCPU, "time")

    def test_a_match_elsewhere_still_counts(self):
        marked = self.mark_one()
        scan = self.start()
        scan.worker_at(self.slow).signal(signal.SIGSEGV)
        run = scan.finished()
        self.check_only_the_slow_file_is_lost(run, "crash")
        self.assertEqual([e["path"] for e in run.of_type("match")], [str(marked)])
        self.assertEqual(run.summary["matches"], 1)
        self.assertEqual(run.code, 1, run)

    def test_every_slow_file_of_several_is_lost_alone(self):
        second = self.file("tree/zzz-slow", live.SLOW_CONTENT)
        scan = self.start()
        scan.worker_at(self.slow).signal(signal.SIGSEGV)
        scan.worker_at(second).signal(signal.SIGKILL)
        run = scan.finished()
        self.assertEqual(
            {e["path"] for e in run.of_type("incomplete")}, {str(self.slow), str(second)}, run
        )
        self.assertEqual(run.summary["files"], OTHERS + 2)
        self.assertEqual(run.code, 3)

    def test_the_time_of_a_file_is_over(self):
        run = self.start("--timeout", "1").finished(60)
        self.check_only_the_slow_file_is_lost(run, "time")
        self.assertEqual(run.code, 3)
        self.assertLess(run.summary["seconds"], 15)

    def test_a_worker_that_is_stopped_is_ended_at_its_deadline(self):
        scan = self.start("--timeout", "3")
        scan.worker_at(self.slow).signal(signal.SIGSTOP)
        run = scan.finished(60)
        self.check_only_the_slow_file_is_lost(run, "time")
        self.assertEqual(run.code, 3)

    def test_idle_workers_may_die_unnoticed(self):
        scan = self.start()
        busy = scan.worker_at(self.slow)
        time.sleep(0.5)
        for worker in scan.workers:
            if worker.pid != busy.pid:
                worker.signal(signal.SIGKILL)
        busy.signal(signal.SIGSEGV)
        run = scan.finished()
        self.assertIn(str(self.slow), [e["path"] for e in run.of_type("incomplete")])
        self.assertEqual(run.summary["files"], OTHERS + 1)
        self.assertEqual(run.code, 3, run)

    def test_without_its_zygote_a_scan_that_needs_a_worker_says_so_and_ends(self):
        for number in range(OTHERS, OTHERS + 40):
            self.file(f"tree/{number:03}-small", b"nothing")
        second = self.file("tree/001-slow", live.SLOW_CONTENT)
        scan = self.start()
        workers = [scan.worker_at(self.slow), scan.worker_at(second)]
        scan.zygote.signal(signal.SIGKILL)
        for worker in workers:
            worker.signal(signal.SIGKILL)
        run = scan.finished(30)
        self.assertEqual(run.code, 2, run)
        self.assertIn(b"worker process", run.err)
        self.assertEqual(run.summary["exit"], 2)
        self.assertTrue(run.of_type("error"), run)

    def test_a_scan_that_is_killed_leaves_no_process(self):
        scan = self.start()
        scan.worker_at(self.slow)
        family = scan.processes
        self.assertGreaterEqual(len(family), 3)
        scan.process.kill()
        scan.process.wait()
        live.wait_for("the others to end", lambda: all(p.is_gone for p in family), 2)


@unittest.skipIf(harness.SANITIZED, "AddressSanitizer needs unlimited address space")
class Memory(harness.Case):
    def test_a_file_that_needs_too_much_memory_is_lost_alone(self):
        rules = b"".join(
            b'rule Short%d { strings: $a = "%c" condition: #a > 100000000 }\n' % (n, 97 + n)
            for n in range(8)
        )
        rules = self.file("rules.yar", rules + live.MARK_RULE)
        greedy = self.file("tree/000-greedy", b"abcdefgh" * 1_250_000)
        marked = self.file("tree/100-marked", live.MARK)
        for number in range(20):
            self.file(f"tree/{number:03}-small", b"nothing")
        run = harness.scan(
            "--rules", rules, "-j", "1", "--max-memory", "200M", self.directory / "tree"
        )
        incomplete = {(e["path"], e["reason"]) for e in run.of_type("incomplete")}
        self.assertEqual({path for path, _ in incomplete}, {str(greedy)}, run)
        self.assertLessEqual({reason for _, reason in incomplete}, {"memory", "crash", "matches"})
        self.assertEqual([e["path"] for e in run.of_type("match")], [str(marked)])
        self.assertEqual(run.summary["files"], 22)
        self.assertEqual(run.code, 1)


if __name__ == "__main__":
    harness.main()
