/* filesystem: which kinds of file system a walk keeps out of. */
#ifndef WALK_FILESYSTEM_H
#define WALK_FILESYSTEM_H

#include <stdbool.h>
#include <stddef.h>

enum filesystem_kind {
    FILESYSTEM_STORAGE, /* everything that is not in the table */
    FILESYSTEM_OVERLAY, /* storage whose files may have another st_dev than their directory */
    FILESYSTEM_PSEUDO,  /* the kernel's own state: reading it finds nothing and may do things */
    FILESYSTEM_NETWORK, /* to be scanned where it is served, or as a root */
};

/* The kind that holds the open file (O_PATH will do). False, with errno, when the file system does
 * not say. May wait for a server that does not answer. */
bool filesystem_kind_of(int fd, enum filesystem_kind *ret_kind);

#endif
