/* Who may write to a store, and the words for what is wrong. */
#include <errno.h>
#include <stdio.h>

#include "signatures/database/store_inside.h"

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

status store_check_safe(const struct stat *file, const char *path, bool in_sticky,
                        struct error *error)
{
    uid_t self = geteuid();
    const mode_t others = S_IWGRP | S_IWOTH;
    if (file->st_uid != 0 && file->st_uid != self)
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "%.120s is not safe: it belongs to user %u. Type: chown %s '%.60s'", path,
                         (unsigned)file->st_uid, self == 0 ? "root" : "\"$(id -un)\"", path);
    if ((file->st_mode & others) == 0 || (in_sticky && (file->st_mode & S_ISVTX)))
        return ASSAY_OK;
    return error_set(error, ASSAY_ERR_ARGUMENT,
                     "%.120s is not safe: others can write to it (user %u, mode %04o). Type: chmod "
                     "go-w '%.60s'",
                     path, (unsigned)file->st_uid, (unsigned)(file->st_mode & 07777), path);
}

status store_check_part(const struct store *store, const char *part, int fd, struct error *error)
{
    char path[200];
    struct stat file;
    if (fstat(fd, &file) != 0)
        return store_fail(store, part, "looked at", error);
    snprintf(path, sizeof(path), "%.120s/%.70s", store->path, part);
    return store_check_safe(&file, path, false, error);
}
