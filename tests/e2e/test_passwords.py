"""Passwords of the user's list open encrypted members, and appear nowhere."""

import os
import subprocess
import zipfile

import harness

SECRET = "a s3cret"


class Passwords(harness.Case):
    def setUp(self):
        super().setUp()
        self.need("7z", "zip")
        self.rules = self.file("r.yar", b'rule R { strings: $a = "payload" condition: $a at 0 }\n')
        self.file("in/inner", b"payload of a test")

    def archive(self, name, password, *options):
        """A zip file that 7z encrypted."""
        path = self.directory / name
        subprocess.run(
            ["7z", "a", "-bd", "-bso0", "-tzip", f"-p{password}", *options, path, "in/inner"],
            cwd=self.directory,
            check=True,
        )
        return path

    def scan(self, *arguments, **options):
        return harness.scan("--rules", self.rules, *arguments, **options)

    def check_open(self, run):
        self.assertEqual(run.code, 1, run)
        self.assertEqual(run.of_type("incomplete"), [], run)
        for secret in (SECRET, "infected"):
            self.assertNotIn(secret.encode(), run.out + run.err)

    def check_locked(self, run):
        self.assertEqual(run.code, 3, run)
        (event,) = run.of_type("incomplete")
        self.assertEqual(event["reason"], "encrypted")
        self.assertIn("--password-file", event["detail"])

    def test_members_without_the_password_say_what_to_do(self):
        for options in ((), ("-mem=AES256",)):
            self.check_locked(self.scan(self.archive(f"{len(options)}.zip", SECRET, *options)))

    def test_the_list_opens_them(self):
        both = [self.archive("z.zip", SECRET), self.archive("a.zip", SECRET, "-mem=AES128")]
        infected = self.archive("i.zip", "infected")
        for text in (
            f"{SECRET}\n",
            SECRET,
            f"wrong\r\n\r\n{SECRET}\r\nwrong too\r\n",
            f"\n\n{SECRET}\n\n",
        ):
            run = self.scan("--password-file", self.file("list", text.encode()), *both, infected)
            self.check_open(run)
            self.assertEqual(len(run.of_type("match")), 3, run)
            options = run.events[0]["options"]
            self.assertEqual(options["password-file"], str(self.directory / "list"))
        listed = self.file("list", SECRET.encode() + b" \n" + SECRET.encode() + b"\r\r\n")
        self.check_locked(self.scan("--password-file", listed, both[0]))

    def test_passwords_are_any_bytes(self):
        secret = b"\xff\x80\r\x1b\xe2\x80\xae"
        path = self.directory / "z.zip"
        subprocess.run(
            [b"zip", b"-q", b"-P", secret, os.fsencode(path), b"in/inner"],
            cwd=self.directory,
            check=True,
        )
        listed = self.file("list", bytes(range(256)) + b"\r\n" + secret + b"\n")
        run = self.scan("--password-file", listed, path)
        self.check_open(run)

    def test_the_environment_and_a_pipe_may_name_it(self):
        path = self.archive("z.zip", SECRET)
        listed = self.file("list", SECRET.encode())
        self.check_open(
            self.scan(path, env=harness.clean_environment(ASSAY_PASSWORD_FILE=str(listed)))
        )
        config = self.file("c.ini", f"[scan]\npassword-file = {listed}\n".encode())
        self.check_open(self.scan("--config", config, path))
        run = self.scan("--password-file", "/dev/stdin", path, input=SECRET.encode())
        self.check_open(run)

    def test_empty_lists_are_lists(self):
        path = self.archive("z.zip", SECRET)
        for text in (b"", b"\n\r\n\n"):
            self.check_locked(self.scan("--password-file", self.file("list", text), path))

    def check_refused(self, listed, *parts):
        run = self.scan("--password-file", listed, self.rules)
        self.assertEqual(run.code, 2, run)
        for part in parts:
            self.assertIn(part.encode(), run.err)

    def test_lists_that_cannot_be_used_are_named(self):
        self.check_refused(self.directory / "missing", "missing", "No such file")
        self.check_refused(self.directory, "directory")
        self.check_refused(self.file("long", b"x" * (1 << 20) + b"\n"), "long", "1 MiB")
        self.check_refused(self.file("many", b"x\n" * 10001), "many", "10000")
        self.check_refused("/dev/zero", "/dev/zero", "1 MiB")

    def test_the_largest_lists_are_used(self):
        path = self.archive("z.zip", SECRET)
        listed = self.file("list", b"wrong\n" * 9999 + SECRET.encode())
        self.check_open(self.scan("--password-file", listed, path))
        wrong = b"x" * ((1 << 20) - len(SECRET) - 1)
        listed = self.file("list", wrong + b"\n" + SECRET.encode())
        self.check_open(self.scan("--password-file", listed, path))

    def test_an_archive_can_not_cost_any_time(self):
        """Each member has a salt of its own, so each makes all of the list new work."""
        path = self.archive("a.zip", SECRET, "-mem=AES256")
        content = path.read_bytes()
        with zipfile.ZipFile(path) as archive:
            member = content[: archive.start_dir]
        many = self.file("many.zip", member * 3000)
        listed = self.file("list", b"".join(b"%d\n" % n for n in range(100)))
        run = self.scan("--password-file", listed, many, timeout=300)
        self.assertEqual(run.code, 3, run)
        details = {event["detail"] for event in run.of_type("incomplete")}
        self.assertTrue(any("not every password" in detail for detail in details), details)
        self.assertEqual(len(run.of_type("crash")), 0)
        self.assertEqual(run.summary["by_reason"]["encrypted"], 3000)

    def test_with_and_without_a_sandbox(self):
        path = self.archive("a.zip", SECRET, "-mem=AES192")
        listed = self.file("list", SECRET.encode())
        for option in ("--no-sandbox", "--require-sandbox"):
            if option == "--require-sandbox" and harness.SANITIZED:
                continue
            self.check_open(self.scan(option, "--password-file", listed, path))


if __name__ == "__main__":
    harness.main()
