/* Lists of passwords as people's editors leave them. */
#include "cli/password_file.h"
#include "unit.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

/* A file with these bytes; its path, until the next call. */
static const char *file_of(const void *bytes, size_t size)
{
    static int fd = -1;
    static char path[32];
    if (fd >= 0)
        close(fd);
    fd = memfd_create("passwords", MFD_CLOEXEC);
    ck_assert_int_eq((int)write(fd, bytes, size), (int)size);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return path;
}

static void expect(const char *text, size_t size, size_t count, const char *const *wanted)
{
    struct passwords passwords = {.list = NULL};
    struct error error = {""};
    ck_assert_int_eq(password_file_read(file_of(text, size), &error, &passwords), ASSAY_OK);
    ck_assert_uint_eq(passwords.count, count);
    for (size_t i = 0; i < count; i++) {
        ck_assert_uint_eq(passwords.list[i].size, strlen(wanted[i]));
        ck_assert_mem_eq(passwords.list[i].data, wanted[i], strlen(wanted[i]));
    }
    passwords_release(&passwords);
}
#define EXPECT(text, ...)                                                                          \
    expect(text, sizeof(text) - 1, sizeof((const char *[]){__VA_ARGS__}) / sizeof(const char *),   \
           (const char *[]){__VA_ARGS__})

START_TEST(every_line_is_a_password_as_it_is)
{
    expect("", 0, 0, NULL);
    expect("\n\r\n\n", 4, 0, NULL);
    EXPECT("one", "one");
    EXPECT("one\ntwo\n", "one", "two");
    EXPECT("one\r\n\r\ntwo\r\n", "one", "two");
    EXPECT("\n one \n\t\n# two", " one ", "\t", "# two");
    EXPECT("a\rb\n\r\r\nc\r", "a\rb", "\r", "c\r");
    EXPECT("\xff\xfe\n\xc3\xa9\n", "\xff\xfe", "\xc3\xa9");
}
END_TEST

START_TEST(a_password_may_have_nul_bytes)
{
    struct passwords passwords = {.list = NULL};
    struct error error = {""};
    const char *path = file_of("a\0b\n\0\n", 6);
    ck_assert_int_eq(password_file_read(path, &error, &passwords), ASSAY_OK);
    ck_assert_uint_eq(passwords.count, 2);
    ck_assert_uint_eq(passwords.list[0].size, 3);
    ck_assert_uint_eq(passwords.list[1].size, 1);
    passwords_release(&passwords);
}
END_TEST

static void expect_refused(const char *path, status why, const char *words)
{
    struct passwords passwords = {.list = NULL};
    struct error error = {""};
    ck_assert_int_eq(password_file_read(path, &error, &passwords), why);
    ck_assert_msg(strstr(error.text, words) != NULL, "%s", error.text);
    passwords_release(&passwords);
}

START_TEST(both_bounds_are_exact)
{
    enum { BYTES = PASSWORD_FILE_BYTES + 1 };
    static char text[BYTES];
    struct passwords passwords = {.list = NULL};
    struct error error = {""};
    memset(text, 'x', BYTES);
    expect_refused(file_of(text, BYTES), ASSAY_ERR_LIMIT, "1 MiB");
    ck_assert_int_eq(password_file_read(file_of(text, BYTES - 1), &error, &passwords), ASSAY_OK);
    ck_assert_uint_eq(passwords.list[0].size, BYTES - 1);
    passwords_release(&passwords);
    for (size_t i = 1; i < 2 * (PASSWORDS_MAX + 1); i += 2)
        text[i] = '\n';
    expect_refused(file_of(text, 2 * PASSWORDS_MAX + 1), ASSAY_ERR_LIMIT, "10000");
    ck_assert_int_eq(password_file_read(file_of(text, 2 * PASSWORDS_MAX), &error, &passwords),
                     ASSAY_OK);
    ck_assert_uint_eq(passwords.count, PASSWORDS_MAX);
    passwords_release(&passwords);
}
END_TEST

START_TEST(what_cannot_be_read_is_named)
{
    expect_refused("/nonexistent/list", ASSAY_ERR_IO, "/nonexistent/list");
    expect_refused("/", ASSAY_ERR_IO, "directory");
}
END_TEST

UNIT_MAIN("password_file", every_line_is_a_password_as_it_is, a_password_may_have_nul_bytes,
          both_bounds_are_exact, what_cannot_be_read_is_named)
