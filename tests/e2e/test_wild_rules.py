"""Thousands of rules as people publish them: all of them compile, and they find what yara finds."""

import itertools
import os
import pathlib
import re
import subprocess
import unittest

import harness

ARCHIVE = harness.SHARED_DATA / "rules.tar.xz"

# What a definition may hide in: comments, strings and regular expressions, in one alternation so
# that each begins where the one before ended.
NO_DEFINITION = re.compile(
    rb'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|(?<=[=(,]) */(?:\\.|[^/\\\n])+/[is]*', re.DOTALL
)
DEFINITION = re.compile(rb"(?:^|[\s}])rule\s+\w+")


def count_rules(path):
    return len(DEFINITION.findall(NO_DEFINITION.sub(b" ", path.read_bytes())))


@unittest.skipUnless(ARCHIVE.exists(), f"{ARCHIVE} is not there: published rules to test with")
class WildRules(harness.Case):
    def setUp(self):
        super().setUp()
        self.need("yara", "xz")
        self.rules = self.directory / "rules"
        self.rules.mkdir()
        subprocess.run(["tar", "-xJf", ARCHIVE, "-C", self.rules], check=True)
        found = itertools.chain(self.rules.rglob("*.yar"), self.rules.rglob("*.yara"))
        self.sources = sorted(found)

    def test_every_rule_compiles(self):
        expected = sum(map(count_rules, self.sources))
        self.assertGreater(expected, 5000)
        run = harness.scan("--rules", self.rules, self.file("target", b"nothing"))
        self.assertIn(run.code, (0, 1), run)
        (database,) = run.events[0]["db"]
        self.assertEqual(database["rules"], expected)

    # What assay finds in the files themselves, by rule and path.
    def found_by_assay(self, rules, targets):
        run = harness.scan("--rules", rules, "--files-from", "-", input=b"\n".join(targets))
        self.assertIn(run.code, (0, 1, 3), run)
        problems = [e for e in run.of_type("incomplete") if not e["members"]]
        self.assertEqual([e for e in problems if e["reason"] in ("crash", "time", "engine")], [])
        self.assertEqual(run.summary["files"], len(targets))
        return {
            (match["rule"], os.fsencode(match["path"]))
            for match in run.of_type("match")
            if not match["members"]
        }

    def found_by_yara(self, rules, targets):
        found = set()
        # Each file has a namespace of its own, as with assay.
        names = [f"{path.stem}:{path}" for path in rules]
        listed = self.file("targets", b"\n".join(targets) + b"\n")
        command = ["yara", "--no-warnings", "--scan-list", *names, listed]
        done = subprocess.run(command, stdout=subprocess.PIPE, timeout=300, check=True)
        for line in done.stdout.splitlines():
            rule, _, path = line.partition(b" ")
            found.add((rule.decode(), path))
        return found

    def chosen_sources(self):
        """About thirty files of rules, none of which needs a variable that yara would not know."""
        external = re.compile(rb"\b(filename|filepath|extension|filetype|owner)\b")
        plain = [path for path in self.sources if not external.search(path.read_bytes())]
        chosen = plain[:: max(1, len(plain) // 26)]
        extra = self.file(
            "chosen/zz_everywhere.yar",
            b'import "elf"\n'
            b"rule Is_ELF { condition: uint32(0) == 0x464c457f }\n"
            b"rule Is_Executable { condition: elf.type == elf.ET_DYN }\n"
            b'rule Has_Usage { strings: $a = "usage:" nocase fullword condition: $a }\n'
            b"rule Has_Hex { strings: $a = { 55 48 89 e5 [0-20] c3 } condition: #a > 2 }\n"
            b"rule Has_Regex { strings: $a = /[a-z]+@[a-z]+\\.org/ wide ascii condition: $a }\n"
            b'rule Script { strings: $a = "#!/" condition: $a at 0 }\n'
            b"rule Small { condition: filesize < 20KB }\n",
        )
        return chosen, extra

    def test_it_finds_what_yara_finds(self):
        chosen, extra = self.chosen_sources()
        self.assertGreater(len(chosen), 20)
        folder = extra.parent
        for number, path in enumerate(chosen):
            (folder / f"{number:02}_{path.name}").write_bytes(path.read_bytes())
        used = sorted(folder.iterdir())
        programs = sorted(path for path in pathlib.Path("/usr/bin").iterdir() if path.is_file())
        programs = [path for path in programs if path.stat().st_size < 2_000_000]
        programs = programs[:: max(1, len(programs) // 200)]
        # A file with several names is scanned once.
        programs = {path.stat().st_ino: path for path in programs}.values()
        targets = {os.fsencode(path.resolve()) for path in programs}
        targets = sorted(targets | {os.fsencode(path) for path in used})
        expected = self.found_by_yara(used, targets)
        self.assertGreater(len(expected), 300)
        self.assertGreater(len({rule for rule, _ in expected}), 8)
        self.assertEqual(self.found_by_assay(folder, targets), expected)


if __name__ == "__main__":
    harness.main()
