/* hash_fixture: what tests of hashes share: sets made from the text of a list. */
#ifndef TESTS_HASH_FIXTURE_H
#define TESTS_HASH_FIXTURE_H

#include "base/buffer.h"
#include "signatures/hash_set.h"
#include "unit.h"

#include <sys/mman.h>
#include <unistd.h>

static inline int memfd_of(const void *bytes, size_t size)
{
    int fd = memfd_create("test", MFD_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
    return fd;
}

static inline status write_index_of(const char *list, int out, struct error *error)
{
    int in = memfd_of(list, strlen(list));
    status written = hash_index_write(in, out, error);
    close(in);
    return written;
}

static inline struct buffer index_of(const char *list)
{
    struct error error = {""};
    struct buffer index = {0};
    int out = memfd_of("", 0);
    status written = write_index_of(list, out, &error);
    ck_assert_msg(written == ASSAY_OK, "%s", error.text);
    ck_assert_int_eq(buffer_append_file(&index, out, SIZE_MAX), ASSAY_OK);
    close(out);
    return index;
}

static inline status open_index(struct view index, struct hash_set **ret_set)
{
    int fd = memfd_of(index.data, index.size);
    status opened = hash_set_open(fd, ret_set);
    close(fd);
    return opened;
}

static inline struct hash_set *hash_set_of(const char *list)
{
    struct hash_set *set = NULL;
    struct buffer index = index_of(list);
    ck_assert_int_eq(open_index(buffer_view(&index), &set), ASSAY_OK);
    buffer_release(&index);
    return set;
}

#endif
