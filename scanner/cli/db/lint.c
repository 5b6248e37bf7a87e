/* assay db lint: what is wrong in rules, for who writes them. */
#include "cli/db/collect.h"
#include "cli/db/trial.h"
#include "cli/db/verbs.h"
#include "cli/option_kinds.h"
#include "cli/options.h"
#include "cli/say.h"
#include "signatures/rule_text.h"

#include <stddef.h>
#include <stdio.h>

struct lint {
    bool strict; /* option */
    struct source_set sources;
    struct bundle_file *files;
    size_t warnings;
    struct error error;
};

static const struct option_row rows[] = {
    {"strict", 0, NULL, "warnings make exit code 2, too", option_set_flag,
     offsetof(struct lint, strict), true},
};

static const struct option_table table = {
    .verb = "db lint",
    .operands = "FILE|DIR...",
    .summary = "Compiles rules and tries them on harmless files, and says what is wrong or odd.\n\n"
               "Exit code: 0 they can be used; 2 not.",
    .rows = rows,
    .count = sizeof(rows) / sizeof(rows[0]),
};

static void lint_release(struct lint *lint)
{
    source_set_release(&lint->sources);
    free(lint->files);
}

/* ---- what only a person would notice --------------------------------------------------------- */

static void warn(struct lint *lint, const char *file, const struct rule_text *rule,
                 const char *words)
{
    say("%s:%d: warning: rule %.*s: %s", file, rule->line, (int)rule->name.size,
        (const char *)rule->name.data, words);
    lint->warnings++;
}

static bool has_meta(const struct rule_text *rule, const char *const *fields)
{
    struct assay_bytes value;
    for (; *fields; fields++) {
        if (rule_text_meta(rule, *fields, &value))
            return true;
    }
    return false;
}

static void look_at_rule(struct lint *lint, const char *file, const struct rule_text *rule)
{
    static const char *const descriptions[] = {"description", "desc", NULL};
    static const char *const severities[] = {"severity", "score", "threat_level", NULL};
    if (rule->is_private)
        return;
    if (!has_meta(rule, descriptions))
        warn(lint, file, rule, "says nothing about itself (meta: description)");
    if (!has_meta(rule, severities))
        warn(lint, file, rule, "does not say how bad a match is (meta: severity); high is assumed");
}

static void look_at_file(struct lint *lint, const struct bundle_file *file)
{
    size_t at = 0;
    int line = 1;
    struct rule_text rule;
    while (rule_text_next((const char *)file->bytes.data, file->bytes.size, &at, &line, &rule))
        look_at_rule(lint, file->name, &rule);
}

/* ---- the verb -------------------------------------------------------------------------------- */

static status collect_all(struct lint *lint, char *const *paths, size_t count)
{
    struct importer *importer cleanup(importer_free_cleanup) = NULL;
    TRY(importer_new(&lint->sources, &importer));
    for (size_t i = 0; i < count; i++) {
        struct buffer from cleanup(buffer_release) = {NULL, 0, 0};
        TRY(buffer_append_format(&from, "yara:%s", paths[i]));
        TRY(buffer_terminate(&from));
        TRY(collect_from(importer, (const char *)from.data, &lint->error));
    }
    return importer_finish(importer, &lint->error);
}

static status try_all(struct lint *lint, uint64_t *ret_rules)
{
    struct trial_options options = {.database = "lint", .warn = true};
    struct trial *trial cleanup(trial_free_cleanup) = NULL;
    TRY(trial_new(&options, &lint->error, &trial));
    TRY(trial_compile(trial, lint->files, lint->sources.count, &lint->error, ret_rules));
    lint->warnings += trial_warnings(trial);
    return trial_spares_harmless(trial, &lint->error);
}

static status run(struct lint *lint, char *const *paths, size_t count)
{
    uint64_t rules = 0;
    TRY(collect_all(lint, paths, count));
    source_set_sort(&lint->sources);
    lint->files = calloc(lint->sources.count + 1, sizeof(*lint->files));
    if (!lint->files)
        return ASSAY_ERR_NOMEM;
    for (size_t i = 0; i < lint->sources.count; i++) {
        lint->files[i] = (struct bundle_file){lint->sources.files[i].name,
                                              buffer_view(&lint->sources.files[i].text)};
        look_at_file(lint, &lint->files[i]);
    }
    TRY(try_all(lint, &rules));
    printf("%llu rules in %zu files can be used; %zu warnings\n", (unsigned long long)rules,
           lint->sources.count, lint->warnings);
    if (lint->strict && lint->warnings > 0)
        return error_set(&lint->error, ASSAY_ERR_RULES,
                         "there are warnings, and --strict was given");
    return ASSAY_OK;
}

int db_lint(int argc, char **argv)
{
    struct lint lint cleanup(lint_release) = {.strict = false};
    struct option_values *values = NULL;
    int first = argc;
    status done = options_read(&table, &lint, argc, argv, &lint.error, &values, &first);
    if (done == ASSAY_OK && argc == first)
        done = error_set(&lint.error, ASSAY_ERR_ARGUMENT, "name rules, or a directory of them");
    if (done == ASSAY_OK)
        done = run(&lint, argv + first, (size_t)(argc - first));
    int code = db_exit(done, &lint.error);
    option_values_free(values);
    return code;
}
