"""Databases of root and of an ordinary user: who may install where, whose is used, what is not safe."""

import os
import shutil
import subprocess
import unittest

import harness
from publisher import DatabaseCase

NOBODY = 65534


@unittest.skipIf(os.geteuid() != 0, "only root can be somebody else")
class Users(DatabaseCase):
    """In a mount namespace /var/lib/assay is a directory of the test's. Root's keys are not anybody's
    here: the user has keys of their own."""

    def setUp(self):
        super().setUp()
        if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode:
            self.skipTest("mounts cannot be made here")
        self.directory.chmod(0o755)
        self.machine = self.directory / "machine"
        self.machine.mkdir()
        self.home = self.directory / "home"
        self.data, self.config = self.home / "data", self.home / "config"
        for path in (self.home, self.data, self.config, self.config / "assay", self.config / "assay/keys"):
            path.mkdir(mode=0o755)
            os.chown(path, NOBODY, NOBODY)
        key = self.config / "assay/keys/publisher.pub"
        shutil.copy(self.directory / "publisher.pub", key)
        os.chown(key, NOBODY, NOBODY)

    def as_user(self, *arguments, code=None, user=True, data=None):
        setpriv = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if user else []
        script = ('mount -t tmpfs -o mode=755 tmpfs /var/lib && mkdir /var/lib/assay && '
                  'mount --bind "$0" /var/lib/assay && exec "$@"')  # fmt: skip
        process = subprocess.run(
            ["unshare", "--mount", "sh", "-euc", script, self.machine, *setpriv, harness.ASSAY, *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300,
            check=False, cwd="/",
            env=harness.clean_environment(HOME=str(self.home), XDG_DATA_HOME=str(data or self.data),
                                          XDG_CONFIG_HOME=str(self.config)),
        )  # fmt: skip
        run = harness.Run(process)
        if code is not None:
            self.assertEqual(code, run.code, run)
        return run

    def machine_install(self, path):
        self.as_user("db", "install", "--trust", self.trust, path, code=0, user=False)

    def databases(self, *arguments, **options):
        """{name: serial} of what a scan uses."""
        run = self.as_user("scan", "-f", "jsonl", self.file("x", b"x"), *arguments, **options)
        self.assertEqual(0, run.code, run)
        return {db["name"]: db["serial"] for db in run.of_type("start")[0]["db"]}

    def test_a_user_scans_with_roots_database(self):
        self.assertEqual({"builtin": 0}, self.databases())
        self.machine_install(self.signed(1, 1))
        self.assertEqual({"test": 1}, self.databases())
        run = self.as_user("scan", "-f", "jsonl", self.needle(1), code=1)
        self.assertEqual(["Needle_1"], self.found(run))
        listed = self.as_user("db", "list", code=0).out.decode()
        self.assertIn("/var/lib/assay\n* test, serial 1", listed)
        self.assertIn("needle-number-1", self.as_user("db", "show", "Needle_1", code=0).out.decode())

    def test_a_user_cannot_change_roots(self):
        bundle = self.signed(2, 1)
        self.machine_install(self.signed(1, 1))
        for verb in (["install", bundle, "--store", "/var/lib/assay"],
                     ["rollback", "--store", "/var/lib/assay"]):  # fmt: skip
            run = self.as_user("db", *verb, code=2)
            self.assertRegex(run.err.decode(), "Permission denied.*the user that the store belongs to|kept")
        self.assertEqual({"test": 1}, self.databases())

    def test_without_the_compiled_rules_a_user_compiles_and_keeps_nothing(self):
        self.machine_install(self.signed(1, 1))
        compiled = self.machine / "test/1/rules.bin"
        compiled.unlink()
        run = self.as_user("scan", "-f", "jsonl", self.needle(1), code=1)
        self.assertEqual((["Needle_1"], b""), (self.found(run), run.err))
        self.assertFalse(compiled.exists())
        self.assertEqual([], list(self.machine.rglob("*/.*")))

    def test_a_users_own_stands_for_the_machines_of_that_name(self):
        self.machine_install(self.signed(5, 1))
        self.machine_install(self.signed(3, 3, name="other"))
        self.as_user("db", "install", self.signed(4, 2), code=0)
        self.assertEqual({"test": 4, "other": 3}, self.databases())
        self.assertEqual({"test": 5, "other": 3}, self.databases(user=False))
        run = self.as_user("scan", "-f", "jsonl", self.needle(2), code=1)
        self.assertEqual(["Needle_2"], self.found(run))
        listed = self.as_user("db", "list", code=0).out.decode()
        self.assertLess(listed.index(f"{self.data}/assay\n* test, serial 4"),
                        listed.index("/var/lib/assay\n"))  # fmt: skip
        for path in (self.data / "assay").rglob("*"):
            self.assertEqual(NOBODY, path.lstat().st_uid, path)
        self.assertEqual(0o700, (self.data / "assay").stat().st_mode & 0o777)

    def test_root_does_not_use_a_users(self):
        self.as_user("db", "install", self.signed(4, 2), code=0)
        self.assertEqual({"builtin": 0}, self.databases(user=False))
        run = self.as_user("scan", "-d", self.data / "assay", "/etc/hostname", code=2, user=False)
        self.assertRegex(run.err.decode(), f"is not safe: it belongs to user {NOBODY}. Type: chown root")

    def test_a_user_without_a_key(self):
        shutil.rmtree(self.config / "assay")
        run = self.as_user("db", "install", self.signed(1, 1), code=2)
        self.assertRegex(run.err.decode(), "which is not trusted here: .* public key into .*/home/config/assay/keys/NAME.pub")

    def unsafe(self, path, *words):
        for mode in (0o775, 0o757):
            old = path.stat().st_mode & 0o7777
            path.chmod(mode)
            for verb in words:
                run = self.as_user(*verb, code=2)
                self.assertRegex(run.err.decode(),
                                 rf"{path} is not safe: others can write to it .*Type: chmod go-w")  # fmt: skip
            path.chmod(old)

    def test_a_store_that_others_can_write(self):
        bundle = self.signed(1, 1)
        self.as_user("db", "install", bundle, code=0)
        verbs = (["scan", self.file("x", b"x")], ["db", "install", bundle], ["db", "list"],
                 ["db", "show", "Needle_1"], ["db", "rollback", "1"], ["db", "diff", "1", "1"])  # fmt: skip
        self.unsafe(self.data / "assay", *verbs)
        self.unsafe(self.data / "assay/test", *verbs)
        self.assertEqual({"test": 1}, self.databases())

    def test_what_leads_to_it_or_is_in_it_and_others_can_write(self):
        bundle = self.signed(1, 1)
        self.as_user("db", "install", bundle, code=0)
        scan = ["scan", self.file("x", b"x")]
        self.unsafe(self.home, scan)
        self.unsafe(self.data, scan)
        self.unsafe(self.data / "assay/test/1", scan)

    def test_compiled_rules_that_others_can_write_are_not_loaded(self):
        self.as_user("db", "install", self.signed(1, 1), code=0)
        compiled = self.data / "assay/test/1/rules.bin"
        compiled.chmod(0o666)
        compiled.write_bytes(os.urandom(1000))
        run = self.as_user("scan", "-f", "jsonl", self.needle(1), code=1)
        self.assertEqual(["Needle_1"], self.found(run))

    def test_keys_that_others_can_write(self):
        bundle = self.signed(1, 1)
        keys = self.config / "assay/keys"
        for path in (keys, self.config / "assay", self.config):
            self.unsafe(path, ["db", "install", bundle], ["db", "verify", bundle])
        key = keys / "publisher.pub"
        key.chmod(0o666)
        run = self.as_user("db", "install", bundle, code=2)
        self.assertRegex(run.err.decode(), "publisher.pub is not safe: .*Type: chmod go-w '.*/publisher.pub'")
        key.chmod(0o644)
        os.chown(key, 1234, NOBODY)
        run = self.as_user("db", "install", bundle, code=2)
        self.assertRegex(run.err.decode(), "chown .*/publisher.pub")
        self.assertFalse((self.data / "assay").exists())

    def test_a_home_that_belongs_to_root(self):
        """As after `su` without a login: nothing of root's is written, and the words say where."""
        os.chown(self.home, 0, 0)
        os.chown(self.data, 0, 0)
        run = self.as_user("db", "install", self.signed(1, 1), code=2)
        self.assertIn(b"Permission denied", run.err)
        self.assertEqual([], list(self.data.iterdir()))

    def test_a_store_that_may_not_be_read(self):
        self.machine_install(self.signed(1, 1))
        self.machine.chmod(0o700)
        run = self.as_user("scan", self.file("x", b"x"), code=2)
        self.assertIn(b"Permission denied", run.err)
        self.assertIn(b"/var/lib/assay", run.err)


if __name__ == "__main__":
    harness.main()
