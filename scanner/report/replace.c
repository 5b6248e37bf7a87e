#include "replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "base/cleanup.h"

#define NAME_TRIES 16

/* The directory need not be readable; only such a one can be synced, though. */
static int open_directory(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno == EACCES)
        fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return fd;
}

static int open_parent(const char *path, const char *name)
{
    if (name == path)
        return open_directory(".");
    cleanup(free_cleanup) char *parent = strndup(path, (size_t)(name - path));
    return parent ? open_directory(parent) : -1;
}

static int create_temporary(struct replacement *replacement)
{
    for (unsigned i = 0; i < NAME_TRIES; i++) {
        uint64_t random;
        if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
            return -1;
        snprintf(replacement->temporary, sizeof(replacement->temporary), ".assay-%016llx.tmp",
                 (unsigned long long)random);
        int fd = openat(replacement->directory, replacement->temporary,
                        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (fd >= 0)
            return fd;
        replacement->temporary[0] = 0;
        if (errno != EEXIST)
            return -1;
    }
    return -1;
}

/* A report that not everybody could read does not become one that they can. */
static bool keep_private(const struct replacement *replacement, int fd)
{
    struct stat old, now;
    if (fstatat(replacement->directory, replacement->name, &old, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT; /* a name that cannot be is not to be found out at the end */
    if (!S_ISREG(old.st_mode))
        return true;
    return fstat(fd, &now) == 0 && fchmod(fd, now.st_mode & old.st_mode & 0777) == 0;
}

status replacement_begin(const char *path, struct replacement *ret_replacement, int *ret_fd)
{
    const char *slash = strrchr(path, '/');
    struct replacement replacement = {.name = slash ? slash + 1 : path};
    if (replacement.name[0] == 0) {
        errno = slash ? EISDIR : ENOENT;
        return ASSAY_ERR_IO;
    }
    replacement.directory = open_parent(path, replacement.name);
    if (replacement.directory < 0)
        return errno == ENOMEM ? ASSAY_ERR_NOMEM : ASSAY_ERR_IO;
    cleanup(fd_cleanup) int fd = create_temporary(&replacement);
    if (fd < 0 || !keep_private(&replacement, fd)) {
        int why = errno;
        replacement_end(&replacement);
        errno = why;
        return ASSAY_ERR_IO;
    }
    *ret_replacement = replacement;
    *ret_fd = steal_fd(&fd);
    return ASSAY_OK;
}

/* Some file systems, and directories that cannot be read, have no way to be synced. */
static bool sync_fd(int fd)
{
    return fsync(fd) == 0 || errno == EINVAL || errno == EBADF || errno == ENOTSUP;
}

status replacement_finish(struct replacement *replacement, int fd)
{
    if (!sync_fd(fd))
        return ASSAY_ERR_IO;
    if (renameat(replacement->directory, replacement->temporary, replacement->directory,
                 replacement->name) != 0)
        return ASSAY_ERR_IO;
    replacement->temporary[0] = 0;
    return sync_fd(replacement->directory) ? ASSAY_OK : ASSAY_ERR_IO;
}

void replacement_end(struct replacement *replacement)
{
    if (replacement->temporary[0])
        unlinkat(replacement->directory, replacement->temporary, 0);
    replacement->temporary[0] = 0;
    fd_cleanup(&replacement->directory);
    replacement->directory = -1;
}
