"""What LOKI's lists become: rules that find what Python's re finds in the same paths, and no more."""

import pathlib
import random
import re
import re._constants as constants
import re._parser as parser
import subprocess
import unittest

import harness

ARCHIVE = harness.SHARED_DATA / "rules.tar.xz"
IMPORT_FILES = harness.BUILD / "tests" / "import-files"

# What a line may have in it, good and bad: whatever is taken has to mean the same.
PIECES = (
    "a", "b", "Zz", "_", "0", "7", r"\.", r"\\", "/", "-", " ", "%", "~", "#", "&", "=", "@", "!", "'",
    "é", "né", ".", "[ab]", "[^ab]", r"[^\\/]", "[a-c0-2_]", "[]a]", "[^]a]", "[a-]", "[-a]", r"[\w.]",
    r"[^\d]", r"[\x41-\x43]", r"[\.\]\[]", r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", r"\x41", r"\t",
    r"\-", r"\{", "{", "}", "]", "{,", "{a}", "{1,x}", "(ab|a)", "(a|b|cd)", "(?:ab)", "(a(b|c))",
    "((a|b)c|d)", "(ab)", "^", "$", r"\b", r"\B", r"\Z", r"\A", "(^|/)", "(/|$)", "(a|)", "()", "(?=a)",
    "(?P<n>a)", r"\1", "|", "|ab", "(?i)", "(?i:a)", "C:", r"C:\\", '"', r"\"", "`", ",", "a|b", r"\q",
)  # fmt: skip
REPEATS = ("", "", "", "", "*", "+", "?", "{2}", "{1,3}", "{,2}", "{2,}", "{0,}", "*?", "+?", "??",
           "{1,2}?", "{0}", "{3,1}", "*+", "**", "{,}", "{0,1}", "{1}")  # fmt: skip


def some_expression(chance):
    parts = [chance.choice(PIECES) + chance.choice(REPEATS) for _ in range(chance.randint(1, 5))]
    return chance.choice(("", "", "(?i)")) + "".join(parts)


def as_loki_does(expression):
    return expression.replace("\\\\", "/").replace("C:", "")


def compile_expression(expression):
    """Of bytes, as libyara has it; a character of several is repeated as one."""
    whole = re.sub(r"([^\0-\x7f])", r"(?:\1)", as_loki_does(expression))
    return re.compile(whole.encode())


class Writer:
    """Texts that an expression finds, more or less."""

    def __init__(self, chance):
        self.chance = chance

    def of(self, expression):
        try:
            return self.sequence(parser.parse(as_loki_does(expression)))
        except (re.error, OverflowError):
            return "ab"

    def sequence(self, items):
        return "".join(self.item(kind, value) for kind, value in items)

    def item(self, kind, value):
        if kind == constants.LITERAL:
            return chr(value)
        if kind in (constants.ANY, constants.NOT_LITERAL):
            return self.chance.choice("abZ_0. ")
        if kind == constants.IN:
            return self.member(value)
        if kind == constants.BRANCH:
            return self.sequence(self.chance.choice(value[1]))
        if kind == constants.SUBPATTERN:
            return self.sequence(value[3])
        if kind in (constants.MAX_REPEAT, constants.MIN_REPEAT):
            least, most, inside = value
            times = self.chance.randint(least, min(most, least + 3))
            return "".join(self.sequence(inside) for _ in range(min(times, 80)))
        return ""

    def member(self, items):
        kind, value = self.chance.choice(items)
        if kind == constants.LITERAL:
            return chr(value)
        if kind == constants.RANGE:
            return chr(self.chance.randint(*value))
        return self.chance.choice("abcZ_0. -")

    def near(self, text):
        """The text, or one that differs a little."""
        at = self.chance.randint(0, len(text))
        change = self.chance.randint(0, 8)
        if change == 0:
            return text[:at] + text[at + 1 :]
        if change == 1:
            return text[:at] + self.chance.choice("ab_ é.\n") + text[at:]
        if change == 2:
            return text.swapcase()
        if change == 3:
            return text + self.chance.choice(("\n", "\n\n", "x", " ", "_"))
        if change == 4:
            return self.chance.choice(("x", "_", " ")) + text
        return text


def as_path(text):
    """Made a path that can exist below a directory."""
    parts = [part[:80] for part in text.replace("\0", "").split("/")]
    parts = [part for part in parts if part not in ("", ".", "..")]
    return "/".join(parts[:20]) or "a"


class Loki(harness.Case):
    def import_list(self, name, text):
        """The rules {line: name of the rule}, and the source they are in."""
        if not IMPORT_FILES.exists():
            self.skipTest(f"{IMPORT_FILES} is not built")
        source = self.file(f"in/{name}", text.encode())
        out = self.directory / "out"
        out.mkdir()
        run = subprocess.run([IMPORT_FILES, "loki", source, out], capture_output=True)
        self.assertEqual(0, run.returncode, run.stderr)
        self.skipped = [line.split("\t") for line in run.stdout.decode().splitlines()]
        made = out / f"{name}.yar"
        rules = {}
        for rule, line in re.findall(r'rule (\w+) .*?original = "(.*?)"\n', made.read_text(), re.S):
            rules[re.sub(r"\\x(..)|\\(.)", self.unescape, line)] = rule
        return rules, made

    @staticmethod
    def unescape(match):
        return chr(int(match[1], 16)) if match[1] else match[2]

    def compare(self, rules, made, paths):
        root = self.directory / "t"
        for number, path in enumerate(paths):
            self.file(f"t/{number:06}/{path}", b"x")
        run = harness.scan("--rules", made, root, timeout=600)
        self.assertEqual(1, run.code, run)
        found = set()
        for event in run.of_type("match"):
            number = int(event["path"][len(str(root)) + 1 :][:6])
            found.update((number, match["rule"]) for match in self.matches(event))
        expected = set()
        for line, rule in rules.items():
            expression, _, *exception = line.split(";")
            search = compile_expression(expression).search
            unless = compile_expression(exception[0]).search if exception and exception[0] else None
            for number, path in enumerate(paths):
                full = f"{root}/{number:06}/{path}".encode()
                if search(full) and not (unless and unless(full)):
                    expected.add((number, rule))
        by_rule = {rule: line for line, rule in rules.items()}
        wrong = [(by_rule[rule], paths[number]) for number, rule in found ^ expected]
        self.assertEqual([], wrong[:20])
        return expected

    @staticmethod
    def matches(event):
        return event["matches"] if "matches" in event else [event]

    def test_expressions_of_all_kinds(self):
        chance = random.Random(1)
        lines = {f"{some_expression(chance)};{chance.randint(0, 100)}" for _ in range(3000)}
        lines |= {f"{line};{some_expression(chance)}" for line in sorted(lines)[::7]}
        lines = sorted(line for line in lines if not line.startswith("#"))
        rules, made = self.import_list("filename-iocs.txt", "\n".join(lines))
        self.assertGreater(len(rules), 600)
        self.assertGreater(len(self.skipped), 500)
        writer = Writer(chance)
        taken = [line.split(";")[0] for line in rules]
        paths = [as_path(writer.near(writer.of(chance.choice(taken)))) for _ in range(600)]
        self.assertGreater(len(self.compare(rules, made, paths)), 10000)

    def test_what_is_no_expression_is_no_rule(self):
        bad = ("a**", "(a", "a)", "[a", "*a", "a{3,1}", r"\q", "(?x", "[z-a]", r"[\d-z]", "a|*")
        text = "\n".join(f"{expression};50" for expression in (*bad, "good"))
        rules, _ = self.import_list("filename-iocs.txt", text)
        self.assertEqual(["good;50"], list(rules))
        self.assertEqual(list(range(1, len(bad) + 1)), [int(line) for _, line, _ in self.skipped])

    @unittest.skipUnless(ARCHIVE.exists(), f"{ARCHIVE} is not there: published lists to test with")
    def test_the_published_list(self):
        self.need("xz")
        inside = "signature-base/iocs/filename-iocs.txt"
        where = subprocess.run(["tar", "-tJf", ARCHIVE], capture_output=True, check=True).stdout
        (member,) = [name for name in where.decode().split() if name.endswith(inside)]
        text = subprocess.run(["tar", "-xJOf", ARCHIVE, member], capture_output=True, check=True)
        rules, made = self.import_list("filename-iocs.txt", text.stdout.decode())
        self.assertGreater(len(rules), 3500)
        self.assertLess(len([1 for *_, why in self.skipped if "says the same" not in why]), 5)
        chance = random.Random(2)
        writer = Writer(chance)
        lines = sorted(rules)
        special = [line for line in lines if re.search(r"[\[(*+?]|\\[bdw]|\$", line)]
        chosen = special + chance.sample(lines, 300)
        paths = [as_path(writer.near(writer.of(line.split(";")[0]))) for line in chosen]
        self.assertGreater(len(self.compare(rules, made, paths)), 500)


if __name__ == "__main__":
    harness.main()
