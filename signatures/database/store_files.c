/* Files by open directories: made with the wanted mode, written durably, removed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#include "signatures/database/store_inside.h"

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

static const char *const kinds[] = {"stage", "state", "current", "old", "new"};

void temporary_name(enum temporary kind, char ret_name[TEMPORARY_NAME])
{
    uint64_t random = 0;
    /* Who cannot have random bytes gets a name that may be taken, which is then said. */
    if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
        random = (uint64_t)getpid();
    snprintf(ret_name, TEMPORARY_NAME, ".%s-%016llx", kinds[kind], (unsigned long long)random);
}

bool is_temporary(const char *name)
{
    for (size_t i = 0; name[0] == '.' && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t length = strlen(kinds[i]);
        if (strncmp(name + 1, kinds[i], length) == 0 && name[1 + length] == '-')
            return strspn(name + length + 2, "0123456789abcdef") == 16 &&
                   name[length + 2 + 16] == 0;
    }
    return false;
}

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

/* ---- removing, reading ------------------------------------------------------------------------ */

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

status read_file_at(int directory, const char *name, size_t most, struct error *error,
                    struct buffer *out)
{
    struct stat file;
    cleanup(fd_cleanup) int fd =
        openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &file) != 0)
        return ASSAY_ERR_IO;
    if (!S_ISREG(file.st_mode)) {
        errno = EINVAL;
        return ASSAY_ERR_IO;
    }
    TRY(store_check_safe(&file, name, false, error));
    return buffer_append_file(out, fd, most);
}
