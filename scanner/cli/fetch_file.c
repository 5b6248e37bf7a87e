#include "cli/fetch_file.h"

#include "base/cleanup.h"
#include "base/write.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

#define COPY_BYTES (128U << 10)

static status too_large(const struct fetch_options *options, struct error *error)
{
    return error_set(error, ASSAY_ERR_LIMIT,
                     "the file has more than the %llu bytes that are allowed: is it the right one?",
                     (unsigned long long)options->max_bytes);
}

static status cannot_write(struct error *error)
{
    return error_set(error, ASSAY_ERR_IO,
                     "the copy cannot be written: %s; make room on the disk and try again",
                     strerror(errno));
}

/* Of a regular file: a FIFO would be waited for, a device has no end. */
static status open_source(const struct fetch_options *options, const char *path,
                          struct error *error, int *ret_fd)
{
    struct stat stat;
    int fd cleanup(fd_cleanup) = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &stat) < 0)
        return error_set(error, errno == ENOENT ? ASSAY_ERR_ARGUMENT : ASSAY_ERR_IO,
                         "the file cannot be read: %s; check its path", strerror(errno));
    if (!S_ISREG(stat.st_mode))
        return error_set(error, ASSAY_ERR_ARGUMENT, "this is not a regular file; check its path");
    if ((uint64_t)stat.st_size > options->max_bytes)
        return too_large(options, error);
    *ret_fd = steal_fd(&fd);
    return ASSAY_OK;
}

static bool shall_stop(const struct fetch_options *options)
{
    struct pollfd poller = {.fd = options->stop, .events = POLLIN};
    return poll(&poller, 1, 0) > 0;
}

status fetch_file(const struct fetch_options *options, const char *path, int fd,
                  struct error *error)
{
    int source cleanup(fd_cleanup) = -1;
    TRY(open_source(options, path, error, &source));
    uint8_t *room cleanup(free_cleanup) = malloc(COPY_BYTES);
    if (!room)
        return error_set(error, ASSAY_ERR_NOMEM, "out of memory: free some and try again");
    if (ftruncate(fd, 0) < 0)
        return cannot_write(error);
    for (uint64_t copied = 0;;) {
        if (shall_stop(options))
            return error_set(error, ASSAY_ERR_CANCELLED, "stopped");
        ssize_t got = read(source, room, COPY_BYTES);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set(error, ASSAY_ERR_IO, "the file cannot be read: %s; check its disk",
                             strerror(errno));
        if (got == 0)
            return ASSAY_OK;
        if ((uint64_t)got > options->max_bytes - copied) /* it has grown */
            return too_large(options, error);
        if (write_all_at(fd, (struct view){room, (uint64_t)got}, copied) < 0)
            return cannot_write(error);
        copied += (uint64_t)got;
    }
}
