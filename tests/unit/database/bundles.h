/* bundles: small databases for tests, as they are written, unpacked and read. */
#ifndef TESTS_BUNDLES_H
#define TESTS_BUNDLES_H

#include "base/text.h"
#include "signatures/database/bundle.h"
#include "signatures/digest.h"
#include "unit.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static inline struct view view_of(const char *text)
{
    return (struct view){(const uint8_t *)text, strlen(text)};
}

/* A nameless file of these bytes, at its beginning. */
static inline int file_of(struct view bytes)
{
    int fd = memfd_create("test", MFD_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, bytes.data, bytes.size), (ssize_t)bytes.size);
    ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static inline struct buffer bytes_of(int fd)
{
    struct buffer bytes = {0};
    ck_assert_int_eq(buffer_append_file(&bytes, fd, 1 << 30), ASSAY_OK);
    return bytes;
}

static inline void assert_same(struct view left, struct view right)
{
    ck_assert_uint_eq(left.size, right.size);
    ck_assert(view_starts(left, 0, right.data, right.size));
}

static const struct {
    const char *name, *text;
} sample_files[] = {
    {"a.yar", "rule a { condition: true }\n"},
    {"empty.yar", ""},
    {"hashes/all.hashes", "44d88612fea8a8f36de82e1278abb02f\t68\ttest\thigh\n"},
    {"long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/"
     "long/long/long/long/name.yar",
     "rule long { condition: false }\n"},
};
#define SAMPLE_COUNT (sizeof(sample_files) / sizeof(sample_files[0]))

/* Parts of a database, which a test may change before it writes them. */
struct sample {
    struct manifest manifest;
    struct buffer manifest_text;
    struct bundle_file files[SAMPLE_COUNT];
    struct view signatures[2];
    size_t signature_count;
};

static inline void sample_make(struct sample *sample)
{
    *sample = (struct sample){
        .manifest = {.name = strdup("sample"),
                     .description = strdup("for tests"),
                     .licence = strdup("MIT"),
                     .min_engine = strdup("0.1.0"),
                     .serial = 7,
                     .created = 1764072000,
                     .rules = 2,
                     .hashes = {1, 0, 0}},
        .signatures = {view_of("one"), view_of("two")},
        .signature_count = 2,
    };
    sample->manifest.files = calloc(SAMPLE_COUNT, sizeof(*sample->manifest.files));
    sample->manifest.file_count = SAMPLE_COUNT;
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        struct view bytes = view_of(sample_files[i].text);
        sample->files[i] = (struct bundle_file){sample_files[i].name, bytes};
        struct manifest_file *file = &sample->manifest.files[i];
        file->name = strdup(sample_files[i].name);
        file->size = bytes.size;
        ck_assert_int_eq(digest_sha256(bytes, file->sha256), ASSAY_OK);
    }
    ck_assert_int_eq(manifest_write(&sample->manifest, NULL, &sample->manifest_text), ASSAY_OK);
}

static inline void sample_release(struct sample *sample)
{
    manifest_release(&sample->manifest);
    buffer_release(&sample->manifest_text);
}

static inline int sample_write(const struct sample *sample)
{
    int fd = memfd_create("bundle", MFD_CLOEXEC);
    struct error error = {""};
    ck_assert_msg(bundle_write(fd, buffer_view(&sample->manifest_text), sample->signatures,
                               sample->signature_count, sample->files, SAMPLE_COUNT,
                               &error) == ASSAY_OK,
                  "%s", error.text);
    return fd;
}

/* Unpacks an asdb; the buffer is empty after an error. */
static inline status expand(struct view asdb, struct error *error, struct buffer *ret_tar)
{
    int in = file_of(asdb);
    int out = memfd_create("tar", MFD_CLOEXEC);
    status expanded = bundle_expand(in, out, error);
    *ret_tar = (struct buffer){NULL, 0, 0};
    if (expanded == ASSAY_OK)
        *ret_tar = bytes_of(out);
    close(in);
    close(out);
    return expanded;
}

/* All that a reader checks of a tar, but the signatures. */
static inline status check_tar(struct view tar, struct error *error)
{
    struct bundle *bundle cleanup(bundle_free_cleanup) = NULL;
    struct manifest manifest cleanup(manifest_release) = {.name = NULL};
    TRY(bundle_open(tar, error, &bundle));
    TRY(manifest_parse(bundle_manifest(bundle), error, &manifest));
    return bundle_check(bundle, &manifest, error);
}

#endif
