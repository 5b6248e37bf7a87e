/* assay db verify: who signed a bundle, whether it is whole, and what it says about itself. */
#include "base/text.h"
#include "cli/db/opened.h"
#include "cli/db/verbs.h"
#include "cli/option_kinds.h"
#include "cli/options.h"
#include "cli/places.h"

#include <stddef.h>
#include <stdio.h>

struct verify_options {
    const char *trust;
    bool verbose;
};

static const struct option_row rows[] = {
    {"trust", 0, "DIR",
     "the keys to believe: DIR/keys/*.pub (default: /etc/assay; a user's own, too)",
     option_set_text, offsetof(struct verify_options, trust), false},
    {"verbose", 'v', NULL, "also each file, and what was left out", option_set_flag,
     offsetof(struct verify_options, verbose), true},
};

static const struct option_table table = {
    .verb = "db verify",
    .operands = "FILE...",
    .summary = "Checks bundles and prints what they say about themselves. Nothing is installed.\n\n"
               "Exit code: 0 whole, and signed by whom this machine trusts; 2 not.",
    .rows = rows,
    .count = sizeof(rows) / sizeof(rows[0]),
};

/* Texts of a manifest may hold anything that is UTF-8. */
static status print_line(const char *label, const char *value)
{
    struct buffer text cleanup(buffer_release) = {NULL, 0, 0};
    if (!value[0])
        return ASSAY_OK;
    TRY(text_escape(&text, text_bytes(value)));
    TRY(buffer_terminate(&text));
    printf("  %-12s %s\n", label, (const char *)text.data);
    return ASSAY_OK;
}

static status print_files(const struct manifest *manifest)
{
    for (size_t i = 0; i < manifest->file_count; i++)
        printf("  file         %s (%llu bytes)\n", manifest->files[i].name,
               (unsigned long long)manifest->files[i].size);
    for (size_t i = 0; i < manifest->skipped_count; i++) {
        const struct manifest_skip *skip = &manifest->skipped[i];
        struct buffer text cleanup(buffer_release) = {NULL, 0, 0};
        TRY(buffer_append_format(&text, "%s:%lld: %s", skip->name, (long long)skip->line,
                                 skip->reason));
        TRY(buffer_terminate(&text));
        TRY(print_line("left out", (const char *)text.data));
    }
    return ASSAY_OK;
}

static status print_opened(const struct opened *opened, bool verbose)
{
    const struct manifest *manifest = &opened->manifest;
    struct buffer trust cleanup(buffer_release) = {NULL, 0, 0};
    char created[MANIFEST_TIME], expires[MANIFEST_TIME] = "never";
    manifest_time_text(manifest->created, created);
    if (manifest->expires)
        manifest_time_text(manifest->expires, expires);
    TRY(opened_trust_text(opened, &trust));
    TRY(buffer_terminate(&trust));
    printf("%s, serial %llu, %s\n", manifest->name, (unsigned long long)manifest->serial,
           (const char *)trust.data);
    TRY(print_line("description", manifest->description));
    TRY(print_line("licence", manifest->licence));
    printf("  created      %s\n  expires      %s\n", created, expires);
    printf("  rules        %llu\n  hashes       %llu md5, %llu sha1, %llu sha256\n",
           (unsigned long long)manifest->rules, (unsigned long long)manifest->hashes[0],
           (unsigned long long)manifest->hashes[1], (unsigned long long)manifest->hashes[2]);
    printf("  files        %zu, left out: %zu\n", manifest->file_count, manifest->skipped_count);
    printf("  digest       %s\n", opened->digest_text);
    return verbose ? print_files(manifest) : ASSAY_OK;
}

static status verify(const struct verify_options *options, const struct trust *trust,
                     const char *path, struct error *error)
{
    struct opened opened cleanup(opened_release) = OPENED_NONE;
    struct error why = {""};
    if (opened_read(path, trust, OPENED_SIGNED_ONLY, &why, &opened) >= 0)
        return print_opened(&opened, options->verbose);
    /* Whole, and only of somebody unknown: what it says is told all the same. */
    TRY(opened_read(path, trust, OPENED_UNSIGNED_TOO, error, &opened));
    TRY(print_opened(&opened, options->verbose));
    return error_set(error, ASSAY_ERR_ARGUMENT, "%s", why.text);
}

int db_verify(int argc, char **argv)
{
    struct verify_options options = {.trust = NULL};
    struct option_values *values = NULL;
    struct error error = {""};
    struct places places cleanup(places_release) = {.store_count = 0};
    struct trust *trust cleanup(trust_free_cleanup) = NULL;
    int first = argc;
    status done = options_read(&table, &options, argc, argv, &error, &values, &first);
    if (done == ASSAY_OK && argc == first)
        done = error_set(&error, ASSAY_ERR_ARGUMENT, "name a bundle");
    if (done == ASSAY_OK)
        done = places_find(NULL, options.trust, &places);
    if (done == ASSAY_OK)
        done = trust_load((const char *const *)places.trust, places.trust_count, &error, &trust);
    for (int i = first; i < argc && done == ASSAY_OK; i++)
        done = verify(&options, trust, argv[i], &error);
    int code = db_exit(done, &error);
    option_values_free(values);
    return code;
}
