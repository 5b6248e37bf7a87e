/* Paths from the command line, then from a list. */
#include "cli/roots.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static char list[64];

static void write_list(const char *bytes, size_t size)
{
    snprintf(list, sizeof(list), "/tmp/assay-roots-XXXXXX");
    int fd = mkstemp(list);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq((int)write(fd, bytes, size), (int)size);
    close(fd);
}

struct wanted {
    const char *bytes;
    size_t size;
};

static void expect(const struct roots_source *source, const struct wanted *wanted, size_t count)
{
    struct error error = {""};
    struct roots *roots;
    struct assay_bytes path;
    ck_assert_int_eq(roots_new(source, &error, &roots), ASSAY_OK);
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(roots_next(roots, -1, &error, &path), ASSAY_OK);
        ck_assert_uint_eq(path.size, wanted[i].size);
        ck_assert_mem_eq(path.data, wanted[i].bytes, wanted[i].size);
    }
    ck_assert_int_eq(roots_next(roots, -1, &error, &path), ASSAY_END);
    ck_assert_int_eq(roots_next(roots, -1, &error, &path), ASSAY_END);
    roots_free(roots);
}

START_TEST(operands_come_first)
{
    char *paths[] = {"one", "", "-"};
    write_list("three\n", 6);
    struct roots_source source = {paths, 3, list, false};
    static const struct wanted wanted[] = {{"one", 3}, {"", 0}, {"-", 1}, {"three", 5}};
    expect(&source, wanted, 4);
    unlink(list);
    expect(&(struct roots_source){.paths = paths}, NULL, 0);
}
END_TEST

START_TEST(lines_are_paths_and_empty_ones_are_none)
{
    write_list("\n\na b\n\xff\xfe\n\nlast", 14);
    struct roots_source source = {.list = list};
    static const struct wanted wanted[] = {{"a b", 3}, {"\xff\xfe", 2}, {"last", 4}};
    expect(&source, wanted, 3);
    unlink(list);
}
END_TEST

START_TEST(nul_separated_paths_may_have_newlines)
{
    write_list("a\nb\0\0\nc\0d", 9);
    struct roots_source source = {.list = list, .null_separated = true};
    static const struct wanted wanted[] = {{"a\nb", 3}, {"\nc", 2}, {"d", 1}};
    expect(&source, wanted, 3);
    unlink(list);
}
END_TEST

START_TEST(a_list_that_cannot_be_read_is_an_error)
{
    struct error error = {""};
    struct roots *roots = NULL;
    struct assay_bytes path;
    struct roots_source source = {.list = "/nonexistent/list"};
    ck_assert_int_eq(roots_new(&source, &error, &roots), ASSAY_ERR_IO);
    ck_assert_ptr_nonnull(strstr(error.text, "/nonexistent/list"));
    source.list = "/";
    ck_assert_int_eq(roots_new(&source, &error, &roots), ASSAY_OK);
    ck_assert_int_eq(roots_next(roots, -1, &error, &path), ASSAY_ERR_IO);
    roots_free(roots);
    roots_free(NULL);
}
END_TEST

/* A line that memory does not hold must not look like the end of the list. */
START_TEST(a_line_without_end_is_an_error)
{
#ifdef __SANITIZE_ADDRESS__
    fprintf(stderr, "skipped: AddressSanitizer needs all the address space\n");
#else
    struct rlimit limit = {64 << 20, 64 << 20};
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
    struct error error = {""};
    struct roots *roots;
    struct assay_bytes path;
    struct roots_source source = {.list = "/dev/zero"};
    ck_assert_int_eq(roots_new(&source, &error, &roots), ASSAY_OK);
    ck_assert_int_lt(roots_next(roots, -1, &error, &path), 0);
    ck_assert_str_ne(error.text, "");
    roots_free(roots);
#endif
}
END_TEST

UNIT_MAIN("roots", operands_come_first, lines_are_paths_and_empty_ones_are_none,
          nul_separated_paths_may_have_newlines, a_list_that_cannot_be_read_is_an_error,
          a_line_without_end_is_an_error)
