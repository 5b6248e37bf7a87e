"""assay scan as people use it: what it looks at, what it finds, and what its exit code says."""

import hashlib
import json
import os
import subprocess
import tarfile
import time
import zipfile

import harness
import live


class Scan(harness.Case):
    def setUp(self):
        super().setUp()
        self.clean = self.file("tree/clean.txt", b"nothing to see")
        self.eicar = self.file("tree/sub/eicar.com", harness.eicar())
        self.tree = self.directory / "tree"
        self.need("7z")

    def encrypted(self):
        """A zip whose only member is encrypted, with a password that nobody guesses."""
        path = self.directory / "locked.zip"
        secret = self.file("secret.txt", b"unknowable")
        subprocess.run(
            ["7z", "a", "-tzip", "-pLongAndUnguessable", path, secret],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        secret.unlink()
        return path

    def paths(self, run, kind="match"):
        return {os.path.relpath(event["path"], self.directory) for event in run.of_type(kind)}


class Verdicts(Scan):
    def test_clean(self):
        run = harness.scan(self.clean)
        self.assertEqual(run.code, 0, run)
        self.assertEqual([event["type"] for event in run.events], ["start", "summary"])
        self.assertEqual(run.summary["files"], 1)
        self.assertEqual(run.summary["objects"], 1)
        self.assertEqual(run.summary["bytes"], 14)
        self.assertEqual(run.err, b"")

    def test_match(self):
        run = harness.scan(self.tree)
        self.assertEqual(run.code, 1, run)
        (match,) = run.of_type("match")
        self.assertEqual(match["path"], str(self.eicar))
        self.assertEqual(match["object"], str(self.eicar))
        self.assertEqual(match["members"], [])
        self.assertEqual(match["rule"], "EICAR_Test_File")
        self.assertEqual(match["size"], len(harness.eicar()))
        self.assertEqual(match["sha256"], hashlib.sha256(harness.eicar()).hexdigest())
        (string, *_) = match["strings"]
        found = harness.eicar()[string["offset"] :][: string["length"]]
        self.assertEqual(bytes.fromhex(string["data"]), found[:64])
        self.assertEqual(run.summary["matches"], 1)
        self.assertEqual(run.summary["by_severity"][match["severity"]], 1)
        self.assertEqual((run.summary["files"], run.summary["exit"]), (2, 1))

    def test_incomplete(self):
        run = harness.scan(self.encrypted())
        self.assertEqual(run.code, 3, run)
        (incomplete,) = run.of_type("incomplete")
        self.assertEqual(incomplete["reason"], "encrypted")
        self.assertEqual(incomplete["members"], ["secret.txt"])
        self.assertEqual(run.summary["by_reason"], {"encrypted": 1})

    def test_nothing_scanned(self):
        (self.directory / "empty").mkdir()
        run = harness.scan(self.directory / "empty")
        self.assertEqual(run.code, 2, run)
        self.assertIn(b"nothing was scanned", run.err)

    def test_nothing_named(self):
        run = harness.assay("scan")
        self.assertEqual((run.code, run.out), (2, b""))
        self.assertIn(b"assay scan PATH", run.err)

    def test_a_match_outweighs_everything_else(self):
        run = harness.scan(self.directory / "missing", self.encrypted(), self.eicar)
        self.assertEqual(run.code, 1, run)
        self.assertEqual(self.paths(run, "error"), {"missing"})
        self.assertEqual(self.paths(run, "incomplete"), {"locked.zip"})

    def test_the_empty_file_is_clean(self):
        self.assertEqual(harness.scan(self.file("empty")).code, 0)


class Roots(Scan):
    def test_several_roots(self):
        other = self.file("other/eicar2.com", harness.eicar())
        run = harness.scan(self.tree, other.parent)
        self.assertEqual(self.paths(run), {"tree/sub/eicar.com", "other/eicar2.com"})
        self.assertEqual(run.summary["files"], 3)

    def test_a_relative_root_stays_relative(self):
        run = harness.scan("tree", "-f", "jsonl", cwd=self.directory)
        self.assertEqual([e["path"] for e in run.of_type("match")], ["tree/sub/eicar.com"])

    def test_a_root_that_looks_like_an_option(self):
        self.file("-rf", harness.eicar())
        run = harness.scan("--", "-rf", cwd=self.directory)
        self.assertEqual([e["path"] for e in run.of_type("match")], ["-rf"])

    def test_symbolic_links_are_not_followed(self):
        os.symlink(self.eicar, self.tree / "link")
        os.symlink(self.tree / "sub", self.tree / "directory-link")
        os.symlink("/nowhere", self.tree / "dangling")
        run = harness.scan(self.tree)
        self.assertEqual(self.paths(run), {"tree/sub/eicar.com"})
        self.assertEqual(run.summary["skipped"], {"symlink": 3})

    def test_hard_links_are_scanned_once(self):
        for name in ["a", "b"]:
            os.link(self.eicar, self.tree / name)
        run = harness.scan(self.tree)
        self.assertEqual(len(run.of_type("match")), 1, run)
        self.assertEqual(run.summary["skipped"], {"hardlink": 2})
        self.assertEqual(run.summary["files"], 2)


class StandardInput(Scan):
    def test_a_pipe(self):
        run = harness.scan("-", input=harness.eicar())
        self.assertEqual(run.code, 1, run)
        self.assertEqual([e["path"] for e in run.of_type("match")], ["-"])

    def test_a_clean_pipe(self):
        run = harness.scan("-", input=b"nothing" * 100_000)
        self.assertEqual((run.code, run.summary["bytes"]), (0, 700_000), run)

    def test_an_empty_pipe(self):
        run = harness.scan("-", input=b"")
        self.assertEqual((run.code, run.summary["files"]), (0, 1), run)

    def test_a_file(self):
        with open(self.eicar, "rb") as stdin:
            run = harness.scan("-", stdin=stdin)
        self.assertEqual(run.code, 1, run)

    def test_what_others_have_read_of_a_file_is_not_scanned(self):
        path = self.file("behind", b"x" * 100 + harness.eicar()[:40] + b"cut")
        with open(path, "rb") as stdin:
            os.lseek(stdin.fileno(), 100, os.SEEK_SET)
            run = harness.scan("-", "--all", stdin=stdin)
        self.assertEqual(run.summary["bytes"], 43, run)

    def test_an_archive(self):
        path = self.directory / "a.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("e.com", harness.eicar())
        run = harness.scan("-", input=path.read_bytes())
        (match,) = run.of_type("match")
        self.assertEqual((match["path"], match["members"]), ("-", ["e.com"]))

    def test_it_may_be_one_of_several(self):
        run = harness.scan(self.clean, "-", self.tree, input=harness.eicar())
        self.assertEqual({e["path"] for e in run.of_type("match")}, {"-", str(self.eicar)})

    def test_a_pipe_that_is_too_large(self):
        run = harness.scan("--max-filesize", "1M", "-", input=b"x" * (1 << 20) + b"x")
        self.assertEqual(run.code, 3, run)
        (incomplete,) = run.of_type("incomplete")
        self.assertEqual((incomplete["path"], incomplete["reason"]), ("-", "file-size"))
        self.assertEqual(harness.scan("--max-filesize", "1M", "-", input=b"x" * (1 << 20)).code, 0)

    def test_a_closed_standard_input(self):
        command = ["sh", "-c", 'exec "$0" scan -f jsonl - <&-', harness.ASSAY]
        done = subprocess.run(command, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 2, done)

    def test_a_file_named_like_it(self):
        self.file("-", harness.eicar())
        run = harness.scan("./-", cwd=self.directory)
        self.assertEqual(run.code, 1, run)


class Containers(Scan):
    def nested(self):
        """eicar.com in a zip in a .tar.gz in a .7z"""
        inner = self.directory / "inner.zip"
        with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("readme.txt", "nothing")
            archive.writestr("dir/eicar.com", harness.eicar())
        middle = self.directory / "middle.tar.gz"
        with tarfile.open(middle, "w:gz") as archive:
            archive.add(inner, "a/inner.zip")
        outer = self.directory / "outer.7z"
        subprocess.run(["7z", "a", outer, middle], check=True, stdout=subprocess.DEVNULL)
        return outer

    def test_all_steps_are_named(self):
        outer = self.nested()
        run = harness.scan(outer)
        self.assertEqual(run.code, 1, run)
        (match,) = run.of_type("match")
        steps = ["middle.tar.gz", "<gz>", "a/inner.zip", "dir/eicar.com"]
        self.assertEqual(match["path"], str(outer))
        self.assertEqual(match["members"], steps)
        self.assertEqual(match["object"], "!/".join([str(outer), *steps]))
        self.assertEqual(match["sha256"], hashlib.sha256(harness.eicar()).hexdigest())
        self.assertEqual(run.summary["files"], 1)
        self.assertEqual(run.summary["objects"], 6)

    def test_and_for_people(self):
        outer = self.nested()
        run = harness.assay("scan", outer)
        line = f"{outer}!/middle.tar.gz!/<gz>!/a/inner.zip!/dir/eicar.com: EICAR_Test_File ("
        self.assertEqual(len([x for x in run.out.decode().splitlines() if x.startswith(line)]), 1)

    def test_a_depth_that_is_not_reached(self):
        run = harness.scan("--max-depth", "2", self.nested())
        self.assertEqual(run.code, 3, run)
        (incomplete,) = run.of_type("incomplete")
        self.assertEqual(incomplete["reason"], "depth")

    def test_clean_members_are_reported_when_asked_for(self):
        run = harness.scan("--all", self.nested())
        clean = [event["members"][-1:] for event in run.of_type("clean")]
        self.assertIn(["readme.txt"], clean)
        self.assertNotIn(["dir/eicar.com"], clean)


class Options(Scan):
    def test_fail_on(self):
        rules = self.file(
            "rules.yar",
            b'rule Low { meta: severity = "low" strings: $a = "nothing" condition: $a }\n'
            b'rule Info { meta: severity = "info" strings: $a = "see" condition: $a }\n',
        )
        for level, code in [("info", 1), ("low", 1), ("medium", 0), ("critical", 0)]:
            run = harness.scan("--rules", rules, "--fail-on", level, self.clean)
            self.assertEqual(run.code, code, level)
            self.assertEqual(len(run.of_type("match")), 2, "both are reported anyway")
        info = self.file("info.yar", b'rule I { meta: severity = "info" condition: true }')
        self.assertEqual(harness.scan("--rules", info, self.clean).code, 0, "the default is low")

    def test_allow_incomplete(self):
        locked = self.encrypted()
        for allowed, code in [("encrypted", 0), ("time,encrypted", 0), ("all", 0), ("time", 3)]:
            run = harness.scan("--allow-incomplete", allowed, locked)
            self.assertEqual(run.code, code, allowed)
            self.assertEqual(len(run.of_type("incomplete")), 1, "it is reported anyway")

    def test_reasons_that_do_not_exist_cannot_be_allowed(self):
        for wrong in ["encryption", "", "time,", ",time", "time,nonsense", "ALL"]:
            run = harness.scan("--allow-incomplete", wrong, self.clean)
            self.assertEqual((run.code, run.out), (2, b""), wrong)
            self.assertIn(b"--allow-incomplete", run.err)

    def test_allowing_does_not_hide_a_match(self):
        run = harness.scan("--allow-incomplete", "all", self.encrypted(), self.eicar)
        self.assertEqual(run.code, 1)

    def test_all(self):
        run = harness.scan("--all", self.tree)
        self.assertEqual(self.paths(run, "clean"), {"tree/clean.txt"})
        self.assertEqual(self.paths(run), {"tree/sub/eicar.com"})

    def test_quiet(self):
        run = harness.assay("scan", "-q", self.tree)
        self.assertEqual(run.code, 1)
        expected = rb"^%s: EICAR_Test_File \(\w+\)\n$" % os.fsencode(self.eicar)
        self.assertRegex(run.out, expected)
        self.assertEqual(harness.assay("scan", "-q", self.clean).out, b"")

    def test_verbose(self):
        os.symlink("/", self.tree / "link")
        run = harness.assay("scan", "-v", self.tree)
        self.assertIn(os.fsencode(self.tree / "link") + b": skipped: symlink\n", run.out)
        self.assertRegex(run.out, rb"(?m)^Database builtin .* \(")
        self.assertRegex(run.out, rb"(?m)^Sandbox: ")

    def test_text_says_what_was_done(self):
        run = harness.assay("scan", self.tree)
        self.assertRegex(run.out, rb"(?m)^Looked at 2 files \(2 objects, ")
        self.assertTrue(run.out.endswith(b"\nMatches were found.\n"), run)
        run = harness.assay("scan", self.clean)
        self.assertTrue(run.out.endswith(b"everything was looked at.\n"), run)

    def test_no_report(self):
        run = harness.assay("scan", "-f", "none", self.tree)
        self.assertEqual((run.code, run.out, run.err), (1, b"", b""))

    def test_further_reports(self):
        first, second = self.directory / "one.jsonl", self.directory / "two.txt"
        second.write_text("an older report, which goes")
        run = harness.scan("--report", f"jsonl={first}", "--report", f"text={second}", self.tree)
        self.assertEqual(run.code, 1, run)
        self.assertEqual(first.read_bytes(), run.out)
        self.assertIn(b": EICAR_Test_File (", second.read_bytes())
        self.assertNotIn(b"older", second.read_bytes())
        left = {path.name for path in self.directory.iterdir()}
        self.assertEqual(left, {"tree", "one.jsonl", "two.txt"}, "no temporary file")

    def test_a_name_with_an_equals_sign_for_a_report(self):
        target = self.directory / "a=b"
        harness.scan("--report", f"jsonl={target}", self.clean)
        self.assertTrue(target.exists())

    def test_two_reports_cannot_share_a_file(self):
        report = f"jsonl={self.directory}/one"
        run = harness.scan("--report", report, "--report", report, self.clean)
        self.assertEqual(run.code, 2, run)
        self.assertIn(b"two reports", run.err)

    def test_two_reports_cannot_share_a_file_by_two_names(self):
        one = f"jsonl={self.directory}/one"
        other = f"text={self.directory}/../{self.directory.name}/one"
        run = harness.scan("--report", one, "--report", other, self.clean)
        self.assertEqual(run.code, 2, run)
        self.assertIn(b"two reports", run.err)

    def test_a_report_that_cannot_be_is_refused_before_the_scan(self):
        run = harness.scan("--report", f"jsonl={self.directory}/{'a' * 300}", self.clean)
        self.assertEqual((run.code, run.summary["files"]), (2, 0), run)
        self.assertIn(b"File name too long", run.err)

    def test_help_that_cannot_be_written_is_an_error(self):
        for words in [["help"], ["scan", "--help"], ["version"], ["doctor"]]:
            with open("/dev/full", "w") as full:
                command = [harness.ASSAY, *words]
                run = subprocess.run(command, stdout=full, stderr=subprocess.PIPE)
            self.assertEqual(run.returncode, 2, words)
            self.assertIn(b"cannot be written: No space left", run.stderr, words)

    def test_one_worker_or_four_find_the_same(self):
        for number in range(100):
            content = harness.eicar() if number % 7 == 0 else b"%d" % number
            self.file(f"tree/many/{number}", content)
        one, four = (
            harness.scan("-j", jobs, "--all", self.tree, self.encrypted()) for jobs in ["1", "4"]
        )

        def told(run):
            keys = ["type", "object", "rule", "reason", "sha256"]
            return sorted(str([event.get(key) for key in keys]) for event in run.events)

        self.assertEqual(told(one), told(four))
        self.assertEqual(one.summary["matches"], 1 + 15)
        for key in ["files", "objects", "bytes", "matches", "by_reason", "exit"]:
            self.assertEqual(one.summary[key], four.summary[key], key)

    def test_nice(self):
        self.assertEqual(harness.scan("--nice", self.tree).code, 1)

    def test_rules_are_used_alone(self):
        run = harness.scan("--rules", self.file("r.yar", live.MARK_RULE), self.tree)
        self.assertEqual(run.code, 0, run)
        (database,) = run.events[0]["db"]
        self.assertEqual(database["trust"], "unsigned")
        run = harness.assay("scan", "--rules", self.directory / "r.yar", self.tree)
        self.assertIn(b"Unsigned rules were used: ", run.out)

    def test_several_rules_of_one_name(self):
        for folder in ["a", "b"]:
            self.file(f"rules/{folder}/mark.yar", live.MARK_RULE)
        marked = self.file("marked", live.MARK)
        run = harness.scan("--rules", self.directory / "rules", marked)
        matches = run.of_type("match")
        self.assertEqual([m["rule"] for m in matches], ["Marked", "Marked"], run)
        self.assertEqual(len({m["namespace"] for m in matches}), 2)

    def test_help_and_version_answer(self):
        for arguments in [["scan", "--help"], ["version"], ["--help"]]:
            run = harness.assay(*arguments)
            self.assertEqual((run.code, run.err), (0, b""), arguments)
            self.assertTrue(run.out)


class OwnReports(Scan):
    def test_reports_of_this_scan_are_not_scanned(self):
        """They grow while they are written, and would never be found unchanged."""
        here = self.directory / "own"
        self.file("own/file", b"nothing")
        with open(here / "redirected", "wb") as redirected:
            code = subprocess.call(
                [harness.ASSAY, "scan", "--all", "-f", "jsonl", "--report", f"text={here}/text", here],
                stdout=redirected,
                env=harness.clean_environment(),
            )
        summary = json.loads((here / "redirected").read_text().splitlines()[-1])
        self.assertEqual((code, summary["files"], summary["skipped"]), (0, 1, {"report": 2}))
        # The reports of another scan are files like any other.
        self.assertEqual(harness.scan(here).summary["files"], 3)


class Selection(Scan):
    def test_include_and_exclude(self):
        for name in ["a/x.exe", "a/x.txt", "b/x.exe", "b/deep/y.exe"]:
            self.file(f"tree/{name}", harness.eicar())
        run = harness.scan("--include", "*.exe", self.tree)
        expected = {"tree/a/x.exe", "tree/b/x.exe", "tree/b/deep/y.exe"}
        self.assertEqual(self.paths(run), expected)
        run = harness.scan("--include", "*.exe", "--include", "*.com", "--exclude", "b/", self.tree)
        self.assertEqual(self.paths(run), {"tree/a/x.exe", "tree/sub/eicar.com"})
        self.assertEqual(run.summary["skipped"]["excluded"], 3, "two files and one directory")

    def test_when_everything_is_excluded_nothing_was_scanned(self):
        run = harness.scan("--exclude", "*", self.tree)
        self.assertEqual(run.code, 2, run)

    def test_max_filesize(self):
        self.file("tree/large", b"x" * 100_001)
        self.file("tree/at-the-limit", b"x" * 100_000)
        run = harness.scan("--max-filesize", "100000", "--all", self.tree)
        self.assertEqual(run.code, 1, run)
        (incomplete,) = run.of_type("incomplete")
        self.assertEqual(incomplete["path"], str(self.tree / "large"))
        self.assertEqual(incomplete["reason"], "file-size")
        self.assertEqual(self.paths(run, "clean"), {"tree/clean.txt", "tree/at-the-limit"})
        self.assertEqual(run.summary["files"], 4)
        run = harness.scan("--max-filesize", "100000", self.tree / "large")
        self.assertEqual(run.code, 3, "too large is not clean")

    def test_newer_than(self):
        time.sleep(1.1)
        now = int(time.time())
        self.file("tree/new", harness.eicar())
        run = harness.scan("--newer-than", f"@{now}", self.tree)
        self.assertEqual(self.paths(run), {"tree/new"}, run)
        self.assertEqual(run.summary["skipped"], {"older": 2})
        self.assertEqual(harness.scan("--newer-than", "1h", self.tree).summary["files"], 3)
        self.assertEqual(harness.scan("--newer-than", f"@{now + 1000}", self.tree).code, 2)

    def test_changed_content_with_an_old_date_is_not_missed(self):
        # The time of last modification can be set at will; the time of change cannot.
        os.utime(self.eicar, (0, 0))
        run = harness.scan("--newer-than", "1h", self.tree)
        self.assertEqual(run.code, 1, run)

    def test_shards_are_a_partition(self):
        names = {self.file(f"tree/{number}", b"%d" % number).name for number in range(90)}
        everything = self.paths(harness.scan("--all", self.tree), "clean")
        parts = [
            self.paths(harness.scan("--all", "--shard", f"{n}/3", self.tree), "clean")
            for n in (1, 2, 3)
        ]
        self.assertEqual(len(everything), len(names) + 1)
        self.assertEqual(set.union(*parts), everything)
        self.assertEqual(sum(map(len, parts)), len(everything), "no file twice")
        self.assertTrue(all(len(part) > 10 for part in parts), parts)

    def test_a_shard_takes_the_same_files_from_anywhere(self):
        for number in range(30):
            self.file(f"tree/{number}", b"%d" % number)
        first = self.paths(harness.scan("--all", "--shard", "2/3", self.tree), "clean")
        again = self.paths(harness.scan("--all", "--shard", "2/3", "-j4", self.tree), "clean")
        self.assertEqual(first, again)


class Lists(Scan):
    def names(self, content, *arguments, **options):
        listed = self.file("list", content)
        run = harness.scan("--all", "--files-from", listed, *arguments, **options)
        return run, self.paths(run, "clean") | self.paths(run)

    def test_lines(self):
        content = b"%s\n\n%s" % (os.fsencode(self.clean), os.fsencode(self.eicar))
        run, names = self.names(content)
        self.assertEqual(names, {"tree/clean.txt", "tree/sub/eicar.com"}, run)

    def test_null_and_names_with_newlines(self):
        odd = self.file("tree/two\nlines", b"odd")
        content = b"\0".join(map(os.fsencode, [odd, self.clean]))
        run, _ = self.names(content, "-0")
        self.assertEqual(run.code, 0, run)
        self.assertEqual(len(run.of_type("clean")), 2)
        run, _ = self.names(content + b"\0", "--null")
        self.assertEqual(len(run.of_type("clean")), 2, "a NUL at the end adds nothing")

    def test_lines_are_not_trimmed(self):
        self.file("tree/ spaces ", harness.eicar())
        run, _ = self.names(os.fsencode(self.tree) + b"/ spaces \n")
        self.assertEqual(run.code, 1, run)

    def test_directories_in_lists(self):
        run, names = self.names(os.fsencode(self.tree) + b"\n")
        self.assertEqual(names, {"tree/clean.txt", "tree/sub/eicar.com"})

    def test_from_standard_input(self):
        run = harness.scan("--files-from", "-", input=os.fsencode(self.eicar) + b"\n")
        self.assertEqual(run.code, 1, run)

    def test_missing_entries_are_said(self):
        run, _ = self.names(b"/nonexistent/file\n" + os.fsencode(self.clean))
        self.assertEqual(run.code, 2, run)
        self.assertEqual([e["path"] for e in run.of_type("error")], ["/nonexistent/file"])

    def test_operands_and_a_list(self):
        run, names = self.names(os.fsencode(self.clean), self.tree / "sub")
        self.assertEqual(names, {"tree/clean.txt", "tree/sub/eicar.com"})

    def test_an_empty_list_is_no_success(self):
        for content in [b"", b"\n\n"]:
            run, _ = self.names(content)
            self.assertEqual(run.code, 2, run)
            self.assertIn(b"nothing was scanned", run.err)
        self.assertEqual(harness.scan("--files-from", "-", input=b"").code, 2)

    def test_a_long_list_and_long_lines(self):
        long = os.fsencode(self.directory / "/".join(["n" * 250] * 400))
        content = b"\n".join([long, *[os.fsencode(self.clean)] * 3000, os.fsencode(self.eicar)])
        run, names = self.names(content)
        self.assertEqual(run.summary["files"], 3001, run)
        self.assertEqual(names, {"tree/clean.txt", "tree/sub/eicar.com"})
        self.assertEqual([os.fsencode(e["path"]) for e in run.of_type("error")], [long])

    def test_a_null_byte_in_a_line_cuts_nothing_off(self):
        run, names = self.names(os.fsencode(self.eicar) + b"\0tail\n")
        self.assertEqual(names, set(), run)
        self.assertEqual(run.code, 2)
        self.assertEqual(len(run.of_type("error")), 1)

    def test_a_list_that_is_not_there(self):
        run = harness.scan("--files-from", self.directory / "missing")
        self.assertEqual(run.code, 2)
        self.assertIn(b"missing", run.err)

    def test_a_list_that_is_a_directory(self):
        run = harness.scan("--files-from", self.directory)
        self.assertEqual(run.code, 2, run)


class FileSystems(Scan):
    def in_namespace(self, script):
        """Runs a shell script that may mount, without anybody else seeing it."""
        command = ["unshare", "--mount", "sh", "-euc", script, "sh", harness.ASSAY, self.directory]
        probe = subprocess.run(["unshare", "--mount", "true"], capture_output=True)
        if probe.returncode != 0:
            self.skipTest(f"mounting is not possible here: {probe.stderr}")
        return harness.Run(subprocess.run(command, capture_output=True, timeout=120))

    def test_one_file_system(self):
        (self.tree / "mounted").mkdir()
        script = """
            mount -t tmpfs none "$2/tree/mounted"
            cp "$2/tree/sub/eicar.com" "$2/tree/mounted/"
            exec "$1" scan -f jsonl %s "$2/tree"
        """
        run = self.in_namespace(script % "")
        self.assertEqual(
            self.paths(run), {"tree/sub/eicar.com", "tree/mounted/eicar.com"}, "by default"
        )
        run = self.in_namespace(script % "-x")
        self.assertEqual(self.paths(run), {"tree/sub/eicar.com"}, run)
        self.assertEqual(run.summary["skipped"], {"mount": 1})

    def test_pseudo_file_systems_are_passed_over(self):
        (self.tree / "proc").mkdir()
        script = 'mount -t proc none "$2/tree/proc"; exec "$1" scan -f jsonl "$2/tree"'
        run = self.in_namespace(script)
        self.assertEqual(run.code, 1, run)
        self.assertEqual(run.summary["skipped"], {"filesystem": 1})
        self.assertEqual(run.summary["files"], 2)

    def test_a_bind_mount_that_loops_ends(self):
        (self.tree / "loop").mkdir()
        script = 'mount --bind "$2/tree" "$2/tree/loop"; exec "$1" scan -f jsonl "$2/tree"'
        run = self.in_namespace(script)
        self.assertEqual(len(run.of_type("match")), 1, run)
        self.assertEqual(run.code, 1)


if __name__ == "__main__":
    harness.main()
