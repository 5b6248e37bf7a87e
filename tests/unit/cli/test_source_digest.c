/* One digest for a set of sources. */
#include "cli/source_digest.h"
#include "unit.h"

#include <stdio.h>

struct source {
    const char *name, *text;
};

static void digest_of(const struct source *sources, size_t count, char ret_hex[SOURCE_DIGEST_HEX])
{
    struct source_digest digest = {NULL, 0};
    for (size_t i = 0; i < count; i++) {
        struct view text = {(const uint8_t *)sources[i].text, strlen(sources[i].text)};
        ck_assert_int_eq(source_digest_add(&digest, sources[i].name, text), ASSAY_OK);
    }
    ck_assert_int_eq(source_digest_finish(&digest, ret_hex), ASSAY_OK);
    source_digest_release(&digest);
}

START_TEST(it_is_what_its_description_says)
{
    /* printf '' | sha256sum; and of "a", NUL, the SHA-256 of "x" in hexadecimal, newline. */
    char hex[SOURCE_DIGEST_HEX];
    digest_of(NULL, 0, hex);
    ck_assert_str_eq(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    digest_of((struct source[]){{"a", "x"}}, 1, hex);
    ck_assert_str_eq(hex, "b71899f0e13a58405ecef8ed7b7e0930a32f40e799828f8716ea8ace8e8ca782");
}
END_TEST

START_TEST(the_order_does_not_matter)
{
    struct source sources[] = {{"b", "1"}, {"a", "2"}, {"c", ""}, {"a", "3"}};
    char first[SOURCE_DIGEST_HEX], other[SOURCE_DIGEST_HEX];
    digest_of(sources, 4, first);
    for (size_t i = 0; i < 4; i++) {
        for (size_t k = 0; k < 4; k++) {
            struct source swapped[4];
            memcpy(swapped, sources, sizeof(sources));
            swapped[i] = sources[k];
            swapped[k] = sources[i];
            digest_of(swapped, 4, other);
            ck_assert_str_eq(first, other);
        }
    }
}
END_TEST

START_TEST(everything_else_does)
{
    static const struct source sets[][2] = {
        {{"a", "1"}, {"b", "2"}}, {{"a", "2"}, {"b", "1"}}, {{"a", "1"}, {"c", "2"}},
        {{"a", "1"}, {"b", "3"}}, {{"a", "1"}, {"a", "1"}}, {{"a", "12"}, {"b", ""}},
    };
    char hex[6][SOURCE_DIGEST_HEX];
    for (size_t i = 0; i < 6; i++) {
        digest_of(sets[i], 2, hex[i]);
        for (size_t k = 0; k < i; k++)
            ck_assert_str_ne(hex[i], hex[k]);
    }
    digest_of(sets[0], 1, hex[0]);
    ck_assert_str_ne(hex[0], hex[4]);
}
END_TEST

UNIT_MAIN("source_digest", it_is_what_its_description_says, the_order_does_not_matter,
          everything_else_does)
