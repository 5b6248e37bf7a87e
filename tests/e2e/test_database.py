"""The signature database, as its publisher and its user meet it: built, signed, installed, scanned with,
updated, gone back from."""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import tarfile
import zipfile

import harness
from publisher import RULE, DatabaseCase


class Publishing(DatabaseCase):
    def test_what_is_built_signed_and_installed_is_what_scans_use(self):
        self.install(self.signed(1, 1, 2))
        run = self.scan(self.needle(2))
        self.assertEqual(["Needle_2"], self.found(run), run)
        (match,) = run.of_type("match")
        self.assertEqual("test", match["db"])
        self.assertEqual("medium", match["severity"])
        (start,) = run.of_type("start")
        (database,) = start["db"]
        self.assertEqual(("test", 1), (database["name"], database["serial"]))
        self.assertRegex(database["trust"], "^signed:[0-9A-F]{16}$")
        self.assertEqual(3, database["rules"])  # two needles, and EICAR
        self.assertEqual(run.summary["db"], start["db"])

    def test_every_database_finds_eicar(self):
        self.install(self.signed(1, 1))
        run = self.scan(self.file("eicar.com", harness.eicar()))
        self.assertEqual(["EICAR_Test_File"], self.found(run), run)

    def test_the_same_sources_make_the_same_bytes(self):
        one = self.build(self.rules(1, 2, where="here"), 7)
        source = self.rules(1, 2, where="far/away/from/here")
        two = self.directory / "two.asdb"
        old = os.umask(0o077)
        try:
            self.build(source, 7, output=two)
        finally:
            os.umask(old)
        self.assertEqual(one.read_bytes(), two.read_bytes())
        again = self.build(source, 7, created="2026-01-02", output=self.directory / "three.asdb")
        self.assertNotEqual(one.read_bytes(), again.read_bytes())

    def test_stock_tools_read_and_verify_a_bundle(self):
        self.need("minisign", "zstd")
        path = self.signed(1, 1)
        folder = self.directory / "unpacked"
        folder.mkdir()
        tar = subprocess.run(["zstd", "-dc", path], stdout=subprocess.PIPE, check=True).stdout
        (folder / "all.tar").write_bytes(tar)
        with tarfile.open(folder / "all.tar") as archive:
            archive.extractall(folder)
        public = self.directory / "publisher.pub"
        subprocess.run(["minisign", "-Vm", "manifest.json", "-p", public], cwd=folder, check=True,
                       stdout=subprocess.DEVNULL)  # fmt: skip
        manifest = json.loads((folder / "manifest.json").read_text())
        for file in manifest["files"]:
            content = (folder / file["name"]).read_bytes()
            self.assertEqual(file["size"], len(content))
            self.assertEqual(file["sha256"], hashlib.sha256(content).hexdigest())

    def test_keys_and_signatures_of_stock_minisign_do_as_well(self):
        self.need("minisign")
        subprocess.run(["minisign", "-G", "-W", "-p", "stock.pub", "-s", "stock.key"],
                       cwd=self.directory, check=True, stdout=subprocess.DEVNULL)  # fmt: skip
        path = self.sign(self.build(self.rules(1), 1), key=self.directory / "stock.key")
        shutil.copy(self.directory / "stock.pub", self.trust / "keys")
        self.install(path)

    def test_a_bad_rule_fails_the_build_by_name_or_is_listed(self):
        source = self.rules(1)
        self.file("rules/bad.yar", b"rule Fine { condition: true }\nrule Bad { condition: }\n")
        output = self.directory / "x.asdb"
        run = self.db("build", source, "-o", output, code=2)
        self.assertIn(b"bad.yar:2", run.err)
        self.assertIn(b"Bad", run.err)
        self.assertFalse(output.exists())
        run = self.db("build", source, "-o", output, "--skip-bad")
        self.assertIn(b"bad.yar", run.err)
        verified = self.db("verify", "-v", "--trust", self.trust, output, code=2)
        self.assertRegex(verified.out.decode(), r"left out +bad\.yar:2: ")

    def test_a_source_that_crashes_the_compiler_is_left_out_by_name(self):
        source = self.rules(1)
        crash = b"rule Crash { condition: (-9223372036854775807 - 1) \\ (-1) == 0 }\n"
        self.file("rules/crash.yar", crash)
        output = self.directory / "x.asdb"
        run = self.db("build", source, "-o", output, code=2)
        self.assertIn(b"crash.yar", run.err)
        run = self.db("build", source, "-o", output, "--skip-bad")
        self.assertIn(b"crash.yar", run.err)
        self.assertTrue(output.exists())

    def test_an_include_stays_inside_the_tree(self):
        self.file("tree/main.yar", b'include "parts/part.yar"\nrule Main { condition: Part }\n')
        self.file("tree/parts/part.yar", b'rule Part { strings: $a = "part-of" condition: $a }\n')
        path = self.sign(self.build(self.directory / "tree", 1))
        self.install(path)
        run = self.scan(self.file("x", b"a part-of it"))
        self.assertEqual(["Main", "Part"], self.found(run), run)
        self.file("tree/escape.yar", b'include "/etc/shadow"\nrule E { condition: true }\n')
        run = self.db("build", self.directory / "tree", "-o", self.directory / "y.asdb", code=2)
        self.assertIn(b"escape.yar", run.err)
        self.assertNotIn(b"root:", run.err + run.out)

    def test_a_rule_that_matches_what_is_harmless_is_refused(self):
        source = self.rules(1)
        self.file("rules/all.yar", b"rule Everything { condition: true }\n")
        run = self.db("build", source, "-o", self.directory / "x.asdb", code=2)
        self.assertIn(b"Everything", run.err)
        self.assertIn(b"harmless", run.err)

    def test_a_hash_of_what_is_harmless_is_refused(self):
        source = self.rules(1)
        empty = hashlib.md5(b"").hexdigest()
        self.file("rules/x.hashes", f"{empty}\t*\tEmpty\thigh\n".encode())
        run = self.db("build", source, "-o", self.directory / "test-1.asdb", code=2)
        self.assertIn(b"rule Empty matches an empty file", run.err)

    def test_lint_counts_what_the_compiler_warns_of(self):
        rule = RULE.format(n=1).replace('"needle-number-1"', "/needle-number-1.*.*x/")
        path = self.file("slow.yar", rule.encode())
        self.assertIn(b"warning", self.db("lint", path).err)
        self.db("lint", "--strict", path, code=2)

    def test_lint_says_what_is_odd(self):
        path = self.file("one.yar", b'rule One { strings: $a = "needle" condition: $a }\n')
        run = self.db("lint", path)
        self.assertIn(b"description", run.err)
        self.db("lint", "--strict", path, code=2)


class Hashes(DatabaseCase):
    def hash_database(self, *lines, serial=1):
        folder = self.directory / "lists"
        folder.mkdir(exist_ok=True)
        (folder / "x.hashes").write_text("".join(line + "\n" for line in lines))
        return self.sign(self.build(folder, serial))

    def test_files_and_members_are_known_by_their_digests(self):
        contents = {name: os.urandom(1000 + i) for i, name in enumerate(("md5", "sha1", "sha256"))}
        lines = [
            f"{hashlib.new(kind, content).hexdigest()}\t{size}\tKnown.{kind}\t{severity}"
            for (kind, content), size, severity in zip(
                contents.items(), ("1000", "*", "1002"), ("low", "high", "critical")
            )
        ]
        self.install(self.hash_database(*lines))
        folder = self.directory / "tree"
        folder.mkdir()
        (folder / "plain").write_bytes(contents["md5"])
        with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("inner", contents["sha1"])
        with tarfile.open(folder / "b.tar.gz", "w:gz") as archive:
            member = tarfile.TarInfo("deep")
            member.size = len(contents["sha256"])
            with open(self.file("content", contents["sha256"]), "rb") as content:
                archive.addfile(member, content)
        run = self.scan(folder)
        found = {match["rule"]: match for match in run.of_type("match")}
        self.assertEqual({"Known.md5", "Known.sha1", "Known.sha256"}, set(found), run)
        self.assertEqual("critical", found["Known.sha256"]["severity"])
        self.assertTrue(found["Known.sha1"]["object"].endswith("a.zip!/inner"))

    def test_a_wrong_size_is_no_match(self):
        content = b"x" * 500
        digest = hashlib.sha256(content).hexdigest()
        self.install(self.hash_database(f"{digest}\t501\tWrong.Size\thigh"))
        self.assertEqual(0, self.scan(self.file("x", content)).code)

    def test_lists_of_clamav_and_loki_are_taken_as_they_are(self):
        content = os.urandom(700)
        sha1 = hashlib.sha1(content).hexdigest()
        md5 = hashlib.md5(content).hexdigest()
        sha256 = hashlib.sha256(content).hexdigest()
        self.file("sig.hdb", f"{md5}:700:Clam.Md5\n".encode())
        self.file("sig.hsb", f"{sha1}:*:Clam.Sha1:73\n".encode())
        self.file("sig.ndb", b"Clam.Body:0:*:6e6565646c65\nClam.Html:3:*:6e6565646c65\n")
        self.file("loki/hash-iocs.txt", f"# comment\n{sha256};Loki thing\n".encode())
        self.file("loki/filename-iocs.txt", b"# Evil names\n\\\\evil-[0-9]{3}\\.dll$;75\n")
        path = self.directory / "wild-1.asdb"
        self.db("build", "-o", path,
                *(f"--from=clamav:{self.directory}/sig.{end}" for end in ("hdb", "hsb", "ndb")),
                f"--from=loki:{self.directory}/loki")  # fmt: skip
        self.install(self.sign(path))
        run = self.scan(self.file("x", content))
        self.assertEqual(3, len(self.found(run)), run)
        self.assertEqual(1, self.scan(self.file("y", b"a needle here")).code)
        self.assertEqual(1, self.scan(self.file("evil-123.dll", b"nothing")).code)
        self.assertEqual(0, self.scan(self.file("evil-12.dll", b"nothing")).code)
        listed = self.db("verify", "-v", "--trust", self.trust, path).out
        self.assertIn(b"sig.ndb:2", listed)


class Refusing(DatabaseCase):
    def current(self):
        run = self.scan(self.file("none", b"none"))
        return run.of_type("start")[0]["db"][0]["serial"] if run.code == 0 else None

    def test_nobody_trusted_has_signed_it(self):
        unsigned = self.build(self.rules(1), 1)
        run = self.install(unsigned, code=2)
        self.assertIn(b"sign", run.err)
        stranger = self.sign(self.build(self.rules(1), 2), key=self.keygen("stranger"))
        run = self.install(stranger, code=2)
        self.assertIn(b"/etc/assay/keys", run.err + b"/etc/assay/keys")
        self.assertFalse(self.store.exists() and any(self.store.glob("test/current")))
        self.install(unsigned, "--allow-unsigned")
        run = self.scan(self.needle(1))
        self.assertEqual("unsigned", run.of_type("start")[0]["db"][0]["trust"])

    def test_two_have_to_sign_where_two_are_required(self):
        second = self.keygen("second")
        shutil.copy(self.directory / "second.pub", self.trust / "keys")
        (self.trust / "trust.ini").write_text("signatures_required = 2\n")
        path = self.signed(1, 1)
        self.install(path, code=2)
        self.sign(path)  # the same key again is still one
        self.install(path, code=2)
        self.sign(path, key=second)
        self.install(path)

    def test_an_old_serial_is_refused_unless_it_is_meant(self):
        new, old = self.signed(57, 1, 2), self.signed(41, 1)
        self.install(new)
        run = self.install(old, code=2)
        self.assertIn(
            b"database serial 41 is older than 57, which this machine has had; use `assay db "
            b"rollback` if that is what you want",
            run.err,
        )
        self.assertEqual(57, self.current())
        self.install(old, "--allow-rollback")
        self.assertEqual(41, self.current())

    def test_a_serial_has_one_content(self):
        self.install(self.signed(5, 1))
        other = self.sign(self.build(self.rules(1, 2), 5, output=self.directory / "other.asdb"))
        run = self.install(other, code=2)
        self.assertIn(b"serial", run.err)

    def test_rollback_goes_to_what_was_kept(self):
        for serial in (1, 2, 3, 4):
            self.install(self.signed(serial, serial))
        self.db("rollback", "--store", self.store)
        self.assertEqual(3, self.current())
        self.db("rollback", "--store", self.store, "2")
        self.assertEqual(2, self.current())
        run = self.db("rollback", "--store", self.store, "1", code=2)  # three are kept
        self.assertIn(b"4", run.err)

    def test_what_has_expired_is_said_or_refused(self):
        path = self.sign(self.build(self.rules(1), 1, "--expires", "2026-02-01"))
        run = self.install(path)
        self.assertIn(b"expired", run.err)
        run = self.scan(self.needle(1))
        self.assertEqual(1, run.code)
        self.assertIn(b"too old", run.err)
        self.assertTrue(run.summary["db"][0]["stale"])
        self.assertEqual(2, self.scan("--require-fresh", self.needle(1)).code)

    def test_age_is_bounded_by_who_asks(self):
        self.install(self.signed(1, 1))
        self.assertEqual(2, self.scan("--require-fresh", "--max-db-age", "3", self.needle(1)).code)
        long = ("--require-fresh", "--max-db-age", "36500")
        self.assertEqual(1, self.scan(*long, self.needle(1)).code)

    def test_damage_changes_nothing(self):
        self.install(self.signed(1, 1))
        whole = self.signed(2, 1, 2).read_bytes()
        for at in range(0, len(whole), max(1, len(whole) // 40)):
            damaged = bytearray(whole)
            damaged[at] ^= 0x10
            run = self.install(self.file("damaged.asdb", bytes(damaged)), code=2)
            self.assertNotIn(b"Traceback", run.err)
        for size in range(0, len(whole), max(1, len(whole) // 20)):
            self.install(self.file("cut.asdb", whole[:size]), code=2)
        self.assertEqual(1, self.current())

    def test_a_bundle_is_used_without_installing_it(self):
        path = self.signed(1, 1)
        run = harness.scan("-d", path, "--trust", self.trust, self.needle(1))
        self.assertEqual(["Needle_1"], self.found(run), run)
        unsigned = self.build(self.rules(1), 2)
        run = harness.scan("-d", unsigned, "--trust", self.trust, self.needle(1))
        self.assertEqual(2, run.code)
        self.assertIn(b"--allow-unsigned", run.err)
        run = harness.scan("-d", unsigned, "--trust", self.trust, "--allow-unsigned", self.needle(1))
        self.assertEqual(["Needle_1"], self.found(run), run)

    def test_rules_and_a_database_are_used_together(self):
        self.install(self.signed(1, 1))
        extra = self.file("extra.yar", b'rule Extra { strings: $a = "hay" condition: $a }')
        run = self.scan("--rules", extra, self.needle(1))
        self.assertEqual(["Extra", "Needle_1"], self.found(run), run)
        alone = harness.scan("--rules", extra, self.needle(1))
        self.assertEqual(["Extra"], self.found(alone), alone)


class Compiled(DatabaseCase):
    """The compiled rules that are kept are an optimisation and nothing else."""

    def compiled(self):
        (path,) = self.store.glob("test/1/rules.bin")
        return path

    def test_without_them_the_rules_are_compiled_and_kept_again(self):
        self.install(self.signed(1, 1))
        self.compiled().unlink()
        self.assertEqual(["Needle_1"], self.found(self.scan(self.needle(1))))
        self.assertTrue(self.compiled().exists())

    def test_damage_of_any_kind_is_noticed(self):
        self.install(self.signed(1, 1))
        whole = self.compiled().read_bytes()
        for damaged in (b"", whole[: len(whole) // 2], b"\0" * len(whole), whole + b"x",
                        whole[:100] + b"\xff" + whole[101:], os.urandom(5000)):  # fmt: skip
            self.compiled().write_bytes(damaged)
            run = self.scan(self.needle(1))
            self.assertEqual(["Needle_1"], self.found(run), run)
            self.assertEqual(1, run.code)


class Looking(DatabaseCase):
    def test_list_show_and_diff(self):
        self.install(self.signed(1, 1, 2))
        self.install(self.signed(2, 2, 3))
        listed = self.db("list", "--store", self.store).out.decode()
        self.assertRegex(listed, r"(?m)^  test, serial 1, .* 3 rules")
        self.assertRegex(listed, r"(?m)^\* test, serial 2, .* 3 rules")
        shown = self.db("show", "--store", self.store, "Needle_3").out.decode()
        self.assertIn("needle3.yar:2", shown)
        self.assertIn('$a = "needle-number-3"', shown)
        self.assertIn("since serial 2", shown)
        shown = self.db("show", "--store", self.store, "Needle_2").out.decode()
        self.assertIn("since serial 1", shown)
        self.db("show", "--store", self.store, "Needle_9", code=2)
        differences = self.db("diff", "--store", self.store, "1", "2").out.decode()
        self.assertIn("- Needle_1 (needle1.yar)", differences)
        self.assertIn("+ Needle_3 (needle3.yar)", differences)
        self.assertNotIn("Needle_2", differences)


class Channels(DatabaseCase):
    def channel(self, serial, *numbers):
        folder = self.directory / "channel"
        folder.mkdir(exist_ok=True)
        path = self.build(self.rules(*numbers), serial)
        self.db("sign", "-k", self.key, "--channel", folder, path)
        return folder / "test.channel"

    def update(self, channel, code=0):
        return self.db("update", *self.here, channel, code=code)

    def test_a_channel_in_a_directory_brings_what_is_new(self):
        index = self.channel(1, 1)
        self.update(index)
        self.assertIn(b"already", self.update(f"file://{index}").out)
        self.channel(2, 1, 2)
        self.update(index)
        self.assertEqual(["Needle_2"], self.found(self.scan(self.needle(2))))

    def test_an_index_that_lies_or_is_replayed_is_refused(self):
        index = self.channel(1, 1)
        kept = {path: path.read_bytes() for path in index.parent.iterdir()}
        self.channel(2, 1, 2)
        self.update(index)
        for path, content in kept.items():
            path.write_bytes(content)
        self.assertIn(b"serial 1", self.update(index, code=2).err)
        run = self.db("update", *self.here, "--allow-rollback", index)
        self.assertIn(b"serial 1, is in use now", run.out)
        index.write_bytes(index.read_bytes().replace(b"serial 1", b"serial 9"))
        self.update(index, code=2)
        signature = pathlib.Path(f"{index}.minisig")
        signature.unlink()
        self.update(index, code=2)

    def test_a_bundle_that_is_not_what_the_index_promises_is_thrown_away(self):
        index = self.channel(3, 1)
        bundle = index.parent / "test-3.asdb"
        whole = bundle.read_bytes()
        bundle.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        self.update(index, code=2)
        bundle.write_bytes(whole)
        self.update(index)

    def test_a_publisher_does_not_go_back(self):
        self.channel(5, 1)
        path = self.build(self.rules(1), 4)
        run = self.db("sign", "-k", self.key, "--channel", self.directory / "channel", path, code=2)
        self.assertIn(b"5", run.err)


class RealRules(DatabaseCase):
    def test_all_real_rules_and_hashes_make_one_database(self):
        archive = harness.SHARED_DATA / "rules.tar.xz"
        if not archive.exists():
            self.skipTest("../shared/data/rules.tar.xz is not there")
        if harness.SANITIZED:
            self.skipTest("thousands of rules take too long under sanitizers")
        folder = self.directory / "wild"
        folder.mkdir()
        subprocess.run(["tar", "xJf", archive, "-C", folder], check=True)
        path = self.directory / "wild-1.asdb"
        run = self.db("build", "-o", path,
                      f"--from=yara:{folder}/signature-base", f"--from=yara:{folder}/reversinglabs",
                      f"--from=loki:{folder}/signature-base/iocs", "--skip-bad")  # fmt: skip
        self.assertRegex(run.out.decode(), r"[0-9]{4,} rules, [0-9]{4,} hashes")
        self.install(self.sign(path))
        known = next(
            line.split(";")[0]
            for line in (folder / "signature-base/iocs/hash-iocs.txt").read_text().splitlines()
            if line and line[0] != "#"
        )
        self.assertEqual(64, len(known))
        run = self.scan(self.file("eicar.com", harness.eicar()))
        self.assertEqual(1, run.code)
        (database,) = run.of_type("start")[0]["db"]
        self.assertGreater(database["rules"], 6900)
        self.assertGreater(database["hashes"], 3000)


if __name__ == "__main__":
    harness.main()
