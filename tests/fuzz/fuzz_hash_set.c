/* Any bytes, as the index of a set of hashes that is looked into. */
#include "signatures/hash_format.h"
#include "signatures/hash_set.h"

#include <endian.h>
#include <string.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static int on_hit(void *context, const struct hash_hit *hit)
{
    static volatile uint8_t sum;
    (void)context;
    check(hit->name.size > 0 && hit->name.size <= HASH_NAME_MAX);
    check(hit->severity < ASSAY_SEVERITY_COUNT && hit->kind < HASH_KINDS);
    for (size_t i = 0; i < hit->name.size; i++)
        sum = (uint8_t)(sum + hit->name.data[i]);
    return 0;
}

/* Digests are taken from the file itself, as entries have them somewhere. */
static void look_up(const struct hash_set *set, const uint8_t *data, size_t size)
{
    static const uint64_t sizes[] = {0, 7, 10, UINT64_MAX};
    for (size_t at = 0; at + HASH_BYTES_MAX <= size && at < 1024; at += 4)
        for (int kind = 0; kind < HASH_KINDS; kind++)
            check(hash_set_find(set, (enum hash_kind)kind, data + at, 7, on_hit, NULL) == 0);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        for (int kind = 0; kind < HASH_KINDS; kind++)
            check(!hash_set_wants(set, (enum hash_kind)kind, sizes[i]) ||
                  hash_set_count(set, (enum hash_kind)kind) > 0);
}

/* A mapping ends with its page: the tail, in which the size is made right, is moved up to that, so that
 * a look past it is seen. Offsets stay what they are. */
static int make_file(const uint8_t *data, size_t size)
{
    static uint8_t file[1 << 20];
    size_t tail = size < sizeof(struct hash_tail) ? size : sizeof(struct hash_tail);
    size_t end = (size + 4095) / 4096 * 4096;
    check(end <= sizeof(file));
    memset(file, 0, end);
    memcpy(file, data, size - tail);
    memcpy(file + end - tail, data + size - tail, tail);
    uint64_t file_size = htole64(end);
    if (tail == sizeof(struct hash_tail))
        memcpy(file + end - tail + offsetof(struct hash_tail, file_size), &file_size,
               sizeof(file_size));
    int fd = memfd_create("index", MFD_CLOEXEC);
    check(fd >= 0 && write(fd, file, end) == (ssize_t)end);
    return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = make_file(data, size);
    struct hash_set *set = NULL;
    status opened = hash_set_open(fd, &set);
    close(fd);
    check(opened == ASSAY_OK || opened == ASSAY_ERR_CORRUPT);
    if (opened == ASSAY_OK)
        look_up(set, data, size);
    hash_set_free(set);
    return 0;
}
