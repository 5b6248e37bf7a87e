"""The built-in rules: each finds its stand-in, none finds a near miss or the project itself."""

import collections
import pathlib
import re
import shutil
import sys
import unittest

import harness

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "corpus"))
import standins  # noqa: E402

SEVERITIES = {"info", "low", "medium", "high", "critical"}
META = re.compile(r'^ {8}(\w+) = "([^"]*)"$', re.MULTILINE)


class StandIns(harness.Case):
    def test_every_rule_finds_its_stand_ins_and_nothing_else(self):
        all_standins = standins.all_standins()
        paths = {
            str(self.file(f"{number:04}", standin.content)): standin
            for number, standin in enumerate(all_standins)
        }
        run = harness.scan("--rules", standins.RULES, self.directory)
        found = collections.defaultdict(set)
        for match in run.of_type("match"):
            found[match["path"]].add(match["rule"])
        for path, standin in paths.items():
            with self.subTest(rule=standin.rule, content=standin.content[:200]):
                self.assertEqual(found[path], {standin.rule} - {None}, run.err)

    def test_every_rule_has_a_stand_in(self):
        rules = set(standins.rules())
        self.assertGreaterEqual(len(rules), 31)
        self.assertEqual(rules, {s.rule for s in standins.all_standins()} - {None})

    def test_the_program_has_the_same_rules(self):
        run = harness.scan(self.file("eicar.com", harness.eicar()))
        self.assertEqual([m["rule"] for m in run.of_type("match")], ["EICAR_Test_File"], run)
        self.assertEqual(run.code, 1, run)


class Sources(unittest.TestCase):
    def test_every_rule_explains_itself(self):
        for rule, source in standins.rules().items():
            with self.subTest(rule=rule):
                meta = dict(META.findall(source))
                self.assertGreater(len(meta["description"]), 20)
                self.assertIn(meta["severity"], SEVERITIES)
                self.assertRegex(meta["date"], r"^20\d\d-[01]\d-[0-3]\d$")
                self.assertRegex(source, r"^ : [a-z]")

    def test_they_match_neither_the_sources_nor_the_program_that_carries_them(self):
        folders = ["signatures", "docs", "tests", "scanner", "unpack"]
        paths = [harness.SOURCE / folder for folder in folders]
        run = harness.scan("--rules", standins.RULES, *paths, shutil.which(harness.ASSAY))
        self.assertEqual([(m["rule"], m["path"]) for m in run.of_type("match")], [], run)
        self.assertGreater(run.summary["files"], 50)


if __name__ == "__main__":
    harness.main()
