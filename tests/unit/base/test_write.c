#include "base/cleanup.h"
#include "base/map.h"
#include "base/write.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>

static const struct view hello = {(const uint8_t *)"hello", 5};

static int memory_file(void)
{
    int fd = memfd_create("bytes", MFD_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    return fd;
}

static void expect(int fd, const char *bytes, size_t size)
{
    cleanup(map_release) struct view file = {NULL, 0};
    ck_assert_int_eq(map_file(fd, 0, &file), ASSAY_OK);
    ck_assert_uint_eq(file.size, size);
    ck_assert_mem_eq(file.data, bytes, size);
}

START_TEST(bytes_are_written_behind_each_other)
{
    cleanup(fd_cleanup) int fd = memory_file();
    ck_assert_int_eq(write_all(fd, hello), ASSAY_OK);
    ck_assert_int_eq(write_all(fd, (struct view){NULL, 0}), ASSAY_OK);
    ck_assert_int_eq(write_all(fd, hello), ASSAY_OK);
    expect(fd, "hellohello", 10);
}
END_TEST

START_TEST(bytes_are_written_where_they_belong)
{
    cleanup(fd_cleanup) int fd = memory_file();
    ck_assert_int_eq(write_all_at(fd, hello, 3), ASSAY_OK);
    ck_assert_int_eq(lseek(fd, 0, SEEK_CUR), 0);
    ck_assert_int_eq(write_all_at(fd, (struct view){NULL, 0}, 100), ASSAY_OK);
    ck_assert_int_eq(write_all(fd, hello), ASSAY_OK);
    expect(fd, "hellollo", 8);
}
END_TEST

static void on_signal(int number)
{
    (void)number;
}

struct reader {
    pthread_t writer;
    int fd;
    size_t got;
};

/* Takes little at a time, and disturbs who writes meanwhile. */
static void *read_slowly(void *argument)
{
    struct reader *reader = argument;
    char bytes[4096];
    for (ssize_t got; (got = read(reader->fd, bytes, sizeof(bytes))) > 0;) {
        reader->got += (size_t)got;
        pthread_kill(reader->writer, SIGUSR1);
    }
    return NULL;
}

START_TEST(a_pipe_takes_part_and_signals_come)
{
    static uint8_t bytes[1 << 20];
    const struct sigaction action = {.sa_handler = on_signal}; /* no SA_RESTART */
    int ends[2];
    pthread_t thread;
    ck_assert_int_eq(sigaction(SIGUSR1, &action, NULL), 0);
    ck_assert_int_eq(pipe(ends), 0);
    struct reader reader = {pthread_self(), ends[0], 0};
    ck_assert_int_eq(pthread_create(&thread, NULL, read_slowly, &reader), 0);
    ck_assert_int_eq(write_all(ends[1], (struct view){bytes, sizeof(bytes)}), ASSAY_OK);
    close(ends[1]);
    pthread_join(thread, NULL);
    close(ends[0]);
    ck_assert_uint_eq(reader.got, sizeof(bytes));
}
END_TEST

START_TEST(what_cannot_be_written_is_an_error)
{
    cleanup(fd_cleanup) int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    ck_assert_int_eq(write_all(full, hello), ASSAY_ERR_IO);
    ck_assert_int_eq(errno, ENOSPC);
    ck_assert_int_eq(write_all_at(full, hello, 0), ASSAY_ERR_IO);
    ck_assert_int_eq(errno, ENOSPC);
    ck_assert_int_eq(write_all(-1, hello), ASSAY_ERR_IO);
    ck_assert_int_eq(errno, EBADF);
    ck_assert_int_eq(write_all_at(-1, hello, 0), ASSAY_ERR_IO);
    ck_assert_int_eq(errno, EBADF);
}
END_TEST

START_TEST(what_cannot_be_mapped_is_an_error)
{
    cleanup(fd_cleanup) int fd = memory_file();
    struct view file = {NULL, 0};
    ck_assert_int_eq(map_file(fd, 0, &file), ASSAY_ERR_CORRUPT);
    ck_assert_int_eq(map_file(-1, 0, &file), ASSAY_ERR_IO);
    ck_assert_int_eq(errno, EBADF);
    ck_assert_int_eq(ftruncate(fd, INT64_MAX), 0);
    ck_assert_int_eq(map_file(fd, 0, &file), ASSAY_ERR_NOMEM);
    ck_assert_ptr_null(file.data);
    map_release(&file);
    ck_assert_uint_eq(file.size, 0);
}
END_TEST

UNIT_MAIN("write", bytes_are_written_behind_each_other, bytes_are_written_where_they_belong,
          a_pipe_takes_part_and_signals_come, what_cannot_be_written_is_an_error,
          what_cannot_be_mapped_is_an_error)
