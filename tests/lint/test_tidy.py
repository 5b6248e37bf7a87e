"""clang-tidy, with the checks of .clang-tidy, over everything that becomes part of the program."""

import json
import pathlib
import unittest

import harness
import tree


class Tidy(unittest.TestCase):
    def test_program(self):
        rows = json.loads((tree.BUILD / "compile_commands.json").read_text())
        compiled = {pathlib.Path(row["file"]) for row in rows}
        files = [path for path in tree.c_files(suffixes=(".c",)) if path in compiled]
        self.assertEqual(set(tree.c_files(suffixes=(".c",))), set(files), "files nobody compiles")
        said = tree.run_on_each(["clang-tidy", "--quiet", "-p", str(tree.BUILD)], files)
        self.assertEqual("", said, "\n" + said)


if __name__ == "__main__":
    harness.main()
