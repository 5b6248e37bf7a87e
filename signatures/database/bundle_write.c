/* Source of the packed form: RFC 8878, by libzstd; of the tar: bundle_header.c. */
#include "base/write.h"
#include "signatures/database/bundle.h"
#include "signatures/database/bundle_header.h"
#include "signatures/database/bundle_seal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

/* Hash lists, which are nearly all of a large database, get no smaller with more, but take five times
 * as long. */
#define LEVEL      3
#define WINDOW_LOG 23 /* 8 MiB: rules of one author lie near each other */

struct writer {
    int out;
    ZSTD_CCtx *zstd;
    uint8_t *packed;
    size_t capacity;
    crypto_hash_sha256_state digest; /* of what was written */
};

static void writer_release(struct writer *writer)
{
    ZSTD_freeCCtx(writer->zstd);
    free(writer->packed);
}

static status writer_open(struct writer *writer)
{
    static const struct {
        ZSTD_cParameter parameter;
        int value;
    } settings[] = {
        {ZSTD_c_compressionLevel, LEVEL},
        {ZSTD_c_windowLog, WINDOW_LOG},
        {ZSTD_c_checksumFlag, 1},
        {ZSTD_c_nbWorkers, 0}, /* how threads divide the work would show in the bytes */
    };
    crypto_hash_sha256_init(&writer->digest);
    writer->capacity = ZSTD_CStreamOutSize();
    writer->zstd = ZSTD_createCCtx();
    writer->packed = malloc(writer->capacity);
    if (!writer->zstd || !writer->packed)
        return ASSAY_ERR_NOMEM;
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        if (ZSTD_isError(
                ZSTD_CCtx_setParameter(writer->zstd, settings[i].parameter, settings[i].value)))
            return ASSAY_ERR_ENGINE;
    }
    return ASSAY_OK;
}

/* Packs the bytes; with ZSTD_e_end also ends the frame. */
static status feed(struct writer *writer, struct view bytes, ZSTD_EndDirective how)
{
    ZSTD_inBuffer in = {bytes.data, (size_t)bytes.size, 0};
    for (;;) {
        ZSTD_outBuffer out = {writer->packed, writer->capacity, 0};
        size_t left = ZSTD_compressStream2(writer->zstd, &out, &in, how);
        if (ZSTD_isError(left))
            return ASSAY_ERR_NOMEM; /* nothing else can go wrong in packing */
        crypto_hash_sha256_update(&writer->digest, writer->packed, out.pos);
        TRY(write_all(writer->out, (struct view){writer->packed, out.pos}));
        if (how == ZSTD_e_end ? left == 0 : in.pos == in.size)
            return ASSAY_OK;
    }
}

static status put_seal(struct writer *writer)
{
    uint8_t seal[BUNDLE_SEAL_SIZE] = BUNDLE_SEAL_HEAD;
    crypto_hash_sha256_final(&writer->digest, seal + BUNDLE_SEAL_HEAD_SIZE);
    return write_all(writer->out, (struct view){seal, sizeof(seal)});
}

static const uint8_t zeros[2 * BUNDLE_BLOCK];

static status put_member(struct writer *writer, const char *name, struct view bytes)
{
    uint8_t header[BUNDLE_BLOCK];
    struct assay_bytes text = {(const uint8_t *)name, strlen(name)};
    if (!bundle_header_make(text, bytes.size, header))
        return ASSAY_ERR_ARGUMENT;
    TRY(feed(writer, (struct view){header, sizeof(header)}, ZSTD_e_continue));
    TRY(feed(writer, bytes, ZSTD_e_continue));
    return feed(writer, (struct view){zeros, bundle_padding(bytes.size)}, ZSTD_e_continue);
}

/* ---- what is to be written ------------------------------------------------------------------- */

struct contents {
    struct view manifest;
    const struct view *signatures;
    size_t signature_count;
    const struct bundle_file **files; /* sorted by name */
    size_t count;
};

static int compare_files(const void *left, const void *right)
{
    return strcmp((*(const struct bundle_file *const *)left)->name,
                  (*(const struct bundle_file *const *)right)->name);
}

static status check_head(const struct contents *contents, struct error *error)
{
    if (contents->manifest.size > MANIFEST_BYTES_MAX)
        return error_set(error, ASSAY_ERR_ARGUMENT, "the manifest is larger than %u MiB",
                         MANIFEST_BYTES_MAX >> 20);
    if (contents->signature_count > BUNDLE_SIGNATURES_MAX)
        return error_set(error, ASSAY_ERR_ARGUMENT, "a bundle has at most %d signatures",
                         BUNDLE_SIGNATURES_MAX);
    for (size_t i = 0; i < contents->signature_count; i++) {
        if (contents->signatures[i].size > BUNDLE_SIGNATURE_MAX)
            return error_set(error, ASSAY_ERR_ARGUMENT, "signature %zu is larger than %u KiB",
                             i + 1, BUNDLE_SIGNATURE_MAX >> 10);
    }
    return ASSAY_OK;
}

static status check_files(const struct contents *contents, struct error *error)
{
    uint64_t total = contents->manifest.size;
    if (contents->count > MANIFEST_FILES_MAX)
        return error_set(error, ASSAY_ERR_ARGUMENT, "a database has at most %d files, not %zu",
                         MANIFEST_FILES_MAX, contents->count);
    for (size_t i = 0; i < contents->count; i++) {
        const struct bundle_file *file = contents->files[i];
        struct assay_bytes name = {(const uint8_t *)file->name, strlen(file->name)};
        if (!manifest_path_is_safe(name))
            return error_set(error, ASSAY_ERR_ARGUMENT,
                             "'%.150s' is no name for a file of a database: rename it", file->name);
        if (i > 0 && compare_files(&contents->files[i - 1], &contents->files[i]) == 0)
            return error_set(error, ASSAY_ERR_ARGUMENT, "there are two files called %.150s",
                             file->name);
        if (file->bytes.size > MANIFEST_SIZE_MAX)
            return error_set(error, ASSAY_ERR_ARGUMENT, "%.150s is larger than 8 GiB: divide it",
                             file->name);
        total += file->bytes.size + bundle_padding(file->bytes.size) + BUNDLE_BLOCK;
    }
    /* Headers, signatures and the end fit into a megabyte. */
    if (total > BUNDLE_BYTES_MAX - (1U << 20))
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "the database is larger than %llu GiB: make two of it",
                         (unsigned long long)(BUNDLE_BYTES_MAX >> 30));
    return ASSAY_OK;
}

static status write_members(struct writer *writer, const struct contents *contents)
{
    TRY(put_member(writer, BUNDLE_MANIFEST_NAME, contents->manifest));
    for (size_t i = 0; i < contents->signature_count; i++) {
        char name[BUNDLE_NAME_ROOM];
        bundle_signature_name(i, name);
        TRY(put_member(writer, name, contents->signatures[i]));
    }
    TRY(feed(writer, (struct view){zeros, 0}, ZSTD_e_end));
    for (size_t i = 0; i < contents->count; i++)
        TRY(put_member(writer, contents->files[i]->name, contents->files[i]->bytes));
    TRY(feed(writer, (struct view){zeros, sizeof(zeros)}, ZSTD_e_end));
    return put_seal(writer);
}

status bundle_write(int out, struct view manifest, const struct view *signatures,
                    size_t signature_count, const struct bundle_file *files, size_t count,
                    struct error *error)
{
    struct writer writer cleanup(writer_release) = {.out = out};
    const struct bundle_file **sorted cleanup(free_cleanup) =
        calloc(count ? count : 1, sizeof(*sorted));
    if (!sorted)
        return ASSAY_ERR_NOMEM;
    for (size_t i = 0; i < count; i++)
        sorted[i] = &files[i];
    if (count > 1)
        qsort(sorted, count, sizeof(*sorted), compare_files);
    struct contents contents = {manifest, signatures, signature_count, sorted, count};
    TRY(check_head(&contents, error));
    TRY(check_files(&contents, error));
    TRY(writer_open(&writer));
    status written = write_members(&writer, &contents);
    if (written == ASSAY_ERR_IO)
        return error_set(error, written, "the bundle cannot be written: %s", strerror(errno));
    return written;
}
