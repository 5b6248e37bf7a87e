"""What cannot be read, used or written is said, with its name, and is never a success."""

import itertools
import os
import re
import resource
import socket
import subprocess
import unittest

import harness
import live

# Whose processes are counted against limits: nobody else is this user, not even another test.
NOBODY = 65500


class BadInput(harness.Case):
    def setUp(self):
        super().setUp()
        self.clean = self.file("tree/clean", b"nothing")
        self.tree = self.directory / "tree"
        os.chmod(self.directory, 0o755)

    def unprivileged(self):
        """Options for a run by a user whom permissions and limits bind."""
        environment = harness.clean_environment(HOME="/nonexistent", TMPDIR="/tmp")
        environment.pop("XDG_CONFIG_HOME", None)
        options = {"env": environment}
        if os.getuid() == 0:
            options.update(user=NOBODY, group=NOBODY, extra_groups=[])
        return options

    def shell(self, script, *arguments, **options):
        command = ["sh", "-c", script, "sh", harness.ASSAY, *arguments]
        options.setdefault("env", harness.clean_environment())
        done = subprocess.run(command, capture_output=True, timeout=120, **options)
        return harness.Run(done)

    def paths(self, run, kind):
        return sorted(event["path"] for event in run.of_type(kind))


class Files(BadInput):
    def test_a_missing_root(self):
        missing = self.directory / "missing"
        run = harness.scan(missing, self.tree)
        self.assertEqual(run.code, 2, run)
        (error,) = run.of_type("error")
        self.assertEqual((error["path"], error["errno"]), (str(missing), "ENOENT"))
        self.assertEqual(run.summary["files"], 1, "the others are scanned")
        run = harness.assay("scan", missing, self.tree)
        self.assertIn(f"{missing}: error: ".encode(), run.out)
        self.assertNotIn(b"everything was looked at", run.out)

    def test_a_match_outweighs_a_missing_root(self):
        run = harness.scan(self.directory / "missing", self.file("tree/e", harness.eicar()))
        self.assertEqual(run.code, 1, run)

    def test_an_empty_path(self):
        run = harness.scan("", self.tree)
        self.assertEqual(run.code, 2, run)
        self.assertEqual(len(run.of_type("error")), 1)

    def test_what_may_not_be_read(self):
        locked = self.file("tree/locked", harness.eicar())
        directory = self.file("tree/directory/inside", harness.eicar()).parent
        locked.chmod(0)
        directory.chmod(0)
        run = harness.scan(self.tree, **self.unprivileged())
        self.assertEqual(run.code, 3, run)
        self.assertEqual(self.paths(run, "error"), sorted([str(locked), str(directory)]))
        self.assertEqual({event["errno"] for event in run.of_type("error")}, {"EACCES"})
        self.assertEqual(run.summary["errors"], 2)
        self.assertEqual(run.summary["files"], 1)
        run = harness.scan("--allow-incomplete", "unreadable", self.tree, **self.unprivileged())
        self.assertEqual(run.code, 0, run)
        run = harness.scan(locked, **self.unprivileged())
        self.assertEqual(run.code, 2, "a root that cannot be read")

    def test_what_is_no_file_is_counted_and_does_not_hang(self):
        os.mkfifo(self.tree / "fifo")
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(self.tree / "socket"))
            expected = {"fifo": 1, "socket": 1}
            if os.getuid() == 0:
                os.mknod(self.tree / "null", 0o020666, os.makedev(1, 3))
                os.mknod(self.tree / "disk", 0o060666, os.makedev(7, 250))
                expected["device"] = 2
            run = harness.scan(self.tree, timeout=30)
        self.assertEqual(run.code, 0, run)
        self.assertEqual(run.summary["skipped"], expected)
        for name in ["fifo", "socket"]:
            run = harness.scan(self.tree / name, timeout=30)
            self.assertEqual(run.code, 2, "nothing was scanned")

    def test_loops_of_symbolic_links(self):
        os.symlink("loop", self.tree / "loop")
        os.symlink("..", self.tree / "up")
        run = harness.scan(self.tree, timeout=30)
        self.assertEqual((run.code, run.summary["skipped"]), (0, {"symlink": 2}), run)
        run = harness.scan(self.tree / "loop", timeout=30)
        self.assertEqual(run.code, 2, run)
        self.assertEqual(run.of_type("error")[0]["errno"], "ELOOP")

    def test_a_directory_of_many_files_needs_little_memory(self):
        many = self.tree / "many"
        many.mkdir()
        count = 100_000 if harness.SANITIZED else 1_000_000
        for number in range(count):
            os.close(os.open(many / str(number), os.O_CREAT | os.O_WRONLY))
        (many / "99").write_bytes(harness.eicar())
        with live.Scan(self.tree) as scan:
            peaks = [0]

            def ended():
                if scan.process.poll() is not None:
                    return True
                try:
                    peaks.append(int(scan.supervisor.status["VmHWM"].split()[0]))
                except (OSError, KeyError):
                    pass
                return False

            live.wait_for("the end", ended, 240)
            run = scan.finished()
        self.assertEqual(run.code, 1, run)
        self.assertEqual(run.summary["files"], count + 1)
        self.assertEqual(run.summary["matches"], 1)
        self.assertGreater(max(peaks), 1000, "kB; it was looked at")
        if not harness.SANITIZED:
            self.assertLess(max(peaks), 40_000, "kB")

    def test_a_very_deep_tree_is_looked_at_to_its_bottom(self):
        here = os.open(self.tree, os.O_RDONLY | os.O_DIRECTORY)
        for _ in range(2000):
            os.mkdir("deep", dir_fd=here)
            there = os.open("deep", os.O_RDONLY | os.O_DIRECTORY, dir_fd=here)
            os.close(here)
            here = there
        with open(os.open("e.com", os.O_WRONLY | os.O_CREAT, dir_fd=here), "wb") as file:
            file.write(harness.eicar())
        os.close(here)
        run = harness.scan(self.tree)
        self.assertEqual(run.code, 1, run)
        self.assertEqual(
            self.paths(run, "match"), ["/".join([str(self.tree), *["deep"] * 2000, "e.com"])]
        )

    def test_a_tree_that_disappears_during_the_scan(self):
        for number in range(3000):
            self.file(f"tree/{number % 50}/{number}", b"x")
        with live.Scan("-j", "1", self.tree) as scan:
            live.wait_for("a worker", lambda: scan.workers or scan.process.poll() is not None)
            subprocess.run(["rm", "-rf", self.tree])
            run = scan.finished()
        summary = run.summary
        if summary["errors"]:
            self.assertIn(run.code, (2, 3), run)
        else:
            self.assertIn(run.code, (0, 3), run)
        self.assertEqual(summary["errors"], len(run.of_type("error")))


class Sparse(BadInput):
    def test_holes_buy_no_time(self):
        """The time a file may take grows with its size, but a size is easily claimed."""
        sparse = self.file("sparse")
        os.truncate(sparse, 1 << 40)
        run = harness.scan("--timeout", "1", sparse, self.clean, timeout=60)
        self.assertEqual(
            [(e["path"], e["reason"]) for e in run.of_type("incomplete")], [(str(sparse), "time")]
        )
        self.assertEqual((run.code, run.summary["files"]), (3, 2), run)


class Changing(BadInput):
    """A file that is mapped, not read, changes while a rule goes over it for seconds."""

    SIZE = 24 << 20

    def change(self, change):
        rules = self.file(
            "slow.yar",
            b"rule Slow { condition: filesize > 1000 and "
            b"for all i in (0..%d) : (uint8(i) == 0x61) and filesize == 0 }\n" % (self.SIZE - 1),
        )
        large = self.file("tree/large", b"a" * self.SIZE)
        with live.Scan("--all", "--rules", rules, "--timeout", "100", large, self.clean) as scan:
            scan.worker_at(large)
            self.assertIsNone(scan.process.poll(), "it is still at it")
            change(large)
            run = scan.finished()
        self.assertIn(str(self.clean), self.paths(run, "clean"), "others are not disturbed")
        self.assertEqual(run.summary["files"], 2)
        return large, run

    def check_changed(self, change, reason="changed"):
        large, run = self.change(change)
        self.assertEqual(run.code, 3, run)
        incomplete = [(event["path"], event["reason"]) for event in run.of_type("incomplete")]
        self.assertEqual(incomplete, [(str(large), reason)])

    def test_it_becomes_shorter(self):
        # AddressSanitizer takes the signal that tells why, and leaves a mere exit.
        reason = "crash" if harness.SANITIZED else "changed"
        self.check_changed(lambda path: os.truncate(path, 0), reason)

    def test_it_becomes_longer(self):
        def append(path):
            with open(path, "ab") as file:
                file.write(harness.eicar())

        self.check_changed(append)

    def test_it_is_overwritten(self):
        def overwrite(path):
            with open(path, "r+b") as file:
                file.write(harness.eicar())

        self.check_changed(overwrite)

    def test_it_is_unlinked(self):
        large, run = self.change(lambda path: path.unlink())
        self.assertEqual(run.code, 0, run)
        self.assertEqual(self.paths(run, "clean"), sorted([str(large), str(self.clean)]))

    def test_it_is_renamed_and_replaced(self):
        def replace(path):
            other = path.with_name("other")
            other.write_bytes(b"new")
            other.replace(path)

        large, run = self.change(replace)
        self.assertEqual(run.code, 0, run)


class Rules(BadInput):
    def refused(self, *rules, parts=(), code=2):
        options = [part for path in rules for part in ("--rules", path)]
        run = harness.scan(*options, self.tree, timeout=120)
        self.assertEqual(run.code, code, run)
        self.assertEqual(run.of_type("clean"), [])
        for part in parts:
            self.assertIn(str(part).encode(), run.err)
        return run

    def test_there_are_none(self):
        empty = self.directory / "empty"
        empty.mkdir()
        self.refused(empty, parts=[empty])
        self.refused(self.directory / "missing.yar", parts=["missing.yar", "No such file"])
        self.refused(self.file("other/notes.txt", b"no rules").parent, parts=["other"])

    def test_a_file_without_a_rule(self):
        self.refused(self.file("empty.yar", b"// nothing\n"))

    def test_an_error_is_named_by_file_line_and_rule(self):
        first = self.file("rules/a.yar", b"rule Good { condition: true }\n")
        second = self.file("rules/b.yar", b"\n\nrule Bad { condition: $missing }\n")
        third = self.file("rules/c.yar", b"\nrule Worse { strings: condition: }\n")
        run = self.refused(first.parent, parts=[f"{second}:3: ", f"{third}:2: ", "Bad", "missing"])
        self.assertNotIn(os.fsencode(first), run.err)

    def test_rules_that_crash_the_compiler(self):
        crash = b"rule Crash { condition: ((-9223372036854775807 - 1) \\ (-1)) == 0 }\n"
        good = self.file("rules/a.yar", b"rule Good { condition: true }\n")
        bad = self.file("rules/b.yar", crash)
        run = self.refused(good.parent, parts=[bad])
        self.assertNotIn(os.fsencode(good), run.err)

    def test_modules_that_are_not_allowed(self):
        for module in [b"magic", b"cuckoo", b"nonexistent"]:
            path = self.file("r.yar", b'import "%s"\nrule R { condition: true }\n' % module)
            self.refused(path, parts=[f"{path}:1", module.decode()])

    def test_modules_that_are(self):
        for module in [b"pe", b"elf", b"math", b"hash", b"dotnet", b"time"]:
            path = self.file("r.yar", b'import "%s"\nrule R { condition: false }\n' % module)
            run = harness.scan("--rules", path, self.tree)
            self.assertEqual(run.code, 0, run)

    def test_included_files_below_the_root(self):
        self.file("rules/below/inner.yar", b"rule Inner { condition: true }\n")
        outer = b'include "below/inner.yar"\nrule Outer { condition: Inner }\n'
        self.file("rules/outer.yar", outer)
        for operand in [self.directory / "rules", self.directory / "rules/outer.yar"]:
            run = harness.scan("--rules", operand, self.clean)
            rules = [match["rule"] for match in run.of_type("match")]
            self.assertEqual(sorted(rules), ["Inner", "Outer"], run)
            self.assertEqual(run.code, 1)

    def test_included_files_outside_the_root(self):
        self.file("outside.yar", b"rule Outside { condition: true }\n")
        os.makedirs(self.directory / "rules")
        os.symlink(self.directory / "outside.yar", self.directory / "rules/link.inc")
        for target in [
            "/etc/passwd",
            "../outside.yar",
            f"{self.directory}/outside.yar",
            "x/../../outside.yar",
            "link.inc",
            "/dev/stdin",
            "missing.yar",
            "",
        ]:
            with self.subTest(target):
                path = self.file(
                    "rules/r.yar", b'include "%s"\nrule R { condition: true }\n' % target.encode()
                )
                run = self.refused(path, parts=[f"{path}:1"])
                self.assertNotIn(b"root:", run.err, "nothing of it is shown")

    def test_files_that_include_each_other(self):
        first = self.file("rules/a.yar", b'include "b.yar"\nrule A { condition: true }\n')
        self.file("rules/b.yar", b'include "a.yar"\nrule B { condition: true }\n')
        self.refused(first)
        self.refused(first.parent)

    def test_a_file_that_is_no_text(self):
        run = self.refused(self.file("r.yar", bytes(range(256)) * 100), parts=["r.yar"])
        self.assertTrue(all(byte >= 0x20 or byte == 0x0A for byte in run.err), run.err)


class Memory(BadInput):
    @unittest.skipIf(harness.SANITIZED, "AddressSanitizer needs unlimited address space")
    def test_without_memory_it_never_says_clean(self):
        marked = self.file("tree/marked", harness.eicar())
        large = self.file("tree/large", b"x" * (20 << 20))
        codes = set()
        for megabytes in [2, 4, 6, 8, 10, 12, 16, 20, 24, 28, 32, 40, 48, 64, 96, 128, 256, 512]:
            limit = f"ulimit -v {megabytes * 1024}; "
            run = self.shell(limit + 'exec "$1" scan -f jsonl -j 1 "$2" "$3"', marked, large)
            with self.subTest(megabytes=megabytes):
                self.assertNotEqual(run.code, 0, run)
                self.assertTrue(run.err or run.code == 1 or run.code == 3, run)
                self.assertNotIn(b"rules do not compile", run.err, "it is not their fault")
                if run.code in (1, 3):
                    self.assertEqual(run.summary["files"], 2, run)
            codes.add(run.code)
        self.assertIn(1, codes, "enough at last")
        self.assertGreater(len(codes), 1, "too little at first")

    @unittest.skipUnless(os.getuid() == 0, "limits of processes are per user")
    def test_no_process_can_be_started(self):
        for limit in [0, 1, 2]:

            def set_limit():
                resource.setrlimit(resource.RLIMIT_NPROC, (limit, limit))

            options = self.unprivileged()
            # The leak checker wants a process of its own.
            sanitizer = options["env"].get("ASAN_OPTIONS", "")
            options["env"]["ASAN_OPTIONS"] = sanitizer + ":detect_leaks=0"
            run = harness.scan(self.tree, preexec_fn=set_limit, **options)
            self.assertEqual(run.code, 2, run)
            self.assertRegex(run.err, rb"assay: .*process")

    def test_few_file_descriptors(self):
        for number in range(100):
            self.file(f"tree/{number}/{number}", b"x")
        self.file("tree/e", harness.eicar())
        for limit, jobs in itertools.product([4, 6, 8, 10, 12, 16, 20, 32, 64], [1, 64]):
            command = f'ulimit -n {limit}; exec "$1" scan -f jsonl -j {jobs} "$2"'
            run = self.shell(command, self.tree)
            with self.subTest(limit=limit, jobs=jobs):
                self.assertIn(run.code, (1, 2, 3), run)
                if run.code == 1:
                    self.assertEqual(run.summary["matches"], 1)
                else:
                    self.assertTrue(run.err or run.of_type("error"), run)
                if limit >= 16:
                    self.assertEqual((run.code, run.summary["files"]), (1, 102), run)

    @unittest.skipUnless(os.getuid() == 0, "limits of processes are per user")
    @unittest.skipIf(harness.SANITIZED, "AddressSanitizer needs unlimited address space")
    def test_few_processes_do_what_many_would_have_done(self):
        for number in range(300):
            self.file(f"tree/{number}", b"x")
        self.file("tree/e", harness.eicar())
        for limit in [3, 5, 9]:

            def set_limit():
                resource.setrlimit(resource.RLIMIT_NPROC, (limit, limit))

            run = harness.scan("-j", "64", self.tree, preexec_fn=set_limit, **self.unprivileged())
            self.assertEqual((run.code, run.summary["files"]), (1, 302), run)

    def test_a_limit_of_file_sizes_is_an_error_in_words(self):
        report = self.directory / "report"
        limited = 'ulimit -f 0; exec "$1" scan -f jsonl '
        run = self.shell(limited + '--report "jsonl=$2" "$3"', report, self.tree)
        self.assertEqual(run.code, 2, run)
        self.assertRegex(run.err, rb"assay: a report is not complete: .*large")
        self.assertEqual([p for p in os.listdir(self.directory) if p.startswith(".assay")], [])
        run = self.shell('printf x | { ' + limited + '-; }')
        self.assertEqual(run.code, 2, run)
        self.assertIn("large", run.of_type("error")[0]["detail"])


class Reports(BadInput):
    def test_targets_that_cannot_be_written(self):
        for target, words in [
            ("/dev/full", "space"),
            (self.directory / "missing/report", "No such file"),
            (self.tree, "directory"),
            (self.clean / "report", "directory"),
        ]:
            with self.subTest(target):
                run = harness.scan("--report", f"jsonl={target}", self.tree)
                self.assertEqual(run.code, 2, run)
                self.assertIn(words.encode(), run.err)
                self.assertIn(os.fsencode(target), run.err)

    def test_a_directory_that_may_not_be_written(self):
        locked = self.directory / "locked"
        locked.mkdir(0o555)
        run = harness.scan("--report", f"text={locked}/r", self.tree, **self.unprivileged())
        self.assertEqual(run.code, 2, run)
        self.assertIn(b"Permission denied", run.err)
        self.assertEqual(os.listdir(locked), [])

    def test_an_older_report_survives_a_scan_that_fails(self):
        old = self.file("report", b"the older one")
        run = harness.scan("--report", f"jsonl={old}", "--rules", "/missing", self.tree)
        self.assertEqual(run.code, 2)
        left = old.read_bytes()
        self.assertTrue(left == b"the older one" or b'"summary"' in left, left)

    def test_a_full_disk_for_standard_output(self):
        for form in ["jsonl", "text"]:
            run = self.shell(f'"$1" scan -f {form} "$2" >/dev/full', self.tree)
            self.assertEqual(run.code, 2, run)
            self.assertIn(b"No space", run.err)

    def test_a_match_outweighs_a_report_that_fails(self):
        self.file("tree/e", harness.eicar())
        run = self.shell('"$1" scan "$2" >/dev/full', self.tree)
        self.assertIn(run.code, (1, 2), run)
        self.assertIn(b"No space", run.err)

    def test_a_closed_standard_output(self):
        run = self.shell('"$1" scan "$2" >&-', self.tree)
        self.assertEqual(run.code, 2, run)
        self.assertTrue(run.err)
        run = self.shell('"$1" scan -f none "$2" >&- 2>&- <&-', self.tree)
        self.assertEqual(run.code, 0, run)

    def test_a_closed_standard_error(self):
        run = self.shell('"$1" scan -f jsonl "$2" "$3" 2>&-', self.tree, self.directory / "missing")
        self.assertEqual(run.code, 2, run)
        self.assertEqual(run.summary["files"], 1)

    def test_a_reader_that_goes_away(self):
        for number in range(3000):
            self.file(f"tree/{number}", b"x")
        script = '{ "$1" scan --all -f jsonl "$2"; echo "code $?" >&2; } | head -c 10 >/dev/null'
        run = self.shell(script, self.tree)
        self.assertIn(b"code 2\n", run.err)
        self.assertRegex(run.err, rb"assay: .*Broken pipe")

    def test_a_format_that_does_not_exist(self):
        for report in ["nonsense=/tmp/x", "jsonl", "jsonl=", "=x", "none=/tmp/x"]:
            run = harness.scan("--report", report, self.tree)
            self.assertEqual(run.code, 2, report)
            self.assertTrue(run.err)


class Values(BadInput):
    # For each kind of argument that the help names: values that must be refused.
    NUMBERS = ["", "x", "-1", "1.5", "1x", "99999999999999999999999"]
    SIZES = ["", "x", "-1", "1X", "K", "0x10", "1e999", "nan", "inf", "99999999T"]
    BAD = {
        "N": NUMBERS,
        "SIZE": SIZES,
        "SECONDS": ["", "x", "-1", "0", "5y", "1e99", "nan"],
        "SEVERITY": ["", "x", "HIGH", "highest", "high,low"],
        "REASON,...": ["", "x", "time,", "time;memory"],
        "WHEN": ["", "x", "yes", "ALWAYS"],
        "FORMAT": ["", "x", "JSONL", "jsonl "],
        "FORMAT=FILE": ["", "x", "jsonl", "=", "x=y"],
        "TIME": ["", "x", "yesterday", "2026-13-45", "@-1", "@x", "5", "-5h", "9999999999d"],
        "I/N": ["", "x", "1", "0/3", "4/3", "1/0", "-1/3", "1/3/5", "1/", "/3", "1/99999999999999"],
        "FILE|DIR": ["", "/nonexistent"],
        "DIR|FILE": ["", "/nonexistent"],
        "DIR": [],  # of keys: one that is not there has none
        "DAYS": NUMBERS,
        "FILE": ["", "/nonexistent"],
        "GLOB": [""],
    }

    def options(self):
        text = harness.assay("scan", "--help").out.decode()
        option = r"^  (?:-\w, |    )--([a-z-]+)(?: (\S+))?(?: {2,}|\n)"
        found = re.findall(option, text, re.MULTILINE)
        self.assertEqual(len(found), len(re.findall(r"^ +.*?--[a-z-]+", text, re.MULTILINE)), text)
        return dict(found)

    def test_every_option_refuses_bad_values(self):
        for name, kind in self.options().items():
            for value in self.BAD[kind] if kind else []:
                with self.subTest(option=name, value=value):
                    run = harness.scan(f"--{name}={value}", self.tree)
                    self.assertEqual((run.code, run.of_type("clean")), (2, []), run)
                    self.assertTrue(run.err.startswith(b"assay: "), run)
                    self.assertEqual(run.err.count(b"\n"), 1, run)

    def test_options_with_a_value_need_one(self):
        for name, kind in self.options().items():
            arguments = [f"--{name}"] if kind else [f"--{name}=yes"]
            run = harness.assay("scan", self.tree, *arguments)
            self.assertEqual((run.code, run.out), (2, b""), name)
            self.assertIn(name.encode(), run.err)

    def test_unknown_options(self):
        for wrong in ["--nonsense", "-Z", "--no-such=1"]:
            run = harness.assay("scan", wrong, self.tree)
            self.assertEqual((run.code, run.out), (2, b""), run)
            self.assertIn(b"--help", run.err)

    def test_unknown_verbs(self):
        for arguments in [[], ["nonsense"], [str(self.tree)]]:
            run = harness.assay(*arguments)
            self.assertEqual((run.code, run.out), (2, b""), run)
            self.assertIn(b"assay", run.err)


if __name__ == "__main__":
    harness.main()
