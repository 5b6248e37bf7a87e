"""Where a setting may come from, and which of several counts."""

import os
import subprocess

import harness


class Settings(harness.Case):
    """Told apart by --fail-on: a match of medium severity is exit 1 up to medium, else exit 0."""

    def setUp(self):
        super().setUp()
        rule = b'rule R { meta: severity = "medium" condition: true }\n'
        self.rules = self.file("r.yar", rule)
        self.target = self.file("tree/target", b"content")

    def effective(self, *arguments, config=None, cwd=None, **environment):
        """The last value of fail-on that the start event shows, and whether it was obeyed."""
        environment.setdefault("XDG_CONFIG_HOME", str(self.directory / "xdg"))
        changes = {name: str(value) for name, value in environment.items()}
        options = ["--config", config] if config else []
        run = harness.scan(
            *options,
            "--rules",
            self.rules,
            *arguments,
            self.target,
            env=harness.clean_environment(**changes),
            cwd=cwd,
        )
        self.assertIn(run.code, (0, 1), run)
        shown = run.events[0]["options"]
        values = [value for name, value in shown.items() if name.partition("#")[0] == "fail-on"]
        level = values[-1] if values else "low"
        self.assertEqual(run.code, 1 if level in ("info", "low", "medium") else 0, run)
        return values[-1] if values else None

    def xdg(self, text):
        return self.file("xdg/assay/config.ini", text)

    def test_nothing_is_set(self):
        self.assertIsNone(self.effective())

    def test_an_option(self):
        self.assertEqual(self.effective("--fail-on", "high"), "high")

    def test_the_last_of_two_options(self):
        self.assertEqual(self.effective("--fail-on", "high", "--fail-on=info"), "info")

    def test_precedence(self):
        self.xdg(b"[scan]\nfail-on = critical\n")
        self.assertEqual(self.effective(), "critical")
        config = self.file("my.ini", b"[scan]\nfail-on = high\n")
        self.assertEqual(self.effective(config=config), "high")
        self.assertEqual(self.effective(config=config, ASSAY_FAIL_ON="info"), "info")
        self.assertEqual(
            self.effective("--fail-on", "medium", config=config, ASSAY_FAIL_ON="info"), "medium"
        )
        self.assertEqual(self.effective(ASSAY_CONFIG=config), "high")

    def test_the_home_directory(self):
        self.file("home/.config/assay/config.ini", b"[scan]\nfail-on = critical\n")
        home = self.directory / "home"
        self.assertEqual(self.effective(XDG_CONFIG_HOME="", HOME=home), "critical")
        self.assertIsNone(self.effective(HOME=home), "XDG_CONFIG_HOME is elsewhere")

    def test_flags_can_be_switched_off_again(self):
        config = self.file("my.ini", b"[scan]\nall = yes\nquiet = no\n")
        run = harness.scan("--config", config, self.target)
        self.assertEqual(len(run.of_type("clean")), 1)
        off = harness.clean_environment(ASSAY_ALL="no")
        run = harness.scan("--config", config, self.target, env=off)
        self.assertEqual(run.of_type("clean"), [])

    def test_other_sections_are_for_others(self):
        self.xdg(b"[other]\nwhatever = 1\n[scan]\nfail-on = high\n")
        self.assertEqual(self.effective(), "high")

    def test_a_config_file_in_the_scanned_tree_is_ignored(self):
        text = b"[scan]\nfail-on = critical\nnonsense = 1\n"
        for name in [
            "config.ini",
            "assay/config.ini",
            ".config/assay/config.ini",
            ".assay",
            "assay.ini",
            ".assayignore",
            ".gitignore",
            ".ignore",
        ]:
            self.file(f"tree/{name}", text)
        self.assertIsNone(self.effective(cwd=self.directory / "tree"))
        run = harness.scan("--rules", self.rules, ".", cwd=self.directory / "tree")
        self.assertEqual(run.summary["files"], 9, "they are files as any other")
        self.assertEqual(run.code, 1)

    def test_ignore_files_in_the_scanned_tree_are_ignored(self):
        self.file("tree/.gitignore", b"*\n")
        run = harness.scan("--rules", self.rules, self.directory / "tree")
        self.assertIn(str(self.target), [event["path"] for event in run.of_type("match")])

    def test_what_to_scan_is_said_on_the_command_line_only(self):
        listed = self.file("list", os.fsencode(self.target))
        run = harness.scan(env=harness.clean_environment(ASSAY_FILES_FROM=str(listed)))
        self.assertEqual(run.code, 2, run)

    def check_refused(self, *parts, **options):
        run = harness.scan(*options.pop("arguments", []), self.target, **options)
        self.assertEqual((run.code, run.out), (2, b""), run)
        for part in parts:
            self.assertIn(str(part).encode(), run.err)

    def test_bad_config_files_are_named(self):
        for text, part in [
            (b"[scan]\nnonsense = 1\n", "nonsense"),
            (b"[scan]\nfail-on = very\n", "very"),
            (b"[scan]\nall = perhaps\n", "perhaps"),
            (b"[scan]\nthis is no setting\n", ":2:"),
            (b"[scan]\nshard = 1/2\n", "shard"),
            (b"\x00\xff\xfe", ":1:"),
            (b"[scan\nfail-on = high\n", ":1:"),
            (b"[scan]\nfail-on = high\0\n", ":2:"),
            (b"[scan]\nreport = jsonl=" + b"x" * 300 + b"\n", ":2:"),
            (b"[scan]\nnonsense = 1\nall = yes\n", ":2: 'nonsense'"),
        ]:
            with self.subTest(text):
                path = self.file("my.ini", text)
                self.check_refused(path, part, arguments=["--config", path])
                environment = harness.clean_environment(ASSAY_CONFIG=str(path))
                self.check_refused(path, part, env=environment)

    def test_a_bad_file_of_the_user_is_named_too(self):
        path = self.xdg(b"[scan]\n\nnonsense = 1\n")
        environment = harness.clean_environment(XDG_CONFIG_HOME=str(self.directory / "xdg"))
        self.check_refused(path, "nonsense", env=environment)

    def test_bad_values_name_the_line(self):
        path = self.file("my.ini", b"# comment\n[scan]\nall = yes\nfail-on = very\n")
        self.check_refused(f"{path}:4", "very", arguments=["--config", path])
        path = self.file("my.ini", b"# comment\n[scan]\nnonsense = yes\n")
        self.check_refused(f"{path}:3", "nonsense", arguments=["--config", path])

    def test_a_config_file_that_was_named_must_be_there(self):
        missing = self.directory / "missing.ini"
        self.check_refused(missing, arguments=["--config", missing])

    def test_a_bad_variable_is_named(self):
        environment = harness.clean_environment(ASSAY_MAX_DEPTH="-1")
        self.check_refused("environment", "max-depth", env=environment)


class Color(harness.Case):
    def setUp(self):
        super().setUp()
        self.eicar = self.file("eicar", harness.eicar())

    def colored(self, *arguments, **environment):
        environment = self.environment(**environment)
        return b"\x1b[" in harness.assay("scan", *arguments, self.eicar, env=environment).out

    def environment(self, **changes):
        environment = harness.clean_environment(TERM="xterm")
        environment.pop("NO_COLOR", None)
        return {**environment, **changes}

    def test_a_pipe_gets_none(self):
        self.assertFalse(self.colored())

    def test_unless_it_is_wanted(self):
        self.assertTrue(self.colored("--color", "always"))
        self.assertTrue(self.colored("--color", "always", NO_COLOR="1"), "an option counts more")
        self.assertTrue(self.colored(ASSAY_COLOR="always"))

    def test_on_a_terminal(self):
        for arguments, environment, expected in [
            ([], {}, True),
            ([], {"NO_COLOR": "1"}, False),
            (["--color", "never"], {}, False),
        ]:
            with self.subTest(arguments=arguments, environment=environment):
                shown = self.on_terminal(*arguments, **environment)
                self.assertIn(b"EICAR_Test_File", shown)
                self.assertEqual(b"\x1b[3" in shown or b"\x1b[1;3" in shown, expected, shown)

    def on_terminal(self, *arguments, **environment):
        terminal, inner = os.openpty()
        try:
            subprocess.run(
                [harness.ASSAY, "scan", "--progress=never", *arguments, self.eicar],
                stdin=inner,
                stdout=inner,
                stderr=inner,
                env=self.environment(**environment),
                timeout=60,
            )
            return os.read(terminal, 65536)
        finally:
            os.close(inner)
            os.close(terminal)


if __name__ == "__main__":
    harness.main()
