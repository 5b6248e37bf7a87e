#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "report/replace.h"

#define FULL ((size_t)64 << 10)

struct output {
    int fd;
    int error_number; /* of the first failure; 0 for none */
    char *path;       /* NULL for standard output */
    int inherited;    /* the fd that was open already; -1: none was */
    struct replacement replacement;
    struct buffer pending;
};

/* ---- opening ----------------------------------------------------------------------------- */

/* Names of files that are open already. Opened anew they would start at offset 0 and overwrite what
 * else is written there; and they must never be renamed over. */
static const struct {
    const char *prefix;
    int fd; /* -1: a number follows */
} inherited[] = {
    {"/dev/stdin", 0}, {"/dev/stdout", 1},     {"/dev/stderr", 2},
    {"/dev/fd/", -1},  {"/proc/self/fd/", -1},
};

/* The open fd that the path stands for, or -1. */
static int inherited_fd(const char *path)
{
    for (size_t i = 0; i < sizeof(inherited) / sizeof(inherited[0]); i++) {
        size_t length = strlen(inherited[i].prefix);
        if (strncmp(path, inherited[i].prefix, length) != 0)
            continue;
        const char *rest = path + length;
        if (inherited[i].fd >= 0 && *rest == 0)
            return inherited[i].fd;
        char *end = NULL;
        if (inherited[i].fd < 0 && *rest >= '0' && *rest <= '9') {
            long number = strtol(rest, &end, 10);
            return *end == 0 && number <= INT_MAX ? (int)number : -1;
        }
    }
    return -1;
}

static bool is_writable(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0)
        return false;
    if ((flags & O_ACCMODE) == O_RDONLY) {
        errno = EBADF;
        return false;
    }
    return true;
}

/* Opens a FIFO or device. It may have become something else since it was looked at. */
static int open_special(const char *path)
{
    struct stat now;
    cleanup(fd_cleanup) int fd = open(path, O_WRONLY | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &now) != 0)
        return -1;
    if (S_ISREG(now.st_mode)) {
        errno = EEXIST;
        return -1;
    }
    return steal_fd(&fd);
}

/* Sets output->fd; -1 and errno on failure. */
static void open_target(struct output *output)
{
    const char *path = output->path;
    int existing = path ? inherited_fd(path) : STDOUT_FILENO;
    struct stat target;
    output->inherited = existing;
    if (existing >= 0) {
        output->fd = is_writable(existing) ? fcntl(existing, F_DUPFD_CLOEXEC, 3) : -1;
    } else if (stat(path, &target) == 0 && S_ISDIR(target.st_mode)) {
        errno = EISDIR;
    } else if (lstat(path, &target) == 0 && !S_ISREG(target.st_mode) && !S_ISLNK(target.st_mode)) {
        output->fd = open_special(path);
    } else {
        status begun = replacement_begin(path, &output->replacement, &output->fd);
        if (begun == ASSAY_ERR_NOMEM)
            errno = ENOMEM;
    }
}

const char *output_path(const struct output *output)
{
    return output->path;
}

bool output_is_live(const struct output *output)
{
    return output->replacement.directory < 0;
}

/* What is now where the output goes to. */
static bool stat_target(const struct output *output, struct stat *ret_stat)
{
    const struct replacement *replacement = &output->replacement;
    return output_is_live(output) ? fstat(output->fd, ret_stat) == 0
                                  : fstatat(replacement->directory, replacement->name, ret_stat,
                                            AT_SYMLINK_NOFOLLOW) == 0;
}

bool output_is_same(const struct output *one, const struct output *other)
{
    struct stat a, b;
    if (one->inherited >= 0 && other->inherited >= 0)
        return one->inherited == other->inherited;
    if (!output_is_live(one) && !output_is_live(other))
        return fstat(one->replacement.directory, &a) == 0 &&
               fstat(other->replacement.directory, &b) == 0 && a.st_dev == b.st_dev &&
               a.st_ino == b.st_ino && strcmp(one->replacement.name, other->replacement.name) == 0;
    return stat_target(one, &a) && stat_target(other, &b) && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino && !S_ISCHR(a.st_mode);
}

bool output_is_file(const struct output *output, const struct stat *file)
{
    struct stat own;
    return fstat(output->fd, &own) == 0 && own.st_dev == file->st_dev && own.st_ino == file->st_ino;
}

status output_open(const char *path, struct error *error, struct output **ret_output)
{
    cleanup(output_free_cleanup) struct output *output = calloc(1, sizeof(*output));
    if (!output)
        return error_set(error, ASSAY_ERR_NOMEM, "out of memory");
    output->fd = -1;
    output->replacement = REPLACEMENT_NONE;
    if (path && !(output->path = strdup(path)))
        return error_set(error, ASSAY_ERR_NOMEM, "out of memory");
    open_target(output);
    if (output->fd < 0) {
        output_fail(output, errno);
        return output_state(output, error);
    }
    *ret_output = steal_pointer(output);
    return ASSAY_OK;
}

void output_free(struct output *output)
{
    if (!output)
        return;
    fd_cleanup(&output->fd);
    replacement_end(&output->replacement);
    buffer_release(&output->pending);
    free(output->path);
    free(output);
}

/* ---- writing ----------------------------------------------------------------------------- */

void output_fail(struct output *output, int error_number)
{
    if (output->error_number == 0)
        output->error_number = error_number ? error_number : EIO;
}

status output_state(const struct output *output, struct error *error)
{
    if (output->error_number == 0)
        return ASSAY_OK;
    const char *why = strerrordesc_np(output->error_number);
    return error_set(error, ASSAY_ERR_IO, "cannot write the report: %s: %s",
                     why ? why : "unknown error", output->path ? output->path : "standard output");
}

/* Waits until the fd, which another process made non-blocking, takes bytes again. */
static bool wait_until_writable(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    return poll(&ready, 1, -1) >= 0 || errno == EINTR;
}

status output_flush(struct output *output)
{
    size_t done = 0;
    while (output->error_number == 0 && done < output->pending.size) {
        ssize_t taken = write(output->fd, output->pending.data + done, output->pending.size - done);
        if (taken > 0)
            done += (size_t)taken;
        else if (taken == 0)
            output_fail(output, EIO);
        else if (errno == EAGAIN && wait_until_writable(output->fd))
            continue;
        else if (errno != EINTR)
            output_fail(output, errno);
    }
    output->pending.size = 0;
    return output->error_number ? ASSAY_ERR_IO : ASSAY_OK;
}

status output_write(struct output *output, struct view bytes)
{
    if (output->error_number)
        return ASSAY_ERR_IO;
    if (buffer_append(&output->pending, bytes.data, (size_t)bytes.size) < 0) {
        output_fail(output, ENOMEM);
        return ASSAY_ERR_IO;
    }
    return output->pending.size < FULL ? ASSAY_OK : output_flush(output);
}

status output_commit(struct output *output)
{
    TRY(output_flush(output));
    if (output->replacement.directory >= 0 &&
        replacement_finish(&output->replacement, output->fd) < 0)
        output_fail(output, errno);
    /* Network file systems say only here that the bytes did not arrive. */
    if (close(steal_fd(&output->fd)) != 0 && errno != EINTR)
        output_fail(output, errno);
    replacement_end(&output->replacement);
    return output->error_number ? ASSAY_ERR_IO : ASSAY_OK;
}
