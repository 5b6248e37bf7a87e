/* assay version: what exactly is running here. */
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
static void print_json(const struct inspect_library *libraries, const char *digest)
{
    printf("{\"name\":\"assay\",\"version\":\"%s\",\"libraries\":{", assay_version());
    for (size_t i = 0; i < INSPECT_LIBRARY_COUNT; i++)
        printf("%s\"%s\":\"%s\"", i ? "," : "", libraries[i].name, libraries[i].version);
    printf("},\"db\":[{\"name\":\"builtin\",\"version\":\"%s\",\"digest\":\"%s\"}]}\n",
           assay_version(), digest);
}

static void print_text(const struct inspect_library *libraries, const char *digest)
{
    printf("assay %s\n", assay_version());
    for (size_t i = 0; i < INSPECT_LIBRARY_COUNT; i++)
        printf("%s %s\n", libraries[i].name, libraries[i].version);
    printf("rules: builtin %s, digest %s\n", assay_version(), digest);
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
    char digest[SOURCE_DIGEST_HEX];
    if (read >= 0)
        read = rule_files_builtin_digest(digest);
    if (read < 0) {
        say("%s", error.text[0] ? error.text : assay_status_text((enum assay_status)read));
        return EXIT_UNUSABLE;
    }
    struct inspect_library libraries[INSPECT_LIBRARY_COUNT];
    inspect_libraries(libraries);
    (options.json ? print_json : print_text)(libraries, digest);
    return EXIT_CLEAN;
}
