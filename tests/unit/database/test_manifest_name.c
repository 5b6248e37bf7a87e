#include "base/text.h"
#include "signatures/database/manifest.h"
#include "unit.h"

START_TEST(names)
{
    static const char *const safe[] = {"a", "A-1_b.c", "7", "lock2"};
    static const char *const unsafe[] = {"",     ".",          "..",     ".a",  "-a",
                                         "_a",   "a/b",        "a b",    "a\n", "\xc3\xa4",
                                         "lock", "state.json", "builtin"};
    char longest[MANIFEST_NAME_MAX + 2] = "";
    for (size_t i = 0; i < sizeof(safe) / sizeof(safe[0]); i++)
        ck_assert_msg(manifest_name_is_safe(safe[i]), "%s", safe[i]);
    for (size_t i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++)
        ck_assert_msg(!manifest_name_is_safe(unsafe[i]), "%s", unsafe[i]);
    memset(longest, 'a', MANIFEST_NAME_MAX);
    ck_assert(manifest_name_is_safe(longest));
    longest[MANIFEST_NAME_MAX] = 'a';
    ck_assert(!manifest_name_is_safe(longest));
}
END_TEST

START_TEST(paths)
{
    static const char *const safe[] = {"a", "a/b.yar", "...", "a b/c", ".git", "a/.b", "a~!#$%&()"};
    static const char *const unsafe[] = {"",
                                         "/",
                                         "/a",
                                         "a/",
                                         "a//b",
                                         ".",
                                         "..",
                                         "a/..",
                                         "../a",
                                         "a/./b",
                                         " a",
                                         "a ",
                                         "a\\b",
                                         "a\"b",
                                         "a'b",
                                         "a\tb",
                                         "a\x7f"
                                         "b",
                                         "\xc3\xa4",
                                         "a/../b"};
    char longest[MANIFEST_PATH_MAX + 2] = "";
    for (size_t i = 0; i < sizeof(safe) / sizeof(safe[0]); i++)
        ck_assert_msg(manifest_path_is_safe(text_bytes(safe[i])), "%s", safe[i]);
    for (size_t i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++)
        ck_assert_msg(!manifest_path_is_safe(text_bytes(unsafe[i])), "%s", unsafe[i]);
    ck_assert(!manifest_path_is_safe((struct assay_bytes){(const uint8_t *)"a\0b", 3}));
    memset(longest, 'a', MANIFEST_PATH_MAX);
    ck_assert(!manifest_path_is_safe(text_bytes(longest)));
    longest[155] = '/'; /* where the header of a tar divides it */
    ck_assert(manifest_path_is_safe(text_bytes(longest)));
    longest[MANIFEST_PATH_MAX] = 'a';
    ck_assert(!manifest_path_is_safe(text_bytes(longest)));
}
END_TEST

START_TEST(times)
{
    static const struct {
        int64_t seconds;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00Z"},
        {951782400, "2000-02-29T00:00:00Z"},
        {1700000000, "2023-11-14T22:13:20Z"},
        {4102444799, "2099-12-31T23:59:59Z"},
        {253402300799, "9999-12-31T23:59:59Z"},
    };
    char text[MANIFEST_TIME];
    int64_t seconds;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        manifest_time_text(cases[i].seconds, text);
        ck_assert_str_eq(text, cases[i].text);
        ck_assert(manifest_parse_time(text, &seconds));
        ck_assert_int_eq(seconds, cases[i].seconds);
    }
    manifest_time_text(INT64_MIN, text);
    ck_assert_str_eq(text, "1970-01-01T00:00:00Z");
    manifest_time_text(INT64_MAX, text);
    ck_assert_str_eq(text, "9999-12-31T23:59:59Z");
}
END_TEST

START_TEST(what_is_no_time)
{
    static const char *const texts[] = {
        "",
        "2023",
        "2023-11-14",
        "2023-11-14T22:13:20",
        "2023-11-14T22:13:20Z ",
        "2023-11-14 22:13:20Z",
        "2023-11-14T22:13:20z",
        "2023-11-14T22:13:60Z",
        "2023-11-14T24:00:00Z",
        "2023-13-14T22:13:20Z",
        "2023-00-14T22:13:20Z",
        "2023-02-29T22:13:20Z",
        "2023-11-00T22:13:20Z",
        "1969-12-31T23:59:59Z",
        "2023-11-14T22:13:2:Z",
        "2023-1/-14T22:13:20Z",
        "\xff\xff\xff\xff-11-14T22:13:20Z",
        "-023-11-14T22:13:20Z",
        "+2023-1-14T22:13:20Z",
    };
    int64_t seconds = 7;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        ck_assert_msg(!manifest_parse_time(texts[i], &seconds), "%s", texts[i]);
    ck_assert_int_eq(seconds, 7);
}
END_TEST

UNIT_MAIN("manifest_name", names, paths, times, what_is_no_time)
