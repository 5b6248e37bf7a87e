#include "signatures/digest.h"

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(struct view view, const char *expected)
{
    uint8_t digest[32];
    char hex[65];
    ck_assert_int_eq(digest_sha256(view, digest), ASSAY_OK);
    for (size_t i = 0; i < 32; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    ck_assert_str_eq(hex, expected);
}

/* The examples of FIPS 180-4. */
START_TEST(digests_are_sha256)
{
    static const char *const empty =
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    check((struct view){NULL, 0}, empty);
    check((struct view){(const uint8_t *)"x", 0}, empty);
    check((struct view){(const uint8_t *)"abc", 3},
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    uint8_t *million = malloc(1000000);
    ck_assert_ptr_nonnull(million);
    memset(million, 'a', 1000000);
    check((struct view){million, 1000000},
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    free(million);
}
END_TEST

UNIT_MAIN("digest", digests_are_sha256)
