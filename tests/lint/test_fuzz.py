"""Every reader and every codec is fuzzed."""

import re
import unittest

import harness

FUZZ = harness.SOURCE / "tests" / "fuzz"


def targets(kind):
    """The names of a list in tests/fuzz/CMakeLists.txt."""
    text = (FUZZ / "CMakeLists.txt").read_text()
    return set(re.search(rf"^set\({kind}\s([^)]*)\)", text, re.MULTILINE)[1].split())


def declared(kind, prefix, file):
    """What is declared as `extern const struct KIND PREFIX_a, PREFIX_b;`, without the prefix."""
    declarations = re.findall(rf"\bextern const struct {kind} ([^;]*);", file.read_text())
    return {name for words in declarations for name in re.findall(rf"\b{prefix}_(\w+)", words)}


class Fuzz(unittest.TestCase):
    def test_every_reader_has_a_target(self):
        readers = declared("unpacker", "unpack", harness.SOURCE / "unpack" / "registry.c")
        self.assertGreater(len(readers), 10)
        self.assertEqual(readers, targets("readers"))

    def test_every_codec_is_behind_a_reader_or_has_a_target(self):
        codecs = declared("codec", "codec", harness.SOURCE / "unpack" / "codec.h")
        self.assertGreater(len(codecs), 5)
        self.assertEqual(codecs - targets("readers"), targets("codecs"))

    def test_every_regression_is_of_a_target(self):
        known = targets("readers") | {f"codec_{name}" for name in targets("codecs")}
        known |= {path.stem.removeprefix("fuzz_") for path in FUZZ.glob("fuzz_*.c")}
        used = {path.name for path in (FUZZ / "regressions").iterdir()}
        self.assertEqual(set(), used - known)


if __name__ == "__main__":
    harness.main()
