"""A scan that is interrupted ends soon, says what it found so far, and leaves no process."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

import harness
import live

SOON = 3 if not harness.SANITIZED else 10
STOP_SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def set_columns(fd, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))


def read_terminal(fd, until, seconds=60):
    """What the terminal shows until the pattern is there, or (until=None) to the end."""
    shown = b""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        readable, _, _ = select.select([fd], [], [], 0.2)
        if readable:
            try:
                more = os.read(fd, 65536)
            except OSError:  # the other end is closed
                return shown
            if not more:
                return shown
            shown += more
        if until and re.search(until, shown):
            return shown
    raise AssertionError(f"{until!r} was not shown: {shown!r}")


class SlowTree(harness.Case):
    def setUp(self):
        super().setUp()
        self.rules = self.file("rules.yar", live.SLOW_RULE + live.MARK_RULE)
        self.file("tree/1-small", b"nothing")
        self.slow = self.file("tree/2-slow", live.SLOW_CONTENT)

    def start(self, *arguments, **options):
        tree = self.directory / "tree"
        scan = live.Scan("--rules", self.rules, "-j", "2", *arguments, tree, **options)
        self.addCleanup(scan.__exit__)
        return scan


class Interrupted(SlowTree):

    def check_end(self, scan, name, code):
        family = scan.processes
        run = scan.finished(SOON)
        self.assertEqual(run.code, code, run)
        self.assertEqual(run.summary["interrupted"], name)
        self.assertEqual(run.summary["exit"], code)
        self.assertEqual(run.events[-1]["type"], "summary")
        live.wait_for("no process to be left", lambda: all(p.is_gone for p in family), 2)
        return run

    def test_each_signal_ends_a_scan_soon(self):
        for number in STOP_SIGNALS:
            with self.subTest(number.name):
                scan = self.start()
                scan.worker_at(self.slow)
                scan.supervisor.signal(number)
                run = self.check_end(scan, number.name, 2)
                self.assertLess(run.summary["files"], 2, "the slow file was not looked at")

    def test_a_signal_that_the_caller_ignores_is_ignored(self):
        def like_nohup():
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

        scan = self.start(preexec_fn=like_nohup)
        scan.worker_at(self.slow)
        scan.supervisor.signal(signal.SIGHUP)
        scan.supervisor.signal(signal.SIGTERM)
        self.check_end(scan, "SIGTERM", 2)

    def test_an_impatient_second_signal_changes_nothing(self):
        scan = self.start()
        scan.worker_at(self.slow)
        for number in [signal.SIGSTOP, signal.SIGINT, signal.SIGTERM, signal.SIGCONT]:
            scan.supervisor.signal(number)
        self.check_end(scan, "SIGINT", 2)

    def test_what_matched_before_is_in_the_report_and_in_the_exit_code(self):
        marked = self.file("tree/0-marked", live.MARK)
        report = self.directory / "report.jsonl"
        scan = self.start("--report", f"jsonl={report}")
        scan.worker_at(self.slow)
        scan.output.seek(0)
        self.assertIn(b'"match"', scan.output.read(), "a match is passed on at once")
        scan.supervisor.signal(signal.SIGINT)
        run = self.check_end(scan, "SIGINT", 1)
        self.assertEqual([e["path"] for e in run.of_type("match")], [str(marked)])
        self.assertEqual(report.read_bytes(), run.out, "a further report is whole too")

    def test_a_terminal_signals_the_whole_group(self):
        scan = self.start(start_new_session=True)
        scan.worker_at(self.slow)
        os.killpg(scan.process.pid, signal.SIGINT)
        run = self.check_end(scan, "SIGINT", 2)
        self.assertEqual(run.of_type("incomplete"), [], "no worker was hit by it")

    def test_it_may_be_interrupted_while_standard_input_is_silent(self):
        reader, writer = os.pipe()
        self.addCleanup(os.close, writer)
        scan = live.Scan("-", "--rules", self.rules, stdin=reader)
        self.addCleanup(scan.__exit__)
        os.close(reader)
        os.write(writer, b"something, and then nothing")

        def has_temporary_file():
            files = scan.supervisor.open_files
            return any(fd > 2 and b"(deleted)" in files[fd] for fd in files)

        live.wait_for("it to read", has_temporary_file)
        scan.supervisor.signal(signal.SIGINT)
        self.check_end(scan, "SIGINT", 2)

    def test_it_may_be_interrupted_while_the_list_of_files_is_silent(self):
        reader, writer = os.pipe()
        self.addCleanup(os.close, writer)
        self.addCleanup(os.close, reader)
        clean = self.file("clean", b"nothing")
        scan = live.Scan("--all", "--files-from", "-", stdin=reader)
        self.addCleanup(scan.__exit__)
        os.write(writer, os.fsencode(clean) + b"\n")
        live.wait_for("a worker", lambda: len(scan.children) >= 2)
        scan.supervisor.signal(signal.SIGINT)
        self.check_end(scan, "SIGINT", 2)

    def test_the_text_report_says_so(self):
        scan = self.start(form="text")
        scan.worker_at(self.slow)
        scan.supervisor.signal(signal.SIGTERM)
        run = scan.finished(SOON)
        self.assertEqual(run.code, 2, run)
        self.assertIn(b"\nInterrupted by SIGTERM.\n", run.out)
        self.assertNotIn(b"everything was looked at", run.out)

    def test_it_may_be_interrupted_while_rules_compile(self):
        # Many rules in one source: the compiler is at it for seconds.
        text = b"".join(
            b'rule R%d { strings: $a = "%08d" condition: $a }\n' % (n, n) for n in range(60_000)
        )
        rules = self.file("many.yar", text)
        scan = live.Scan("--rules", rules, self.slow)
        self.addCleanup(scan.__exit__)
        live.wait_for("the compiler", lambda: scan.children and scan.zygote.cpu_seconds > 0.3)
        scan.supervisor.signal(signal.SIGINT)
        self.check_end(scan, "SIGINT", 2)


class OnATerminal(SlowTree):
    """The same by a person: the terminal makes the signal, and shows progress."""

    def start_on_terminal(self, *arguments, columns=120, stdout=None):
        terminal, inner = pty.openpty()
        set_columns(terminal, columns)
        self.addCleanup(os.close, terminal)

        def take_terminal():
            fcntl.ioctl(inner, termios.TIOCSCTTY, 0)

        scan = self.start(
            *arguments,
            form="text",
            stdin=inner,
            stdout=stdout or inner,
            stderr=inner,
            env=harness.clean_environment(TERM="xterm"),
            start_new_session=True,
            preexec_fn=take_terminal,
        )
        os.close(inner)
        return scan, terminal

    def test_control_c(self):
        scan, terminal = self.start_on_terminal()
        scan.worker_at(self.slow)
        os.write(terminal, b"\x03")
        shown = read_terminal(terminal, rb"could not be done as asked", SOON)
        self.assertEqual(scan.process.wait(SOON), 2)
        self.assertIn(b"Interrupted by SIGINT.", shown)

    def test_progress_is_one_line_that_findings_do_not_mix_with(self):
        marked = self.file("tree/3-marked", live.MARK)
        scan, terminal = self.start_on_terminal("--timeout", "4", "--color", "never")
        shown = read_terminal(terminal, None)
        self.assertEqual(scan.process.wait(SOON), 1)
        self.assertRegex(shown, rb"\r[^\r\n]*[1-9][0-9]* file", "progress was shown")
        self.assertIn(b"2-slow", shown.split(b"incomplete")[0], "and what takes so long")
        # What stays on the screen: the last thing written after each return and erasure.
        written = shown.split(b"\r\n")
        lines = [line.rpartition(b"\x1b[K")[2].rpartition(b"\r")[2] for line in written]
        self.assertIn(os.fsencode(marked) + b": Marked (high)", lines)
        slow = os.fsencode(self.slow) + b": incomplete: time ("
        self.assertEqual(len([line for line in lines if line.startswith(slow)]), 1, shown)

    def test_progress_fits_the_terminal(self):
        scan, terminal = self.start_on_terminal("--timeout", "4", "--color", "never", columns=40)
        shown = read_terminal(terminal, None)
        scan.process.wait(SOON)
        drawn = re.findall(rb"\r([^\r\n\x1b]+)\x1b\[K", shown)
        self.assertTrue(drawn, shown)
        self.assertLess(max(len(line.decode()) for line in drawn), 40)

    def test_no_progress_when_it_is_never_wanted(self):
        never = ["--color", "never", "--progress", "never"]
        _, terminal = self.start_on_terminal("--timeout", "2", *never)
        self.assertNotIn(b"\x1b", read_terminal(terminal, None))

    def test_a_report_in_a_pipe_is_free_of_progress(self):
        with open(self.directory / "out", "w+b") as out:
            scan, terminal = self.start_on_terminal("-f", "jsonl", "--timeout", "2", stdout=out)
            read_terminal(terminal, None)
            self.assertEqual(scan.process.wait(SOON), 3)
            out.seek(0)
            events = [json.loads(line) for line in out]
        self.assertEqual(events[-1]["type"], "summary")


class ProgressElsewhere(harness.Case):
    def test_without_a_terminal_there_is_none_unless_it_is_wanted(self):
        slow = self.file("slow", live.SLOW_CONTENT)
        rules = self.file("rules.yar", live.SLOW_RULE)
        with live.Scan("--rules", rules, "--timeout", "7", slow) as silent, live.Scan(
            "--rules", rules, "--timeout", "7", "--progress", "always", slow
        ) as wanted:
            self.assertEqual(silent.finished().err, b"")
            lines = wanted.finished().err.splitlines()
        self.assertTrue(lines, "a line every few seconds")
        self.assertNotIn(b"\r", b"".join(lines))
        self.assertNotIn(b"\x1b", b"".join(lines))


if __name__ == "__main__":
    harness.main()
