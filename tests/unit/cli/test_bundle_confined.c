/* A bundle is unpacked by a process that can do nothing else. */
#include "pool/confined.h"
#include "signatures/database/bundle.h"

#include "../database/bundles.h"

static const struct confined_bounds bounds = {.sandbox = SANDBOX_AUTO,
                                              .memory = UINT64_C(128) << 20,
                                              .output = BUNDLE_BYTES_MAX,
                                              .seconds = 60};

static status expand_confined(int in, struct error *error, struct buffer *ret_tar)
{
    int out cleanup(fd_cleanup) = memfd_create("tar", MFD_CLOEXEC);
    TRY(confined_run(bundle_expand, in, out, &bounds, error));
    *ret_tar = bytes_of(out);
    return ASSAY_OK;
}

START_TEST(a_bundle_is_unpacked)
{
    struct sample sample;
    struct error error = {""};
    struct buffer tar cleanup(buffer_release) = {0};
    sample_make(&sample);
    int asdb cleanup(fd_cleanup) = sample_write(&sample);
    ck_assert_int_eq(lseek(asdb, 0, SEEK_SET), 0);
    ck_assert_msg(expand_confined(asdb, &error, &tar) == ASSAY_OK, "%s", error.text);
    ck_assert_int_eq(check_tar(buffer_view(&tar), &error), ASSAY_OK);
    sample_release(&sample);
}
END_TEST

/* More than a window, which a process of 128 MiB has room for: the largest there may be. */
START_TEST(a_large_one_too)
{
    struct error error = {""};
    struct buffer tar cleanup(buffer_release) = {0};
    size_t size = 96 << 20;
    uint8_t *bytes = malloc(size);
    uint64_t state = 1;
    for (size_t i = 0; i < size; i++) {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        bytes[i] = (uint8_t) "0123456789abcdef"[state >> 60];
    }
    struct bundle_file file = {"all.hashes", {bytes, size}};
    int asdb cleanup(fd_cleanup) = memfd_create("bundle", MFD_CLOEXEC);
    ck_assert_int_eq(bundle_write(asdb, view_of("{}"), NULL, 0, &file, 1, &error), ASSAY_OK);
    ck_assert_int_eq(lseek(asdb, 0, SEEK_SET), 0);
    ck_assert_msg(expand_confined(asdb, &error, &tar) == ASSAY_OK, "%s", error.text);
    struct bundle *bundle cleanup(bundle_free_cleanup) = NULL;
    ck_assert_int_eq(bundle_open(buffer_view(&tar), &error, &bundle), ASSAY_OK);
    size_t count;
    assert_same(bundle_files(bundle, &count)[0].bytes, file.bytes);
    ck_assert_uint_eq(count, 1);
    free(bytes);
}
END_TEST

START_TEST(its_words_arrive)
{
    struct error error = {""};
    struct buffer tar cleanup(buffer_release) = {0};
    int in cleanup(fd_cleanup) = file_of(view_of("no bundle at all"));
    ck_assert_int_eq(expand_confined(in, &error, &tar), ASSAY_ERR_CORRUPT);
    ck_assert_str_eq(error.text, "this is no bundle, or it is damaged");
}
END_TEST

UNIT_MAIN("bundle_confined", a_bundle_is_unpacked, a_large_one_too, its_words_arrive)
