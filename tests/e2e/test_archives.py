"""Every archive of the corpus: what is in it is found by its path, and what is not seen is said."""

import shutil
import sys

import harness

sys.path.insert(0, str(harness.SOURCE / "tests" / "corpus"))
import archives  # noqa: E402

RULES = """rule Test_Payload {
    strings: $eicar = { 58 35 4f 21 50 25 40 41 50 5b 34 5c 50 5a 58 35 34 28 50 5e 29 37 43 43 29 }
    condition: $eicar at 0
}
"""


class Archives(harness.Case):
    def check(self, case):
        for tool in case.tools:
            if not shutil.which(tool):
                self.fail(f"{tool} is not installed: tests/run installs it")
        directory = self.directory / case.name
        directory.mkdir()
        path = case.build(directory, harness.eicar())
        rules = self.file("rules.yar", RULES.encode())
        run = harness.scan("--rules", rules, path)
        found = [event["members"] for event in run.of_type("match")]
        reasons = {event["reason"] for event in run.of_type("incomplete")}
        if case.members is None:
            self.assertEqual([], found, run)
            self.assertTrue(case.reasons, "what is not seen must be said")
            self.assertEqual(3, run.code, run)
        else:
            self.assertIn(case.members, found, run)
            self.assertEqual(1, run.code, run)
        self.assertLessEqual(set(case.reasons), reasons, run)
        if not case.reasons:
            self.assertEqual(set(), reasons, run)


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
