"""A store of databases is whole at any moment: processes that change it are killed at each system call,
disks are full or fail, two change it at once, and others can write to what leads to it."""

import collections
import concurrent.futures
import errno
import fcntl
import os
import re
import shutil
import stat
import subprocess
import unittest

import harness

STORE = harness.BUILD / "tests" / "fault-store"
NOBODY = 65534

CALL = re.compile(r"(\w+)\(")
# Calls that change nothing that others see: what is killed at one might as well be killed at the next
# that does.
READS = {
    "brk", "close", "execve", "fcntl", "fstat", "getcwd", "getdents64", "geteuid", "getrandom",
    "lseek", "mmap", "mprotect", "munmap", "newfstatat", "pread64", "read", "readlinkat", "readlink",
}  # fmt: skip
# What goes wrong with each.
ERRORS = {
    "openat": ["ENOSPC", "EROFS"],
    "mkdirat": ["ENOSPC"],
    "fchmod": ["EPERM"],
    "write": ["ENOSPC", "EIO"],
    "fsync": ["EIO", "ENOSPC"],
    "renameat": ["EIO", "ENOSPC"],
    "renameat2": ["EIO"],
    "symlinkat": ["ENOSPC"],
    "unlinkat": ["EIO"],
}

# name: what is installed before, the change, the current version before and after it. All files of a
# version have its tag in them.
Change = collections.namedtuple("Change", "before verb words old new")
CHANGE = {
    "first": Change([], "install", ["1", "a"], None, "1 a"),
    "newer": Change(["1 a", "2 b", "3 c"], "install", ["4", "d"], "3 c", "4 d"),
    "again": Change(["1 a", "2 b"], "install", ["2", "z"], "2 b", "2 z"),
    "older": Change(["2 b", "3 c"], "install", ["1", "a", "older"], "3 c", "1 a"),
    "back": Change(["1 a", "2 b", "3 c"], "rollback", ["2"], "3 c", "2 b"),
}


def run(*words, before=()):
    return subprocess.run(
        [*before, STORE, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        timeout=60, env=harness.clean_environment(TZ="UTC"),
    )  # fmt: skip


def snapshot(directory):
    """{path: mode and content} of everything but the lock."""
    found = {}
    for place, directories, files in os.walk(directory):
        for name in directories + files:
            path = os.path.join(place, name)
            mode = os.lstat(path).st_mode
            content = b""
            if stat.S_ISLNK(mode):
                content = os.readlink(path).encode()
            elif stat.S_ISREG(mode):
                with open(path, "rb") as file:
                    content = file.read()
            found[os.path.relpath(path, directory)] = oct(mode), content
    found.pop("lock", None)
    return found


class StoreCase(harness.Case):
    def good(self, *words):
        done = run(*words)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def prepare(self, change):
        store = self.directory / "prepared"
        for version in change.before:
            self.good("install", store, "db", *version.split())
        return store

    def look(self, store):
        """The current version, all versions ("SERIAL TAG"), the highest serial seen."""
        current, versions, highest = None, [], 0
        for line in self.good("show", store, "db").splitlines():
            kind, number, *tags = line.split()
            if kind == "highest":
                highest = int(number)
                continue
            self.assertEqual((len(tags), len(set(tags))), (3, 1), "a version is not whole")
            versions.append(f"{number} {tags[0]}")
            if kind == "*":
                current = versions[-1]
        return current, versions, highest


@unittest.skipIf(harness.SANITIZED, "the leak check cannot be traced")
class Injected(StoreCase):
    """One system call after the other is the one at which something happens."""

    def calls(self, change, store):
        """(name, how many of them there were, the line of the trace) from the first that is ours."""
        self.need("strace")
        trace = self.directory / "trace"
        copy = self.copy(store, "traced")
        done = run(change.verb, copy, "db", *change.words, before=["strace", "-o", trace])
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        counts, ours, found = collections.Counter(), False, []
        for line in trace.read_text().splitlines():
            call = CALL.match(line)
            if not call:
                continue
            counts[call[1]] += 1
            ours = ours or 'AT_FDCWD, "/", ' in line
            if ours:
                found.append((call[1], counts[call[1]], line))
        self.assertGreater(len(found), 50)
        return found

    def copy(self, store, name):
        target = self.directory / name
        if store.exists():
            shutil.copytree(store, target, symlinks=True)
        return target

    def inject(self, change, store, name, what):
        copy = self.copy(store, name)
        traced = ["strace", "-o", "/dev/null", "-e", f"inject={what}"]
        return copy, run(change.verb, copy, "db", *change.words, before=traced)

    def check_whole(self, change, copy):
        """Old or new, and nothing older will be taken than what is there."""
        current, versions, highest = self.look(copy)
        self.assertIn(current, (change.old, change.new))
        self.assertLessEqual(set(change.before) - {"1 a", change.old}, set(versions))
        self.assertGreaterEqual(highest, int((current or "0").split()[0]))
        return current

    def check_repeated(self, change, copy):
        self.good(change.verb, copy, "db", *change.words)
        current, _, highest = self.look(copy)
        self.assertEqual((current, highest), (change.new, int(change.new.split()[0])))
        left = [name for name in snapshot(copy) if "/." in f"/{name}"]
        self.assertEqual(left, [])

    def each(self, name, points, check):
        change = CHANGE[name]
        store = self.prepare(change)

        def one(number, point):
            try:
                check(change, store, f"copy-{number}", *point)
            except AssertionError as wrong:
                return point, wrong
            finally:
                shutil.rmtree(self.directory / f"copy-{number}", ignore_errors=True)
            return None

        with concurrent.futures.ThreadPoolExecutor(2) as two:
            wrong = list(filter(None, two.map(one, *zip(*enumerate(points(change, store))))))
        for point, why in wrong:
            with self.subTest(change=name, point=point):
                raise why

    # ---- when the power fails

    def test_each_step_is_on_the_disk_before_the_next(self):
        change = CHANGE["newer"]
        steps = []
        for call, _, line in self.calls(change, self.prepare(change)):
            kind = re.search(r'"(?:\.(\w+)-\w+|current)"', line)
            if call in ("renameat", "renameat2", "symlinkat"):
                steps.append(kind[1])
            elif call == "fsync" and (not steps or steps[-1] != "fsync"):
                steps.append("fsync")
            elif call == "write":
                steps.append("write")
        wanted = "write fsync write fsync state fsync stage fsync current current fsync old fsync"
        self.assertEqual(re.sub("(write )+", "write ", " ".join(steps)), wanted)

    def test_each_file_is_on_the_disk(self):
        change = CHANGE["newer"]
        opened, synced, made = {}, set(), set()
        for call, _, line in self.calls(change, self.prepare(change)):
            if call == "openat":
                name = re.search(r'"([^"]*)"', line)[1]
                opened[line.split(" = ")[1]] = name
                if "O_CREAT|O_EXCL" in line and not name.startswith("."):
                    made.add(name)
            elif call == "fsync":
                synced.add(opened[re.search(r"\d+", line)[0]])
        self.assertEqual(made, {"bundle.asdb", "manifest.json", "rules.bin", "seen.json", "trust"})
        self.assertLessEqual(made, synced)

    # ---- kills

    def kills(self, change, store):
        for call, count, line in self.calls(change, store):
            if call not in READS and (call != "openat" or "O_CREAT" in line):
                yield call, count

    def check_kill(self, change, store, name, call, count):
        copy, done = self.inject(change, store, name, f"{call}:signal=KILL:when={count}")
        self.assertIn(done.returncode, (-9, 137), done.stderr)
        self.check_whole(change, copy)
        self.check_repeated(change, copy)

    def test_a_killed_first_install(self):
        self.each("first", self.kills, self.check_kill)

    def test_a_killed_install(self):
        self.each("newer", self.kills, self.check_kill)

    def test_a_killed_install_of_the_same_serial(self):
        self.each("again", self.kills, self.check_kill)

    def test_a_killed_install_of_an_older_one(self):
        self.each("older", self.kills, self.check_kill)

    def test_a_killed_rollback(self):
        self.each("back", self.kills, self.check_kill)

    # ---- errors

    def errors(self, change, store):
        for call, count, line in self.calls(change, store):
            if call in ERRORS and (call != "openat" or "O_CREAT" in line):
                for error in ERRORS[call]:
                    yield call, count, error

    def check_error(self, change, store, name, call, count, error):
        copy, done = self.inject(change, store, name, f"{call}:error={error}:when={count}")
        if done.returncode == 0:  # what only tidies up may fail
            self.assertEqual(self.check_whole(change, copy), change.new)
        else:
            self.assertEqual(done.returncode, 1, done)
            self.assertIn(os.strerror(getattr(errno, error)), done.stderr)
            self.assertEqual(snapshot(copy), snapshot(store))
        self.check_repeated(change, copy)

    def check_broken_disk(self, change, store, name, call, count, error):
        """From then on, so that what was begun cannot be undone either."""
        copy, _ = self.inject(change, store, name, f"{call}:error={error}:when={count}+")
        self.check_whole(change, copy)
        self.check_repeated(change, copy)

    def test_an_error_in_a_first_install(self):
        self.each("first", self.errors, self.check_error)

    def test_an_error_in_an_install(self):
        self.each("newer", self.errors, self.check_error)

    def test_an_error_in_an_install_of_the_same_serial(self):
        self.each("again", self.errors, self.check_error)

    def test_an_error_in_a_rollback(self):
        self.each("back", self.errors, self.check_error)

    def test_a_disk_that_breaks(self):
        for name in ("newer", "again", "back"):
            self.each(name, self.errors, self.check_broken_disk)
            shutil.rmtree(self.directory / "prepared")
            shutil.rmtree(self.directory / "traced")


class AtOnce(StoreCase):
    def test_two_installs_at_once(self):
        store = self.directory / "store"
        for turn in range(1, 51):
            serials = [2 * turn, 2 * turn + 1]
            both = [
                subprocess.Popen(
                    [STORE, "install", store, "db", str(serial), f"t{serial}"],
                    stderr=subprocess.PIPE, text=True,
                )
                for serial in serials
            ]  # fmt: skip
            words = [process.communicate(timeout=60)[1] for process in both]
            # Who comes second with the lower one is refused.
            self.assertEqual(both[1].returncode, 0, words)
            if both[0].returncode != 0:
                self.assertIn(f"serial {serials[0]} is older than {serials[1]}", words[0])
            current, versions, highest = self.look(store)
            self.assertEqual((current, highest), (f"{serials[1]} t{serials[1]}", serials[1]))
            for version in versions:
                serial, tag = version.split()
                self.assertEqual(tag, f"t{serial}")
        self.assertLessEqual(len(versions), 3)

    def test_who_holds_the_lock_too_long(self):
        store = self.directory / "store"
        self.good("install", store, "db", "1", "a")
        with open(store / "lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            done = run("install", store, "db", "2", "b")
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"another process changes {store}: wait", done.stderr)
            self.assertEqual(self.look(store)[0], "1 a")
        self.good("install", store, "db", "2", "b")


# The way there is test_safe_open.c's.
class Unsafe(StoreCase):
    def setUp(self):
        super().setUp()
        self.store = self.directory / "parent" / "store"
        self.good("install", self.store, "db", "1", "a")

    def refused(self, pattern, store=None):
        for verb, *words in (["install", "db", "2", "b"], ["show", "db"], ["rollback", "db", "1"]):
            done = run(verb, store or self.store, *words)
            self.assertEqual(done.returncode, 1, done)
            self.assertRegex(done.stderr, pattern)

    def test_others_can_write(self):
        places = ["parent", "parent/store", "parent/store/db"]
        for place in places:
            for mode in (0o775, 0o757):
                with self.subTest(place, mode=oct(mode)):
                    path = self.directory / place
                    path.chmod(mode)
                    self.refused(rf"{path} is not safe: others can write to it \(user \d+, mode "
                                 rf"0{mode:o}\). Type: chmod go-w '{path}'")
                    path.chmod(0o755)
        self.assertEqual(self.look(self.store)[0], "1 a")

    def test_files_that_others_can_write(self):
        for name in ("state.json", "db/1/bundle.asdb", "db/1"):
            with self.subTest(name):
                path = self.store / name
                mode = path.stat().st_mode & 0o777
                path.chmod(mode | 0o020)
                done = run("show", self.store, "db")
                self.assertEqual(done.returncode, 1)
                self.assertIn(f"{path} is not safe: others can write to it", done.stderr)
                path.chmod(mode)

    @unittest.skipIf(os.geteuid() != 0, "only root can give files away")
    def test_what_belongs_to_somebody_else(self):
        for place in ("parent", "parent/store", "parent/store/db", "parent/store/state.json"):
            with self.subTest(place):
                path = self.directory / place
                os.chown(path, NOBODY, NOBODY)
                done = run("show", self.store, "db")
                self.assertEqual(done.returncode, 1)
                self.assertRegex(done.stderr, rf"{path} is not safe: it belongs to user "
                                              rf"{NOBODY}. Type: chown root '{path}'")
                os.chown(path, 0, 0)

    @unittest.skipIf(os.geteuid() != 0, "only root has a store that others read")
    def test_a_user_reads_roots_store_and_cannot_hold_its_lock(self):
        self.directory.chmod(0o755)
        done = run("show", self.store, "db", before=["setpriv", "--reuid", "nobody", "--regid",
                                                     "nogroup", "--clear-groups"])
        self.assertEqual((done.returncode, done.stdout), (0, "* 1 a a a\nhighest 1\n"), done)
        self.assertEqual((self.store / "lock").stat().st_mode & 0o777, 0o600)


class Modes(StoreCase):
    def test_modes_do_not_depend_on_the_umask(self):
        store = self.directory / "store"
        for mask in ("077", "000"):
            with self.subTest(mask):
                before = ["sh", "-c", f'umask {mask} && exec "$@"', "sh"]
                done = run("install", store, "db", "1", "a", before=before)
                self.assertEqual(done.returncode, 0, done)
                directory, file = (0o755, 0o644) if os.geteuid() == 0 else (0o700, 0o600)
                for name, (mode, _) in snapshot(self.directory).items():
                    mode = int(mode, 8)
                    if name.endswith("/lock"):
                        self.assertEqual(stat.S_IMODE(mode), 0o600)
                    elif not stat.S_ISLNK(mode):
                        wanted = directory if stat.S_ISDIR(mode) else file
                        self.assertEqual(oct(stat.S_IMODE(mode)), oct(wanted), name)
                shutil.rmtree(store)


if __name__ == "__main__":
    harness.main()
