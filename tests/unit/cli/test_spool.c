/* Standard input of every kind as a file. */
#include "cli/spool.h"
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void expect_content(int fd, const struct stat *stat, const char *text)
{
    char content[64];
    ck_assert_int_eq(stat->st_size, (off_t)strlen(text));
    ck_assert_int_eq((int)pread(fd, content, sizeof(content), 0), (int)strlen(text));
    ck_assert_mem_eq(content, text, strlen(text));
    ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
}

START_TEST(a_pipe_is_copied_to_a_file_without_a_name)
{
    struct error error = {""};
    struct stat stat;
    int pipes[2], fd;
    ck_assert_int_eq(pipe(pipes), 0);
    ck_assert_int_eq((int)write(pipes[1], "through a pipe", 14), 14);
    close(pipes[1]);
    ck_assert_int_eq(spool_input(pipes[0], 0, -1, &error, &fd, &stat), ASSAY_OK);
    expect_content(fd, &stat, "through a pipe");
    ck_assert_uint_eq(stat.st_nlink, 0);
    close(fd);
    close(pipes[0]);
}
END_TEST

START_TEST(a_file_at_its_start_is_used_as_it_is)
{
    struct error error = {""};
    struct stat stat, own;
    int file = memfd_create("spool", MFD_CLOEXEC), fd;
    ck_assert_int_eq((int)write(file, "content", 7), 7);
    lseek(file, 0, SEEK_SET);
    ck_assert_int_eq(spool_input(file, 0, -1, &error, &fd, &stat), ASSAY_OK);
    ck_assert_int_ne(fd, file);
    expect_content(fd, &stat, "content");
    ck_assert_int_eq(fstat(file, &own), 0);
    ck_assert_uint_eq(stat.st_ino, own.st_ino);
    close(fd);

    /* Of a file that was read from, the rest is the input. */
    lseek(file, 3, SEEK_SET);
    ck_assert_int_eq(spool_input(file, 0, -1, &error, &fd, &stat), ASSAY_OK);
    expect_content(fd, &stat, "tent");
    close(fd);
    close(file);
}
END_TEST

START_TEST(more_than_allowed_is_the_limit)
{
    struct error error = {""};
    struct stat stat;
    int pipes[2], fd = -1;
    ck_assert_int_eq(pipe(pipes), 0);
    ck_assert_int_eq((int)write(pipes[1], "0123456789", 10), 10);
    close(pipes[1]);
    ck_assert_int_eq(spool_input(pipes[0], 9, -1, &error, &fd, &stat), ASSAY_ERR_LIMIT);
    close(pipes[0]);
    int file = memfd_create("spool", MFD_CLOEXEC);
    ck_assert_int_eq((int)pwrite(file, "0123456789", 10, 0), 10);
    ck_assert_int_eq(spool_input(file, 9, -1, &error, &fd, &stat), ASSAY_ERR_LIMIT);
    ck_assert_int_eq(fd, -1);
    ck_assert_int_eq(spool_input(file, 10, -1, &error, &fd, &stat), ASSAY_OK);
    close(fd);
    close(file);
    /* An endless source ends at the bound. */
    int endless = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    ck_assert_int_eq(spool_input(endless, 1 << 20, -1, &error, &fd, &stat), ASSAY_ERR_LIMIT);
    close(endless);
}
END_TEST

START_TEST(a_signal_ends_the_wait)
{
    struct error error = {""};
    struct stat stat;
    int pipes[2], fd = -1, event = eventfd(0, EFD_CLOEXEC);
    ck_assert_int_eq(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        usleep(50000);
        uint64_t one = 1;
        _exit(write(event, &one, sizeof(one)) != sizeof(one));
    }
    ck_assert_int_eq(spool_input(pipes[0], 0, event, &error, &fd, &stat), ASSAY_ERR_CANCELLED);
    ck_assert_int_eq(fd, -1);
    waitpid(child, NULL, 0);
    close(pipes[0]);
    close(pipes[1]);
    close(event);
}
END_TEST

START_TEST(what_cannot_be_read_is_an_error)
{
    struct error error = {""};
    struct stat stat;
    int fd = -1, directory = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ck_assert_int_eq(spool_input(-1, 0, -1, &error, &fd, &stat), ASSAY_ERR_IO);
    ck_assert_ptr_nonnull(strstr(error.text, "not open"));
    ck_assert_int_eq(spool_input(directory, 0, -1, &error, &fd, &stat), ASSAY_ERR_IO);
    ck_assert_int_eq(fd, -1);
    close(directory);
}
END_TEST

START_TEST(a_non_blocking_source_is_waited_for)
{
    struct error error = {""};
    struct stat stat;
    int pipes[2], fd;
    ck_assert_int_eq(pipe2(pipes, O_NONBLOCK), 0);
    pid_t child = fork();
    if (child == 0) {
        usleep(50000);
        _exit(write(pipes[1], "late", 4) != 4);
    }
    close(pipes[1]);
    ck_assert_int_eq(spool_input(pipes[0], 0, -1, &error, &fd, &stat), ASSAY_OK);
    expect_content(fd, &stat, "late");
    waitpid(child, NULL, 0);
    close(fd);
    close(pipes[0]);
}
END_TEST

UNIT_MAIN("spool", a_pipe_is_copied_to_a_file_without_a_name, a_file_at_its_start_is_used_as_it_is,
          more_than_allowed_is_the_limit, a_signal_ends_the_wait, what_cannot_be_read_is_an_error,
          a_non_blocking_source_is_waited_for)
