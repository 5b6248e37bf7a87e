/* assay version: what exactly is running here. */
#include "cli/databases.h"
#include "cli/option_kinds.h"
#include "cli/options.h"
#include "cli/rule_files.h"
#include "cli/say.h"
#include "cli/verbs.h"
#include "inspect/libraries.h"

#include <stddef.h>
#include <stdio.h>

struct version_options {
    bool json;
};

static const struct option_row rows[] = {
    {"json", 0, NULL, "as one JSON object", option_set_flag, offsetof(struct version_options, json),
     true},
};

static const struct option_table table = {
    .verb = "version",
    .operands = "",
    .summary = "Prints the versions of the program, of its libraries and of its built-in rules.",
    .rows = rows,
    .count = sizeof(rows) / sizeof(rows[0]),
};

/* Every text is the program's own or a library's version: nothing in them needs escaping. */
static void print_json(const struct inspect_library *libraries,
                       const struct report_database *databases, size_t count)
{
    printf("{\"name\":\"assay\",\"version\":\"%s\",\"libraries\":{", assay_version());
    for (size_t i = 0; i < INSPECT_LIBRARY_COUNT; i++)
        printf("%s\"%s\":\"%s\"", i ? "," : "", libraries[i].name, libraries[i].version);
    printf("},\"db\":[");
    for (size_t i = 0; i < count; i++)
        printf("%s{\"name\":\"%s\",\"version\":\"%s\",\"serial\":%llu,\"digest\":\"%s\"}",
               i ? "," : "", databases[i].name, databases[i].version,
               (unsigned long long)databases[i].serial, databases[i].digest);
    printf("]}\n");
}

static void print_text(const struct inspect_library *libraries,
                       const struct report_database *databases, size_t count)
{
    printf("assay %s\n", assay_version());
    for (size_t i = 0; i < INSPECT_LIBRARY_COUNT; i++)
        printf("%s %s\n", libraries[i].name, libraries[i].version);
    for (size_t i = 0; i < count; i++)
        printf("database: %s %s, digest %s\n", databases[i].name, databases[i].version,
               databases[i].digest);
}

/* A database's name and version hold nothing that would have to be escaped. */
static status print_version(bool json, struct error *error)
{
    struct databases_options defaults = {.database = NULL};
    struct databases *databases cleanup(databases_free_cleanup) = NULL;
    char digest[SOURCE_DIGEST_HEX];
    size_t count;
    TRY(databases_find(&defaults, error, &databases));
    TRY(rule_files_builtin_digest(digest));
    const struct report_database *in_use = databases_describe(databases, &count);
    struct report_database builtin = databases_builtin(digest, 0);
    struct inspect_library libraries[INSPECT_LIBRARY_COUNT];
    inspect_libraries(libraries);
    (json ? print_json : print_text)(libraries, count ? in_use : &builtin, count ? count : 1);
    return ASSAY_OK;
}

int verb_version(int argc, char **argv)
{
    struct version_options options = {.json = false};
    struct option_values *values = NULL;
    struct error error = {""};
    int first;
    status read = options_read(&table, &options, argc, argv, &error, &values, &first);
    option_values_free(values);
    if (read == ASSAY_END)
        return EXIT_CLEAN;
    if (read >= 0)
        read = print_version(options.json, &error);
    if (read >= 0)
        return EXIT_CLEAN;
    say("%s", error.text[0] ? error.text : assay_status_text((enum assay_status)read));
    return EXIT_UNUSABLE;
}
