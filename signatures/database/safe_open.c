#include "signatures/database/safe_open.h"

#include "base/cleanup.h"
#include "signatures/database/files_at.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#define LINKS_MAX 16

/* ---- words ------------------------------------------------------------------------------------ */

static status fail(const char *path, const char *what, struct error *error)
{
    int why = errno;
    const char *text = strerrordesc_np(why);
    error_set(error, ASSAY_ERR_IO, "%.150s cannot be %s: %s", path, what,
              text ? text : "unknown error");
    errno = why;
    return ASSAY_ERR_IO;
}

static status fail_because(int why, const char *path, const char *what, struct error *error)
{
    errno = why;
    return fail(path, what, error);
}

/* What to type names the path again, but never a part of it, which would be another. */
static const char *whole(const char *path)
{
    return strlen(path) <= 70 ? path : "THAT-PATH";
}

static bool is_ours(const struct stat *about)
{
    return about->st_uid == 0 || about->st_uid == geteuid();
}

static bool is_shared(const struct stat *about)
{
    return (about->st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

static status check(const struct stat *about, const char *path, bool may_be_sticky,
                    struct error *error)
{
    if (!is_ours(about))
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "%.120s is not safe: it belongs to user %u. Type: chown %s '%s'", path,
                         (unsigned)about->st_uid, geteuid() == 0 ? "root" : "\"$(id -un)\"",
                         whole(path));
    if (!is_shared(about) || (may_be_sticky && (about->st_mode & S_ISVTX)))
        return ASSAY_OK;
    return error_set(error, ASSAY_ERR_ARGUMENT,
                     "%.120s is not safe: others can write to it (user %u, mode %04o). Type: chmod "
                     "go-w '%s'",
                     path, (unsigned)about->st_uid, (unsigned)(about->st_mode & 07777),
                     whole(path));
}

status safe_check(const struct stat *about, const char *path, struct error *error)
{
    return check(about, path, false, error);
}

/* ---- the way to a directory ------------------------------------------------------------------- */

struct way {
    struct error *error;
    bool makes; /* what is missing, with this mode */
    mode_t mode;
    int fd;               /* the directory so far, opened with O_PATH */
    bool is_shared;       /* others can make names in it */
    char shown[PATH_MAX]; /* its path, for words; "" for / */
    char rest[PATH_MAX];  /* the path from there */
    unsigned links;
};

static void way_close(struct way *way)
{
    fd_cleanup(&way->fd);
}

static const char *shown(const struct way *way)
{
    return way->shown[0] ? way->shown : "/";
}

/* Goes on from the open directory, which is then the way's. */
static status enter(struct way *way, int *fd, const struct stat *about)
{
    if (!S_ISDIR(about->st_mode))
        return fail_because(ENOTDIR, shown(way), "opened", way->error);
    TRY(check(about, shown(way), true, way->error));
    way->is_shared = is_shared(about);
    fd_cleanup(&way->fd);
    way->fd = steal_fd(fd);
    return ASSAY_OK;
}

static status enter_root(struct way *way)
{
    struct stat about;
    way->shown[0] = 0;
    int fd cleanup(fd_cleanup) = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &about) != 0)
        return fail(shown(way), "opened", way->error);
    return enter(way, &fd, &about);
}

/* The words of the link take its place in what is still to be walked. */
static status follow(struct way *way, int link, const struct stat *about, size_t parent_size)
{
    char target[PATH_MAX], rest[PATH_MAX];
    if (way->is_shared || !is_ours(about))
        return error_set(way->error, ASSAY_ERR_ARGUMENT,
                         "%.120s is not safe: it is a symbolic link that somebody else could have "
                         "made (user %u). Give the path it leads to",
                         shown(way), (unsigned)about->st_uid);
    if (++way->links > LINKS_MAX)
        return fail_because(ELOOP, shown(way), "followed", way->error);
    ssize_t size = readlinkat(link, "", target, sizeof(target));
    if (size < 0)
        return fail(shown(way), "followed", way->error);
    int length = snprintf(rest, sizeof(rest), "%.*s/%s", (int)size, target, way->rest);
    if (length < 0 || (size_t)length >= sizeof(rest))
        return fail_because(ENAMETOOLONG, shown(way), "followed", way->error);
    memcpy(way->rest, rest, (size_t)length + 1);
    way->shown[parent_size] = 0;
    return target[0] == '/' ? enter_root(way) : ASSAY_OK;
}

/* -1 and errno. What is made here is made durable as well as can be. */
static int make(const struct way *way, const char *name)
{
    int made cleanup(fd_cleanup) = create_directory_at(way->fd, name, way->mode);
    if (made < 0 && errno != EEXIST)
        return -1;
    int parent cleanup(fd_cleanup) = open_directory_at(way->fd, ".");
    if (parent >= 0 && sync_fd(parent) != 0)
        return -1;
    return openat(way->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

static status step(struct way *way, const char *name)
{
    struct stat about;
    size_t size = strlen(way->shown);
    int more = snprintf(way->shown + size, sizeof(way->shown) - size, "/%s", name);
    if (more < 0 || (size_t)more >= sizeof(way->shown) - size)
        return fail_because(ENAMETOOLONG, shown(way), "opened", way->error);
    int fd cleanup(fd_cleanup) = openat(way->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT && way->makes)
        fd = make(way, name);
    if (fd < 0 || fstat(fd, &about) != 0)
        return fail(shown(way), way->makes ? "made" : "opened", way->error);
    return S_ISLNK(about.st_mode) ? follow(way, fd, &about, size) : enter(way, &fd, &about);
}

/* Takes the first name off the rest. False: there is none. A name that is too long is cut, and too
 * long for the kernel still. */
static bool next_name(struct way *way, char name[NAME_MAX + 2])
{
    const char *from = way->rest + strspn(way->rest, "/");
    size_t size = strcspn(from, "/");
    snprintf(name, NAME_MAX + 2, "%.*s", (int)size, from);
    memmove(way->rest, from + size, strlen(from + size) + 1);
    return size > 0;
}

/* A relative path begins where we are. */
static status begin(struct way *way, const char *path)
{
    char here[PATH_MAX] = "";
    if (!path[0])
        return error_set(way->error, ASSAY_ERR_ARGUMENT, "the path of a directory is empty");
    if (path[0] != '/' && !getcwd(here, sizeof(here)))
        return error_set(way->error, ASSAY_ERR_IO,
                         "the working directory is gone: give the whole path of %.150s", path);
    int length = snprintf(way->rest, sizeof(way->rest), "%s/%s", here, path);
    if (length < 0 || (size_t)length >= sizeof(way->rest))
        return fail_because(ENAMETOOLONG, path, "opened", way->error);
    return enter_root(way);
}

static status go(struct way *way, const char *path, int *ret_fd)
{
    char name[NAME_MAX + 2];
    struct stat about;
    TRY(begin(way, path));
    while (next_name(way, name)) {
        if (strcmp(name, ".") != 0)
            TRY(step(way, name));
    }
    int fd cleanup(fd_cleanup) = open_directory_at(way->fd, ".");
    if (fd < 0 || fstat(fd, &about) != 0)
        return fail(shown(way), "opened", way->error);
    TRY(safe_check(&about, shown(way), way->error));
    *ret_fd = steal_fd(&fd);
    return ASSAY_OK;
}

status safe_open_directory(const char *path, struct error *error, int *ret_fd)
{
    struct way way cleanup(way_close) = {.error = error, .fd = -1};
    return go(&way, path, ret_fd);
}

status safe_make_directory(const char *path, mode_t mode, struct error *error, int *ret_fd)
{
    struct way way cleanup(way_close) = {.error = error, .makes = true, .mode = mode, .fd = -1};
    return go(&way, path, ret_fd);
}

/* ---- files ------------------------------------------------------------------------------------ */

status safe_open_file(int directory, const char *path, const char *name, struct error *error,
                      int *ret_fd)
{
    struct stat about;
    char file[PATH_MAX];
    snprintf(file, sizeof(file), "%.3500s/%.255s", path, name);
    int fd cleanup(fd_cleanup) =
        openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 && errno == ELOOP)
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "%.150s is a symbolic link: put the file itself there", file);
    if (fd < 0 || fstat(fd, &about) != 0)
        return fail(file, "opened", error);
    if (!S_ISREG(about.st_mode))
        return error_set(error, ASSAY_ERR_ARGUMENT, "%.150s is not a file: remove it", file);
    TRY(safe_check(&about, file, error));
    *ret_fd = steal_fd(&fd);
    return ASSAY_OK;
}

status safe_read_file(int directory, const char *path, const char *name, size_t most,
                      struct error *error, struct buffer *out)
{
    int fd cleanup(fd_cleanup) = -1;
    TRY(safe_open_file(directory, path, name, error, &fd));
    status read = buffer_append_file(out, fd, most);
    if (read == ASSAY_ERR_LIMIT)
        return error_set(error, ASSAY_ERR_CORRUPT, "%.100s/%.60s is too long: over %zu bytes", path,
                         name, most);
    if (read == ASSAY_ERR_IO)
        return error_set(error, read, "%.100s/%.60s cannot be read: %s", path, name,
                         strerror(errno));
    return read;
}
