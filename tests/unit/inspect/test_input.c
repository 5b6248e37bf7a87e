/* Files as views: read, mapped, refused, and changed meanwhile. */
#include "inspect/input.h"
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static int memory_file(const void *bytes, size_t size)
{
    int fd = memfd_create("input", MFD_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq((int)write(fd, bytes, size), (int)size);
    return fd;
}

/* The file must be given as these bytes, and not have changed. */
static void expect_loaded(struct input *input, int fd, const char *bytes)
{
    ck_assert_int_eq(input_load(input, fd), ASSAY_OK);
    ck_assert_uint_eq(input->view.size, strlen(bytes));
    if (bytes[0])
        ck_assert_mem_eq(input->view.data, bytes, strlen(bytes));
    ck_assert_int_eq(input_check_unchanged(input, fd), ASSAY_OK);
}

START_TEST(small_files_are_read_whatever_the_offset)
{
    struct input input = {0};
    int fd = memory_file("hello", 5);
    ck_assert_int_eq(lseek(fd, 3, SEEK_SET), 3);
    expect_loaded(&input, fd, "hello");
    ck_assert_ptr_null(input.map);
    ck_assert_int_eq(lseek(fd, 0, SEEK_CUR), 3);
    input_unload(&input);
    ck_assert_uint_eq(input.view.size, 0);
    input_release(&input);
    close(fd);
}
END_TEST

START_TEST(empty_files_are_empty_views)
{
    struct input input = {0};
    int fd = memory_file("", 0);
    expect_loaded(&input, fd, "");
    input_release(&input);
    close(fd);
}
END_TEST

START_TEST(memory_is_used_again_and_never_shows_the_last_file)
{
    struct input input = {0};
    int large = memory_file("0123456789", 10), small = memory_file("ab", 2);
    expect_loaded(&input, large, "0123456789");
    input_unload(&input);
    expect_loaded(&input, small, "ab");
    input_release(&input);
    close(large);
    close(small);
}
END_TEST

START_TEST(large_files_are_mapped)
{
    struct input input = {0};
    int fd = memory_file("", 0);
    for (int extra = 0; extra < 2; extra++) {
        off_t size = (off_t)INPUT_READ_MAX + extra;
        ck_assert_int_eq(ftruncate(fd, size), 0);
        ck_assert_int_eq((int)pwrite(fd, "end", 3, size - 3), 3);
        ck_assert_int_eq(input_load(&input, fd), ASSAY_OK);
        ck_assert_int_eq(input.map != NULL, extra);
        ck_assert_uint_eq(input.view.size, (uint64_t)size);
        ck_assert_mem_eq(input.view.data + size - 3, "end", 3);
        ck_assert_int_eq(input_check_unchanged(&input, fd), ASSAY_OK);
        input_unload(&input);
        ck_assert_ptr_null(input.map);
    }
    input_release(&input);
    close(fd);
}
END_TEST

START_TEST(what_is_no_regular_file_is_refused)
{
    struct input input = {0};
    int pipes[2];
    ck_assert_int_eq(pipe(pipes), 0);
    int directory = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int device = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    ck_assert_int_eq(input_load(&input, directory), ASSAY_ERR_ARGUMENT);
    ck_assert_int_eq(input_load(&input, device), ASSAY_ERR_ARGUMENT);
    ck_assert_int_eq(input_load(&input, pipes[0]), ASSAY_ERR_ARGUMENT);
    ck_assert_int_eq(input_load(&input, -1), ASSAY_ERR_IO);
    char path[] = "/tmp/assay-input-XXXXXX";
    int made = mkstemp(path);
    int unreadable = open(path, O_WRONLY | O_CLOEXEC);
    ck_assert_int_eq((int)write(made, "x", 1), 1);
    ck_assert_int_eq(input_load(&input, unreadable), ASSAY_ERR_IO);
    unlink(path);
    input_release(&input);
    for (size_t i = 0; i < 2; i++)
        close(pipes[i]);
    close(directory);
    close(device);
    close(made);
    close(unreadable);
}
END_TEST

START_TEST(changes_are_noticed)
{
    struct input input = {0};
    int fd = memory_file("before", 6);
    ck_assert_int_eq(input_load(&input, fd), ASSAY_OK);
    ck_assert_int_eq(ftruncate(fd, 7), 0);
    ck_assert_int_eq(input_check_unchanged(&input, fd), ASSAY_ERR_CHANGED);

    ck_assert_int_eq(input_load(&input, fd), ASSAY_OK);
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, input.before.st_mtim};
    times[1].tv_nsec ^= 1;
    ck_assert_int_eq(futimens(fd, times), 0);
    ck_assert_int_eq(input_check_unchanged(&input, fd), ASSAY_ERR_CHANGED);

    /* A new mode or name changes no byte. */
    ck_assert_int_eq(input_load(&input, fd), ASSAY_OK);
    ck_assert_int_eq(fchmod(fd, 0600), 0);
    ck_assert_int_eq(input_check_unchanged(&input, fd), ASSAY_OK);
    close(fd);
    ck_assert_int_eq(input_check_unchanged(&input, fd), ASSAY_ERR_IO);
    input_release(&input);
}
END_TEST

/* Files of /proc say they are empty and are not, as those of some network file systems do. */
START_TEST(a_file_that_is_longer_than_it_says_has_changed)
{
    struct input input = {0};
    int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(input_load(&input, fd), ASSAY_OK);
    ck_assert_int_eq(input.before.st_size, 0);
    ck_assert_int_eq(input_check_unchanged(&input, fd), ASSAY_ERR_CHANGED);
    input_release(&input);
    close(fd);
}
END_TEST

/* Files of /sys say they have a page, and have less. */
START_TEST(a_file_that_is_shorter_than_it_says_has_changed)
{
    struct input input = {0};
    int fd = open("/sys/kernel/mm/transparent_hugepage/enabled", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        fd = open("/sys/kernel/uevent_seqnum", O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(input_load(&input, fd), ASSAY_ERR_CHANGED);
    ck_assert_uint_eq(input.view.size, 0);
    input_release(&input);
    close(fd);
}
END_TEST

UNIT_MAIN("input", small_files_are_read_whatever_the_offset, empty_files_are_empty_views,
          memory_is_used_again_and_never_shows_the_last_file, large_files_are_mapped,
          what_is_no_regular_file_is_refused, changes_are_noticed,
          a_file_that_is_longer_than_it_says_has_changed,
          a_file_that_is_shorter_than_it_says_has_changed)
