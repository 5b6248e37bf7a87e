#include "base/encode.h"
#include "signatures/database/manifest.h"
#include "signatures/database/manifest_json.h"

#include <stdlib.h>
#include <string.h>

/* ---- values ---------------------------------------------------------------------------------- */

static status put(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0 ? ASSAY_OK : ASSAY_ERR_NOMEM;
}

static status put_text(json_t *object, const char *key, const char *text, struct error *error)
{
    if (!text)
        text = "";
    if (strnlen(text, MANIFEST_TEXT_MAX + 1) > MANIFEST_TEXT_MAX)
        return error_set(error, ASSAY_ERR_ARGUMENT, "'%s' is longer than %d bytes: %.100s...", key,
                         MANIFEST_TEXT_MAX, text);
    json_t *value = json_string(text);
    if (value)
        return put(object, key, value);
    /* Either memory is out, or this does not fail. */
    json_t *unchecked cleanup(json_decref_cleanup) = json_string_nocheck(text);
    if (!unchecked)
        return ASSAY_ERR_NOMEM;
    return error_set(error, ASSAY_ERR_ARGUMENT, "'%s' is not UTF-8: %.150s", key, text);
}

static status put_number(json_t *object, const char *key, uint64_t number, struct error *error)
{
    if (number > MANIFEST_NUMBER_MAX)
        return error_set(error, ASSAY_ERR_ARGUMENT, "'%s' is too large: %llu", key,
                         (unsigned long long)number);
    return put(object, key, json_integer((json_int_t)number));
}

static status put_time(json_t *object, const char *key, int64_t seconds, struct error *error)
{
    if (seconds < 0 || seconds > MANIFEST_TIME_MAX)
        return error_set(error, ASSAY_ERR_ARGUMENT, "'%s' is not between 1970 and 9999", key);
    char text[MANIFEST_TIME];
    manifest_time_text(seconds, text);
    return put(object, key, json_string(text));
}

static status put_digest(json_t *object, const char *key, const uint8_t digest[32])
{
    struct buffer hex cleanup(buffer_release) = {NULL, 0, 0};
    TRY(encode_hex(&hex, (struct assay_bytes){digest, 32}));
    return put(object, key, json_stringn((const char *)hex.data, hex.size));
}

/* ---- lists ----------------------------------------------------------------------------------- */

static int compare_files(const void *left, const void *right)
{
    return strcmp(((const struct manifest_file *)left)->name,
                  ((const struct manifest_file *)right)->name);
}

static status put_file(json_t *list, const struct manifest_file *file, struct error *error)
{
    if (!manifest_path_is_safe(
            (struct assay_bytes){(const uint8_t *)file->name, strlen(file->name)}))
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "'%.150s' is no name for a file of a database: rename it", file->name);
    if (file->size > MANIFEST_SIZE_MAX)
        return error_set(error, ASSAY_ERR_ARGUMENT, "%.150s is larger than 8 GiB: divide it",
                         file->name);
    json_t *object = json_object();
    if (json_array_append_new(list, object) != 0)
        return ASSAY_ERR_NOMEM;
    TRY(put_text(object, "name", file->name, error));
    TRY(put_number(object, "size", file->size, error));
    return put_digest(object, "sha256", file->sha256);
}

static status put_files(json_t *object, struct manifest *manifest, struct error *error)
{
    if (manifest->file_count > MANIFEST_FILES_MAX)
        return error_set(error, ASSAY_ERR_ARGUMENT, "a database has at most %d files, not %zu",
                         MANIFEST_FILES_MAX, manifest->file_count);
    if (manifest->file_count > 1)
        qsort(manifest->files, manifest->file_count, sizeof(*manifest->files), compare_files);
    json_t *list = json_array();
    TRY(put(object, "files", list));
    size_t lists = 0;
    for (size_t i = 0; i < manifest->file_count; i++) {
        const struct manifest_file *file = &manifest->files[i];
        lists += manifest_path_is_hashes(file->name);
        if (i > 0 && strcmp(file[-1].name, file->name) == 0)
            return error_set(error, ASSAY_ERR_ARGUMENT, "there are two files called %.150s",
                             file->name);
        TRY(put_file(list, file, error));
    }
    if (lists > 1)
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "a database has one list of hashes, not %zu: join them", lists);
    return ASSAY_OK;
}

static status put_skipped(json_t *object, const struct manifest *manifest, struct error *error)
{
    if (manifest->skipped_count > MANIFEST_SKIPPED_MAX)
        return error_set(
            error, ASSAY_ERR_ARGUMENT,
            "%zu files and lines were left out, and a manifest lists at most %d: leave "
            "out whole files",
            manifest->skipped_count, MANIFEST_SKIPPED_MAX);
    json_t *list = json_array();
    TRY(put(object, "skipped", list));
    for (size_t i = 0; i < manifest->skipped_count; i++) {
        const struct manifest_skip *skip = &manifest->skipped[i];
        json_t *entry = json_object();
        if (json_array_append_new(list, entry) != 0)
            return ASSAY_ERR_NOMEM;
        TRY(put_text(entry, "name", skip->name, error));
        TRY(put_number(entry, "line", skip->line < 0 ? 0 : (uint64_t)skip->line, error));
        TRY(put_text(entry, "reason", skip->reason, error));
    }
    return ASSAY_OK;
}

static status put_counts(json_t *object, const struct manifest *manifest, struct error *error)
{
    json_t *counts = json_object();
    TRY(put(object, "counts", counts));
    TRY(put_number(counts, "rules", manifest->rules, error));
    TRY(put_number(counts, "md5", manifest->hashes[0], error));
    TRY(put_number(counts, "sha1", manifest->hashes[1], error));
    return put_number(counts, "sha256", manifest->hashes[2], error);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static status check(const struct manifest *manifest, struct error *error)
{
    const char *name = manifest->name ? manifest->name : "";
    if (!manifest_name_is_safe(name))
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "'%.100s' is no name for a database: up to %d letters, digits, '.', '_' "
                         "and '-', the first a letter or digit",
                         name, MANIFEST_NAME_MAX);
    const char *version = manifest->min_engine ? manifest->min_engine : "";
    if (!manifest_version_is_safe(version))
        return error_set(error, ASSAY_ERR_ARGUMENT, "min_engine is '%.50s', not a version as 0.1.0",
                         version);
    if (manifest->serial == 0)
        return error_set(error, ASSAY_ERR_ARGUMENT, "the serial has to be at least 1");
    return ASSAY_OK;
}

status manifest_write(struct manifest *manifest, struct error *error, struct buffer *out)
{
    TRY(check(manifest, error));
    json_t *object cleanup(json_decref_cleanup) = json_object();
    if (!object)
        return ASSAY_ERR_NOMEM;
    TRY(put_number(object, "format", MANIFEST_FORMAT, error));
    TRY(put_text(object, "name", manifest->name, error));
    TRY(put_text(object, "description", manifest->description, error));
    TRY(put_text(object, "licence", manifest->licence, error));
    TRY(put_number(object, "serial", manifest->serial, error));
    TRY(put_time(object, "created", manifest->created, error));
    if (manifest->expires)
        TRY(put_time(object, "expires", manifest->expires, error));
    TRY(put_text(object, "min_engine", manifest->min_engine, error));
    TRY(put_counts(object, manifest, error));
    TRY(put_files(object, manifest, error));
    TRY(put_skipped(object, manifest, error));
    size_t before = out->size;
    TRY(manifest_json_write(object, out));
    if (out->size - before <= MANIFEST_BYTES_MAX)
        return ASSAY_OK;
    out->size = before;
    return error_set(error, ASSAY_ERR_ARGUMENT, "the manifest would be larger than %u MiB",
                     MANIFEST_BYTES_MAX >> 20);
}
