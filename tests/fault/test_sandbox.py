"""What the processes that read files may not do, as the kernel sees it."""

import ctypes
import os
import re
import signal
import subprocess
import unittest

import harness
import live

DENIED = [
    "open",
    "create",
    "unlink",
    "socket",
    "connect",
    "execve",
    "clone",
    "ptrace",
    "kill",
    "executable memory",
]


def hide_dev():
    """Mounts an empty directory over /dev, for this process and its children alone."""
    libc = ctypes.CDLL(None, use_errno=True)
    mounts, private_recursively = 0x20000, 0x44000
    failed = libc.unshare(mounts) or libc.mount(b"none", b"/", None, private_recursively, None)
    if failed or libc.mount(b"none", b"/dev", b"tmpfs", 0, None):
        raise OSError(ctypes.get_errno(), "mount")


class LiveWorker(harness.Case):
    """A worker looked at while it is busy."""

    def setUp(self):
        super().setUp()
        self.slow = self.file("slow", live.SLOW_CONTENT)
        self.rules = self.file("rules.yar", live.SLOW_RULE)
        self.secret = self.file("secret", b"not for workers")
        self.other = os.open(self.secret, os.O_RDONLY)
        self.addCleanup(os.close, self.other)

    def start(self, *arguments, **options):
        every = ["--rules", self.rules, *arguments, self.slow]
        scan = live.Scan(*every, pass_fds=[self.other], **options)
        self.addCleanup(scan.__exit__)
        return scan, scan.worker_at(self.slow)

    def stop(self, scan):
        scan.supervisor.signal(signal.SIGINT)
        return scan.finished(10)

    @unittest.skipIf(harness.SANITIZED, "AddressSanitizer makes system calls of its own")
    def test_system_calls_are_filtered_and_no_rights_can_be_gained(self):
        scan, worker = self.start()
        for process in (worker, scan.zygote):
            self.assertEqual(process.status["Seccomp"], "2", "a filter")
            self.assertEqual(process.status["NoNewPrivs"], "1")
        self.assertGreater(
            int(worker.status["Seccomp_filters"]), int(scan.zygote.status["Seccomp_filters"])
        )
        self.assertEqual(worker.status["Threads"], "1")
        start = self.stop(scan).events[0]
        self.assertEqual(start["sandbox"], "full")
        self.assertEqual(
            start["sandbox_layers"], ["no_new_privs", "landlock", "seccomp", "rlimits"]
        )

    def test_it_holds_nothing_but_its_socket_and_its_file(self):
        scan, worker = self.start()
        known = rb"socket:\[\d+\]|/dev/null|/proc/\d+/statm|" + re.escape(os.fsencode(self.slow))
        files = worker.open_files
        for fd, target in files.items():
            if harness.SANITIZED and fd == 2:
                continue  # it reports to standard error
            self.assertRegex(target, rb"^(%s)$" % known, f"{fd} of {files}")
        sockets = [target for target in files.values() if target.startswith(b"socket:")]
        self.assertEqual(len(sockets), 1, files)
        self.assertNotIn(sockets[0], scan.zygote.open_files.values(), "not shared with others")
        self.assertNotIn(os.fsencode(self.secret), scan.zygote.open_files.values())

    @unittest.skipUnless(os.getuid() == 0, "mounts something over /dev")
    def test_without_a_dev_it_gets_no_stream_of_its_callers_either(self):
        # In a chroot "/" may be no mount point, and then mounts cannot be made private.
        if subprocess.run(["unshare", "-m", "true"], stderr=subprocess.DEVNULL).returncode:
            self.skipTest("no mounts of one's own can be had here")
        _, worker = self.start(preexec_fn=hide_dev)
        files = worker.open_files
        for fd in range(2 if harness.SANITIZED else 3):
            self.assertEqual(files.get(fd), b"/", files)

    def test_its_file_is_open_for_reading_only(self):
        _, worker = self.start()
        (fd,) = [n for n, name in worker.open_files.items() if name == os.fsencode(self.slow)]
        text = (worker.directory / "fdinfo" / str(fd)).read_text()
        flags = int(re.search(r"flags:\s*(\d+)", text)[1], 8)
        self.assertEqual(flags & os.O_ACCMODE, os.O_RDONLY)

    @unittest.skipIf(harness.SANITIZED, "AddressSanitizer needs unlimited address space")
    def test_resources_are_limited(self):
        _, worker = self.start("--max-memory", "1G", "--timeout", "100")
        text = (worker.directory / "limits").read_text()
        limits = dict(re.findall(r"^(Max [a-z ]+?) {2,}(\S+)", text, re.MULTILINE))
        self.assertEqual(limits["Max file size"], "0")
        self.assertEqual(limits["Max processes"], "0")
        self.assertEqual(limits["Max core file size"], "0")
        self.assertGreaterEqual(int(limits["Max address space"]), 1 << 30)
        self.assertLess(int(limits["Max address space"]), 3 << 29)
        self.assertGreaterEqual(int(limits["Max cpu time"]), 100)
        self.assertLess(int(limits["Max cpu time"]), 200)

    def test_without_a_sandbox_it_says_so(self):
        scan, worker = self.start("--no-sandbox")
        if not harness.SANITIZED:
            self.assertEqual(worker.status["Seccomp"], live.Process(os.getpid()).status["Seccomp"])
        start = self.stop(scan).events[0]
        self.assertEqual(start["sandbox"], "none")
        self.assertEqual(start["sandbox_layers"], [])


class Sandbox(harness.Case):
    def test_a_person_is_told_that_there_is_none(self):
        clean = self.file("clean", b"nothing")
        run = harness.assay("scan", "--no-sandbox", clean)
        self.assertIn(b"\nSandbox: none\n", run.out)
        self.assertEqual(run.code, 0)

    def test_matches_are_found_without_it_too(self):
        run = harness.scan("--no-sandbox", self.file("eicar", harness.eicar()))
        self.assertEqual(run.code, 1, run)

    def test_it_can_be_required(self):
        run = harness.scan("--require-sandbox", self.file("eicar", harness.eicar()))
        if harness.SANITIZED:
            self.assertEqual(run.code, 2, run)
            self.assertIn(b"sandbox is required", run.err)
        else:
            self.assertEqual(run.code, 1, run)
            self.assertEqual(run.events[0]["sandbox"], "full")

    def test_it_cannot_be_both_required_and_left_out(self):
        run = harness.scan("--require-sandbox", "--no-sandbox", self.file("clean"))
        self.assertEqual((run.code, run.out), (2, b""), run)
        self.assertIn(b"contradict", run.err)


@unittest.skipIf(harness.SANITIZED, "there is no full sandbox under AddressSanitizer")
class Doctor(unittest.TestCase):
    def test_every_attempt_to_get_out_is_denied(self):
        run = harness.assay("doctor")
        self.assertEqual(run.code, 0, run)
        self.assertIn(b"sandbox: full\n", run.out)
        for attempt in DENIED:
            self.assertRegex(run.out, rb"\n +%s +denied\n" % attempt.encode())
        self.assertNotRegex(run.out, rb"ALLOWED|allowed|failed")

    def test_the_attempts_leave_nothing_behind(self):
        harness.assay("doctor")
        self.assertFalse(os.path.exists("/tmp/assay-self-test"))


if __name__ == "__main__":
    harness.main()
