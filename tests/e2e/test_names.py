"""Names are bytes that an attacker chose: none forges a line, none is lost."""

import base64
import io
import os
import tarfile
import unicodedata
import zipfile

import harness

NEWLINE = b"good\nForged: Fake_Rule (high)\nNo matches.\n"
HOSTILE = [
    NEWLINE,
    b"return\rForged: Fake_Rule (high)",
    b"\x1b]0;title\x07\x1b[2J\x1b[31mred",
    b"invalid-\xff\xfe-\xc3",
    b"overlong-\xc0\xaf",
    b"surrogate-\xed\xa0\x80",
    "right-\u202eexe.txt".encode(),
    "invisible-\u200b\u2066\ufeff".encode(),
    "c1-\u009b31m".encode(),
    "lines-\u2028\u2029\u0085".encode(),
    b"delete-\x7f\x08\x08",
    b"step!\xe2\x80\x8b",
    b"back\\x0aslash\\",
    b"  leading",
    b"    description of another finding",
    "umlaut-äöü-日本-🦠".encode(),
    b"x" * 255,
    b'quote"\'`$(reboot)',
    b"tab\tand\x0bfeed\x0c",
    b"#2",
    b"<gz>",
]
DANGEROUS_CATEGORIES = {"Cc", "Cf", "Zl", "Zp", "Cs"}


def raw_path(event):
    encoded = event.get("path_b64")
    return base64.b64decode(encoded) if encoded else event["path"].encode()


def raw_members(event):
    encoded = event.get("members_b64")
    if encoded:
        return [base64.b64decode(one) for one in encoded]
    return [one.encode() for one in event["members"]]


class Names(harness.Case):
    def check_safe(self, output):
        text = output.decode()  # whatever the names are, this is UTF-8
        for character in text.replace("\n", ""):
            category = unicodedata.category(character)
            self.assertNotIn(category, DANGEROUS_CATEGORIES, f"{character!r} in {text!r}")
        return text

    def text(self, *arguments, **options):
        run = harness.assay("scan", *arguments, **options)
        self.check_safe(run.err)
        return run, self.check_safe(run.out)

    def check_one_line_each(self, root, count):
        run, text = self.text("-q", root)
        self.assertEqual(run.code, 1, run)
        lines = text.splitlines()
        self.assertEqual(len(lines), count, text)
        for line in lines:
            self.assertTrue(line.startswith(str(root)), line)
            self.assertRegex(line, r": EICAR_Test_File \(\w+\)$")
        self.assertEqual(len(set(lines)), count, "names that differ are told apart")
        for more in ["-v", "--all"]:
            _, text = self.text(more, root)
            self.assertEqual(text.count(": EICAR_Test_File ("), count)
            for line in text.splitlines():
                self.assertNotRegex(line, r"^Forged|^ *Fake_Rule|^No matches\.$")

    def check_events(self, run):
        """What holds of every event about an object."""
        for line in run.out.split(b"\n"):
            self.assertFalse(any(byte < 0x20 for byte in line), line)
        for event in run.of_type("match") + run.of_type("clean"):
            self.assertEqual(event["object"].split("!/")[0], event["path"])
            self.assertNotIn("!/", event["path"])


class FileNames(Names):
    def test_hostile_file_names(self):
        tree = os.fsencode(self.directory / "tree")
        os.mkdir(tree)
        for name in HOSTILE:
            with open(os.path.join(tree, name), "wb") as file:
                file.write(harness.eicar())
        run = harness.scan(tree)
        self.check_events(run)
        found = {os.path.basename(raw_path(event)) for event in run.of_type("match")}
        self.assertEqual(found, set(HOSTILE))
        self.assertEqual(len({event["path"] for event in run.of_type("match")}), len(HOSTILE))
        self.check_one_line_each(self.directory / "tree", len(HOSTILE))

    def test_hostile_directory_names(self):
        for name in HOSTILE + [b"ends!"]:
            path = os.path.join(os.fsencode(self.directory), b"tree", name)
            os.makedirs(path)
            with open(os.path.join(path, b"f"), "wb") as file:
                file.write(harness.eicar())
        run = harness.scan(self.directory / "tree")
        self.check_events(run)
        found = {raw_path(event).split(b"/")[-2] for event in run.of_type("match")}
        self.assertEqual(found, set(HOSTILE) | {b"ends!"})
        self.check_one_line_each(self.directory / "tree", len(HOSTILE) + 1)

    def test_the_report_in_a_file_is_as_safe(self):
        self.file(os.fsdecode(NEWLINE), harness.eicar())
        report = self.directory / "report.txt"
        harness.assay("scan", "--color", "always", "--report", f"text={report}", self.directory)
        lines = self.check_safe(report.read_bytes()).splitlines()
        self.assertEqual(len([line for line in lines if "EICAR_Test_File (" in line]), 1)

    def test_names_of_roots_that_are_missing(self):
        run, text = self.text(os.path.join(os.fsencode(self.directory), b"no\n\x1b[2Jthing"))
        self.assertEqual(run.code, 2)
        self.assertIn("no\\x0a\\x1b[2Jthing: error: ", text)

    def test_skipped_and_incomplete_names(self):
        tree = os.fsencode(self.directory)
        os.mkfifo(os.path.join(tree, b"fifo\nForged: Fake_Rule (high)"))
        os.symlink("/", os.path.join(tree, b"link\x1b[31m"))
        with open(os.path.join(tree, b"large\r\nForged"), "wb") as file:
            file.write(b"x" * 100)
        run, text = self.text("-v", "--max-filesize", "10", tree)
        self.assertEqual(run.code, 3)
        self.assertFalse([line for line in text.splitlines() if line.startswith("Forged")], text)
        self.assertIn("fifo\\x0aForged", text)

    def test_long_paths(self):
        # 4 KiB and beyond what a single system call takes.
        for total in (4000, 4095, 4096, 5000, 20_000):
            with self.subTest(total):
                root = self.directory / str(total)
                root.mkdir()
                here = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
                length = len(os.fsencode(root))
                expected = os.fsencode(root)
                while total - length > 200:
                    os.mkdir(b"d" * 150, dir_fd=here)
                    there = os.open(b"d" * 150, os.O_RDONLY | os.O_DIRECTORY, dir_fd=here)
                    os.close(here)
                    here = there
                    expected += b"/" + b"d" * 150
                    length += 151
                name = b"f" * (total - length - 1)
                with open(os.open(name, os.O_WRONLY | os.O_CREAT, dir_fd=here), "wb") as file:
                    file.write(harness.eicar())
                os.close(here)
                expected += b"/" + name
                self.assertEqual(len(expected), total)
                run = harness.scan(root)
                self.assertEqual([raw_path(e) for e in run.of_type("match")], [expected])
                self.assertEqual(run.code, 1)

    def test_color_adds_nothing_but_color(self):
        self.file("eicar", harness.eicar())
        plain = harness.assay("scan", "-q", "--color", "never", self.directory)
        colored = harness.assay("scan", "-q", "--color", "always", self.directory)
        self.assertIn(b"\x1b[", colored.out)
        without = colored.out
        for code in (b"\x1b[0m", b"\x1b[31m", b"\x1b[1;31m", b"\x1b[m"):
            without = without.replace(code, b"")
        self.assertEqual(without, plain.out)


class MemberNames(Names):
    # What a member name may hold and a file name may not.
    MEMBERS = HOSTILE + [
        b"../../etc/passwd",
        b"/absolute",
        b"step!/inner.zip",
        b"a!/b!/c",
        b"m" * 4000,
        b"C:\\windows\\system32",
    ]

    def check(self, archive):
        run = harness.scan(archive)
        self.check_events(run)
        found = [raw_members(event)[-1] for event in run.of_type("match")]
        self.assertEqual(sorted(found), sorted(self.MEMBERS))
        self.assertEqual(len({e["object"] for e in run.of_type("match")}), len(self.MEMBERS))
        for event in run.of_type("match"):
            self.assertEqual(len(event["object"].split("!/")), 1 + len(event["members"]))
        self.check_one_line_each(archive, len(self.MEMBERS))

    def test_tar(self):
        path = self.directory / "a.tar"
        with tarfile.open(path, "w", format=tarfile.GNU_FORMAT, encoding="latin-1") as archive:
            for name in self.MEMBERS:
                member = tarfile.TarInfo(name.decode("latin-1"))
                member.size = len(harness.eicar())
                archive.addfile(member, io.BytesIO(harness.eicar()))
        self.check(path)

    def test_zip(self):
        path = self.directory / "a.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for number, _ in enumerate(self.MEMBERS):
                archive.writestr(self.placeholder(number), harness.eicar())
        content = path.read_bytes()
        for number, name in enumerate(self.MEMBERS):
            placeholder = self.placeholder(number).encode()
            self.assertEqual(content.count(placeholder), 2)
            content = content.replace(placeholder, name)
        path.write_bytes(content)
        self.check(path)

    def placeholder(self, number):
        """As long as the name that replaces it, so that no offset changes."""
        return f"{number:04}-".ljust(len(self.MEMBERS[number]), "_")

    # A name shorter than a number cannot have a placeholder.
    def setUp(self):
        super().setUp()
        self.MEMBERS = [name for name in self.MEMBERS if len(name) > 5]


class RuleNames(Names):
    """Rules come from others too; so do the names of their files."""

    FORGED = b"rules\nForged: Fake_Rule (critical)\x1b[2J"

    def rules(self, name, text):
        path = os.path.join(os.fsencode(self.directory), b"rules", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(text)
        return path

    def check_no_forgery(self, text):
        for line in text.splitlines():
            self.assertNotRegex(line, r"^(assay: )?(/etc/passwd|Forged)", text)

    def test_meta(self):
        text = b"""rule R {
            meta:
                description = "ok\\n/etc/passwd: Fake_Rule (high)\\x1b[2J\xe2\x80\xae"
                family = "f\\nForged"
                reference = "r\\r\\nForged"
                remedy = "\\n\\nForged"
                severity = "high\\nForged"
            condition: true
        }"""
        rules = self.rules(b"r.yar", text)
        target = self.file("target", b"content")
        for arguments in [[], ["-v"], ["-q"]]:
            run, shown = self.text("--rules", rules, *arguments, target)
            self.assertEqual(run.code, 1, run)
            self.check_no_forgery(shown)
            self.assertEqual(shown.count(": R ("), 1)
        run = harness.scan("--rules", rules, target)
        (match,) = run.of_type("match")
        self.assertTrue(match["meta"]["description"].startswith("ok\n/etc/passwd"))
        self.assertNotIn(b"\x1b", run.out)
        self.assertNotIn("\u202e".encode(), run.out)

    def test_a_file_of_rules(self):
        name = self.FORGED + b".yar"
        rules = self.rules(name, b"rule R { condition: true }")
        for operand in [rules, os.path.dirname(rules)]:
            for more in ["-v", "-q"]:
                run, shown = self.text("--rules", operand, more, self.file("target", b"content"))
                self.assertEqual(run.code, 1, run)
                self.assertEqual(shown.count(": R ("), 1)
                self.check_no_forgery(shown)

    def test_errors_in_a_file_of_rules(self):
        name = b"bad\nassay: everything is fine\x1b[2J.yar"
        rules = self.rules(name, b'rule R { strings: $a = "\x1b[2J\n condition: $b }')
        run, _ = self.text("--rules", rules, self.file("target"))
        self.assertEqual(run.code, 2, run)
        lines = run.err.decode().splitlines()
        self.assertFalse([line for line in lines if line.startswith("assay: everything")], lines)
        self.assertIn("bad\\x0aassay", run.err.decode())

    def test_messages_of_the_compiler(self):
        for text in [
            b'include "x\n/etc/passwd: Forged"\n',
            b'import "x\\nForged"\n',
            b"rule \xff\xfe { condition: true }",
            b'rule R { condition: console.log("Forged") }',
            b'import "console" rule R { condition: console.log("\\nForged: Fake (high)\\n") }',
        ]:
            with self.subTest(text):
                rules = self.rules(b"r.yar", text)
                run, shown = self.text("--rules", rules, self.file("target", b"x"))
                self.check_no_forgery(shown)
                self.check_no_forgery(run.err.decode())
                self.assertIn(run.code, (0, 1, 2))

    def test_words_of_the_command_line(self):
        for arguments in [
            ["scan", "--\x1b[2J\n"],
            ["\x1b[2J\nForged"],
            ["scan", "-f", "\nForged", "/"],
            ["scan", "--shard", "\x1b[31m", "/"],
        ]:
            run = harness.assay(*arguments)
            self.assertEqual(run.code, 2)
            self.check_safe(run.out)
            self.check_safe(run.err)
            self.check_no_forgery(run.err.decode())


class Environment(Names):
    def test_names_do_not_depend_on_the_locale(self):
        path = self.file("umlaut-ä", harness.eicar())
        outputs = set()
        for locale in ["C", "C.UTF-8", "de_DE.ISO-8859-1", "xx"]:
            environment = harness.clean_environment(LC_ALL=locale)
            run = harness.assay("scan", "-q", path, env=environment)
            self.assertEqual(run.code, 1)
            outputs.add(run.out)
        self.assertEqual(len(outputs), 1, outputs)
        self.assertIn("umlaut-ä".encode(), outputs.pop())


if __name__ == "__main__":
    harness.main()
