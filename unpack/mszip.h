/*
 * mszip: blocks of deflate that share a window, as MS-MCI describes them. Cabinets and KWAJ files
 * have them. A damaged block gives what it can, and the next one is decoded all the same.
 */
#ifndef UNPACK_MSZIP_H
#define UNPACK_MSZIP_H

#include "unpack/unpacker.h"

#define MSZIP_BLOCK_MAX 32768       /* bytes that a block decodes to */
#define MSZIP_MEMORY    (256 << 10) /* what it allocates, at most */

struct mszip;

/* Errors: ASSAY_ERR_CODEC_MEMORY, ASSAY_ERR_NOMEM. */
CHECKED status mszip_start(uint64_t memory, struct error *error, struct mszip **ret_mszip);
void mszip_stop(struct mszip *mszip); /* takes NULL */

/* Decodes a block, its two letters included. *ret_bytes, which is borrowed until the next call, is
 * set whatever is returned: an error says that it is not all of it, or that some of it is wrong.
 * It is then filled up with zeros to `expected` bytes, so that what follows stands where it
 * should. */
CHECKED status mszip_decode(struct mszip *mszip, struct view block, size_t expected,
                            struct error *error, struct view *ret_bytes);

#endif
