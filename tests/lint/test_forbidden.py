"""What no file may contain: dangerous calls, leftovers, foreign paths, test malware, too much."""

import os
import pathlib
import re
import subprocess
import unittest

import harness
import tree

CALLS = {
    r"(str|stp|wcs)n?cpy|(str|wcs)n?cat": "use base/buffer.h or memcpy with a checked size",
    r"v?sprintf|gets|v?f?scanf|v?sscanf|strtok|ato[ifl]l?": "no bound, or no error",
    r"alloca|longjmp|setjmp|v?fork": "not here; worker processes are made in scanner/pool",
    r"system|popen|exec[lv]p?e?|posix_spawnp?|wordexp|dlopen": "starts or loads something",
    r"tmpnam|tempnam|mktemp|tmpfile": "races",
    r"n?ftw|fts_open|readdir_r|realpath|getwd": "recursion, or paths resolved twice",
    r"rand|srand|random|srandom|drand48": "not repeatable and not random",
    r"archive_read_support_\w+_all|archive_read_support_filter_program\w*": "may run programs",
    r"archive_read_open_(filename|file|fd|FILE)\w*|archive_read_extract\w*|archive_write_\w+":
        "readers see views, and nothing is extracted",
    r"yr_rules_load\w*|yr_rules_scan_(file|fd|proc)": "compiled rules are not a safe format",
}
# Calls that one place needs. The self-test tries what the sandbox must refuse; the forecast counts
# beside the scan; compiled rules are read behind a check sum, and by the sandboxed zygote;
# assay-update is started by a path that nobody else chooses.
ALLOWED = {
    "scanner/pool/": "fork",
    "scanner/pool/selftest.c": "fork|execve",
    "scanner/cli/forecast.c": "fork",
    "signatures/rules_binary.c": "yr_rules_load_stream",
    "scanner/cli/fetch_program.c": "posix_spawn",
}
TOP_LEVEL = {
    "docs", "scanner", "signatures", "tests", "unpack",
    "CMakeLists.txt", "CMakePresets.json", "README.md", "LICENSE", "CHANGELOG.md",
    ".ci", ".clang-format", ".clang-tidy", ".gitignore",
}  # fmt: skip
# In halves, so that this file is clean itself.
LEFTOVERS = r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X")) + r")\b"
MAX_FILE_LINES = 600
MAX_FUNCTION_LINES = 80


def text_files():
    for path in tree.all_files():
        try:
            yield path, path.read_text()
        except UnicodeDecodeError:
            continue


class Forbidden(unittest.TestCase):
    def check(self, wrong):
        self.assertEqual([], wrong, "\n" + "\n".join(wrong))

    def test_calls(self):
        wrong = []
        for path in tree.c_files():
            text = tree.bare(path)
            allowed = [ALLOWED[place] for place in ALLOWED if tree.name(path).startswith(place)]
            for calls, why in CALLS.items():
                for line, found in tree.lines_with(rf"(?<![\w.>])({calls})\s*\(", text):
                    if not re.fullmatch("|".join(allowed), found.group(1)):
                        wrong.append(f"{tree.name(path)}:{line}: {found.group(1)}: {why}")
        self.check(wrong)

    def test_leftovers(self):
        self.check([
            f"{tree.name(path)}:{line}: {found.group()}"
            for path, text in text_files()
            if path.suffix != ".yar"
            for line, found in tree.lines_with(LEFTOVERS, text)
        ])  # fmt: skip

    def test_paths_of_this_machine(self):
        places = {str(harness.SOURCE.resolve()), str(harness.SOURCE.resolve().parent)}
        places.add(os.path.expanduser("~"))
        # Very short ones ("/src", "/root") are words that anybody may use.
        places = [place for place in places if place.count("/") > 1]
        self.check([
            f"{tree.name(path)}: {place}"
            for path, text in text_files()
            for place in places
            if place in text
        ])  # fmt: skip

    def test_no_file_is_the_antivirus_test_file(self):
        needle = harness.eicar()
        wrong = [path for path in tree.all_files() if needle in path.read_bytes()]
        self.check([tree.name(path) for path in wrong])

    def test_everything_is_text(self):
        text = {path for path, _ in text_files()}
        binary = [tree.name(path) for path in tree.all_files() if path not in text]
        self.check(binary)

    def test_top_level(self):
        self.check(sorted(set(os.listdir(harness.SOURCE)) - TOP_LEVEL - tree.NOT_OURS))

    def test_length_of_files(self):
        wrong = []
        for path, text in text_files():
            lines = text.count("\n")
            if path.suffix in (".c", ".h", ".py", ".cmake") and lines > MAX_FILE_LINES:
                wrong.append(f"{tree.name(path)}: {lines} lines, {MAX_FILE_LINES} are allowed")
        self.check(wrong)

    def test_length_of_functions(self):
        files = [str(path) for path in tree.c_files(*tree.ROOMS, "tests", suffixes=(".c",))]
        command = ["ctags", "-x", "--c-kinds=f", "--_xformat=%N\t%F\t%n\t%{end}", *files]
        listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        wrong = []
        for row in listing.splitlines():
            function, path, start, end = row.split("\t")
            length = int(end or start) - int(start) + 1
            if length > MAX_FUNCTION_LINES:
                path = tree.name(pathlib.Path(path))
                wrong.append(f"{path}:{start}: {function}: {length} lines")
        self.assertGreater(len(listing.splitlines()), 100, "ctags found next to nothing")
        self.check(wrong)


if __name__ == "__main__":
    harness.main()
