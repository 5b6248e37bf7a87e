/* residue: bytes of a container that none of its headers accounts for, given as a member. */
#ifndef UNPACK_RESIDUE_H
#define UNPACK_RESIDUE_H

#include "unpack/unpacker.h"

/* True for no bytes, too. */
bool bytes_are_zero(struct view bytes);

struct residue {
    char name[40]; /* of the one given last: "<residue@OFFSET>" */
};

/* Gives the bytes from `from` up to `to`. False, and nothing given, when nothing can be in them:
 * zeros, or fewer than four (they are matched as part of the container, as all are). */
CHECKED bool residue_give(struct residue *residue, struct view input, uint64_t from, uint64_t to,
                          struct unpack_member *ret_member);

#endif
