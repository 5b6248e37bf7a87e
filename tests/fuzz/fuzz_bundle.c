/* Any bytes as an unpacked bundle. What is taken is the only archive of these members: written again
 * and unpacked, it is the same. */
#include "signatures/database/bundle.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

static void check(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void write_again(const struct bundle *bundle, struct view tar)
{
    size_t signature_count;
    const struct view *signatures = bundle_signatures(bundle, &signature_count);
    size_t count;
    const struct bundle_file *files = bundle_files(bundle, &count);
    int asdb = memfd_create("asdb", MFD_CLOEXEC);
    int again = memfd_create("tar", MFD_CLOEXEC);
    check(bundle_write(asdb, bundle_manifest(bundle), signatures, signature_count, files, count,
                       NULL) == ASSAY_OK);
    check(lseek(asdb, 0, SEEK_SET) == 0);
    check(bundle_expand(asdb, again, NULL) == ASSAY_OK);
    struct buffer bytes = {NULL, 0, 0};
    check(buffer_append_file(&bytes, again, 1 << 30) == ASSAY_OK);
    check(bytes.size == tar.size && memcmp(bytes.data, tar.data, bytes.size) == 0);
    buffer_release(&bytes);
    close(asdb);
    close(again);
}

static void check_against_manifest(const struct bundle *bundle)
{
    struct manifest manifest = {.name = NULL};
    if (manifest_parse(bundle_manifest(bundle), NULL, &manifest) == ASSAY_OK) {
        status checked = bundle_check(bundle, &manifest, NULL);
        check(checked == ASSAY_OK || checked == ASSAY_ERR_CORRUPT);
        size_t count;
        check(bundle_files(bundle, &count) != NULL || count == 0);
        check(checked != ASSAY_OK || count == manifest.file_count);
    }
    manifest_release(&manifest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct view tar = {data, size};
    struct bundle *bundle = NULL;
    struct error error = {""};
    status opened = bundle_open(tar, &error, &bundle);
    check(opened == ASSAY_OK || opened == ASSAY_ERR_CORRUPT || opened == ASSAY_ERR_TRUNCATED);
    check((opened == ASSAY_OK) == (error.text[0] == 0));
    if (opened == ASSAY_OK) {
        write_again(bundle, tar);
        check_against_manifest(bundle);
    }
    bundle_free(bundle);
    return 0;
}

/* The check sums of headers are made right again: of each block that has the magic of one. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    size = LLVMFuzzerMutate(data, size, max_size);
    for (size_t at = 0; seed % 4 != 0 && size - at >= 512; at += 512) {
        if (memcmp(data + at + 257, "ustar", 6) != 0)
            continue;
        unsigned sum = 0;
        memset(data + at + 148, ' ', 8);
        for (size_t i = 0; i < 512; i++)
            sum += data[at + i];
        snprintf((char *)data + at + 148, 7, "%06o", sum);
    }
    return size;
}
