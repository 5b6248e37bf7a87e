/* assay db: a second dispatch table, which is also the usage. */
#include "cli/db/verbs.h"
#include "cli/say.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} verbs[] = {
    {"install", db_install, "check a bundle and use it from now on"},
    {"update", db_update, "fetch the newest bundle of a channel and install it"},
    {"rollback", db_rollback, "go back to a version that is still here"},
    {"list", db_list, "what is installed, how old it is, who signed it"},
    {"show", db_show, "one rule: its text, its meta, since when it is there"},
    {"diff", db_diff, "what two versions differ in: rules added, removed, changed"},
    {"verify", db_verify, "who signed a bundle, and whether it is whole"},
    {"build", db_build, "make a bundle of rules and hash lists"},
    {"sign", db_sign, "sign a bundle"},
    {"keygen", db_keygen, "make a pair of keys to sign with"},
    {"lint", db_lint, "look for what is wrong in rules, without building anything"},
};

static void print_usage(FILE *out)
{
    fprintf(out, "The databases of rules and hashes that scans use.\n\n"
                 "Usage: assay db VERB [OPTIONS] ...\n\n");
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        fprintf(out, "  %-10s %s\n", verbs[i].name, verbs[i].help);
    fprintf(out, "\n`assay db VERB --help` explains one of them.\n");
}

int verb_db(int argc, char **argv)
{
    if (argc < 2) {
        print_usage(stderr);
        return EXIT_UNUSABLE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        print_usage(stdout);
        return EXIT_CLEAN;
    }
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(verbs[i].name, name) == 0)
            return verbs[i].run(argc - 1, argv + 1);
    }
    say("'db %.80s' is no verb; `assay db help` lists all", name);
    return EXIT_UNUSABLE;
}

int db_exit(status done, const struct error *error)
{
    if (done >= 0)
        return EXIT_CLEAN;
    say("%s", error->text[0] ? error->text : assay_status_text((enum assay_status)done));
    return EXIT_UNUSABLE;
}
