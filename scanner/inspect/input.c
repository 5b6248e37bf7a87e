#include "inspect/input.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* glibc's fstat may make a system call that takes a path, which the worker's sandbox refuses. */
static int stat_of_fd(int fd, struct stat *ret_stat)
{
#ifdef SYS_fstat
    return (int)syscall(SYS_fstat, fd, ret_stat);
#else
    return fstat(fd, ret_stat);
#endif
}

/* A byte more than the file says it has is asked for: some file systems say 0 and have more. */
static status read_whole(struct input *input, int fd, size_t size)
{
    input->read.size = 0;
    TRY(buffer_reserve(&input->read, size + 1));
    for (ssize_t got = 1; got != 0 && input->read.size <= size;) {
        got = pread(fd, input->read.data + input->read.size, size + 1 - input->read.size,
                    (off_t)input->read.size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ASSAY_ERR_IO;
        input->read.size += (size_t)got;
        if (input->read.size == size && size > 0)
            break; /* a read that is short by one byte met the end */
    }
    if (input->read.size < size)
        return ASSAY_ERR_CHANGED;
    input->longer = input->read.size > size;
    input->view = (struct view){input->read.data, size};
    return ASSAY_OK;
}

static status map_whole(struct input *input, int fd, size_t size)
{
    void *map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED)
        return errno == ENOMEM ? ASSAY_ERR_NOMEM : ASSAY_ERR_IO;
    madvise(map, size, MADV_SEQUENTIAL);
    input->map = map;
    input->view = (struct view){map, size};
    return ASSAY_OK;
}

status input_load(struct input *input, int fd)
{
    if (stat_of_fd(fd, &input->before) < 0)
        return ASSAY_ERR_IO;
    if (!S_ISREG(input->before.st_mode))
        return ASSAY_ERR_ARGUMENT;
    uint64_t size = (uint64_t)input->before.st_size;
    input->longer = false;
    return size <= INPUT_READ_MAX ? read_whole(input, fd, size) : map_whole(input, fd, size);
}

/* The change time is left out: a rename or a new link changes it, and neither changes a byte. */
status input_check_unchanged(const struct input *input, int fd)
{
    struct stat after;
    if (stat_of_fd(fd, &after) < 0)
        return ASSAY_ERR_IO;
    bool same = !input->longer && after.st_size == input->before.st_size &&
                after.st_mtim.tv_sec == input->before.st_mtim.tv_sec &&
                after.st_mtim.tv_nsec == input->before.st_mtim.tv_nsec;
    return same ? ASSAY_OK : ASSAY_ERR_CHANGED;
}

void input_unload(struct input *input)
{
    if (input->map)
        munmap(input->map, input->view.size);
    input->map = NULL;
    input->view = (struct view){NULL, 0};
}

void input_release(struct input *input)
{
    input_unload(input);
    buffer_release(&input->read);
}
