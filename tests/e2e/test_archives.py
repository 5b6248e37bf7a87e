"""Every archive of the corpus: what is in it is found by its path, and what is not seen is said."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import harness

sys.path.insert(0, str(harness.SOURCE / "tests" / "corpus"))
import archives  # noqa: E402

RULES = """rule Test_Payload {
    strings: $eicar = { 58 35 4f 21 50 25 40 41 50 5b 34 5c 50 5a 58 35 34 28 50 5e 29 37 43 43 29 }
    condition: $eicar at 0
}
"""


class Archives(harness.Case):
    """All of them are scanned in one run, since starting takes longer than most files."""

    @classmethod
    def setUpClass(cls):
        work = cls.work = pathlib.Path(tempfile.mkdtemp(prefix="assay-test-"))
        rules = work / "rules.yar"
        rules.write_text(RULES)
        cls.paths, cls.broken = {}, {}
        for case in archives.CASES:
            directory = work / "corpus" / case.name
            directory.mkdir(parents=True)
            try:
                cls.paths[case.name] = case.build(directory, harness.eicar())
            except (OSError, RuntimeError) as error:
                cls.broken[case.name] = error
        listed = b"".join(os.fsencode(path) + b"\0" for path in cls.paths.values())
        run = harness.scan("--rules", rules, "-0", "--files-from", "-", input=listed, timeout=1500)
        cls.code, cls.events = run.code, {}
        for event in run.events:
            cls.events.setdefault(event.get("path"), []).append(event)

    @classmethod
    def tearDownClass(cls):
        subprocess.run(["rm", "-rf", "--", cls.work], check=False)

    def check(self, case):
        for tool in case.tools:
            if not shutil.which(tool):
                self.fail(f"{tool} is not installed: tests/run installs it")
        self.assertNotIn(case.name, self.broken)
        events = self.events.get(str(self.paths[case.name]), [])
        found = [event["members"] for event in events if event["type"] == "match"]
        reasons = {event["reason"] for event in events if event["type"] == "incomplete"}
        if case.members is None:
            self.assertEqual([], found, events)
            self.assertTrue(case.reasons, "what is not seen must be said")
        else:
            self.assertIn(case.members, found, events)
        self.assertLessEqual(set(case.reasons), reasons, events)
        if not case.reasons:
            self.assertEqual(set(), reasons, events)

    def test_there_are_matches(self):
        self.assertEqual(1, self.code)


CLAM_RULES = """import "hash"
rule Clam {
    condition: filesize == 544 and hash.md5(0, filesize) == "aa15bcf478d165efd2065190eb473bcb"
}
"""
CLAM = {
    "clam.cab": ["clam.exe"],
    "clam.chm": ["/clam.exe.txt"],
    "clam.exe.szdd": ["<szdd>"],
}


class ClamavTestfiles(harness.Case):
    """One file, as programs other than ours have packed it."""

    def test_all(self):
        rules = self.file("rules.yar", CLAM_RULES.encode())
        for name, members in CLAM.items():
            run = harness.scan("--rules", rules, f"/usr/share/clamav-testfiles/{name}")
            self.assertEqual([members], [event["members"] for event in run.of_type("match")], run)
            self.assertEqual([], run.of_type("incomplete"), run)


def add_test(case):
    setattr(Archives, f"test_{case.name}", lambda self: self.check(case))


for _case in archives.CASES:
    add_test(_case)

if __name__ == "__main__":
    harness.main()
