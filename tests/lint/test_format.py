"""C is formatted by .clang-format, shell scripts pass shellcheck."""

import subprocess
import unittest

import harness
import tree


class Format(unittest.TestCase):
    def test_c(self):
        files = [str(path) for path in tree.c_files(*tree.ROOMS, "tests")]
        done = subprocess.run(
            ["clang-format", "--dry-run", "-Werror", *files], stderr=subprocess.PIPE, text=True
        )
        self.assertEqual(0, done.returncode, done.stderr)

    def test_shell(self):
        scripts = []
        for path in tree.all_files():
            with open(path, "rb") as file:
                is_script = file.readline().startswith((b"#!/bin/sh", b"#!/usr/bin/env bash"))
            if is_script or path.suffix == ".sh":
                scripts.append(str(path))
        self.assertIn(str(harness.SOURCE / "scanner" / "run"), scripts)
        done = subprocess.run(
            ["shellcheck", "-x", *scripts], cwd=harness.SOURCE, stdout=subprocess.PIPE, text=True
        )
        self.assertEqual(0, done.returncode, done.stdout)


if __name__ == "__main__":
    harness.main()
