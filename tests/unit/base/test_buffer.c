#include "base/buffer.h"
#include "base/cleanup.h"
#include "unit.h"

#include <sys/mman.h>
#include <unistd.h>

START_TEST(bytes_arrive_in_order)
{
    cleanup(buffer_release) struct buffer buffer = {0};
    for (unsigned i = 0; i < 1000; i++) {
        ck_assert_int_eq(buffer_append_format(&buffer, "%03u", i), ASSAY_OK);
        ck_assert_int_eq(buffer_append_text(&buffer, ","), ASSAY_OK);
        ck_assert_int_eq(buffer_append(&buffer, "\0x", 2), ASSAY_OK);
    }
    ck_assert_uint_eq(buffer.size, 6000);
    ck_assert_mem_eq(buffer.data, "000,\0x001,\0x", 12);
    ck_assert_mem_eq(buffer.data + 5994, "999,\0x", 6);
    ck_assert_uint_eq(buffer_view(&buffer).size, 6000);
}
END_TEST

START_TEST(a_terminator_is_not_counted)
{
    cleanup(buffer_release) struct buffer buffer = {0};
    ck_assert_int_eq(buffer_terminate(&buffer), ASSAY_OK);
    ck_assert_uint_eq(buffer.size, 0);
    ck_assert_str_eq((const char *)buffer.data, "");
    /* Exactly full, so that the terminator needs new room. */
    while (buffer.size < buffer.capacity)
        ck_assert_int_eq(buffer_append(&buffer, "y", 1), ASSAY_OK);
    size_t full = buffer.size;
    ck_assert_int_eq(buffer_terminate(&buffer), ASSAY_OK);
    ck_assert_uint_eq(buffer.size, full);
    ck_assert_uint_eq(strlen((const char *)buffer.data), full);
}
END_TEST

START_TEST(the_front_can_be_dropped)
{
    cleanup(buffer_release) struct buffer buffer = {0};
    ck_assert_int_eq(buffer_append_text(&buffer, "headtail"), ASSAY_OK);
    buffer_drop_front(&buffer, 4);
    ck_assert_uint_eq(buffer.size, 4);
    ck_assert_mem_eq(buffer.data, "tail", 4);
    buffer_drop_front(&buffer, 0);
    ck_assert_uint_eq(buffer.size, 4);
    buffer_drop_front(&buffer, SIZE_MAX);
    ck_assert_uint_eq(buffer.size, 0);
}
END_TEST

START_TEST(impossible_sizes_fail_and_change_nothing)
{
    cleanup(buffer_release) struct buffer buffer = {0};
    ck_assert_int_eq(buffer_append_text(&buffer, "kept"), ASSAY_OK);
    ck_assert_int_eq(buffer_reserve(&buffer, SIZE_MAX), ASSAY_ERR_NOMEM);
    ck_assert_int_eq(buffer_reserve(&buffer, SIZE_MAX - 4), ASSAY_ERR_NOMEM);
    ck_assert_int_eq(buffer_reserve(&buffer, SIZE_MAX / 2), ASSAY_ERR_NOMEM);
    ck_assert_uint_eq(buffer.size, 4);
    ck_assert_mem_eq(buffer.data, "kept", 4);
}
END_TEST

START_TEST(memory_is_kept_when_emptied)
{
    cleanup(buffer_release) struct buffer buffer = {0};
    ck_assert_int_eq(buffer_reserve(&buffer, 5000), ASSAY_OK);
    const uint8_t *before = buffer.data;
    ck_assert_int_eq(buffer_append_text(&buffer, "x"), ASSAY_OK);
    buffer.size = 0;
    ck_assert_int_eq(buffer_reserve(&buffer, 5000), ASSAY_OK);
    ck_assert_ptr_eq(buffer.data, before);
    buffer_release(&buffer);
    ck_assert(buffer.data == NULL && buffer.size == 0 && buffer.capacity == 0);
    ck_assert_int_eq(buffer_append_text(&buffer, "again"), ASSAY_OK);
}
END_TEST

START_TEST(a_file_is_appended_whole_and_its_offset_stays)
{
    cleanup(buffer_release) struct buffer buffer = {0};
    cleanup(fd_cleanup) int fd = memfd_create("file", MFD_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(ftruncate(fd, 100000), 0);
    ck_assert_int_eq(pwrite(fd, "end", 3, 99997), 3);
    ck_assert_int_eq(lseek(fd, 5, SEEK_SET), 5);
    ck_assert_int_eq(buffer_append_text(&buffer, "before"), ASSAY_OK);
    ck_assert_int_eq(buffer_append_file(&buffer, fd, 100006), ASSAY_OK);
    ck_assert_uint_eq(buffer.size, 100006);
    ck_assert_mem_eq(buffer.data, "before\0", 7);
    ck_assert_mem_eq(buffer.data + 100003, "end", 3);
    ck_assert_int_eq(lseek(fd, 0, SEEK_CUR), 5);

    buffer.size = 0;
    ck_assert_int_eq(buffer_append_file(&buffer, fd, 99999), ASSAY_ERR_LIMIT);
    ck_assert_int_eq(buffer_append_file(&buffer, -1, 1), ASSAY_ERR_IO);
}
END_TEST

UNIT_MAIN("buffer", bytes_arrive_in_order, a_terminator_is_not_counted, the_front_can_be_dropped,
          impossible_sizes_fail_and_change_nothing, memory_is_kept_when_emptied,
          a_file_is_appended_whole_and_its_offset_stays)
