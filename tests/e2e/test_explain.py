"""assay explain: the tree of what a file is and holds; and archives that several workers share."""

import io
import random
import re
import tarfile
import zipfile

import harness


def zip_of(*members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


class Explain(harness.Case):
    def explain(self, *arguments, code):
        run = harness.assay("explain", *arguments)
        self.assertEqual(code, run.code, run)
        return run.out.decode().splitlines()

    def test_the_tree_has_readers_sizes_ratios_verdicts_and_strings(self):
        inner = zip_of(("e.com", harness.eicar()), ("text", b"hello" * 1000))
        path = self.file("outer", b"some text in front " + inner + b" and behind")
        lines = self.explain(path, code=1)
        self.assertRegex(lines[0], r"/outer: \d+ bytes: match$")
        self.assertRegex(lines[1], r"^  <zip@19>: \d+ bytes, read as zip, gave 4\.9 KiB \(1\d\.\d:1\): match$")
        self.assertEqual("    e.com: 68 bytes: match", lines[2])
        self.assertEqual("      EICAR_Test_File (high) from eicar.yar", lines[3])
        self.assertRegex(lines[4], r"^        \$\w+ at 0, 68 bytes: 58354f21[0-9a-f]+\.\.\.$")
        self.assertEqual("    text: 4.9 KiB: clean", lines[5])
        self.assertEqual(6, len(lines), lines)

    def test_what_could_not_be_looked_at_stands_below_its_object(self):
        content = zip_of(("good", b"x"), ("cut", random.Random(1).randbytes(5000)))
        path = self.file("cut.zip", content[:2000])
        lines = self.explain(path, code=3)
        self.assertRegex(lines[0], r"cut\.zip: 2\.0 KiB, read as zip, gave .*: incomplete$")
        self.assertIn("  good: 1 byte: clean", lines)
        at = next(i for i, line in enumerate(lines) if line.startswith("  cut: "))
        self.assertRegex(lines[at], r": incomplete$")
        self.assertRegex(lines[at + 1], r"^    truncated: ")

    def test_a_clean_file_is_one_line(self):
        path = self.file("plain.txt", b"nothing in here")
        self.assertEqual([f"{path}: 15 bytes: clean"], self.explain(path, code=0))

    def test_names_cannot_forge_lines(self):
        path = self.file("a.zip", zip_of(("  x: clean\nforged: clean\x1b[2J", b"y")))
        lines = self.explain(path, code=0)
        self.assertEqual(2, len(lines), lines)
        self.assertTrue(lines[1].startswith("  \\x20 x: clean\\x0aforged"), lines)

    def test_several_files_and_bad_arguments(self):
        one, two = self.file("1", b"1"), self.file("2", b"2")
        self.assertEqual(2, len(self.explain(one, two, code=0)))
        run = harness.assay("explain", self.directory / "missing")
        self.assertEqual(2, run.code)
        self.assertIn(b"missing: error: ", run.out)
        for arguments in ((), ("--format", "jsonl", one), ("--jobs", "2", one)):
            self.assertEqual(2, harness.assay("explain", *arguments).code, arguments)
        self.assertIn(b"Usage: assay explain", harness.assay("explain", "--help").out)


RULES = b"""
rule needle { strings: $a = "a needle" condition: $a }
rule front { condition: uint8(0) == 0x39 }
"""


class Shares(harness.Case):
    """One large archive keeps all workers busy, and what is found is the same."""

    def large_archive(self):
        numbers = random.Random(7)
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w:gz", compresslevel=1) as archive:
            for i in range(120):
                content = b"".join(b"%d " % numbers.randrange(10**9) for _ in range(6000))
                content += b"a needle" * (i % 3 == 0)
                info = tarfile.TarInfo(f"member-{i}")
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
        content = out.getvalue()
        self.assertGreater(len(content), 2 << 20)
        return content[:-4] + b"\0\0\0\0"  # and a wrong size behind it

    def found(self, path, jobs):
        rules = self.file("rules.yar", RULES)
        run = harness.scan("--rules", rules, "-j", str(jobs), path)
        self.assertEqual(1, run.code, run)
        summary = run.summary
        counts = [summary[k] for k in ("files", "objects", "bytes", "expanded_bytes", "matches")]
        counts.append(summary["by_reason"])
        findings = sorted(
            (event["object"], event["type"], event.get("rule", ""), event.get("reason", ""))
            for event in run.events
            if event["type"] in ("match", "incomplete")
        )
        return counts, findings

    def test_workers_that_share_a_file_find_what_one_finds(self):
        path = self.file("large.tar.gz", self.large_archive())
        alone = self.found(path, 1)
        self.assertGreater(len(alone[1]), 50)
        self.assertEqual({"corrupt": 1}, {k: v for k, v in alone[0][5].items() if v})
        for jobs in (2, 5):
            self.assertEqual(alone, self.found(path, jobs))
        # Together with another large file, and small ones before.
        self.file("tree/small", b"a needle")
        tree = self.file("tree/one.tar.gz", path.read_bytes()).parent
        self.file("tree/two.tar.gz", path.read_bytes())
        self.assertEqual(self.found(tree, 1), self.found(tree, 4))


if __name__ == "__main__":
    harness.main()
