#include "signatures/database/safe_open.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define LINKS_MOST 40 /* as the kernel has it */

struct way {
    char rest[PATH_MAX];  /* what is still to be walked */
    char shown[PATH_MAX]; /* where fd is, for words */
    int fd;
    bool is_shared; /* fd is a directory like /tmp */
    unsigned links;
    struct error *error;
};

static void way_close(struct way *way)
{
    fd_cleanup(&way->fd);
}

static status fail(struct error *error, const char *path, int number)
{
    status failed = error_set(error, ASSAY_ERR_IO, "%.180s: %s", path, strerror(number));
    errno = number;
    return failed;
}

static bool is_ours(const struct stat *about)
{
    return about->st_uid == 0 || about->st_uid == geteuid();
}

static bool others_write(const struct stat *about)
{
    return (about->st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

static status refuse_owner(struct error *error, const char *path, const struct stat *about)
{
    return error_set(
        error, ASSAY_ERR_CORRUPT,
        "not trusted, because user %u owns it and could change it: use another, or type: chown "
        "%u %.120s",
        (unsigned)about->st_uid, (unsigned)geteuid(), path);
}

static status refuse_mode(struct error *error, const char *path)
{
    return error_set(error, ASSAY_ERR_CORRUPT,
                     "not trusted, because others could change it; type: chmod go-w %.150s", path);
}

/* Directories end here: they are entered, or refused. */
static status enter(struct way *way, int *fd, const struct stat *about)
{
    if (!S_ISDIR(about->st_mode))
        return fail(way->error, way->shown, ENOTDIR);
    if (!is_ours(about))
        return refuse_owner(way->error, way->shown, about);
    way->is_shared = others_write(about);
    if (way->is_shared && !(about->st_mode & S_ISVTX))
        return refuse_mode(way->error, way->shown);
    fd_cleanup(&way->fd);
    way->fd = steal_fd(fd);
    return ASSAY_OK;
}

static status enter_root(struct way *way)
{
    struct stat about;
    snprintf(way->shown, sizeof(way->shown), "/");
    int fd cleanup(fd_cleanup) = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &about) < 0)
        return fail(way->error, way->shown, errno);
    TRY(enter(way, &fd, &about));
    way->shown[0] = '\0';
    return ASSAY_OK;
}

/* The words of the link take its place in what is still to be walked. */
static status follow(struct way *way, int link, const char *name)
{
    char target[PATH_MAX], rest[PATH_MAX];
    if (way->is_shared)
        return error_set(way->error, ASSAY_ERR_CORRUPT,
                         "%.150s is a symbolic link in a directory that others can write to: name "
                         "what it leads to",
                         way->shown);
    if (++way->links > LINKS_MOST)
        return fail(way->error, way->shown, ELOOP);
    ssize_t size = readlinkat(link, "", target, sizeof(target) - 1);
    if (size < 0)
        return fail(way->error, way->shown, errno);
    target[size] = '\0';
    int length = snprintf(rest, sizeof(rest), "%s/%s", target, way->rest);
    if (length < 0 || (size_t)length >= sizeof(rest))
        return fail(way->error, way->shown, ENAMETOOLONG);
    memcpy(way->rest, rest, (size_t)length + 1);
    if (target[0] == '/')
        return enter_root(way);
    way->shown[strlen(way->shown) - strlen(name) - 1] = '\0';
    return ASSAY_OK;
}

static status step(struct way *way, const char *name)
{
    struct stat about;
    size_t size = strlen(way->shown);
    int more = snprintf(way->shown + size, sizeof(way->shown) - size, "/%s", name);
    if (more < 0 || (size_t)more >= sizeof(way->shown) - size)
        return fail(way->error, way->shown, ENAMETOOLONG);
    int fd cleanup(fd_cleanup) = openat(way->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &about) < 0)
        return fail(way->error, way->shown, errno);
    return S_ISLNK(about.st_mode) ? follow(way, fd, name) : enter(way, &fd, &about);
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
    if (path[0] != '/' && !getcwd(here, sizeof(here)))
        return fail(way->error, path, errno);
    int length = snprintf(way->rest, sizeof(way->rest), "%s/%s", here, path);
    if (length < 0 || (size_t)length >= sizeof(way->rest))
        return fail(way->error, path, ENAMETOOLONG);
    return enter_root(way);
}

status safe_open_directory(const char *path, struct error *error, int *ret_fd)
{
    struct way way cleanup(way_close) = {.fd = -1, .error = error};
    char name[NAME_MAX + 2];
    TRY(begin(&way, path));
    while (next_name(&way, name)) {
        if (strcmp(name, ".") != 0)
            TRY(step(&way, name));
    }
    if (way.is_shared)
        return refuse_mode(error, path);
    int fd = openat(way.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail(error, path, errno);
    *ret_fd = fd;
    return ASSAY_OK;
}

status safe_open_file(int directory, const char *path, const char *name, struct error *error,
                      int *ret_fd)
{
    struct stat about;
    char shown[PATH_MAX];
    snprintf(shown, sizeof(shown), "%.2000s/%.255s", path, name);
    int fd cleanup(fd_cleanup) =
        openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 && errno == ELOOP)
        return error_set(error, ASSAY_ERR_CORRUPT,
                         "%.150s is a symbolic link: put the file itself there", shown);
    if (fd < 0 || fstat(fd, &about) < 0)
        return fail(error, shown, errno);
    if (!S_ISREG(about.st_mode))
        return error_set(error, ASSAY_ERR_CORRUPT, "%.150s is not a file", shown);
    if (!is_ours(&about))
        return refuse_owner(error, shown, &about);
    if (others_write(&about))
        return refuse_mode(error, shown);
    *ret_fd = steal_fd(&fd);
    return ASSAY_OK;
}
