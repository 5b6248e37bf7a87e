/*
 * tar_header: one 512-byte tar header, in the dialects v7, ustar, GNU and pax.
 *
 * Source: POSIX.1-2017, pax, "ustar Interchange Format"; the GNU tar manual, "Basic Tar Format".
 */
#ifndef UNPACK_TAR_HEADER_H
#define UNPACK_TAR_HEADER_H

#include "base/view.h"

#include <stddef.h>

#define TAR_BLOCK     512
#define TAR_NAME_SIZE 257 /* prefix, slash, name */

struct tar_header {
    uint8_t type;     /* '0', 'L', 'x', ...; 0 in the oldest dialect */
    bool has_size;    /* the size field is a number */
    uint64_t size;    /* bytes; UINT64_MAX stands for all numbers that do not fit, below 0 too */
    bool is_extended; /* old GNU sparse: blocks with more of the map follow */
    uint8_t name[TAR_NAME_SIZE];
    size_t name_size;
};

/* The block at an offset; empty when no whole one is left. */
struct view tar_block(struct view input, uint64_t offset);

bool tar_has_magic(struct view block);
/* True when the checksum holds, added up of unsigned or, as some old programs did, signed bytes. */
bool tar_checks(struct view block);
/* Verified bits, 0 when the block is no header that an archive would begin with. */
unsigned tar_strength(struct view block);

/* `block` is whole. Any bytes will do: fields without sense come out empty. */
void tar_header_parse(struct view block, struct tar_header *ret_header);

#endif
