"""`assay db install` and `assay db update` are killed at each system call that changes something, and each
of these calls fails: afterwards scans use the old database or the new one, and the same command again
makes it the new one."""

import collections
import concurrent.futures
import errno
import os
import re
import shutil
import subprocess
import unittest

import harness
from publisher import DatabaseCase

CALL = re.compile(r"(\w+)\(")
# Calls that change what others see, or start what does. Of files that are opened, only new ones count.
CHANGES = {
    "clone", "fchmod", "flock", "fsync", "ftruncate", "kill", "linkat", "mkdirat", "openat", "pwrite64",
    "renameat", "symlinkat", "unlinkat", "write",
}  # fmt: skip
ERRORS = {
    "clone": ["EAGAIN"],
    "fchmod": ["EPERM"],
    "fsync": ["EIO"],
    "ftruncate": ["EIO"],
    "memfd_create": ["EMFILE"],
    "mkdirat": ["ENOSPC"],
    "openat": ["ENOSPC"],
    "pipe2": ["EMFILE"],
    "pwrite64": ["ENOSPC", "EIO"],
    "renameat": ["EIO"],
    "socketpair": ["EMFILE"],
    "symlinkat": ["ENOSPC"],
    "unlinkat": ["EIO"],
    "write": ["ENOSPC", "EIO"],
}

Point = collections.namedtuple("Point", "call count line")


@unittest.skipIf(harness.SANITIZED, "the leak check cannot be traced")
class Injected(DatabaseCase):
    def setUp(self):
        super().setUp()
        self.need("strace")
        self.old = self.signed(1, 1)
        self.channel = self.directory / "channel"
        self.channel.mkdir()
        source = self.rules(1, 2)
        self.file("rules/x.hashes", b"%s\t*\tKnown\thigh\n" % (b"ab" * 32))
        self.new = self.build(source, 2)
        self.db("sign", "-k", self.key, "--channel", self.channel, self.new)
        self.looked_at = self.needle(1)

    def command(self, verb, store):
        what = {"install": self.new, "update": self.channel / "test.channel"}[verb]
        return [harness.ASSAY, "db", verb, "--store", store, "--trust", self.trust, what]

    def run_traced(self, verb, store, *strace):
        return subprocess.run(
            ["strace", *strace, *self.command(verb, store)], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=harness.clean_environment(), timeout=120,
        )  # fmt: skip

    def prepare(self, has_old):
        """A store before the change."""
        if has_old:
            self.install(self.old)
        return self.store

    def copy(self, name):
        target = self.directory / name
        if self.store.exists():
            shutil.copytree(self.store, target, symlinks=True)
        return target

    def points(self, verb, calls):
        """Each call of these, from the first that is no part of starting a program."""
        trace = self.directory / "trace"
        done = self.run_traced(verb, self.copy("traced"), "-o", trace)
        self.assertEqual((0, b""), (done.returncode, done.stderr))
        counts, ours, found = collections.Counter(), False, []
        for line in trace.read_text().splitlines():
            call = CALL.match(line)
            if not call:
                continue
            name = call[1]
            counts[name] += 1
            ours = ours or "O_TMPFILE" in line or "test.channel" in line
            if name == "openat" and not ("O_CREAT" in line or "O_TMPFILE" in line):
                continue
            if ours and name in calls and (calls is CHANGES or not line.startswith("write(1,")):
                found.append(Point(name, counts[name], line))
        self.assertGreater(len(found), 40)
        return found

    def each(self, verb, has_old, calls, check):
        self.prepare(has_old)

        def one(number, point):
            store = self.copy(f"copy-{number}")
            try:
                check(verb, has_old, store, point)
            except AssertionError as wrong:
                return point, wrong
            finally:
                shutil.rmtree(store, ignore_errors=True)
            return None

        points = self.points(verb, calls)
        with concurrent.futures.ThreadPoolExecutor(2) as two:
            wrong = list(filter(None, two.map(one, *zip(*enumerate(points)))))
        for point, why in wrong:
            with self.subTest(verb, call=point.call, count=point.count, line=point.line):
                raise why

    def serial_in_use(self, store, has_old):
        """What scans use now: it has to work."""
        run = harness.scan("-d", store, self.looked_at)
        if not has_old and run.code == 2:
            # `db list` knows of none as well: it is not that one could not be read.
            self.assertRegex(run.err.decode(), "no database is installed in|there is no database at")
            return None
        self.assertEqual((1, ["Needle_1"]), (run.code, self.found(run)), run)
        self.assertEqual([], run.of_type("incomplete") + run.of_type("error"))
        return run.of_type("start")[0]["db"][0]["serial"]

    def check_repeated(self, verb, store):
        done = subprocess.run(
            self.command(verb, store), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=harness.clean_environment(), timeout=120,
        )  # fmt: skip
        self.assertEqual((0, b""), (done.returncode, done.stderr))
        self.assertEqual(2, self.serial_in_use(store, True))
        self.assertEqual([], [str(path) for path in store.rglob(".*")])

    # ---- kills

    def check_kill(self, verb, has_old, store, point):
        what = f"inject={point.call}:signal=KILL:when={point.count}"
        done = self.run_traced(verb, store, "-o", "/dev/null", "-e", what)
        self.assertIn(done.returncode, (-9, 137), done)
        self.assertIn(self.serial_in_use(store, has_old), (1 if has_old else None, 2))
        self.check_repeated(verb, store)

    def test_a_killed_first_install(self):
        self.each("install", False, CHANGES, self.check_kill)

    def test_a_killed_install(self):
        self.each("install", True, CHANGES, self.check_kill)

    def test_a_killed_update(self):
        self.each("update", True, CHANGES, self.check_kill)

    # ---- errors

    def check_error(self, verb, has_old, store, point):
        for error in ERRORS[point.call]:
            what = f"inject={point.call}:error={error}:when={point.count}"
            done = self.run_traced(verb, store, "-o", "/dev/null", "-e", what)
            used = self.serial_in_use(store, has_old)
            if done.returncode == 0:  # what only tidies up may fail
                self.assertEqual((2, b""), (used, done.stderr))
                continue
            self.assertEqual(2, done.returncode, done)
            words = done.stderr.decode()
            self.assertRegex(words, f"{os.strerror(getattr(errno, error))}|a limit of .* open files")
            self.assertEqual(1, words.count("\n"), words)
            if "standard output cannot be written" in words:  # how many writes come before it is not
                self.assertEqual(2, used)  # certain: what a pipe gives comes in any number of parts
            else:
                self.assertEqual(1 if has_old else None, used)
        self.check_repeated(verb, store)

    def test_an_error_in_a_first_install(self):
        self.each("install", False, ERRORS, self.check_error)

    def test_an_error_in_an_update(self):
        self.each("update", True, ERRORS, self.check_error)


if __name__ == "__main__":
    harness.main()
