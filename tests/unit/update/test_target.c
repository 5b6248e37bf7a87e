/* A download's file grows within its bound or begins anew. */
#include "unit.h"
#include "update/target.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static int file_with(const char *text)
{
    int fd = memfd_create("target", MFD_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq((int)pwrite(fd, text, strlen(text), 0), (int)strlen(text));
    return fd;
}

static void expect(int fd, const char *text)
{
    char content[64];
    ck_assert_int_eq((int)pread(fd, content, sizeof(content), 0), (int)strlen(text));
    ck_assert_mem_eq(content, text, strlen(text));
}

START_TEST(it_goes_on_behind_what_is_there)
{
    struct target target;
    int fd = file_with("first");
    ck_assert_int_eq(target_open(fd, 100, NULL, &target), ASSAY_OK);
    ck_assert_uint_eq(target.size, 5);
    ck_assert_int_eq(target_write(&target, " second", 7, NULL), ASSAY_OK);
    ck_assert_int_eq(target_finish(&target, NULL), ASSAY_OK);
    ck_assert_uint_eq(target.size, 12);
    expect(fd, "first second");
    ck_assert_int_eq(target_restart(&target, NULL), ASSAY_OK);
    ck_assert_int_eq(target_write(&target, "anew", 4, NULL), ASSAY_OK);
    expect(fd, "anew");
    close(fd);
}
END_TEST

START_TEST(nothing_is_written_past_the_bound)
{
    struct target target;
    struct error error = {""};
    int fd = file_with("1234");
    ck_assert_int_eq(target_open(fd, 8, NULL, &target), ASSAY_OK);
    ck_assert_int_eq(target_write(&target, "56789", 5, &error), ASSAY_ERR_LIMIT);
    ck_assert_ptr_nonnull(strstr(error.text, "8 bytes"));
    expect(fd, "1234");
    ck_assert_int_eq(target_write(&target, "5678", 4, NULL), ASSAY_OK);
    ck_assert_int_eq(target_write(&target, "9", 1, NULL), ASSAY_ERR_LIMIT);
    ck_assert_int_eq(target_write(&target, "", 0, NULL), ASSAY_OK);
    expect(fd, "12345678");
    close(fd);
    fd = file_with("longer than the bound");
    ck_assert_int_eq(target_open(fd, 8, NULL, &target), ASSAY_OK);
    ck_assert_uint_eq(target.size, 0);
    expect(fd, "");
    close(fd);
}
END_TEST

START_TEST(only_a_writable_file_will_do)
{
    struct target target;
    struct error error = {""};
    int pipes[2];
    ck_assert_int_eq(pipe(pipes), 0);
    int fds[] = {-1, pipes[1], open("/dev/full", O_WRONLY | O_CLOEXEC),
                 open("/proc/self/exe", O_RDONLY | O_CLOEXEC)};
    for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
        ck_assert_int_eq(target_open(fds[i], 8, &error, &target), ASSAY_ERR_ARGUMENT);
        ck_assert_ptr_nonnull(strstr(error.text, "regular file"));
    }
    close(fds[2]);
    close(fds[3]);
    close(pipes[0]);
    close(pipes[1]);
}
END_TEST

START_TEST(a_file_that_can_grow_no_more_is_an_error)
{
    struct target target;
    struct error error = {""};
    struct rlimit limit = {.rlim_cur = 6, .rlim_max = 6};
    int fd = file_with("");
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert_int_eq(target_open(fd, 100, NULL, &target), ASSAY_OK);
    ck_assert_int_eq(target_write(&target, "12345678", 8, &error), ASSAY_ERR_IO);
    ck_assert_ptr_nonnull(strstr(error.text, "make room"));
    ck_assert_uint_eq(target.size, 6);
    close(fd);
}
END_TEST

UNIT_MAIN("target", it_goes_on_behind_what_is_there, nothing_is_written_past_the_bound,
          only_a_writable_file_will_do, a_file_that_can_grow_no_more_is_an_error)
