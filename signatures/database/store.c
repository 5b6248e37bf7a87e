#include "signatures/database/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "signatures/database/store_inside.h"

status store_open(const char *path, bool create, struct error *error, struct store **ret_store)
{
    bool is_root = geteuid() == 0; /* Scans by anybody read root's store. */
    cleanup(store_close_cleanup) struct store *store = calloc(1, sizeof(*store));
    if (!store)
        return error_set(error, ASSAY_ERR_NOMEM, "out of memory");
    *store = (struct store){.path = path,
                            .directory = -1,
                            .directory_mode = is_root ? 0755 : 0700,
                            .file_mode = is_root ? 0644 : 0600,
                            .version_fd = -1};
    status walked = store_walk(path, create, store->directory_mode, error, &store->directory);
    if (walked == ASSAY_ERR_NOMEM)
        error_set(error, walked, "out of memory");
    TRY(walked);
    *ret_store = steal_pointer(store);
    return ASSAY_OK;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    fd_cleanup(&store->version_fd);
    fd_cleanup(&store->directory);
    free(store);
}

void store_forget_version(struct store *store)
{
    fd_cleanup(&store->version_fd);
    store->version_fd = -1;
}

/* The directory of the version, which stays open. */
static status enter_version(struct store *store, const struct store_version *version,
                            struct error *error)
{
    cleanup(fd_cleanup) int name_fd = -1;
    if (store->version_fd >= 0 && store->version.serial == version->serial &&
        strcmp(store->version.name, version->name) == 0)
        return ASSAY_OK;
    store_forget_version(store);
    TRY(store_enter(store, store->directory, version->name, error, &name_fd));
    TRY(store_enter_version(store, name_fd, version, error, &store->version_fd));
    store->version = *version;
    return ASSAY_OK;
}

status store_open_file(struct store *store, const struct store_version *version, const char *file,
                       struct error *error, int *ret_fd)
{
    struct stat now;
    if (!store_name_is_safe(version->name) || !manifest_name_is_safe(file))
        return error_set(error, ASSAY_ERR_ARGUMENT, "'%.100s' is no file of a database", file);
    TRY(enter_version(store, version, error));
    char part[PART_TEXT];
    store_part_text(version, file, part);
    cleanup(fd_cleanup) int fd =
        openat(store->version_fd, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &now) != 0)
        return store_fail(store, part, "opened", error);
    if (!S_ISREG(now.st_mode)) {
        errno = EINVAL;
        return store_fail(store, part, "opened", error);
    }
    TRY(store_check_part(store, part, fd, error));
    *ret_fd = steal_fd(&fd);
    return ASSAY_OK;
}

/* ---- a file that is made again ---------------------------------------------------------------- */

status store_new_file(struct store *store, const struct store_version *version, struct error *error,
                      int *ret_fd)
{
    if (!store_name_is_safe(version->name))
        return error_set(error, ASSAY_ERR_ARGUMENT, "'%.100s' is no name of a database",
                         version->name);
    TRY(enter_version(store, version, error));
    int fd = openat(store->version_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        return store_fail(store, version->name, "written to", error);
    *ret_fd = fd;
    return ASSAY_OK;
}

/* 0, or -1 and errno. */
static int give_name(const struct store *store, int fd, const char *name)
{
    char nameless[32];
    snprintf(nameless, sizeof(nameless), "/proc/self/fd/%d", fd);
    if (fchmod(fd, store->file_mode) != 0)
        return -1;
    return linkat(AT_FDCWD, nameless, store->version_fd, name, AT_SYMLINK_FOLLOW);
}

status store_replace_file(struct store *store, const struct store_version *version,
                          const char *file, int fd, struct error *error)
{
    char temporary[TEMPORARY_NAME];
    if (!store_name_is_safe(version->name) || !manifest_name_is_safe(file))
        return error_set(error, ASSAY_ERR_ARGUMENT, "'%.100s' is no file of a database", file);
    TRY(enter_version(store, version, error));
    temporary_name(TEMPORARY_NEW, temporary);
    if (give_name(store, fd, temporary) != 0)
        return store_fail(store, file, "written", error);
    if (renameat(store->version_fd, temporary, store->version_fd, file) == 0)
        return ASSAY_OK;
    status failed = store_fail(store, file, "written", error);
    int why = errno;
    unlinkat(store->version_fd, temporary, 0);
    errno = why;
    return failed;
}
