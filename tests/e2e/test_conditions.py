"""Real rules over real files: what is said of their conditions without libyara is what libyara says."""

import os
import pathlib
import random
import re
import subprocess
import tarfile
import tempfile
import unittest

BUILD = pathlib.Path(os.environ["ASSAY_BUILD"])
SOURCE = pathlib.Path(os.environ["ASSAY_SOURCE"])
RULES = SOURCE.parent / "shared" / "data" / "rules.tar.xz"


def some(paths, count, seed=1):
    """As many of them, the same each time; small enough to be quick."""
    paths = sorted(path for path in paths if path.is_file() and path.stat().st_size < 2 << 20)
    return random.Random(seed).sample(paths, min(count, len(paths)))


def portable(signed):
    """The headers of an executable with one section; `signed`: with a table of certificates."""
    header = bytearray(512)
    header[0:2] = b"MZ"
    header[0x3C] = 0x40
    header[0x40:0x47] = b"PE\0\0\x64\x86\x01"
    header[0x54] = 240
    header[0x58:0x5A] = b"\x0b\x02"
    header[0x58 + 108] = 16
    if signed:
        header[0x58 + 112 + 32 : 0x58 + 112 + 40] = b"\xf0\x01\0\0\x10\0\0\0"
    return bytes(header)


class Conditions(unittest.TestCase):
    def setUp(self):
        if not RULES.is_file():
            self.skipTest("../shared/data/rules.tar.xz is not there")
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)

    def small_files(self):
        randomly = random.Random(2)
        contents = [b"", b"M", b"MZ", b"\x7fELF", b"a\n", bytes(64), portable(False), portable(True)]
        for _ in range(24):
            broken = bytearray(portable(randomly.random() < 0.5))
            for _ in range(randomly.randrange(1, 8)):
                broken[randomly.randrange(len(broken))] = randomly.randrange(256)
            contents.append(bytes(broken) + randomly.randbytes(randomly.randrange(64)))
        for number, content in enumerate(contents):
            path = self.directory / f"small-{number}"
            path.write_bytes(content)
            yield path

    def list_of(self, name, paths):
        path = self.directory / name
        path.write_text("".join(f"{path}\n" for path in paths))
        return path

    def test_real_rules(self):
        with tarfile.open(RULES) as archive:
            archive.extractall(self.directory / "rules", filter="data")
        rules = sorted((self.directory / "rules").rglob("*.yar*"))
        files = [
            *some(rules, 60),
            *some(pathlib.Path("/usr/bin").iterdir(), 30),
            *some(pathlib.Path("/usr/share/doc").rglob("*"), 20),
            *some(pathlib.Path("/usr/share").rglob("*.png"), 10),
            *self.small_files(),
        ]
        done = subprocess.run(
            [
                BUILD / "tests" / "compare-conditions",
                self.list_of("rules.list", rules),
                self.list_of("files.list", files),
            ],
            stdout=subprocess.PIPE, text=True, timeout=800, check=False,
        )
        print(done.stdout)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn(" 0 disagreements", done.stdout)
        # So that it is not the nothing of an empty list, or of "unknown" for everything.
        self.assertGreater(int(re.search(r"(\d+) matches", done.stdout)[1]), 20)
        unknown = re.search(r"strings known: false .* unknown ([\d.]+) of a file", done.stdout)
        self.assertLess(float(unknown[1]), 150)
        self.assertIn("unknown for not translated: 0.00", done.stdout)


if __name__ == "__main__":
    unittest.main()
