/* assay db build: rules and hash lists made into a bundle, once all of them are known to work. */
#include "cli/db/collect.h"
#include "cli/db/compile.h"
#include "cli/db/described.h"
#include "cli/db/trial.h"
#include "cli/db/verbs.h"
#include "cli/options.h"
#include "cli/say.h"
#include "cli/spool.h"
#include "report/replace.h"
#include "signatures/digest.h"
#include "signatures/rules.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>

#define EICAR_SOURCE "assay/eicar.yar"

struct build {
    /* options */
    struct text_list from;
    const char *output;
    struct described given;
    bool skip_bad;
    bool verbose;
    /* what comes of them */
    struct source_set sources;
    struct manifest manifest;
    struct buffer manifest_text;
    struct bundle_file *files; /* the sources as views */
    struct error error;
};

static status set_described(void *field, const char *value, struct error *error)
{
    (void)error;
    char **text = field;
    free(*text);
    *text = strdup(value);
    return *text ? ASSAY_OK : ASSAY_ERR_NOMEM;
}

#define FIELD(name) offsetof(struct build, name)

static const struct option_row rows[] = {
    {"from", 0, "KIND:PATH", "take files of a kind: yara, loki, hashes or clamav (repeatable)",
     option_add_text, FIELD(from), true},
    {"output", 'o', "FILE", "where the bundle goes: NAME-SERIAL.asdb", option_set_text,
     FIELD(output), true},
    {"skip-bad", 0, NULL, "leave out what does not compile, and say so in the bundle",
     option_set_flag, FIELD(skip_bad), true},
    {"name", 0, "NAME", "of the database (default: as the file is called)", set_described,
     FIELD(given.name), true},
    {"serial", 0, "N", "of this version (default: the time it was made, in seconds)", set_described,
     FIELD(given.serial), true},
    {"created", 0, "TIME", "when it was made (default: SOURCE_DATE_EPOCH, or now)", set_described,
     FIELD(given.created), true},
    {"expires", 0, "DAYSd|TIME", "when it is too old to be relied on: 30d (default: never)",
     set_described, FIELD(given.expires), true},
    {"description", 0, "TEXT", "what is in it", set_described, FIELD(given.description), true},
    {"licence", 0, "TEXT", "under which others may use it", set_described, FIELD(given.licence),
     true},
    {"verbose", 'v', NULL, "also the compiler's warnings", option_set_flag, FIELD(verbose), true},
};

static const struct option_table table = {
    .verb = "db build",
    .operands = "[DIR]",
    .summary = "Makes a bundle of the rules and hash lists in DIR, with what database.ini there\n"
               "says, and in what --from names. Everything is compiled and tried first: a rule\n"
               "that does not compile is an error. `assay db sign` signs the bundle.",
    .rows = rows,
    .count = sizeof(rows) / sizeof(rows[0]),
};

static void build_release(struct build *build)
{
    free(build->from.items);
    described_release(&build->given);
    source_set_release(&build->sources);
    manifest_release(&build->manifest);
    buffer_release(&build->manifest_text);
    free(build->files);
}

/* ---- sources --------------------------------------------------------------------------------- */

static status collect_all(struct build *build, const char *directory)
{
    struct error *error = &build->error;
    struct importer *importer cleanup(importer_free_cleanup) = NULL;
    TRY(importer_new(&build->sources, &importer));
    if (directory) {
        TRY(described_read(&build->given, directory, error));
        TRY(collect_tree(importer, directory, error));
    }
    for (size_t i = 0; i < build->from.count; i++)
        TRY(collect_from(importer, build->from.items[i], error));
    TRY(importer_finish(importer, error));
    importer_count_hashes(importer, build->manifest.hashes);
    return ASSAY_OK;
}

/* The sources as they are now; any pointer from before is void. */
static status list_files(struct build *build)
{
    source_set_sort(&build->sources);
    struct bundle_file *files =
        reallocarray(build->files, build->sources.count + 1, sizeof(*files));
    if (!files)
        return ASSAY_ERR_NOMEM;
    build->files = files;
    for (size_t i = 0; i < build->sources.count; i++)
        files[i] = (struct bundle_file){build->sources.files[i].name,
                                        buffer_view(&build->sources.files[i].text)};
    return ASSAY_OK;
}

/* ---- trying ---------------------------------------------------------------------------------- */

/* So that whoever uses the database can see that it works. */
static status add_eicar(struct build *build)
{
    const struct assay_source *builtin;
    size_t count;
    rules_builtin(&builtin, &count);
    for (size_t i = 0; i < count; i++) {
        struct source_file *file;
        if (strcmp(builtin[i].name, "eicar.yar") != 0)
            continue;
        TRY(source_set_add(&build->sources, EICAR_SOURCE, &build->error, &file));
        return buffer_append(&file->text, builtin[i].text, builtin[i].size);
    }
    return ASSAY_ERR_RULES;
}

/* One attempt at all of it. ASSAY_END: without a rule for EICAR, which was added; try again. */
static status try_once(struct build *build, struct trial *trial)
{
    struct error *error = &build->error;
    TRY(list_files(build));
    TRY(trial_compile(trial, build->files, build->sources.count, error, &build->manifest.rules));
    bool found = false;
    if (build->manifest.rules > 0)
        TRY(trial_finds_eicar(trial, error, &found));
    if (found)
        return trial_self_test(trial, error);
    TRY(add_eicar(build));
    return ASSAY_END;
}

/* Leaves out what did not compile. False when that was nothing. */
static status drop_culprits(struct build *build, const struct trial *trial, bool *ret_dropped)
{
    size_t count;
    const struct trial_culprit *culprits = trial_culprits(trial, &count);
    *ret_dropped = false;
    for (size_t i = 0; i < count; i++) {
        status dropped = source_set_drop(&build->sources, culprits[i].name, culprits[i].line,
                                         culprits[i].reason);
        if (dropped == ASSAY_ERR_ARGUMENT)
            continue; /* not one of the sources: said by whoever included it */
        TRY(dropped);
        say("left out: %s (line %d: %s)", culprits[i].name, culprits[i].line, culprits[i].reason);
        *ret_dropped = true;
    }
    return ASSAY_OK;
}

/* What else can be done about rules that do not compile. */
static status explain(struct build *build, const struct trial *trial, status tried)
{
    size_t culprits;
    struct error why = build->error;
    trial_culprits(trial, &culprits);
    if (tried != ASSAY_ERR_RULES || culprits == 0 || build->skip_bad)
        return tried;
    return error_set(&build->error, tried, "%.190s; --skip-bad leaves out what does not compile",
                     why.text);
}

static status try_all(struct build *build)
{
    for (;;) {
        struct trial_options options = {
            .database = build->manifest.name, .warn = build->verbose, .quiet = build->skip_bad};
        struct trial *trial cleanup(trial_free_cleanup) = NULL;
        TRY(trial_new(&options, &build->error, &trial));
        status tried = try_once(build, trial);
        if (tried == ASSAY_OK)
            return tried;
        bool again = tried == ASSAY_END;
        if (tried == ASSAY_ERR_RULES && build->skip_bad)
            TRY(drop_culprits(build, trial, &again));
        if (!again)
            return explain(build, trial, tried);
    }
}

/* That no hash is that of a harmless file: an empty one is in many a list. */
static status try_hashes(struct build *build)
{
    struct trial_options options = {.database = build->manifest.name};
    for (size_t i = 0; i < build->sources.count; i++) {
        struct trial *trial cleanup(trial_free_cleanup) = NULL;
        int fd cleanup(fd_cleanup) = -1;
        if (!manifest_path_is_hashes(build->files[i].name) || build->files[i].bytes.size == 0)
            continue;
        fd = spool_open_unnamed();
        if (fd < 0)
            return error_set(&build->error, ASSAY_ERR_IO,
                             "there is no room for an index of hashes: %s", strerror(errno));
        TRY(compile_hashes(build->files[i].bytes, fd, &build->error));
        TRY(trial_new(&options, &build->error, &trial));
        TRY(trial_add_hashes(trial, fd, &build->error));
        TRY(trial_spares_harmless(trial, &build->error));
    }
    return ASSAY_OK;
}

/* ---- writing --------------------------------------------------------------------------------- */

static status describe(struct build *build)
{
    struct manifest *manifest = &build->manifest;
    manifest->files = calloc(build->sources.count + 1, sizeof(*manifest->files));
    if (!manifest->files)
        return ASSAY_ERR_NOMEM;
    for (size_t i = 0; i < build->sources.count; i++) {
        struct manifest_file *file = &manifest->files[manifest->file_count];
        file->name = strdup(build->files[i].name);
        if (!file->name)
            return ASSAY_ERR_NOMEM;
        manifest->file_count++;
        file->size = build->files[i].bytes.size;
        TRY(digest_sha256(build->files[i].bytes, file->sha256));
    }
    /* They change hands. */
    manifest->skipped = steal_pointer(build->sources.skipped);
    manifest->skipped_count = build->sources.skipped_count;
    build->sources.skipped_count = 0;
    return manifest_write(manifest, &build->error, &build->manifest_text);
}

static status write_bundle(struct build *build)
{
    struct replacement replacement cleanup(replacement_end) = REPLACEMENT_NONE;
    int fd cleanup(fd_cleanup) = -1;
    status begun = replacement_begin(build->output, &replacement, &fd);
    if (begun < 0)
        return error_set(&build->error, begun, "%.150s cannot be written: %s", build->output,
                         strerror(errno));
    TRY(bundle_write(fd, buffer_view(&build->manifest_text), NULL, 0, build->files,
                     build->sources.count, &build->error));
    status finished = replacement_finish(&replacement, fd);
    if (finished < 0)
        return error_set(&build->error, finished, "%.150s cannot be written: %s", build->output,
                         strerror(errno));
    return ASSAY_OK;
}

static void print_result(const struct build *build)
{
    const struct manifest *manifest = &build->manifest;
    uint64_t hashes = manifest->hashes[0] + manifest->hashes[1] + manifest->hashes[2];
    printf("%s: %s, serial %llu: %llu rules, %llu hashes, from %zu files\n", build->output,
           manifest->name, (unsigned long long)manifest->serial,
           (unsigned long long)manifest->rules, (unsigned long long)hashes, manifest->file_count);
    if (manifest->skipped_count > 0)
        printf("Left out: %zu, as the manifest tells one by one (`assay db verify -v %s`).\n",
               manifest->skipped_count, build->output);
    printf("Sign it: assay db sign -k KEY %s\n", build->output);
}

static status run(struct build *build, const char *directory)
{
    if (!build->output)
        return error_set(&build->error, ASSAY_ERR_ARGUMENT,
                         "where should the bundle go? Write -o NAME-SERIAL.asdb");
    if (!directory && build->from.count == 0)
        return error_set(&build->error, ASSAY_ERR_ARGUMENT,
                         "what should be in it? Name a directory of rules, or --from KIND:PATH");
    TRY(collect_all(build, directory));
    TRY(described_apply(&build->given, build->output, &build->manifest, &build->error));
    TRY(try_all(build));
    TRY(try_hashes(build));
    TRY(describe(build));
    TRY(write_bundle(build));
    print_result(build);
    return ASSAY_OK;
}

int db_build(int argc, char **argv)
{
    struct build build cleanup(build_release) = {.output = NULL};
    struct option_values *values = NULL;
    int first = argc;
    status done = options_read(&table, &build, argc, argv, &build.error, &values, &first);
    if (done == ASSAY_OK && argc - first > 1)
        done = error_set(&build.error, ASSAY_ERR_ARGUMENT,
                         "one directory, please; --from adds others");
    if (done == ASSAY_OK)
        done = run(&build, first < argc ? argv[first] : NULL);
    int code = db_exit(done, &build.error);
    option_values_free(values);
    return code;
}
