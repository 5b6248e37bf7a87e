/*
 * levels: the directories between the root and where the walk is, of any depth. Only the root and
 * the deepest of them are open; a directory that was closed to save an fd is found again on the way
 * up, by ".." or else by its name, and is the same device and inode or is lost.
 */
#ifndef WALK_LEVELS_H
#define WALK_LEVELS_H

#include <dirent.h>
#include <sys/stat.h>

#include "base/status.h"

struct level {
    dev_t device;
    ino_t inode;
    DIR *dir;                 /* NULL while it is closed */
    long position;            /* while it is closed: where to go on reading */
    struct timespec modified; /* while it is closed: its mtime then */
    size_t path_size;         /* bytes of the walk's path that are this directory's */
    bool included;            /* what is below it matches --include by its parent */
    bool changed;             /* names came or went while it was closed, and it went on reading */
    bool done;                /* no more is to be read */
};

/* Zeroed but for most_open and seed, there is none. */
struct levels {
    struct level *all; /* from the root down */
    size_t count;
    size_t capacity;
    size_t first_open; /* of the levels behind the root, this and all deeper ones are open */
    size_t most_open;  /* fds to hold, at least 2 */
    uint32_t *slots;   /* finds a level by device and inode: its position plus 1; 0 is free */
    size_t slot_count;
    uint64_t seed;
};

/* The deepest; it is open. NULL when there is none. */
struct level *levels_top(const struct levels *levels);

/* Whether this directory is one of the levels. */
bool levels_has(const struct levels *levels, const struct stat *stat);

/* Enters a directory. *fd is taken on success. Errors: ASSAY_ERR_NOMEM. */
CHECKED status levels_push(struct levels *levels, int *fd, const struct stat *stat,
                           size_t path_size);

/* Leaves the deepest directory, whose path this is. True when a directory above it could not be
 * entered again, and *ret_path_size is the part of the path that names it: the rest of it, and of
 * what was entered below it, is lost, and the walk goes on above it. */
CHECKED bool levels_pop(struct levels *levels, struct assay_bytes path, size_t *ret_path_size);

/* Leaves them all. */
void levels_clear(struct levels *levels);
void levels_release(struct levels *levels);

#endif
