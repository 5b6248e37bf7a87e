#include "map.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

/* Not fstat: glibc's may make a system call that takes a path, which a sandbox refuses. */
status map_file(int fd, int flags, struct view *ret_file)
{
    off_t size = lseek(fd, 0, SEEK_END);
    if (size < 0)
        return ASSAY_ERR_IO;
    if (size == 0)
        return ASSAY_ERR_CORRUPT;
    void *bytes = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE | flags, fd, 0);
    if (bytes == MAP_FAILED)
        return errno == ENOMEM ? ASSAY_ERR_NOMEM : ASSAY_ERR_IO;
    *ret_file = (struct view){bytes, (uint64_t)size};
    return ASSAY_OK;
}

void map_release(struct view *file)
{
    if (file->size > 0)
        munmap((void *)(uintptr_t)file->data, file->size);
    *file = (struct view){NULL, 0};
}
