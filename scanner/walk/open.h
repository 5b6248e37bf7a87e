/*
 * open: from a name to an open file, without following a link on the way and without opening
 * anything but what was looked at.
 *
 * First an O_PATH fd, which pins the file and has no side effects; what it is decides what is done
 * with it; then the same file is opened for reading.
 */
#ifndef WALK_OPEN_H
#define WALK_OPEN_H

#include <sys/stat.h>

#include "base/buffer.h"
#include "base/cleanup.h"

/* What kept a file from being looked at. */
struct fault {
    const char *detail; /* an English clause, static; NULL when there is no fault */
    int error_number;   /* an errno, or 0 */
};

/* A name in a directory. */
struct place {
    int parent; /* directory, or AT_FDCWD; borrowed */
    const char *name;
    bool follow; /* roots only: a symbolic link is followed */
};

/* A file that was looked at. */
struct found {
    struct place place;
    int fd; /* O_PATH; owned by who holds this */
    struct stat stat;
};

static inline void found_cleanup(struct found *found)
{
    fd_cleanup(&found->fd);
}

/* Looks at the place; found->place is set, found->fd is -1. */
struct fault open_place(struct found *found);

/*
 * Finds where a root of any length is: goes down by parts shorter than PATH_MAX, following links as
 * the system does. Sets found->place (its name points into root) and *ret_parent, an fd that is to
 * be closed after the last use of the place, or AT_FDCWD. root is NUL-terminated behind its size,
 * and is written to.
 */
struct fault open_locate_root(struct buffer *root, struct found *found, int *ret_parent);

/* Opens the file that was found for reading and takes its stat anew. proc_fd: /proc/self/fd, or -1;
 * with it no name is looked up again. */
struct fault open_file(struct found *found, int proc_fd, int *ret_fd);

/* Opens a directory for reading, from an O_PATH fd. */
struct fault open_directory(int path_fd, int *ret_fd);

/* /proc/self/fd for open_file, or -1 where there is none to be trusted. */
int open_proc(void);

#endif
