#include "signatures/database/store.h"

#include "signatures/database/store_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* What helps, where something does. */
static const struct {
    int number;
    const char *advice;
} advices[] = {
    {ENOSPC, ": make room there and try again"},
    {EDQUOT, ": make room there and try again"},
    {EROFS, ": make it writable, or choose another directory"},
    {EACCES, ": run it as the user that the store belongs to"},
    {EPERM, ": run it as the user that the store belongs to"},
    {EIO, ": look whether the disk is failing"},
};

status store_fail(const struct store *store, const char *part, const char *what,
                  struct error *error)
{
    int why = errno;
    const char *text = strerrordesc_np(why);
    const char *advice = "";
    for (size_t i = 0; i < sizeof(advices) / sizeof(advices[0]); i++) {
        if (advices[i].number == why)
            advice = advices[i].advice;
    }
    error_set(error, ASSAY_ERR_IO, "%.90s/%.70s cannot be %s: %s%s", store->path, part, what,
              text ? text : "unknown error", advice);
    errno = why;
    return ASSAY_ERR_IO;
}

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
    if (create)
        TRY(safe_make_directory(path, store->directory_mode, error, &store->directory));
    else
        TRY(safe_open_directory(path, error, &store->directory));
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
    TRY(store_enter_name(store, version->name, error, &name_fd));
    TRY(store_enter_version(store, name_fd, version, error, &store->version_fd));
    store->version = *version;
    return ASSAY_OK;
}

status store_open_file(struct store *store, const struct store_version *version, const char *file,
                       struct error *error, int *ret_fd)
{
    char path[VERSION_PATH], part[PART_TEXT];
    if (!manifest_name_is_safe(version->name) || !manifest_name_is_safe(file))
        return error_set(error, ASSAY_ERR_ARGUMENT, "'%.100s' is no file of a database", file);
    TRY(enter_version(store, version, error));
    store_version_path(store, version, path);
    status opened = safe_open_file(store->version_fd, path, file, error, ret_fd);
    if (opened != ASSAY_ERR_IO)
        return opened;
    store_part_text(version, file, part);
    return store_fail(store, part, "opened", error);
}

/* ---- a file that is made again ---------------------------------------------------------------- */

status store_new_file(struct store *store, const struct store_version *version, struct error *error,
                      int *ret_fd)
{
    if (!manifest_name_is_safe(version->name))
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
    if (!manifest_name_is_safe(version->name) || !manifest_name_is_safe(file))
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
