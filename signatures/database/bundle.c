/* Reading a bundle that is unpacked. */
#include "signatures/database/bundle.h"

#include "signatures/database/bundle_header.h"
#include "signatures/digest.h"

#include <stdlib.h>
#include <string.h>

struct bundle {
    struct view manifest;
    struct view signatures[BUNDLE_SIGNATURES_MAX];
    size_t signature_count;
    struct bundle_file *files;
    size_t count;
    size_t capacity;
};

void bundle_free(struct bundle *bundle)
{
    if (!bundle)
        return;
    for (size_t i = 0; i < bundle->count; i++)
        free((char *)(uintptr_t)bundle->files[i].name);
    free(bundle->files);
    free(bundle);
}

struct view bundle_manifest(const struct bundle *bundle)
{
    return bundle->manifest;
}

const struct view *bundle_signatures(const struct bundle *bundle, size_t *ret_count)
{
    *ret_count = bundle->signature_count;
    return bundle->signatures;
}

const struct bundle_file *bundle_files(const struct bundle *bundle, size_t *ret_count)
{
    *ret_count = bundle->count;
    return bundle->files;
}

/* ---- one member ------------------------------------------------------------------------------ */

/* Where a header has what it says. */
#define NAME_SIZE     100
#define SIZE_OFFSET   124
#define SIZE_DIGITS   11
#define PREFIX_OFFSET 345
#define PREFIX_SIZE   155

struct member {
    char name[MANIFEST_PATH_MAX + 1];
    struct view bytes;
};

struct cursor {
    struct view tar;
    uint64_t at;
    struct error *error;
};

static status truncated(const struct cursor *cursor)
{
    return error_set(cursor->error, ASSAY_ERR_TRUNCATED, "the bundle's archive ends early");
}

/* Whatever stands there: the header is compared with the one that this name and size have. */
static void read_name(const uint8_t *header, char ret_name[MANIFEST_PATH_MAX + 1])
{
    size_t prefix = strnlen((const char *)header + PREFIX_OFFSET, PREFIX_SIZE);
    size_t name = strnlen((const char *)header, NAME_SIZE);
    memcpy(ret_name, header + PREFIX_OFFSET, prefix);
    if (prefix > 0)
        ret_name[prefix++] = '/';
    memcpy(ret_name + prefix, header, name);
    ret_name[prefix + name] = 0;
}

static uint64_t read_size(const uint8_t *header)
{
    uint64_t size = 0;
    for (size_t i = 0; i < SIZE_DIGITS; i++)
        size = size << 3 | (header[SIZE_OFFSET + i] & 7);
    return size;
}

static bool is_zero(struct view view)
{
    for (uint64_t i = 0; i < view.size; i++) {
        if (view.data[i] != 0)
            return false;
    }
    return true;
}

/* ASSAY_END: the archive ended, as it has to. */
static status next_member(struct cursor *cursor, struct member *ret_member)
{
    if (!view_has(cursor->tar, cursor->at, BUNDLE_BLOCK))
        return truncated(cursor);
    struct view rest = view_sub(cursor->tar, cursor->at, UINT64_MAX);
    if (rest.data[0] == 0) {
        if (rest.size < 2 * BUNDLE_BLOCK)
            return truncated(cursor);
        if (rest.size == 2 * BUNDLE_BLOCK && is_zero(rest))
            return ASSAY_END;
        return error_set(cursor->error, ASSAY_ERR_CORRUPT,
                         "the bundle's archive does not end with two empty blocks");
    }
    read_name(rest.data, ret_member->name);
    uint64_t size = read_size(rest.data);
    uint8_t header[BUNDLE_BLOCK];
    struct assay_bytes name = {(const uint8_t *)ret_member->name, strlen(ret_member->name)};
    if (!bundle_header_make(name, size, header) || memcmp(header, rest.data, BUNDLE_BLOCK) != 0)
        return error_set(cursor->error, ASSAY_ERR_CORRUPT,
                         "the bundle's archive has a header that is not in canonical form");
    if (!view_has(rest, BUNDLE_BLOCK, size + bundle_padding(size)))
        return truncated(cursor);
    if (!is_zero(view_sub(rest, BUNDLE_BLOCK + size, bundle_padding(size))))
        return error_set(cursor->error, ASSAY_ERR_CORRUPT,
                         "the bundle's archive has something between its files");
    ret_member->bytes = view_sub(rest, BUNDLE_BLOCK, size);
    cursor->at += BUNDLE_BLOCK + size + bundle_padding(size);
    return ASSAY_OK;
}

/* ---- all of them ----------------------------------------------------------------------------- */

/* Each takes a member that may stand there, and returns false when it is another. */

static bool take_manifest(struct bundle *bundle, const struct member *member)
{
    bundle->manifest = member->bytes;
    return strcmp(member->name, BUNDLE_MANIFEST_NAME) == 0 &&
           member->bytes.size <= MANIFEST_BYTES_MAX;
}

static bool take_signature(struct bundle *bundle, const struct member *member)
{
    if (bundle->signature_count == BUNDLE_SIGNATURES_MAX || bundle->count > 0 ||
        member->bytes.size > BUNDLE_SIGNATURE_MAX)
        return false;
    char name[BUNDLE_NAME_ROOM];
    bundle_signature_name(bundle->signature_count, name);
    if (strcmp(member->name, name) != 0)
        return false;
    bundle->signatures[bundle->signature_count++] = member->bytes;
    return true;
}

static status reserve_file(struct bundle *bundle)
{
    if (bundle->count < bundle->capacity)
        return ASSAY_OK;
    size_t capacity = bundle->capacity ? 2 * bundle->capacity : 64;
    struct bundle_file *files = reallocarray(bundle->files, capacity, sizeof(*files));
    if (!files)
        return ASSAY_ERR_NOMEM;
    bundle->files = files;
    bundle->capacity = capacity;
    return ASSAY_OK;
}

static status take_file(struct bundle *bundle, const struct member *member, struct error *error)
{
    struct assay_bytes bytes = {(const uint8_t *)member->name, strlen(member->name)};
    if (!manifest_path_is_safe(bytes))
        return error_set(error, ASSAY_ERR_CORRUPT,
                         "the bundle has a file that it must not have, or not there: %.150s",
                         member->name);
    if (bundle->count > 0 && strcmp(bundle->files[bundle->count - 1].name, member->name) >= 0)
        return error_set(error, ASSAY_ERR_CORRUPT,
                         "the bundle's files are not sorted, or one is there twice: %.150s",
                         member->name);
    if (bundle->count == MANIFEST_FILES_MAX)
        return error_set(error, ASSAY_ERR_CORRUPT, "the bundle has more than %d files",
                         MANIFEST_FILES_MAX);
    TRY(reserve_file(bundle));
    char *name = strdup(member->name);
    if (!name)
        return ASSAY_ERR_NOMEM;
    bundle->files[bundle->count++] = (struct bundle_file){name, member->bytes};
    return ASSAY_OK;
}

status bundle_open(struct view tar, struct error *error, struct bundle **ret_bundle)
{
    struct bundle *bundle cleanup(bundle_free_cleanup) = calloc(1, sizeof(*bundle));
    if (!bundle)
        return ASSAY_ERR_NOMEM;
    struct cursor cursor = {.tar = tar, .error = error};
    struct member member = {.name = ""};
    status next = next_member(&cursor, &member);
    if (next == ASSAY_END || (next == ASSAY_OK && !take_manifest(bundle, &member)))
        return error_set(error, ASSAY_ERR_CORRUPT, "the bundle does not begin with a manifest");
    TRY(next);
    while ((next = next_member(&cursor, &member)) == ASSAY_OK) {
        if (!take_signature(bundle, &member))
            TRY(take_file(bundle, &member, error));
    }
    TRY(next);
    *ret_bundle = steal_pointer(bundle);
    return ASSAY_OK;
}

/* ---- against the manifest -------------------------------------------------------------------- */

static status check_file(const struct bundle_file *file, const struct manifest_file *wanted,
                         struct error *error)
{
    int order = strcmp(file->name, wanted->name);
    if (order > 0)
        return error_set(error, ASSAY_ERR_CORRUPT,
                         "the bundle lacks a file of its manifest: %.150s", wanted->name);
    if (order < 0)
        return error_set(error, ASSAY_ERR_CORRUPT,
                         "the bundle has a file that its manifest does not name: %.150s",
                         file->name);
    uint8_t digest[32] = {0};
    if (file->bytes.size == wanted->size)
        TRY(digest_sha256(file->bytes, digest));
    if (file->bytes.size != wanted->size || memcmp(digest, wanted->sha256, sizeof(digest)) != 0)
        return error_set(error, ASSAY_ERR_CORRUPT,
                         "the bundle has another %.150s than its manifest describes", file->name);
    return ASSAY_OK;
}

status bundle_check(const struct bundle *bundle, const struct manifest *manifest,
                    struct error *error)
{
    size_t count = bundle->count < manifest->file_count ? bundle->count : manifest->file_count;
    for (size_t i = 0; i < count; i++)
        TRY(check_file(&bundle->files[i], &manifest->files[i], error));
    if (bundle->count > count)
        return error_set(error, ASSAY_ERR_CORRUPT,
                         "the bundle has a file that its manifest does not name: %.150s",
                         bundle->files[count].name);
    if (manifest->file_count > count)
        return error_set(error, ASSAY_ERR_CORRUPT,
                         "the bundle lacks a file of its manifest: %.150s",
                         manifest->files[count].name);
    return ASSAY_OK;
}
