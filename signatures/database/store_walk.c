/*
 * From "/" to the directory of a store, one open directory after the other. Who can write to any of
 * them could put another store there, so each belongs to root or this user, and nobody else can write
 * to it. In a sticky directory such as /tmp others can make names, but not touch ours. A symbolic link
 * is followed when only root and this user could have made it.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "signatures/database/store_inside.h"

#define LINKS_MAX 16

struct walk {
    struct error *error;
    bool create;
    mode_t mode;
    int at;              /* the directory so far, opened with O_PATH */
    bool shared;         /* others can make names in it */
    struct buffer shown; /* its path, for words; a C string */
    size_t shown_before; /* of it, the directory that the last part is in */
    struct buffer left;  /* the path from there */
    unsigned links;
};

static void walk_release(struct walk *walk)
{
    fd_cleanup(&walk->at);
    buffer_release(&walk->shown);
    buffer_release(&walk->left);
}

static const char *shown(const struct walk *walk)
{
    return (const char *)walk->shown.data;
}

static status fail(const struct walk *walk, const char *what)
{
    int why = errno;
    const char *text = strerrordesc_np(why);
    error_set(walk->error, ASSAY_ERR_IO, "%.150s cannot be %s: %s", shown(walk), what,
              text ? text : "unknown error");
    errno = why;
    return ASSAY_ERR_IO;
}

/* Goes on from the open directory, which is then the walk's. */
static status stand_on(struct walk *walk, int *directory)
{
    struct stat now;
    if (fstat(*directory, &now) != 0)
        return fail(walk, "looked at");
    if (!S_ISDIR(now.st_mode)) {
        errno = ENOTDIR;
        return fail(walk, "opened");
    }
    TRY(store_check_safe(&now, shown(walk), true, walk->error));
    walk->shared = (now.st_mode & (S_IWGRP | S_IWOTH)) != 0;
    fd_cleanup(&walk->at);
    walk->at = steal_fd(directory);
    return ASSAY_OK;
}

static status stand_on_root(struct walk *walk)
{
    walk->shown.size = 0;
    TRY(buffer_append_text(&walk->shown, "/"));
    TRY(buffer_terminate(&walk->shown));
    cleanup(fd_cleanup) int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0)
        return fail(walk, "opened");
    return stand_on(walk, &root);
}

static status follow(struct walk *walk, int link, const struct stat *file)
{
    char target[PATH_MAX];
    bool is_own = file->st_uid == 0 || file->st_uid == geteuid();
    if (walk->shared || !is_own)
        return error_set(walk->error, ASSAY_ERR_ARGUMENT,
                         "%.120s is not safe: it is a symbolic link that somebody else could have "
                         "made (user %u). Give the path it leads to",
                         shown(walk), (unsigned)file->st_uid);
    ssize_t size = readlinkat(link, "", target, sizeof(target));
    if (size <= 0 || size >= (ssize_t)sizeof(target) || ++walk->links > LINKS_MAX) {
        errno = ELOOP;
        return fail(walk, "followed");
    }
    struct buffer rest = walk->left;
    walk->left = (struct buffer){NULL, 0, 0};
    status joined = buffer_append(&walk->left, target, (size_t)size);
    if (joined == ASSAY_OK)
        joined = buffer_append_text(&walk->left, "/");
    if (joined == ASSAY_OK)
        joined = buffer_append(&walk->left, rest.data, rest.size);
    buffer_release(&rest);
    TRY(joined);
    if (target[0] == '/')
        return stand_on_root(walk);
    walk->shown.size = walk->shown_before;
    return buffer_terminate(&walk->shown);
}

/* -1 and errno. What is made here is made durable as well as can be. */
static int make(const struct walk *walk, const char *name)
{
    cleanup(fd_cleanup) int made = create_directory_at(walk->at, name, walk->mode);
    if (made < 0 && errno != EEXIST)
        return -1;
    cleanup(fd_cleanup) int parent = open_directory_at(walk->at, ".");
    if (parent >= 0 && sync_fd(parent) != 0)
        return -1;
    return openat(walk->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

static status step(struct walk *walk, const char *name)
{
    struct stat now;
    walk->shown_before = walk->shown.size;
    if (shown(walk)[walk->shown.size - 1] != '/')
        TRY(buffer_append_text(&walk->shown, "/"));
    TRY(buffer_append_text(&walk->shown, name));
    TRY(buffer_terminate(&walk->shown));
    cleanup(fd_cleanup) int next = openat(walk->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (next < 0 && errno == ENOENT && walk->create)
        next = make(walk, name);
    if (next < 0)
        return fail(walk, walk->create ? "made" : "opened");
    if (fstat(next, &now) != 0)
        return fail(walk, "looked at");
    return S_ISLNK(now.st_mode) ? follow(walk, next, &now) : stand_on(walk, &next);
}

/* Takes the first part of what is left. False at the end. */
static bool next_part(struct walk *walk, char ret_name[NAME_MAX + 1], status *ret_status)
{
    size_t begin = 0, end;
    const char *left = (const char *)walk->left.data;
    *ret_status = ASSAY_OK;
    while (begin < walk->left.size && left[begin] == '/')
        begin++;
    for (end = begin; end < walk->left.size && left[end] != '/'; end++)
        ;
    if (end == begin)
        return false;
    if (end - begin > NAME_MAX) {
        errno = ENAMETOOLONG;
        *ret_status = fail(walk, "searched");
        return false;
    }
    memcpy(ret_name, left + begin, end - begin);
    ret_name[end - begin] = 0;
    buffer_drop_front(&walk->left, end);
    return true;
}

static status begin(struct walk *walk, const char *path)
{
    if (!path[0])
        return error_set(walk->error, ASSAY_ERR_ARGUMENT, "the path of the store is empty");
    if (path[0] != '/') {
        cleanup(free_cleanup) char *here = getcwd(NULL, 0);
        if (!here)
            return error_set(walk->error, ASSAY_ERR_IO,
                             "the working directory is gone: give the whole path of the store");
        TRY(buffer_append_text(&walk->left, here));
        TRY(buffer_append_text(&walk->left, "/"));
    }
    TRY(buffer_append_text(&walk->left, path));
    return stand_on_root(walk);
}

status store_walk(const char *path, bool create, mode_t mode, struct error *error, int *ret_fd)
{
    char name[NAME_MAX + 1];
    struct stat last;
    status more;
    cleanup(walk_release) struct walk walk = {
        .error = error, .create = create, .mode = mode, .at = -1};
    TRY(begin(&walk, path));
    while (next_part(&walk, name, &more)) {
        if (strcmp(name, ".") != 0)
            TRY(step(&walk, name));
    }
    TRY(more);
    cleanup(fd_cleanup) int fd = open_directory_at(walk.at, ".");
    if (fd < 0 || fstat(fd, &last) != 0)
        return fail(&walk, "opened");
    TRY(store_check_safe(&last, shown(&walk), false, error));
    *ret_fd = steal_fd(&fd);
    return ASSAY_OK;
}
