"""What gets installed is enough to embed the scanner, and to read about it."""

import os
import re
import subprocess

import harness
import tree

PROGRAM = r"""
#include <assay.h>
#include <stdio.h>
#include <string.h>

static int count_matches(void *context, const struct assay_event *event)
{
    if (event->type == ASSAY_EVENT_MATCH && strcmp(event->match->rule, "needle") == 0)
        ++*(int *)context;
    return 0;
}

int main(void)
{
    static const char text[] = "rule needle { strings: $a = \"sharp\" condition: $a }";
    const struct assay_source source = {"needle.yar", "here", text, sizeof(text) - 1};
    struct assay_limits limits = assay_limits_default();
    struct assay_rules *rules;
    struct assay_scanner *scanner;
    struct assay_result result;
    struct assay_subject subject = {.owner = NULL};
    int matches = 0;
    if (assay_rules_compile(&source, 1, NULL, NULL, &rules) != ASSAY_OK)
        return 1;
    if (assay_scanner_new(rules, &limits, &scanner) != ASSAY_OK)
        return 2;
    if (assay_scan_buffer(scanner, &subject, "a sharp one", 11, count_matches, &matches, &result) !=
        ASSAY_OK)
        return 3;
    assay_scanner_free(scanner);
    assay_rules_free(rules);
    printf("%s %s %d\n", assay_version(), assay_verdict_name(result.verdict), matches);
    return 0;
}
"""


def run(*command, **options):
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )
    if done.returncode:
        raise AssertionError(f"{command}: exit {done.returncode}\n{done.stdout}")
    return done.stdout


def usages():
    """What --help says, for each verb and each verb of db."""
    verbs = [["scan"], ["explain"], ["doctor"], ["version"]]
    listed = harness.assay("db", "--help").out.decode()
    verbs += [["db", name] for name in re.findall(r"(?m)^  ([a-z]+) ", listed)]
    if len(verbs) < 15:
        raise AssertionError(listed)
    return [(words, harness.assay(*words, "--help").out.decode()) for words in verbs]


class Help(harness.Case):
    def test_man_page_knows_every_option(self):
        page = (harness.SOURCE / "docs" / "man" / "assay.1.scd").read_text().replace("\\", "")
        databases = page[page.index("# DATABASES") : page.index("# EXIT STATUS")]
        for words, usage in usages():
            options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", usage))
            where = databases if words[0] == "db" else page
            missing = {option for option in options if not re.search(rf"{option}(?![\w-])", where)}
            self.assertEqual(set(), missing, words)
            if words[0] == "db":
                self.assertIn(f"*assay {' '.join(words)}*", databases)

    def test_help_fits_a_terminal(self):
        for words, usage in usages():
            self.assertEqual([], [line for line in usage.split("\n") if len(line) > 80], words)


class Install(harness.Case):
    def setUp(self):
        super().setUp()
        self.prefix = self.directory / "prefix"
        run("cmake", "--install", str(tree.BUILD), "--prefix", str(self.prefix))

    def one(self, pattern):
        found = list(self.prefix.glob(pattern))
        self.assertEqual(1, len(found), f"{pattern}: {found}")
        return found[0]

    def pkg_config(self, *options):
        path = self.one("lib/**/pkgconfig/assay.pc").parent
        environment = dict(os.environ, PKG_CONFIG_PATH=str(path))
        return run("pkg-config", *options, "assay", env=environment).split()

    def build_and_run(self, *libraries):
        source = self.file("program.c", PROGRAM.encode())
        program = self.directory / "program"
        options = ["-std=c11", "-Wall", "-Wextra", "-Werror"]
        run("cc", *options, *self.pkg_config("--cflags"), source, "-o", program, *libraries)
        library = self.one("lib/**/libassay.a").parent
        return program, run(program, env=dict(os.environ, LD_LIBRARY_PATH=str(library)))

    def assert_found(self, said):
        self.assertRegex(said, r"^\d+\.\d+\.\d+ match 1$")
        self.assertEqual(self.pkg_config("--modversion"), said.split()[:1])

    def test_embed_shared(self):
        program, said = self.build_and_run(*self.pkg_config("--libs"))
        self.assert_found(said)
        self.assertIn("libassay.so", run("readelf", "--dynamic", program))

    def test_embed_static(self):
        # The static library, with the distribution's shared ones behind it.
        libraries = self.pkg_config("--libs", "--static")
        static = [str(self.one("lib/**/libassay.a")) if lib == "-lassay" else lib for lib in libraries]
        program, said = self.build_and_run(*static)
        self.assert_found(said)
        self.assertNotIn("libassay.so", run("readelf", "--dynamic", program))

    def test_program_runs_from_its_new_place(self):
        said = run(self.one("bin/assay"), "version")
        self.assertIn(self.pkg_config("--modversion")[0], said)

    def test_updater_is_where_the_program_looks_for_it(self):
        updater = self.one("libexec/assay/assay-update")
        done = subprocess.run([updater], stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(2, done.returncode)
        self.assertIn("usage: assay-update", done.stderr)

    def test_man_page(self):
        page = self.one("share/man/man1/assay.1")
        environment = dict(os.environ, MANWIDTH="80", LC_ALL="C.UTF-8", MAN_KEEP_FORMATTING="")
        said = run("man", "--warnings", "--local-file", page, env=environment)
        self.assertNotRegex(said, r"(?m)^[^ ]+:.*(warning|error)")
        for heading in ("NAME", "SYNOPSIS", "OPTIONS", "EXIT STATUS", "ENVIRONMENT", "EXAMPLES"):
            self.assertRegex(said, rf"(?m)^{heading}")

    def test_documents(self):
        for document in ("README.md", "LICENSE", "CHANGELOG.md"):
            self.one(f"share/doc/**/{document}")


if __name__ == "__main__":
    harness.main()
