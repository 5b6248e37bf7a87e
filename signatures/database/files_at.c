#include "signatures/database/files_at.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int open_directory_at(int directory, const char *name)
{
    return openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* ---- entries ---------------------------------------------------------------------------------- */

DIR *open_entries(int directory)
{
    /* Not a duplicate, which would share the place where reading stands. */
    int fd = open_directory_at(directory, ".");
    DIR *entries = fd >= 0 ? fdopendir(fd) : NULL;
    if (!entries && fd >= 0)
        close(fd);
    return entries;
}

const char *next_entry(DIR *entries)
{
    struct dirent *entry;
    if (!entries)
        return NULL;
    do {
        errno = 0;
        entry = readdir(entries);
    } while (entry && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
    return entry ? entry->d_name : NULL;
}

void entries_cleanup(DIR **entries)
{
    if (*entries)
        closedir(*entries);
}

/* ---- making ----------------------------------------------------------------------------------- */

int create_file_at(int directory, const char *name, mode_t mode)
{
    cleanup(fd_cleanup) int fd =
        openat(directory, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0 || fchmod(fd, mode) != 0)
        return -1;
    return steal_fd(&fd);
}

int create_directory_at(int directory, const char *name, mode_t mode)
{
    if (mkdirat(directory, name, mode) != 0)
        return -1;
    cleanup(fd_cleanup) int fd = open_directory_at(directory, name);
    if (fd >= 0 && fchmod(fd, mode) == 0)
        return steal_fd(&fd);
    int why = errno;
    unlinkat(directory, name, AT_REMOVEDIR);
    errno = why;
    return -1;
}

/* ---- making durable --------------------------------------------------------------------------- */

int sync_fd(int fd)
{
    int synced;
    do {
        synced = fsync(fd);
    } while (synced != 0 && errno == EINTR);
    return synced == 0 || errno == EINVAL || errno == ENOTSUP ? 0 : -1;
}

int sync_directory(int fd)
{
    cleanup(entries_cleanup) DIR *entries = open_entries(fd);
    if (!entries)
        return -1;
    for (const char *name; (name = next_entry(entries));) {
        cleanup(fd_cleanup) int file =
            openat(fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (file < 0 || sync_fd(file) != 0)
            return -1;
    }
    return errno == 0 ? sync_fd(fd) : -1;
}

/* ---- removing --------------------------------------------------------------------------------- */

void remove_at(int directory, const char *name)
{
    if (unlinkat(directory, name, 0) == 0 || errno == ENOENT)
        return;
    cleanup(fd_cleanup) int fd = open_directory_at(directory, name);
    if (fd < 0)
        return;
    cleanup(entries_cleanup) DIR *entries = open_entries(fd);
    for (const char *entry; (entry = next_entry(entries));)
        unlinkat(fd, entry, 0);
    unlinkat(directory, name, AT_REMOVEDIR);
}
