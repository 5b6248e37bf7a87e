#include "walk/open.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/statfs.h>

static int open_retrying(int parent, const char *name, int flags)
{
    int fd;
    do
        fd = openat(parent, name, flags | O_CLOEXEC);
    while (fd < 0 && errno == EINTR);
    return fd;
}

/* Never waits, never becomes a terminal's process, and leaves the time of access alone where the
 * system lets us: only the owner may ask for that. */
static int open_quietly(int parent, const char *name, int flags)
{
    flags |= O_RDONLY | O_NONBLOCK | O_NOCTTY;
    int fd = open_retrying(parent, name, flags | O_NOATIME);
    if (fd < 0 && errno == EPERM)
        fd = open_retrying(parent, name, flags);
    return fd;
}

static int open_path(const struct place *place)
{
    if (!place->follow)
        return open_retrying(place->parent, place->name, O_PATH | O_NOFOLLOW);
    /* O_DIRECTORY makes a root that is an automount point become what is mounted there. */
    int fd = open_retrying(place->parent, place->name, O_PATH | O_DIRECTORY);
    if (fd < 0 && errno == ENOTDIR)
        fd = open_retrying(place->parent, place->name, O_PATH);
    return fd;
}

static struct fault fault_of_lookup(const struct place *place)
{
    bool vanished = errno == ENOENT && !place->follow;
    return (struct fault){vanished ? "it vanished before it was opened" : "it cannot be looked up",
                          errno};
}

struct fault open_place(struct found *found)
{
    cleanup(fd_cleanup) int fd = open_path(&found->place);
    if (fd < 0)
        return fault_of_lookup(&found->place);
    if (fstat(fd, &found->stat) != 0)
        return (struct fault){"its type cannot be read", errno};
    found->fd = steal_fd(&fd);
    return (struct fault){NULL, 0};
}

/* The size of the longest part of the path, whole names only, that the system takes at once; 0 when
 * its first name is too long for that. */
static size_t part_size(const uint8_t *path, size_t size)
{
    if (size < PATH_MAX)
        return size;
    const uint8_t *slash = memrchr(path, '/', PATH_MAX - 1);
    return slash ? (size_t)(slash - path) : 0;
}

struct fault open_locate_root(struct buffer *root, struct found *found, int *ret_parent)
{
    cleanup(fd_cleanup) int parent = AT_FDCWD;
    uint8_t *rest = root->data;
    size_t left = root->size;
    while (left >= PATH_MAX) {
        size_t part = part_size(rest, left);
        if (part == 0)
            return (struct fault){"it cannot be looked up", ENAMETOOLONG};
        rest[part] = 0;
        int next = open_retrying(parent, (const char *)rest, O_PATH | O_DIRECTORY);
        if (next < 0)
            return (struct fault){"it cannot be looked up", errno};
        fd_cleanup(&parent);
        parent = next;
        rest += part + 1;
        left -= part + 1;
        while (left > 0 && *rest == '/') {
            rest++;
            left--;
        }
    }
    /* Nothing is left behind trailing slashes. */
    const char *name = parent != AT_FDCWD && left == 0 ? "." : (const char *)rest;
    found->place = (struct place){parent, name, true};
    *ret_parent = steal_fd(&parent);
    return (struct fault){NULL, 0};
}

/* The entry of /proc/self/fd is the pinned file itself, whatever its name has become since. */
static int reopen(const struct found *found, int proc_fd)
{
    if (proc_fd >= 0) {
        char number[16];
        snprintf(number, sizeof(number), "%d", found->fd);
        int fd = open_quietly(proc_fd, number, 0);
        if (fd >= 0)
            return fd;
    }
    return open_quietly(found->place.parent, found->place.name,
                        found->place.follow ? 0 : O_NOFOLLOW);
}

struct fault open_file(struct found *found, int proc_fd, int *ret_fd)
{
    cleanup(fd_cleanup) int fd = reopen(found, proc_fd);
    if (fd < 0)
        return (struct fault){errno == ENOENT ? "it vanished before it was opened"
                                              : "it cannot be opened for reading",
                              errno};
    struct stat now;
    if (fstat(fd, &now) != 0)
        return (struct fault){"its type cannot be read", errno};
    if (now.st_dev != found->stat.st_dev || now.st_ino != found->stat.st_ino ||
        !S_ISREG(now.st_mode))
        return (struct fault){"it changed while it was opened", 0};
    found->stat = now;
    *ret_fd = steal_fd(&fd);
    return (struct fault){NULL, 0};
}

struct fault open_directory(int path_fd, int *ret_fd)
{
    int fd = open_quietly(path_fd, ".", O_DIRECTORY);
    if (fd < 0)
        return (struct fault){"the directory cannot be opened", errno};
    *ret_fd = fd;
    return (struct fault){NULL, 0};
}

int open_proc(void)
{
    cleanup(fd_cleanup) int fd = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct statfs about;
    if (fd < 0 || fstatfs(fd, &about) != 0 || (uint32_t)about.f_type != PROC_SUPER_MAGIC)
        return -1;
    return steal_fd(&fd);
}
