"""Rules that attack whoever compiles or uses them, in a bundle and with --rules: each is refused, or bounded
in time and memory, and the words name the source."""

import os
import resource
import shutil
import subprocess
import time
import unittest

import harness
from publisher import DatabaseCase

MB = 1 << 20
PLAIN = b"rule Plain { condition: false }\n"
SLOWER = 8 if harness.SANITIZED else 1


def million(in_one_rule):
    """A million strings in rules of a thousand, or a hundred thousand in a single one."""
    parts = []
    count = 100_000 if in_one_rule else 1_000_000
    for number in range(count):
        if number == 0 or (number % 1000 == 0 and not in_one_rule):
            parts.append("rule M%d { strings:\n" % number)
        parts.append('$s%d = "needle-%08x-x"\n' % (number, number * 2654435761 % 2**32))
        if number == count - 1 or (number % 1000 == 999 and not in_one_rule):
            parts.append("condition: any of them }\n")
    return "".join(parts).encode()


# What libyara, or we, refuse: (source, what the words have besides the source's name).
REFUSED = {
    "division": (b"rule Crash { condition: (-9223372036854775807 - 1) \\ (-1) == 0 }\n", "crashed"),
    "nested-parentheses": (b"rule N { condition: " + b"(" * 10**5 + b"true" + b")" * 10**5 + b" }\n", ":1: "),
    "nested-negations": (b"rule N { condition: " + b"not " * 10**6 + b"true }\n", ":1: "),
    "nested-loops": (b"rule N { condition: " + b"".join(
        b"for all i%d in (0..99999) : ( " % i for i in range(50)) + b"true" + b" )" * 50 + b" }\n", ":1: "),
    "nested-groups": (b"rule N { strings: $a = /" + b"(" * 20000 + b"a" + b")" * 20000
                      + b"/ condition: $a }\n", ":1: "),
    "long-text": (b'rule N { strings: $a = "' + b"x" * (20 * MB) + b'" condition: $a }\n', ":1: "),
    "long-name": (b"rule " + b"N" * 10**6 + b" { condition: true }\n", ":1: "),
    "complex-expression": (b"rule N { strings: $a = /abcdef" + b"(x{1,1000}|y{1,1000})" * 300
                           + b"/ condition: $a }\n", "too complex"),
    "unknown-import": (b'import "cuckoo"\nrule N { condition: cuckoo.network.http_get(/a/) }\n', ":1: "),
    "itself-included": (b'include "itself-included.yar"\nrule N { condition: true }\n', "includes itself"),
    "binary": (bytes(range(256)) * 1000, ":1: "),
    "no-end": (b"rule N { strings: $a = \"", "syntax error"),
}  # fmt: skip


class Refused(DatabaseCase):
    """For each: --rules and `db build` end soon with exit 2, and say why."""

    def check(self, name):
        source, words = REFUSED[name]
        path = self.file(f"hostile/{name}.yar", source)
        for run in (
            harness.scan("--rules", path, self.file("x", b"x")),
            self.db("build", "-o", self.directory / "x.asdb", path.parent, code=2),
        ):
            self.assertEqual(2, run.code, run)
            said = run.err.decode()
            self.assertIn(f"{name}.yar", said)
            self.assertIn(words, said)
            self.assertLess(len(said), 20_000)
        self.assertFalse((self.directory / "x.asdb").exists())
        self.file("hostile/fine.yar", b'rule Fine { strings: $a = "needle" condition: $a }\n')
        run = self.db("build", "-o", self.directory / "x.asdb", path.parent, "--skip-bad")
        self.assertIn(f"left out: {name}.yar", run.err.decode())


def add_test(name):
    setattr(Refused, f"test_{name.replace('-', '_')}", lambda self: self.check(name))


for _name in REFUSED:
    if not (harness.SANITIZED and _name == "division"):  # the sanitizer's report is no crash of ours
        add_test(_name)


class Includes(DatabaseCase):
    """What is outside of the rules is not read, however it is named."""

    NAMES = ["/etc/shadow", "../../../../../../../../etc/shadow", "link", "folder/link", "././/../secret.yar",
             "/proc/self/environ", "/dev/zero", "fifo", "folder", "file:///etc/shadow", ""]  # fmt: skip

    def setUp(self):
        super().setUp()
        self.secret = self.file("secret.yar", b"SECRET-WORDS { of others }\n")
        tree = self.directory / "tree"
        (tree / "folder").mkdir(parents=True)
        (tree / "link").symlink_to("/etc/shadow")
        (tree / "folder" / "link").symlink_to("../../secret.yar")
        os.mkfifo(tree / "fifo")

    def check(self, run, name):
        self.assertEqual(2, run.code, (name, run))
        for secret in (b"SECRET", b"root:", b"PATH="):
            self.assertNotIn(secret, run.err + run.out)
        self.assertIn(b"main.yar", run.err)

    def test_with_rules_of_a_directory_and_of_a_file(self):
        for name in self.NAMES:
            path = self.file("tree/main.yar", b'include "%s"\nrule R { condition: true }\n' % name.encode())
            self.check(harness.scan("--rules", path.parent, path, timeout=60), name)
            self.check(harness.scan("--rules", path, path, timeout=60), name)

    def test_when_a_database_is_built(self):
        for name in self.NAMES:
            self.file("tree/main.yar", b'include "%s"\nrule R { condition: true }\n' % name.encode())
            output = self.directory / "x.asdb"
            self.check(self.db("build", self.directory / "tree", "-o", output, code=2, timeout=60), name)
            self.check(self.db("lint", self.directory / "tree", code=2, timeout=60), name)


    def test_an_include_of_a_hash_list_or_manifest_is_no_way_out(self):
        self.file("tree/x.hashes", b"%s\t*\tSECRET\thigh\n" % (b"ab" * 32))
        for name in ("x.hashes", "manifest.json", "database.ini"):
            self.file("tree/main.yar", b'include "%s"\nrule R { condition: true }\n' % name.encode())
            run = self.db("build", self.directory / "tree", "-o", self.directory / "x.asdb", code=2)
            self.assertIn(b"main.yar", run.err + b"x.hashes")

    def test_doubling(self):
        """Each file includes the next twice: 2^40 of them."""
        for level in range(40):
            self.file(f"tree/l{level}.yar", b'include "l%d.yar"\n' % (level + 1) * 2)
        self.file("tree/l40.yar", PLAIN)
        began = time.monotonic()
        run = harness.scan("--rules", self.directory / "tree", self.file("x", b"x"), timeout=120)
        self.assertEqual(2, run.code, run)
        self.assertIn(b".yar", run.err)
        self.assertLess(time.monotonic() - began, 30 * SLOWER)


@unittest.skipIf(harness.SANITIZED, "sanitizers need more memory than there is, and do not bound it")
class Large(DatabaseCase):
    """`measure` runs in a process of its own, whose children are these alone."""

    def measure(self, *arguments):
        """(Run, seconds, the most memory that one of its processes had)."""
        read, write = os.pipe()
        began = time.monotonic()
        pid = os.fork()
        if pid == 0:
            try:
                out = open(self.directory / "out", "wb")
                err = open(self.directory / "err", "wb")
                done = subprocess.run([harness.ASSAY, *arguments], stdin=subprocess.DEVNULL, stdout=out,
                                      stderr=err, env=harness.clean_environment(), check=False)  # fmt: skip
                most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10
                os.write(write, f"{done.returncode} {most}".encode())
            finally:
                os._exit(0)
        os.close(write)
        with open(read) as answer:
            code, most = map(int, answer.read().split())
        os.waitpid(pid, 0)
        done = subprocess.CompletedProcess([], code, (self.directory / "out").read_bytes(),
                                           (self.directory / "err").read_bytes())  # fmt: skip
        return harness.Run(done), time.monotonic() - began, most

    def check(self, name, source, code, words, megabytes, seconds):
        path = self.file(f"{name}.yar", source)
        run, took, most = self.measure("scan", "-f", "jsonl", "--rules", path, self.file("x", b"x"))
        self.assertEqual(code, run.code, run)
        if code == 2:
            self.assertIn(f"{name}.yar", run.err.decode())
        self.assertIn(words, run.err.decode())
        self.assertLess(most, megabytes << 20)
        self.assertLess(took, seconds)

    def test_a_million_strings(self):
        self.check("million", million(False), 0, "", 900, 120)

    def test_a_hundred_thousand_strings_in_one_rule(self):
        self.check("million", million(True), 2, "too many strings", 1200, 200)

    def test_what_takes_more_memory_than_there_may_be(self):
        source = b"rule Fine { condition: false }\nrule Big { strings: $a = { " + b"41" * (31 * MB)
        self.check("big", source + b" } condition: $a }\n", 2, "memory", 2200, 120)

    def test_a_source_of_a_hundred_megabytes(self):
        self.check("huge", PLAIN + b"// " + b"x" * (100 * MB), 2, "over 64 MiB", 200, 30)

    def test_a_source_of_a_hundred_megabytes_in_a_database(self):
        path = self.file("tree/huge.yar", PLAIN + b"// " + b"x" * (100 * MB))
        run, took, most = self.measure("db", "build", "-o", self.directory / "x.asdb", path.parent)
        self.assertEqual(2, run.code, run)
        self.assertIn(b"huge.yar is too large: over 64 MiB", run.err)
        self.assertLess(most, 600 * MB)
        self.assertLess(took, 60)
        self.file("tree/fine.yar", b'rule Fine { strings: $a = "needle" condition: $a }\n')
        run = self.db("build", "-o", self.directory / "x.asdb", path.parent, "--skip-bad")
        self.assertIn(b"left out: huge.yar", run.err)

    def test_a_comment_of_sixty_megabytes(self):
        self.check("comment", PLAIN + b"// " + b"x" * (60 * MB), 0, "", 400, 60)

    def test_a_condition_of_a_million_terms(self):
        terms = b" or ".join(b"filesize == %d" % (n + 5) for n in range(10**6))
        self.check("long", b"rule Long { condition: " + terms + b" }\n", 0, "", 400, 60)


class Scanning(DatabaseCase):
    """What compiles and is hostile to whoever scans with it."""

    def database(self, source):
        """Installed, if it may be."""
        self.file("rules/hostile.yar", source)
        return self.sign(self.build(self.directory / "rules", 1))

    def test_a_slow_expression(self):
        """It is slow on what it is made for only, so that it is installed; then time is bounded."""
        slow = b"rule Slow { strings: $a = /(a|aa|aaa)+(a|aa)*b/ condition: $a }\n"
        self.install(self.database(slow))
        rules = self.file("slow.yar", slow)
        target = self.file("target", b"a" * 12_000)
        for source in (("-d", self.store), ("--rules", rules)):
            began = time.monotonic()
            run = harness.scan(*source, "--timeout", "3", target)
            self.assertEqual(3, run.code, run)
            self.assertEqual({"time"}, {event["reason"] for event in run.of_type("incomplete")})
            self.assertLess(time.monotonic() - began, 60)

    @unittest.skipIf(harness.SANITIZED, "sanitizers keep each match, and need gigabytes for them")
    def test_a_match_flood(self):
        """Strings and rules that match everywhere: each rule is reported once, memory is bounded."""
        flood = b"".join(b'rule Flood_%d { strings: $a = "a" $b = { 61 61 } condition: #a > 1000 and $b }\n' % n
                         for n in range(500))  # fmt: skip
        self.install(self.database(flood))
        rules = self.file("flood.yar", flood)
        target = self.file("target", b"a" * 2_000_000)
        for source in (("-d", self.store), ("--rules", rules)):
            began = time.monotonic()
            run = harness.scan(*source, "--timeout", "60", target)
            self.assertIn(run.code, (1, 3), run)
            self.assertLessEqual(len(run.of_type("match")), 500)
            if run.code == 1 and not run.of_type("incomplete"):
                self.assertEqual(500, len(run.of_type("match")))
            self.assertLess(len(run.out), 4 << 20)
            self.assertLess(time.monotonic() - began, 90 * SLOWER)

    def test_loops_without_end(self):
        loops = (b"rule Loops { condition: for all i in (0..9999999) : ( for all j in (0..9999999) : ( "
                 b"uint8(i % 7) != 300 + j ) ) }\n")  # fmt: skip
        began = time.monotonic()
        run = self.db("build", self.file("loops/x.yar", loops).parent, "-o", self.directory / "x.asdb",
                      code=2)  # fmt: skip
        self.assertRegex(run.err.decode(), "could not be tried|harmless")
        self.assertLess(time.monotonic() - began, 60)
        run = harness.scan("--rules", self.directory / "loops", "--timeout", "3", self.file("y", b"y" * 100))
        self.assertEqual(3, run.code, run)


if __name__ == "__main__":
    harness.main()
