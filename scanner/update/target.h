/* target: the file that a download goes to. It only grows, or begins anew. */
#ifndef UPDATE_TARGET_H
#define UPDATE_TARGET_H

#include "base/status.h"

#include <stdint.h>

struct target {
    int fd;        /* borrowed */
    uint64_t size; /* bytes that it has */
    uint64_t most; /* bytes that it may have */
};

/* Errors: ASSAY_ERR_ARGUMENT, the descriptor is not an open, writable, regular file. */
CHECKED status target_open(int fd, uint64_t most, struct error *error, struct target *ret_target);
/* Drops what it has. Errors: ASSAY_ERR_IO. */
CHECKED status target_restart(struct target *target, struct error *error);
/* Appends. Errors: ASSAY_ERR_LIMIT, and nothing was written; ASSAY_ERR_IO, and target->size tells
 * how much was. */
CHECKED status target_write(struct target *target, const void *bytes, size_t size,
                            struct error *error);
/* What was written is on the disk. Errors: ASSAY_ERR_IO. */
CHECKED status target_finish(const struct target *target, struct error *error);

#endif
