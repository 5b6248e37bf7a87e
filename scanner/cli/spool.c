#include "cli/spool.h"

#include "base/cleanup.h"
#include "base/write.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

#define COPY_BYTES (128U << 10)

int spool_open_unnamed(void)
{
    const char *directories[] = {getenv("TMPDIR"), "/var/tmp", "/tmp"};
    for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
        int fd = directories[i] ? open(directories[i], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) : -1;
        if (fd >= 0)
            return fd;
    }
    return -1;
}

static status wait_readable(int source, int wakeup)
{
    struct pollfd pollers[] = {{.fd = source, .events = POLLIN}, {.fd = wakeup, .events = POLLIN}};
    while (poll(pollers, 2, -1) < 0) {
        if (errno != EINTR)
            return ASSAY_ERR_IO;
    }
    return pollers[1].revents ? ASSAY_ERR_CANCELLED : ASSAY_OK;
}

static status copy_all(int source, int target, uint64_t max_size, int wakeup)
{
    uint8_t *room cleanup(free_cleanup) = malloc(COPY_BYTES);
    if (!room)
        return ASSAY_ERR_NOMEM;
    uint64_t copied = 0;
    for (;;) {
        TRY(wait_readable(source, wakeup));
        ssize_t got = read(source, room, COPY_BYTES);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got <= 0)
            return got < 0 ? ASSAY_ERR_IO : ASSAY_OK;
        copied += (uint64_t)got;
        if (max_size && copied > max_size)
            return ASSAY_ERR_LIMIT;
        TRY(write_all(target, (struct view){room, (uint64_t)got}));
    }
}

status spool_input(int source, uint64_t max_size, int wakeup, struct error *error, int *ret_fd,
                   struct stat *ret_stat)
{
    struct stat stat;
    if (fstat(source, &stat) < 0)
        return error_set(error, ASSAY_ERR_IO, "standard input is not open");
    bool whole_file = S_ISREG(stat.st_mode) && lseek(source, 0, SEEK_CUR) == 0;
    int fd cleanup(fd_cleanup) =
        whole_file ? fcntl(source, F_DUPFD_CLOEXEC, 3) : spool_open_unnamed();
    if (fd < 0)
        return error_set(error, ASSAY_ERR_IO,
                         "standard input cannot be kept in a temporary file: %s; set TMPDIR",
                         strerror(errno));
    if (!whole_file) {
        status copied = copy_all(source, fd, max_size, wakeup);
        if (copied < 0)
            return error_set(error, copied,
                             "standard input cannot be copied to a temporary file: %s",
                             copied == ASSAY_ERR_IO ? strerror(errno)
                                                    : assay_status_text((enum assay_status)copied));
    }
    if (fstat(fd, &stat) < 0)
        return ASSAY_ERR_IO;
    if (max_size && (uint64_t)stat.st_size > max_size)
        return ASSAY_ERR_LIMIT;
    *ret_stat = stat;
    *ret_fd = steal_fd(&fd);
    return ASSAY_OK;
}
