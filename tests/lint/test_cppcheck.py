"""cppcheck finds nothing in the program."""

import subprocess
import unittest

import harness
import tree


class Cppcheck(unittest.TestCase):
    def test_program(self):
        # Not asked: leaks, because it does not know the cleanup attribute (the tests under
        # AddressSanitizer look for the real ones); reentrancy, because the program is
        # single-threaded; initialisers behind an attribute, which it cannot parse; _exit(failed < 0).
        off = (
            "memleak", "resourceLeak", "readdirCalled", "getpwuidCalled", "internalAstError",
            "invalidFunctionArgBool",
        )  # fmt: skip
        command = [
            "cppcheck", "--quiet", "-j2", "--std=c11", "--library=posix,gnu",
            "--enable=warning,portability,performance", "--inline-suppr", "--error-exitcode=1",
            "-D_GNU_SOURCE", '-DASSAY_VERSION="0"', "-D__GNUC__=12", "-D__linux__",
            "-I.", "-Iscanner", "-Iscanner/include",
            *(f"--suppress={name}" for name in off), *tree.ROOMS,
        ]  # fmt: skip
        done = subprocess.run(
            command, cwd=harness.SOURCE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.assertEqual(0, done.returncode, done.stdout)


if __name__ == "__main__":
    harness.main()
