#include "write.h"

#include <errno.h>
#include <unistd.h>

/* What a call that should have written said, as a part of `left`. */
static status advance(ssize_t written, struct view *left)
{
    if (written < 0)
        return errno == EINTR ? ASSAY_OK : ASSAY_ERR_IO;
    if (written == 0) {
        errno = ENOSPC; /* nothing was written, and nothing said */
        return ASSAY_ERR_IO;
    }
    *left = view_sub(*left, (uint64_t)written, UINT64_MAX);
    return ASSAY_OK;
}

status write_all(int fd, struct view bytes)
{
    while (bytes.size > 0)
        TRY(advance(write(fd, bytes.data, bytes.size), &bytes));
    return ASSAY_OK;
}

status write_all_at(int fd, struct view bytes, uint64_t offset)
{
    uint64_t end = offset + bytes.size;
    while (bytes.size > 0)
        TRY(advance(pwrite(fd, bytes.data, bytes.size, (off_t)(end - bytes.size)), &bytes));
    return ASSAY_OK;
}
