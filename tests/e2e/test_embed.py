"""The example that embeds the library, linked with the shared and with the static one."""

import os
import pathlib
import subprocess
import unittest
import zipfile

import harness

BUILD = pathlib.Path(os.environ.get("ASSAY_BUILD", harness.SOURCE / "build" / "dev"))
KINDS = ("shared", "static")


def embed(kind, *paths):
    program = BUILD / "tests" / f"embed-{kind}"
    return subprocess.run(
        [program, *paths], capture_output=True, timeout=120, env=harness.clean_environment()
    )


class Embed(harness.Case):
    def zip(self, name, content):
        path = self.directory / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("readme.txt", "hello")
            archive.writestr("in\nside.com", content)
        return path

    def test_eicar_in_a_zip_matches(self):
        good = self.zip("good.zip", b"nothing")
        bad = self.zip("bad.zip", harness.eicar())
        for kind in KINDS:
            with self.subTest(kind):
                run = embed(kind, good, bad)
                self.assertEqual(run.returncode, 1, run)
                lines = run.stdout.decode().splitlines()
                self.assertTrue(lines, run)
                for line in lines:
                    self.assertRegex(line, r"bad\.zip!/in\?side\.com: \w+ \(\w+\)$")
                self.assertEqual(run.stderr, b"")

    def test_clean_files_and_no_files_are_0(self):
        good = self.zip("good.zip", b"nothing")
        for kind in KINDS:
            for paths in ([good], []):
                run = embed(kind, *paths)
                self.assertEqual((run.returncode, run.stdout, run.stderr), (0, b"", b""), run)

    def test_what_could_not_be_looked_at_is_3(self):
        cut = self.file("cut.zip", self.zip("good.zip", b"nothing" * 1000).read_bytes()[:60])
        for kind in KINDS:
            for path in (cut, self.directory, self.directory / "missing"):
                with self.subTest(kind, path=path):
                    run = embed(kind, path)
                    self.assertEqual(run.returncode, 3, run)
                    self.assertTrue(run.stdout or run.stderr, run)

    def test_a_match_outweighs_what_is_incomplete(self):
        bad = self.file("bad", harness.eicar())
        run = embed("static", self.directory / "missing", bad, self.directory / "missing")
        self.assertEqual(run.returncode, 1, run)

    def test_the_shared_one_is_linked_with_the_library(self):
        program = BUILD / "tests" / "embed-shared"
        linked = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
        self.assertIn("libassay.so.0", linked)
        # The program's own needs end at the library.
        needed = subprocess.run(
            ["readelf", "-d", program], capture_output=True, text=True, check=True
        ).stdout
        self.assertNotIn("libyara", needed)


if __name__ == "__main__":
    harness.main()
