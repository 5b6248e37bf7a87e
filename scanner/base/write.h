/*
 * write: all of a range of bytes to a descriptor, however few the kernel takes at a time. Errors of
 * all: ASSAY_ERR_IO (errno), and then part of it may have been written.
 */
#ifndef BASE_WRITE_H
#define BASE_WRITE_H

#include "status.h"
#include "view.h"

CHECKED status write_all(int fd, struct view bytes);
/* From this offset of a file on; that of the descriptor stays. */
CHECKED status write_all_at(int fd, struct view bytes, uint64_t offset);

#endif
