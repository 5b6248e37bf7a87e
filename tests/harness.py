"""What the end-to-end tests share: running the real program and reading what it says.

Every test file is a unittest program. The build tells where things are by environment variables;
see tests/CMakeLists.txt.
"""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ASSAY = os.environ.get("ASSAY", "assay")
SOURCE = pathlib.Path(os.environ.get("ASSAY_SOURCE", pathlib.Path(__file__).parents[1]))
BUILD = pathlib.Path(os.environ.get("ASSAY_BUILD", SOURCE / "build" / "ci"))
SANITIZED = bool(os.environ.get("ASSAY_SANITIZED"))
# Data for larger tests that is not part of the project; tests that want it skip without it.
SHARED_DATA = SOURCE.parent / "shared" / "data"


def eicar():
    """The EICAR test file, assembled here so that no file of the project contains it."""
    return b"X5O!P%@AP[4\\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"


class Run:
    """A finished run of assay."""

    def __init__(self, process):
        self.code = process.returncode
        self.out = process.stdout
        self.err = process.stderr

    @property
    def events(self):
        return [json.loads(line) for line in self.out.splitlines()]

    def of_type(self, kind):
        return [event for event in self.events if event["type"] == kind]

    @property
    def summary(self):
        (summary,) = self.of_type("summary")
        return summary

    def __repr__(self):
        return f"exit {self.code}\nstdout: {self.out[-4000:]!r}\nstderr: {self.err[-4000:]!r}"


def clean_environment(**changes):
    """The caller's environment without anything that configures assay."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ASSAY_")}
    environment.update(changes)
    return environment


def assay(*arguments, stdin=subprocess.DEVNULL, timeout=300, env=None, cwd=None, **options):
    """Runs `assay ARGUMENTS...`; arguments may be str, bytes or paths. input=b"..." feeds stdin."""
    if "input" in options:
        stdin = None
    process = subprocess.run(
        [ASSAY, *arguments],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=timeout,
        env=env or clean_environment(),
        cwd=cwd,
        **options,
    )
    return Run(process)


def scan(*arguments, **options):
    """Runs `assay scan -f jsonl ARGUMENTS...`."""
    return assay("scan", "-f", "jsonl", *arguments, **options)


class Case(unittest.TestCase):
    """A test with a directory of its own."""

    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="assay-test-"))
        self.addCleanup(self.remove_directory)

    def remove_directory(self):
        # rm copes with trees deeper than PATH_MAX and with names Python cannot decode.
        subprocess.run(["chmod", "-R", "u+rwx", "--", self.directory], stderr=subprocess.DEVNULL)
        subprocess.run(["rm", "-rf", "--", self.directory], check=False)

    def file(self, name, content=b""):
        """Writes a file below the test's directory and returns its path."""
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def need(self, *tools):
        for tool in tools:
            if not shutil.which(tool):
                self.fail(f"{tool} is not installed: tests/run installs it")


main = unittest.main
