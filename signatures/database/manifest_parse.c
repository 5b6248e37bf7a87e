#include "signatures/database/manifest.h"
#include "signatures/database/manifest_json.h"

#include <stdlib.h>
#include <string.h>

/* ---- values ---------------------------------------------------------------------------------- */

static status wrong(struct error *error, const char *key, const char *wanted)
{
    return error_set(error, ASSAY_ERR_CORRUPT, "the manifest's '%s' is missing or not %s", key,
                     wanted);
}

static status get_text(const json_t *object, const char *key, struct error *error, char **ret_text)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value) || json_string_length(value) > MANIFEST_TEXT_MAX)
        return wrong(error, key, "a text of at most 4096 bytes");
    *ret_text = strdup(json_string_value(value));
    return *ret_text ? ASSAY_OK : ASSAY_ERR_NOMEM;
}

static status get_number(const json_t *object, const char *key, uint64_t most, struct error *error,
                         uint64_t *ret_number)
{
    const json_t *value = json_object_get(object, key);
    json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < 0 || (uint64_t)number > most)
        return wrong(error, key, "a number in its bounds");
    *ret_number = (uint64_t)number;
    return ASSAY_OK;
}

static status get_time(const json_t *object, const char *key, struct error *error,
                       int64_t *ret_seconds)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value) || !manifest_parse_time(json_string_value(value), ret_seconds))
        return wrong(error, key, "a time as 2026-11-25T12:00:00Z");
    return ASSAY_OK;
}

/* 0 to 15; 16 for what is no digit of ours: capitals are another text for the same digest. */
static unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

static status get_digest(const json_t *object, const char *key, struct error *error,
                         uint8_t ret_digest[32])
{
    const json_t *value = json_object_get(object, key);
    const char *digits = json_string_value(value);
    bool holds = digits && json_string_length(value) == 64;
    for (size_t i = 0; holds && i < 32; i++) {
        unsigned high = digit_value(digits[2 * i]);
        unsigned low = digit_value(digits[2 * i + 1]);
        holds = high < 16 && low < 16;
        ret_digest[i] = (uint8_t)((high << 4 | low) & 0xff);
    }
    return holds ? ASSAY_OK : wrong(error, key, "64 hexadecimal digits");
}

/* The list of this key, of objects. */
static status get_list(const json_t *object, const char *key, size_t most, struct error *error,
                       const json_t **ret_list)
{
    const json_t *list = json_object_get(object, key);
    if (!json_is_array(list) || json_array_size(list) > most)
        return wrong(error, key, "a list in its bounds");
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (!json_is_object(json_array_get(list, i)))
            return wrong(error, key, "a list of objects");
    }
    *ret_list = list;
    return ASSAY_OK;
}

/* ---- lists ----------------------------------------------------------------------------------- */

static status get_file(const json_t *object, struct error *error, struct manifest_file *ret_file)
{
    TRY(get_text(object, "name", error, &ret_file->name));
    if (!manifest_path_is_safe(
            (struct assay_bytes){(const uint8_t *)ret_file->name, strlen(ret_file->name)}))
        return error_set(error, ASSAY_ERR_CORRUPT, "the manifest has an unsafe file name: %.150s",
                         ret_file->name);
    TRY(get_number(object, "size", MANIFEST_SIZE_MAX, error, &ret_file->size));
    return get_digest(object, "sha256", error, ret_file->sha256);
}

static status get_files(const json_t *object, struct error *error, struct manifest *manifest)
{
    const json_t *list = NULL;
    TRY(get_list(object, "files", MANIFEST_FILES_MAX, error, &list));
    size_t count = json_array_size(list);
    manifest->files = calloc(count ? count : 1, sizeof(*manifest->files));
    if (!manifest->files)
        return ASSAY_ERR_NOMEM;
    size_t lists = 0;
    for (size_t i = 0; i < count; i++) {
        struct manifest_file *file = &manifest->files[manifest->file_count++];
        TRY(get_file(json_array_get(list, i), error, file));
        if (i > 0 && strcmp(file[-1].name, file->name) >= 0)
            return error_set(error, ASSAY_ERR_CORRUPT,
                             "the manifest's files are not sorted, or one is there twice: %.150s",
                             file->name);
        lists += manifest_path_is_hashes(file->name);
    }
    if (lists > 1)
        return error_set(error, ASSAY_ERR_CORRUPT, "the manifest has %zu lists of hashes, not one",
                         lists);
    return ASSAY_OK;
}

static status get_skipped(const json_t *object, struct error *error, struct manifest *manifest)
{
    const json_t *list = NULL;
    TRY(get_list(object, "skipped", MANIFEST_SKIPPED_MAX, error, &list));
    size_t count = json_array_size(list);
    manifest->skipped = calloc(count ? count : 1, sizeof(*manifest->skipped));
    if (!manifest->skipped)
        return ASSAY_ERR_NOMEM;
    for (size_t i = 0; i < count; i++) {
        const json_t *entry = json_array_get(list, i);
        struct manifest_skip *skip = &manifest->skipped[manifest->skipped_count++];
        uint64_t line = 0;
        TRY(get_text(entry, "name", error, &skip->name));
        TRY(get_number(entry, "line", MANIFEST_NUMBER_MAX, error, &line));
        TRY(get_text(entry, "reason", error, &skip->reason));
        skip->line = (int64_t)line;
    }
    return ASSAY_OK;
}

static status get_counts(const json_t *object, struct error *error, struct manifest *manifest)
{
    static const char *const kinds[] = {"md5", "sha1", "sha256"};
    const json_t *counts = json_object_get(object, "counts");
    if (!json_is_object(counts))
        return wrong(error, "counts", "an object");
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        TRY(get_number(counts, kinds[i], MANIFEST_NUMBER_MAX, error, &manifest->hashes[i]));
    return get_number(counts, "rules", MANIFEST_NUMBER_MAX, error, &manifest->rules);
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* Before anything else is looked at: all of it may be different in another format. */
static status check_format(const json_t *object, struct error *error)
{
    uint64_t format = 0;
    TRY(get_number(object, "format", MANIFEST_NUMBER_MAX, error, &format));
    if (format == MANIFEST_FORMAT)
        return ASSAY_OK;
    return error_set(error, ASSAY_ERR_UNSUPPORTED,
                     "the database has format %llu, and this assay reads format %d: install a "
                     "version of assay that knows it",
                     (unsigned long long)format, MANIFEST_FORMAT);
}

static status get_identity(const json_t *object, struct error *error, struct manifest *manifest)
{
    TRY(get_text(object, "name", error, &manifest->name));
    if (!manifest_name_is_safe(manifest->name))
        return wrong(error, "name",
                     "a name of letters, digits, '.', '_' and '-', or it is reserved");
    TRY(get_text(object, "description", error, &manifest->description));
    TRY(get_text(object, "licence", error, &manifest->licence));
    TRY(get_number(object, "serial", MANIFEST_NUMBER_MAX, error, &manifest->serial));
    if (manifest->serial == 0)
        return wrong(error, "serial", "at least 1");
    TRY(get_time(object, "created", error, &manifest->created));
    if (json_object_get(object, "expires")) {
        TRY(get_time(object, "expires", error, &manifest->expires));
        if (manifest->expires == 0) /* which would be never */
            return wrong(error, "expires", "after 1970");
    }
    TRY(get_text(object, "min_engine", error, &manifest->min_engine));
    if (!manifest_version_is_safe(manifest->min_engine))
        return wrong(error, "min_engine", "a version as 0.1.0");
    return ASSAY_OK;
}

status manifest_parse(struct view text, struct error *error, struct manifest *ret_manifest)
{
    json_t *object cleanup(json_decref_cleanup) = NULL;
    TRY(manifest_json_parse(text, error, &object));
    TRY(check_format(object, error));
    TRY(manifest_json_check(object, text, error));
    TRY(get_identity(object, error, ret_manifest));
    TRY(get_counts(object, error, ret_manifest));
    TRY(get_files(object, error, ret_manifest));
    return get_skipped(object, error, ret_manifest);
}
