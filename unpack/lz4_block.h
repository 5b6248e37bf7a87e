/*
 * lz4_block: one block of LZ4, as much of it as there is. liblz4 gives nothing of a block that is
 * cut short or damaged; this gives all that stands before the damage. Source: lz4_Block_format.md.
 */
#ifndef UNPACK_LZ4_BLOCK_H
#define UNPACK_LZ4_BLOCK_H

#include "base/view.h"

#include <stddef.h>

/* Decodes into `bytes` from `begin` on, up to `size`; what lies before `begin` is what the block may
 * copy from. Returns where it stopped: at the end of the block, of the room, or at damage. */
size_t lz4_block_salvage(struct view packed, uint8_t *bytes, size_t begin, size_t size);

#endif
