#include "signatures/database/import.h"

#include "signatures/database/import_kind.h"

#include <stdlib.h>
#include <string.h>

#define ALL_HASHES "hashes/all.hashes"

/* How names end, and which kind takes them. */
static const struct {
    const char *name;
    const char *endings[4]; /* NULL behind the last */
    status (*add)(struct import_file *file);
} kinds[] = {
    {"yara", {".yar", ".yara"}, import_yara},
    {"loki", {"hash-iocs.txt", "filename-iocs.txt"}, import_loki},
    {"hashes", {".hashes"}, import_hashes},
    {"clamav", {".hdb", ".hsb", ".ndb"}, import_clamav},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

const char *const *import_kinds(void)
{
    static const char *const names[KINDS + 1] = {"yara", "loki", "hashes", "clamav", NULL};
    return names;
}

static size_t find_kind(const char *kind)
{
    size_t index = 0;
    while (index < KINDS && strcmp(kinds[index].name, kind) != 0)
        index++;
    return index;
}

static bool takes(size_t kind, const char *name)
{
    struct view text = {(const uint8_t *)name, strlen(name)};
    for (size_t i = 0; i < 4 && kinds[kind].endings[i]; i++) {
        if (import_ends(text, kinds[kind].endings[i]))
            return true;
    }
    return false;
}

bool import_takes(const char *kind, const char *name)
{
    size_t index = find_kind(kind);
    return index < KINDS && takes(index, name);
}

status importer_new(struct source_set *set, struct importer **ret_importer)
{
    struct importer *importer = calloc(1, sizeof(*importer));
    if (!importer)
        return ASSAY_ERR_NOMEM;
    importer->set = set;
    *ret_importer = importer;
    return ASSAY_OK;
}

void importer_free(struct importer *importer)
{
    if (!importer)
        return;
    hash_gather_release(&importer->hashes);
    free(importer);
}

static status refuse_name(size_t kind, const char *name, struct error *error)
{
    const char *const *endings = kinds[kind].endings;
    return error_set(error, ASSAY_ERR_ARGUMENT,
                     "%.120s: files of kind %s end in %s%s%s%s%s: rename it, or name another kind",
                     name, kinds[kind].name, endings[0], endings[1] ? " or " : "",
                     endings[1] ? endings[1] : "", endings[2] ? " or " : "",
                     endings[2] ? endings[2] : "");
}

status importer_add(struct importer *importer, const char *kind, const char *name, struct view text,
                    struct error *error)
{
    size_t index = find_kind(kind);
    if (index == KINDS)
        return error_set(
            error, ASSAY_ERR_ARGUMENT,
            "there is no kind '%.40s' of rules: yara, loki, hashes and clamav are known", kind);
    if (!takes(index, name))
        return refuse_name(index, name, error);
    struct import_file file = {
        .importer = importer,
        .name = name,
        .text = text,
        .error = error,
    };
    TRY(kinds[index].add(&file));
    if (file.taken == 0 && file.skipped > 0)
        return error_set(error, ASSAY_ERR_CORRUPT,
                         "%.90s: not one line of it could be taken as %s; line %lld: %s", name,
                         kind, (long long)file.first_skipped, file.first_reason);
    return ASSAY_OK;
}

status importer_finish(struct importer *importer, struct error *error)
{
    cleanup(buffer_release) struct buffer list = {NULL, 0, 0};
    TRY(hash_gather_write(&importer->hashes, &list, importer->counts));
    if (list.size == 0)
        return ASSAY_OK;
    struct source_file *file;
    TRY(source_set_add(importer->set, ALL_HASHES, error, &file));
    file->text = list;
    list = (struct buffer){NULL, 0, 0};
    return ASSAY_OK;
}

void importer_count_hashes(const struct importer *importer, uint64_t ret_counts[3])
{
    memcpy(ret_counts, importer->counts, sizeof(importer->counts));
}
