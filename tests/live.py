"""A scan that is still running, and the processes it is made of, as /proc shows them."""

import os
import pathlib
import signal
import subprocess
import tempfile
import time

import harness

TICKS = os.sysconf("SC_CLK_TCK")

# Minutes for 10 kB of the letter a, and it cannot be hurried: what a hanging parser looks like.
SLOW_RULE = b"rule Slow { strings: $a = /(a|aa|aaa)+(a|aa)*b/ condition: $a }\n"
SLOW_CONTENT = b"a" * 12_000
MARK_RULE = b'rule Marked { strings: $a = "MARKED-FOR-THE-TEST" condition: $a }\n'
MARK = b"MARKED-FOR-THE-TEST"


class Process:
    """One process; attributes are read when they are asked for."""

    def __init__(self, pid):
        self.pid = pid
        self.directory = pathlib.Path("/proc", str(pid))

    def __repr__(self):
        return f"process {self.pid}"

    def _stat(self):
        # The name in brackets may contain anything.
        return (self.directory / "stat").read_text().rpartition(")")[2].split()

    @property
    def state(self):
        return self._stat()[0]

    @property
    def parent(self):
        return int(self._stat()[1])

    @property
    def cpu_seconds(self):
        return sum(map(int, self._stat()[11:13])) / TICKS

    @property
    def started(self):
        """When it was started; processes of one tick are told apart by their number."""
        return int(self._stat()[19]), self.pid

    @property
    def resident_bytes(self):
        return int((self.directory / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    @property
    def status(self):
        lines = (self.directory / "status").read_text().splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    @property
    def open_files(self):
        """What each descriptor is, as bytes: a path, socket:[NUMBER] and the like."""
        found = {}
        for link in (self.directory / "fd").iterdir():
            try:
                found[int(link.name)] = os.readlink(os.fsencode(link))
            except OSError:
                continue  # closed since
        return found

    def signal(self, number):
        os.kill(self.pid, number)

    @property
    def is_gone(self):
        try:
            return self.state in "ZX"
        except OSError:
            return True


def children_of(pid):
    """The children, the oldest first."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        process = Process(int(entry.name))
        try:
            if process.parent == pid:
                found.append((process.started, process))
        except OSError:
            continue  # ended since
    return [process for _, process in sorted(found, key=lambda pair: pair[0])]


def wait_for(what, condition, seconds=60):
    """Waits until the condition gives something true, and returns that."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain for {what}")
        time.sleep(0.02)


class Scan:
    """`assay scan -f FORMAT ARGUMENTS...` in the background. A context manager: nothing is left."""

    def __init__(self, *arguments, form="jsonl", **options):
        self.output = tempfile.TemporaryFile()
        self.errors = tempfile.TemporaryFile()
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("stdout", self.output)
        options.setdefault("stderr", self.errors)
        options.setdefault("env", harness.clean_environment())
        self.process = subprocess.Popen([harness.ASSAY, "scan", "-f", form, *arguments], **options)
        self.supervisor = Process(self.process.pid)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        for process in self.processes:
            if not process.is_gone:
                process.signal(signal.SIGKILL)
        self.process.wait()
        self.output.close()
        self.errors.close()

    @property
    def children(self):
        """The zygote and then the workers, as far as they live."""
        return [child for child in children_of(self.process.pid) if not child.is_gone]

    @property
    def zygote(self):
        return self.children[0]

    @property
    def workers(self):
        return self.children[1:]

    @property
    def processes(self):
        return [self.supervisor, *children_of(self.process.pid)]

    def worker_at(self, path, busy=0.2):
        """The worker that has had the file for so many seconds of its CPU time."""
        name = os.fsencode(path)

        def find():
            for worker in self.workers:
                try:
                    if name in worker.open_files.values() and worker.cpu_seconds >= busy:
                        return worker
                except OSError:
                    continue
            if self.process.poll() is not None:
                raise AssertionError(f"the scan ended early: {self.finished()}")
            return None

        return wait_for(f"a worker at {path}", find)

    def finished(self, timeout=120):
        """Waits for the end, and gives it as a harness.Run."""
        code = self.process.wait(timeout)
        texts = []
        for stream in (self.output, self.errors):
            stream.seek(0)
            texts.append(stream.read())
        return harness.Run(subprocess.CompletedProcess([], code, *texts))
