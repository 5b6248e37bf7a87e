/*
 * idset: the hard-linked files that were given already. Keys are kept whole, so that no chosen size
 * or time makes one file pass for another. 48 bytes and two slots of 4 a file.
 */
#ifndef WALK_IDSET_H
#define WALK_IDSET_H

#include <sys/stat.h>

#include "base/status.h"

/* Zeroed but for the seed, it is empty. */
struct idset {
    struct file_id *ids;
    size_t count;
    uint32_t *slots; /* position in ids plus 1; 0 is free */
    size_t slot_count;
    uint64_t seed;
};

/* Whether a file of this device, inode, size, mtime and ctime was added. */
bool idset_has(const struct idset *set, const struct stat *stat);
/* Adds it, once. Errors: ASSAY_ERR_NOMEM, and the set is as it was. */
CHECKED status idset_add(struct idset *set, const struct stat *stat);
void idset_release(struct idset *set);

#endif
