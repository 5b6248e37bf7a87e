#include "walk/glob.h"

#include <time.h>

#include "unit.h"

static bool matches(const char *pattern, const char *path)
{
    struct glob glob;
    struct error error;
    size_t size = strlen(path);
    bool is_directory = size > 0 && path[size - 1] == '/';
    ck_assert_msg(glob_compile(pattern, &error, &glob) == ASSAY_OK, "%s", error.text);
    return glob_match(&glob, (struct view){(const uint8_t *)path, size - is_directory},
                      is_directory);
}

/* In these tables a path with a slash behind it is a directory. */
struct example {
    const char *pattern;
    const char *path;
};

static const struct example taken[] = {
    {"x", "x"},
    {"x", "a/b/x"},
    {"x", "x/"},
    {"*.c", "a/b/main.c"},
    {"*.c", ".c"},
    {"*", "anything"},
    {"**", "a/b/c"},
    {"a?c", "abc"},
    {"a*b*c", "aXbXbXc"},
    {"a**c", "abbc"},
    {"*\xff*", "caf\xff\xfe"},
    {"[abc]", "b"},
    {"[a-c]x", "bx"},
    {"[!a-c]", "d"},
    {"[^a-c]", "-"},
    {"[]]", "]"},
    {"[]-]", "-"},
    {"[!]]", "a"},
    {"[a-]", "-"},
    {"[\\]]", "]"},
    {"[\\\\]", "\\"},
    {"[\x80-\xff]", "\xc3"},
    {"\\*", "*"},
    {"\\!x", "!x"},
    {"#x", "#x"},
    {"a b ", "a b "},
    {"/x", "x"},
    {"/a/b", "a/b"},
    {"a/b", "a/b"},
    {"a/*/c", "a/b/c"},
    {"a/**/c", "a/c"},
    {"a/**/c", "a/x/y/c"},
    {"a/**/c/d", "a/c/x/c/d"},
    {"**/c", "c"},
    {"**/c", "a/b/c"},
    {"**/c/d", "x/c/d"},
    {"a/**", "a/b"},
    {"a/**", "a/b/c"},
    {"**/a/**/b/**", "x/a/b/a/b/c"},
    {"/**", "a"},
    {"x/", "x/"},
    {"x/", "a/x/"},
    {"/a/x/", "a/x/"},
    {"*/x", "a/x"},
};

static const struct example left[] = {
    {"x", "xy"},
    {"x", "x/y"},
    {"x", "X"},
    {"a?c", "ac"},
    {"a*", "a/b"},
    {"?", ""},
    {"[a-c]", "d"},
    {"[!a-c]", "b"},
    {"[a-c]", "ab"},
    {"\\*", "x"},
    {"/x", "a/x"},
    {"a/b", "x/a/b"},
    {"a/b", "a/b/c"},
    {"a/*", "a/b/c"},
    {"a/*/c", "a/c"},
    {"a/?c", "a//c"},
    {"a/**/c", "a/cc"},
    {"a/**", "a/"},
    {"a/**", "ab/c"},
    {"**/c", "a/c/d"},
    {"x/", "x"},
    {"a/x/", "a/x"},
    {"**/a/**/b/**", "x/a/b"},
    {"a**/c", "a/b/c"},
};

START_TEST(examples_match_or_do_not)
{
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
        ck_assert_msg(matches(taken[i].pattern, taken[i].path), "\"%s\" takes \"%s\"",
                      taken[i].pattern, taken[i].path);
    for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
        ck_assert_msg(!matches(left[i].pattern, left[i].path), "\"%s\" leaves \"%s\"",
                      left[i].pattern, left[i].path);
}
END_TEST

START_TEST(bad_patterns_are_refused)
{
    static const char *const refused[] = {
        "",    "/",     "//",    "a//b",  "./a",  "a/..",        "[",      "[a", "[]",  "[!]",
        "[a-", "[z-a]", "[a/b]", "a\\",   "a\\/", "[[:alpha:]]", "[a\\]",  "!x", "x//", "//x",
        "a/.", "[\\",   "a/[",   "x/a\\", "[!",   "[^",          "[a-\\]", "..", "."};
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct error error = {""};
        struct glob glob;
        ck_assert_msg(glob_compile(refused[i], &error, &glob) == ASSAY_ERR_ARGUMENT, "\"%s\"",
                      refused[i]);
        ck_assert_ptr_nonnull(strstr(error.text, refused[i]));
    }
    struct error error;
    struct glob glob;
    ck_assert_int_eq(glob_compile("!x", &error, &glob), ASSAY_ERR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(error.text, "--include"));
}
END_TEST

/* Patterns that take years when every "*" backtracks. */
START_TEST(work_is_bounded)
{
    enum { SIZE = 1 << 14 };
    static char path[SIZE + 1];
    static char pattern[3 * 64 + 2];
    struct timespec start, end; /* CPU time: other work on the machine does not count */
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
    memset(path, 'a', SIZE);
    for (size_t i = 0; i < 64; i++)
        memcpy(pattern + 2 * i, "a*", 2);
    pattern[128] = 'b';
    ck_assert(!matches(pattern, path));
    for (size_t i = 1; i < SIZE; i += 2)
        path[i] = '/';
    for (size_t i = 0; i < 32; i++)
        memcpy(pattern + 5 * i, "**/a/", 5);
    memcpy(pattern + 5 * 32, "b", 2);
    path[SIZE - 1] = 'a';
    ck_assert(!matches(pattern, path));
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    ck_assert_int_le(end.tv_sec - start.tv_sec, 5);
}
END_TEST

START_TEST(a_list_matches_as_its_patterns_do)
{
    static const char *const texts[] = {"*.o", "/build/"};
    struct glob_list list = {NULL, 0};
    const struct view object = {(const uint8_t *)"a/b.o", 5};
    const struct view build = {(const uint8_t *)"build", 5};
    ck_assert(!glob_list_match(&list, object, false));
    ck_assert_int_eq(glob_list_compile(&list, texts, 0, NULL), ASSAY_OK);
    ck_assert_int_eq(glob_list_compile(&list, texts, 2, NULL), ASSAY_OK);
    ck_assert(glob_list_match(&list, object, false));
    ck_assert(glob_list_match(&list, build, true));
    ck_assert(!glob_list_match(&list, build, false));
    glob_list_release(&list);
    static const char *const bad[] = {"*.o", "["};
    struct error error;
    ck_assert_int_eq(glob_list_compile(&list, bad, 2, &error), ASSAY_ERR_ARGUMENT);
    ck_assert_uint_eq(list.count, 0);
}
END_TEST

UNIT_MAIN("walk-glob", examples_match_or_do_not, bad_patterns_are_refused, work_is_bounded,
          a_list_matches_as_its_patterns_do)
