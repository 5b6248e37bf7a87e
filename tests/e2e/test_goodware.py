"""The built-in rules find nothing in the programs and documents of an ordinary system."""

import pathlib
import sys
import unittest

import harness

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "corpus"))
import standins  # noqa: E402

ROOTS = ["/usr/bin", "/usr/sbin", "/usr/lib", "/usr/share"]


@unittest.skipIf(harness.SANITIZED, "the same code over the same files, many times slower")
class Goodware(harness.Case):
    def test_nothing_of_the_system_matches(self):
        roots = [root for root in ROOTS if pathlib.Path(root).is_dir()]
        run = harness.scan("--rules", standins.RULES, *roots, timeout=800)
        found = [(m["rule"], m["object"]) for m in run.of_type("match")]
        self.assertEqual(found, [], run)
        self.assertIn(run.code, (0, 3), run)
        self.assertGreater(run.summary["files"], 1000)


if __name__ == "__main__":
    harness.main()
