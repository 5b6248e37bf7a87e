"""Every verb of `assay db` with what nobody should give it: it ends soon, with exit 2 and plain words."""

import os
import pathlib
import pty
import select
import shutil
import subprocess
import unittest

import harness
from publisher import DatabaseCase

ESCAPE = "\x1b[31;1mred\x1b]0;title\x07\x9b1m\x7f\x08\r"


class Verbs(DatabaseCase):
    def setUp(self):
        super().setUp()
        self.words = []

    def refused(self, *arguments, timeout=200 if harness.SANITIZED else 60, **options):
        run = harness.assay("db", *arguments, timeout=timeout, **options)
        self.assertEqual(2, run.code, (arguments, run))
        self.assertTrue(run.err.startswith(b"assay: "), (arguments, run))
        self.check_plain(run)
        return run.err.decode()

    def check_plain(self, run):
        """Nothing that a terminal would take for anything but text."""
        for text in (run.out, run.err):
            self.assertNotRegex(text, rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]")
            text.decode()  # and it is UTF-8
        self.assertNotIn(b"runtime error", run.err)


class Odd(Verbs):
    VERBS = ["build", "diff", "install", "keygen", "lint", "list", "rollback", "show", "sign", "update",
             "verify"]  # fmt: skip

    def test_no_arguments_and_unknown_options(self):
        run = harness.assay("db")
        self.assertEqual((2, b""), (run.code, run.out))
        for verb in self.VERBS:
            run = self.db(verb, "--help")
            self.assertIn(f"Usage: assay db {verb}".encode(), run.out)
            self.refused(verb, "--no-such-option")
            self.refused(verb, "--store")
            if verb not in ("list", "rollback"):
                self.refused(verb)
        self.refused("no-such-verb")
        self.refused(ESCAPE)
        self.refused("rollback", "--store", self.directory / "none")
        self.refused("rollback", "x")
        self.refused("rollback", "1", "2")
        self.refused("show", "One", "Two")
        self.refused("diff", "1")
        self.refused("build", "a", "b", "-o", "c")

    def operands(self):
        folder = self.directory / "odd"
        folder.mkdir()
        os.mkfifo(folder / "fifo")
        (folder / "circle").symlink_to("circle")
        (folder / "empty").write_bytes(b"")
        (folder / "text").write_bytes(b"hello\n")
        (folder / "random").write_bytes(os.urandom(100_000))
        (folder / "zstd").write_bytes(b"\x28\xb5\x2f\xfd" + os.urandom(1000))
        (folder / ESCAPE).write_bytes(b"\x28\xb5\x2f\xfd")
        (folder / "folder").mkdir()
        return [folder / "missing", folder / "missing" / "deeper", folder / "empty" / "below", "/dev/zero",
                "/dev/full", "/dev/null", "/proc/self/mem", "", "/", "x" * 5000,
                os.fsencode(folder) + b"/\xff\xfe", *folder.iterdir()]  # fmt: skip

    def test_operands(self):
        rule = self.file("rule.yar", b'rule R { strings: $a = "needle" condition: $a }\n')
        bundle = self.signed(1, 1)
        output = self.directory / "out.asdb"
        for odd in self.operands():
            with self.subTest(odd):
                self.refused("verify", "--trust", self.trust, odd)
                self.refused("update", *self.here, odd)
                if odd != "/":
                    self.refused("install", *self.here, odd)
                self.refused("diff", odd, bundle)
                self.refused("diff", bundle, odd)
                self.refused("show", "-d", odd, "R")
                self.refused("sign", "-k", odd, bundle)
                if odd == "/":
                    continue
                self.refused("lint", odd)
                self.refused("build", "-o", output, odd)
                for kind in ("yara", "loki", "hashes", "clamav"):
                    if kind == "yara" or not os.path.isfile(odd):
                        self.refused("build", "-o", output, f"--from={kind}:".encode() + os.fsencode(odd))
                name = os.path.basename(os.fsencode(odd))
                if name not in (b"fifo", b"null", b"empty"):
                    self.refused("install", *self.here, bundle, "--config", odd)
                if not os.path.isfile(odd):
                    self.refused("sign", "-k", self.key, odd)
                if not os.path.isdir(odd):
                    self.refused("sign", "-k", self.key, bundle, "--channel", odd)
                if os.path.exists(odd) and not os.path.isdir(odd):
                    self.refused("list", "--store", odd)
                    self.refused("install", "--store", odd, "--trust", self.trust, bundle)
                    self.refused("install", "--store", self.store, "--trust", odd, bundle)
        self.assertFalse(output.exists())
        self.assertFalse(list(self.directory.rglob("*.minisig")))
        self.assertFalse(self.store.exists() and any(self.store.glob("*/current")))
        self.db("lint", rule)

    def test_outputs(self):
        source = self.rules(1)
        for output in ("/dev/full/x", self.directory, self.directory / "none" / "x.asdb", "/proc/x", ""):
            self.refused("build", source, "-o", output, "--name", "x")
        self.refused("keygen", "-W", self.directory / "none" / "x")
        self.refused("keygen", "-W", "/proc/x")

    def test_values_of_build(self):
        source = self.rules(1)
        for option, value in (
            ("--serial", "0"), ("--serial", "-1"), ("--serial", "9223372036854775808"), ("--serial", "x"),
            ("--created", "yesterday"), ("--created", "2026-13-01"), ("--created", "-1"),
            ("--expires", "0d"), ("--expires", "1970-01-01"), ("--expires", "d"), ("--expires", "99999999999d"),
            ("--name", "a/b"), ("--name", ".."), ("--name", ""), ("--name", "a" * 65), ("--name", ESCAPE),
            ("--name", "builtin"), ("--name", "lock"), ("--name", "state.json"), ("--name", "-x"),
            ("--from", "yara"), ("--from", "yara:"), ("--from", "nothing:x"), ("--from", ":"),
            ("--description", "x" * 5000), ("--description", b"\xff"),
        ):  # fmt: skip
            with self.subTest(option, value=value):
                self.refused("build", source, "-o", self.directory / "x.asdb", option, value)
        for name in ("builtin", "lock"):
            self.refused("build", source, "-o", self.directory / f"{name}-1.asdb")
        self.assertEqual([], list(self.directory.glob("*.asdb")))

    def test_database_ini(self):
        source = self.rules(1)
        ini = source / "database.ini"
        build = ("build", source, "-o", self.directory / "x.asdb")
        for content in (b"nothing", b"[section]\nname = x\n", b"unknown = 1\n", b"name = a/b\n",
                        ESCAPE.encode(), os.urandom(1000), b"x" * 100_000, b"serial = x\n"):  # fmt: skip
            ini.write_bytes(content)
            self.refused(*build)
        ini.unlink()
        for make in (lambda: os.mkfifo(ini), ini.mkdir, lambda: ini.symlink_to("/dev/zero"),
                     lambda: ini.symlink_to("/etc/shadow")):  # fmt: skip
            make()
            self.assertNotIn("root", self.refused(*build))
            ini.rmdir() if ini.is_dir() else ini.unlink()
        ini.write_text("name = given\nserial = 12\ndescription = what\nlicence = MIT\n"
                       "created = 2026-01-01\nexpires = 30d\n")  # fmt: skip
        self.db(*build)
        said = self.db("verify", "--trust", self.trust, self.directory / "x.asdb", code=2).out.decode()
        for each in ("given, serial 12, unsigned", "description  what", "licence      MIT",
                     "created      2026-01-01T00:00:00Z", "expires      2026-01-31T00:00:00Z"):  # fmt: skip
            self.assertIn(each, said)


class Hostile(Verbs):
    def test_texts_of_a_manifest(self):
        source = self.rules(1)
        path = self.sign(self.build(source, 1, "--description", ESCAPE, "--licence", ESCAPE))
        for arguments in (["verify", "-v", "--trust", self.trust, path], ["install", *self.here, path],
                          ["list", "--store", self.store], ["show", "--store", self.store, "Needle_1"],
                          ["diff", path, path]):  # fmt: skip
            self.check_plain(self.db(*arguments))
        self.check_plain(self.scan(self.needle(1)))

    def test_names_of_files(self):
        for name in (ESCAPE, "a\nb", "a'b", 'a"b', "a`b", " a", "..."):
            source = self.rules(1)
            self.file(f"rules/{name}.yar", b"rule X { condition: false }\n")
            run = harness.assay("db", "build", source, "-o", self.directory / "x.asdb")
            self.check_plain(run)
            run = harness.assay("db", "lint", source)
            self.check_plain(run)
        source = self.rules(1)
        (source / os.fsdecode(b"\xff\xfe.yar")).write_bytes(b"rule X { condition: false }\n")
        self.refused("build", source, "-o", self.directory / "x.asdb")

    def test_what_was_left_out(self):
        source = self.rules(1)
        self.file("rules/bad.yar", f"rule Bad {{ meta: x = \"{ESCAPE}\" condition: {ESCAPE} }}\n".encode())
        path = self.directory / "test-1.asdb"
        self.check_plain(self.db("build", source, "-o", path, "--skip-bad"))
        run = self.db("verify", "-v", "--trust", self.trust, path, code=2)
        self.assertIn(b"left out     bad.yar:", run.out)
        self.check_plain(run)

    def test_texts_of_rules_and_names_of_hashes(self):
        source = self.rules(1)
        self.file("rules/odd.yar", f"rule Odd // {ESCAPE}\n{{ meta: description = \"{ESCAPE}\" strings: "
                  f"$a = \"odd-text\" condition: $a }}\n".encode())  # fmt: skip
        self.file("rules/x.hashes", f"{'ab' * 32}\t*\tName{ESCAPE}\thigh\n".encode())
        self.check_plain(harness.assay("db", "build", source, "-o", self.directory / "no.asdb"))
        self.file("rules/x.hashes", f"{'ab' * 32}\t*\tName.é\thigh\n".encode())
        run = harness.assay("db", "build", source, "-o", self.directory / "no.asdb")
        self.check_plain(run)
        (source / "x.hashes").unlink()
        self.install(self.sign(self.build(source, 1)))
        self.check_plain(self.db("show", "--store", self.store, "Odd"))
        self.check_plain(self.db("lint", source))
        self.check_plain(self.db("diff", "--store", self.store, "builtin", "test"))
        self.refused("show", "--store", self.store, ESCAPE)

    def test_a_directory_of_bundles_with_odd_names(self):
        folder = self.directory / "bundles"
        folder.mkdir()
        content = self.signed(1, 1).read_bytes()
        for name in (f"{ESCAPE}-1.asdb", "-1.asdb", "x-.asdb", "x-99999999999999999999.asdb", "x-1.asdb.part",
                     "x--1.asdb"):  # fmt: skip
            (folder / name).write_bytes(b"no bundle")
            self.refused("install", *self.here, folder)
            (folder / name).unlink()
        (folder / "test-1.asdb").write_bytes(content)
        (folder / "x-1.asdb").mkdir()
        self.check_plain(harness.assay("db", "install", *self.here, folder))


class Keys(Verbs):
    """Each password that is tried costs a gigabyte and seconds, as it shall: they are few here."""

    def keygen_with(self, name, password):
        file = self.file(f"{name}.password", password)
        self.db("keygen", self.directory / name, "--password-file", file)
        return self.directory / f"{name}.key", file

    def test_encrypted_keys(self):
        key, _ = self.keygen_with("locked", b"correct horse\nsecond line\n")
        self.assertEqual(0o600, key.stat().st_mode & 0o777)
        path = self.build(self.rules(1), 1)
        wrong = self.file("wrong", b"correct  horse\n")
        self.assertIn("password", self.refused("sign", "-k", key, path, "--password-file", wrong))
        self.db("sign", "-k", key, path, "--password-file", self.file("same", b"correct horse\r\n"))
        self.refused("sign", "-k", key, path, "--password-file", self.file("odd", b"x" * 5000))
        for odd in (self.directory, self.directory / "none", "/dev/zero"):
            self.refused("sign", "-k", key, path, "--password-file", odd)
        # There is no terminal here.
        self.assertIn("--password-file", self.refused("sign", "-k", key, path, start_new_session=True))
        self.assertIn("--password-file", self.refused("keygen", self.directory / "n", start_new_session=True))
        self.assertFalse((self.directory / "n.key").exists())

    def test_a_password_from_a_pipe(self):
        key, _ = self.keygen_with("locked", b"correct horse\n")
        path = self.build(self.rules(1), 1)
        run = harness.assay("db", "sign", "-k", key, path, "--password-file", "/dev/stdin",
                            input=b"correct horse", timeout=200)  # fmt: skip
        self.assertEqual(0, run.code, run)

    def test_keygen(self):
        for odd in (b"", b"\n", b"x" * 5000):
            file = self.file("odd", odd)
            self.refused("keygen", self.directory / "n", "--password-file", file)
        before = [(path, path.read_bytes()) for path in self.directory.glob("publisher.*")]
        self.assertIn("publisher.key", self.refused("keygen", "-W", self.directory / "publisher"))
        (self.directory / "publisher.key").rename(self.directory / "kept.key")
        self.assertIn("publisher.pub", self.refused("keygen", "-W", self.directory / "publisher"))
        self.assertFalse((self.directory / "publisher.key").exists(), "half a pair is left")
        (self.directory / "kept.key").rename(self.directory / "publisher.key")
        self.assertEqual(before, [(path, path.read_bytes()) for path in self.directory.glob("publisher.*")])
        (self.directory / "link.key").symlink_to(self.directory / "elsewhere")
        self.refused("keygen", "-W", self.directory / "link")
        self.assertFalse((self.directory / "elsewhere").exists())

    def on_terminal(self, *arguments, answers):
        """(exit code, what the terminal showed). Each answer is typed when something ends in ': '."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.environ.clear()
            os.execv(harness.ASSAY, [harness.ASSAY, *map(str, arguments)])
        shown, left = b"", list(answers)
        while True:
            if not select.select([terminal], [], [], 200)[0]:
                self.fail(f"nothing happens: {shown}")
            try:
                got = os.read(terminal, 1000)
            except OSError:  # the other side is closed
                break
            if not got:
                break
            shown += got
            if shown.endswith(b": ") and left:
                os.write(terminal, left.pop(0))
        os.close(terminal)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        self.assertEqual([], left, shown)
        return code, shown.decode()

    def test_a_terminal_is_asked(self):
        name = self.directory / "typed"
        code, shown = self.on_terminal("db", "keygen", name, answers=[b"open sesame\n", b"other\n"])
        self.assertEqual(2, code, shown)
        self.assertIn("differ", shown)
        self.assertFalse(name.with_suffix(".key").exists())
        code, shown = self.on_terminal("db", "keygen", name, answers=[b"open sesame\n"] * 2)
        self.assertEqual(0, code, shown)
        self.assertNotIn("sesame", shown)
        self.assertEqual(2, shown.count(": \r\n"), shown)
        path = self.build(self.rules(1), 1)
        code, shown = self.on_terminal("db", "sign", "-k", f"{name}.key", path, answers=[b"open sesame\n"])
        self.assertEqual(0, code, shown)
        self.assertNotIn("sesame", shown)
        code, shown = self.on_terminal("db", "keygen", self.directory / "none", answers=[b"\n", b"\n"])
        self.assertEqual(2, code, shown)
        self.assertIn("--no-password", shown)


class Signing(Verbs):
    def test_signatures_are_added_and_replaced_and_bounded(self):
        path = self.build(self.rules(1), 1)
        unsigned = path.stat().st_size
        keys = [self.keygen(f"key{number}") for number in range(9)]
        for number, key in enumerate(keys[:8], 1):
            said = self.db("sign", "-k", key, path).out.decode()
            self.assertIn(f"signatures: {number}\n", said)
            shutil.copy(key.with_suffix(".pub"), self.trust / "keys")
        before = path.read_bytes()
        self.assertGreater(len(before), unsigned)
        self.assertIn("8 signatures", self.refused("sign", "-k", keys[8], path))
        self.assertEqual(before, path.read_bytes())
        said = self.db("sign", "-k", keys[3], path).out.decode()
        self.assertIn("signatures: 8\n", said)
        verified = self.db("verify", "--trust", self.trust, path).out.decode()
        self.assertRegex(verified, r"^test, serial 1, signed by ([0-9A-F]{16}, ){7}[0-9A-F]{16}\n")
        (self.trust / "trust.ini").write_text("signatures_required = 8\n")
        self.install(path)

    def test_a_file_that_is_no_bundle(self):
        path = self.file("index", b"some text\n")
        self.db("sign", "-k", self.key, path)
        self.assertEqual(b"some text\n", path.read_bytes())
        if shutil.which("minisign"):
            subprocess.run(["minisign", "-Vm", path, "-p", self.directory / "publisher.pub"], check=True,
                           stdout=subprocess.DEVNULL)  # fmt: skip
        self.refused("sign", "-k", self.key, path, "--channel", self.directory)
        self.refused("sign", path)

    def test_a_damaged_bundle_is_not_signed(self):
        content = self.build(self.rules(1), 1).read_bytes()
        for damaged in (content[:-1], content + b"x", content[:100] + b"\xff" + content[101:]):
            path = self.file("damaged.asdb", damaged)
            self.refused("sign", "-k", self.key, path)
            self.assertEqual(damaged, path.read_bytes())

    def test_where_a_bundle_cannot_be_replaced(self):
        path = self.build(self.rules(1), 1)
        before = path.read_bytes()
        locked = self.directory / "locked"
        locked.mkdir()
        path = pathlib.Path(shutil.copy(path, locked))
        if os.geteuid() == 0:
            subprocess.run(["mount", "--bind", locked, locked], check=True)
            self.addCleanup(subprocess.run, ["umount", locked], check=True)
            subprocess.run(["mount", "-o", "remount,bind,ro", locked], check=True)
        else:
            locked.chmod(0o500)
        self.assertIn("cannot be written", self.refused("sign", "-k", self.key, path))
        self.assertEqual([before], [each.read_bytes() for each in locked.iterdir()])


class Building(Verbs):
    def test_names_that_clash(self):
        self.file("one/x.yar", b'rule A { strings: $a = "in-one" condition: $a }\n')
        self.file("two/x.yar", b'rule A { strings: $a = "in-two" condition: $a }\n')
        self.file("deep/one/x.yar", b'rule A { strings: $a = "in-deep" condition: $a }\n')
        path = self.directory / "x-1.asdb"
        froms = lambda *names: [f"--from=yara:{self.directory}/{name}" for name in names]  # noqa: E731
        self.db("build", "-o", path, *froms("one", "two"))
        self.install(self.sign(path))
        for word in (b"in-one", b"in-two"):
            self.assertEqual(["A"], self.found(self.scan(self.file("f", word))))
        shown = self.db("show", "--store", self.store, "A").out.decode()
        self.assertIn("one/x.yar:1", shown)
        self.assertIn("two/x.yar:1", shown)
        words = self.refused("build", "-o", self.directory / "y.asdb", *froms("one", "deep/one"))
        self.assertIn("one/x.yar", words)
        self.refused("build", "-o", self.directory / "y.asdb", *froms("one", "one"))
        self.refused("build", self.directory / "deep", "-o", self.directory / "y.asdb", *froms("one"))

    def test_a_rule_twice_in_a_file(self):
        self.file("tree/x.yar", b"rule A { condition: false }\nrule A { condition: false }\n")
        words = self.refused("build", self.directory / "tree", "-o", self.directory / "y.asdb")
        self.assertIn("x.yar:2", words)
        self.assertIn("duplicated", words)

    def test_two_databases_with_the_same_rules(self):
        for name in ("first", "second"):
            self.install(self.sign(self.build(self.rules(1), 1, name=name)))
        run = self.scan(self.needle(1))
        self.assertEqual([("first", "Needle_1"), ("second", "Needle_1")],
                         sorted((m["db"], m["rule"]) for m in run.of_type("match")), run)  # fmt: skip
        self.refused("rollback", "--store", self.store)
        shown = self.db("show", "--store", self.store, "Needle_1").out.decode()
        self.assertIn("first 1, needle1.yar:2", shown)
        self.assertIn("second 1, needle1.yar:2", shown)
        self.assertIn("0 added, 0 removed, 0 changed",
                      self.db("diff", "--store", self.store, "first", "second").out.decode())  # fmt: skip

    def kinds(self):
        digest = "ab" * 32
        self.file("hashes/x.hashes", f"{digest}\t*\tKnown.One\thigh\n{'cd' * 16}\t7\tKnown.Two\tlow\n".encode())
        hashes = self.sign(self.build(self.directory / "hashes", 1, name="hashes"))
        rules = self.signed(1, 1, name="rules")
        return hashes, rules

    def test_a_database_of_hashes_or_of_rules_alone(self):
        hashes, rules = self.kinds()
        said = self.db("verify", "-v", "--trust", self.trust, hashes).out.decode()
        self.assertIn("hashes       1 md5, 0 sha1, 1 sha256", said)
        self.assertIn("rules        1", said)  # EICAR
        said = self.db("verify", "--trust", self.trust, rules).out.decode()
        self.assertIn("hashes       0 md5, 0 sha1, 0 sha256", said)
        self.install(hashes)
        self.install(rules)
        listed = self.db("list", "--store", self.store).out.decode()
        self.assertRegex(listed, r"\* hashes, serial 1, .*: 1 rules, 2 hashes, signed:[0-9A-F]{16}\n")
        self.assertRegex(listed, r"\* rules, serial 1, .*: 2 rules, 0 hashes, signed:[0-9A-F]{16}\n")
        shown = self.db("show", "--store", self.store, "Known.One").out.decode()
        self.assertIn(f"hashes 1, hashes/all.hashes: sha256 {'ab' * 32}, high", shown)
        differ = self.db("diff", hashes, rules).out.decode()
        for line in ("- Known.One (hashes/all.hashes)", "- Known.Two (hashes/all.hashes)", "+ Needle_1 (needle1.yar)"):
            self.assertIn(line, differ)
        self.assertIn("1 added, 2 removed, 0 changed", differ)
        self.assertEqual(["Needle_1"], self.found(self.scan(self.needle(1))))

    def test_what_changed(self):
        old = self.build(self.rules(1, 2), 1)
        source = self.rules(1, 2, 3)
        path = source / "needle2.yar"
        path.write_bytes(path.read_bytes().replace(b"needle-number-2", b"another"))
        new = self.build(source, 2)
        differ = self.db("diff", old, new).out.decode()
        self.assertEqual("test 1 -> test 2\n~ Needle_2 (needle2.yar)\n+ Needle_3 (needle3.yar)\n"
                         "1 added, 0 removed, 1 changed\n", differ)  # fmt: skip

    def test_damaged_lists(self):
        for line in (f"{'ab' * 31}\t*\tN\thigh", f"{'ab' * 32}\t-1\tN\thigh", f"{'ab' * 32}\t*\t\thigh",
                     f"{'ab' * 32}\t*\tN\tterrible", f"{'ab' * 32}\t*\tN", "nonsense", "\0" * 100,
                     f"{'xy' * 32}\t*\tN\thigh", f"{'ab' * 32}\t99999999999999999999\tN\thigh"):  # fmt: skip
            with self.subTest(line):
                self.file("lists/x.hashes", line.encode() + b"\n")
                words = self.refused("build", self.directory / "lists", "-o", self.directory / "x.asdb")
                self.assertIn("x.hashes", words)

    def test_a_name_that_is_also_a_directory_here(self):
        self.install(self.signed(1, 1))
        (self.directory / "test").mkdir()
        shown = self.db("show", "--store", self.store, "-d", "test", "Needle_1", cwd=self.directory)
        self.assertIn(b"needle-number-1", shown.out)


if __name__ == "__main__":
    harness.main()
