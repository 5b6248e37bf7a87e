#include "base/cleanup.h"
#include "base/encode.h"
#include "base/text.h"
#include "unit.h"

typedef status encode_fn(struct buffer *out, struct assay_bytes bytes);

static void expect(encode_fn *encode, const char *raw, size_t size, const char *expected)
{
    cleanup(buffer_release) struct buffer out = {0};
    ck_assert_int_eq(buffer_append_text(&out, ">"), ASSAY_OK);
    ck_assert_int_eq(encode(&out, (struct assay_bytes){(const uint8_t *)raw, size}), ASSAY_OK);
    ck_assert_int_eq(buffer_terminate(&out), ASSAY_OK);
    ck_assert_uint_eq(out.size, strlen(expected) + 1);
    ck_assert_str_eq((const char *)out.data + 1, expected);
}

/* RFC 4648, section 10. */
START_TEST(base64_vectors)
{
    expect(encode_base64, NULL, 0, "");
    expect(encode_base64, "f", 1, "Zg==");
    expect(encode_base64, "fo", 2, "Zm8=");
    expect(encode_base64, "foo", 3, "Zm9v");
    expect(encode_base64, "foobar", 6, "Zm9vYmFy");
    expect(encode_base64, "\xfb\xff\xfe\0", 4, "+//+AA==");
}
END_TEST

START_TEST(hex_vectors)
{
    expect(encode_hex, NULL, 0, "");
    expect(encode_hex, "\0\x7f\x80\xff\n", 5, "007f80ff0a");
}
END_TEST

START_TEST(sizes_that_cannot_be_are_refused)
{
    struct buffer out = {0};
    struct assay_bytes huge = {(const uint8_t *)"x", SIZE_MAX};
    ck_assert_int_eq(encode_hex(&out, huge), ASSAY_ERR_NOMEM);
    ck_assert_int_eq(encode_base64(&out, huge), ASSAY_ERR_NOMEM);
}
END_TEST

UNIT_MAIN("encode", base64_vectors, hex_vectors, sizes_that_cannot_be_are_refused)
