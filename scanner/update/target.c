#include "update/target.h"

#include "base/write.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

status target_open(int fd, uint64_t most, struct error *error, struct target *ret_target)
{
    struct stat stat;
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY || fstat(fd, &stat) < 0 ||
        !S_ISREG(stat.st_mode))
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "descriptor %d must be a regular file, open for writing", fd);
    *ret_target = (struct target){.fd = fd, .size = (uint64_t)stat.st_size, .most = most};
    /* It is no beginning of what may come. */
    return ret_target->size > most ? target_restart(ret_target, error) : ASSAY_OK;
}

static status cannot_write(struct error *error)
{
    return error_set(error, ASSAY_ERR_IO,
                     "the download cannot be written: %s; make room on the disk and try again",
                     strerror(errno));
}

status target_restart(struct target *target, struct error *error)
{
    if (ftruncate(target->fd, 0) < 0)
        return cannot_write(error);
    target->size = 0;
    return ASSAY_OK;
}

status target_write(struct target *target, const void *bytes, size_t size, struct error *error)
{
    if (size > target->most - target->size)
        return error_set(error, ASSAY_ERR_LIMIT,
                         "the server sends more than the %llu bytes that are allowed",
                         (unsigned long long)target->most);
    if (write_all_at(target->fd, (struct view){bytes, size}, target->size) < 0) {
        status failed = cannot_write(error);
        off_t end = lseek(target->fd, 0, SEEK_END);
        target->size = end < 0 ? target->size : (uint64_t)end; /* a part of it may be there */
        return failed;
    }
    target->size += size;
    return ASSAY_OK;
}

status target_finish(const struct target *target, struct error *error)
{
    return fdatasync(target->fd) < 0 ? cannot_write(error) : ASSAY_OK;
}
