/* extents: which parts of an input were accounted for, so that the others can be given as residue.
 */
#ifndef UNPACK_EXTENTS_H
#define UNPACK_EXTENTS_H

#include "unpack/residue.h"

struct extent {
    uint64_t from, to;
};

struct extents {
    struct extent *all; /* owned */
    size_t count, allocated;
    size_t cursor; /* for extents_next_gap, as is `reached` */
    uint64_t reached;
    bool is_sorted;
    struct residue residue;
};

/* Accounts for the bytes from `from` up to `to`; nothing when that is not before. Not after the
 * first gap was asked for. Errors: ASSAY_ERR_NOMEM. */
CHECKED status extents_add(struct extents *extents, uint64_t from, uint64_t to);

/* Gives the next part of the input that nothing accounts for, without the zeros before it. False
 * when there is none left. */
CHECKED bool extents_next_gap(struct extents *extents, struct view input,
                              struct unpack_member *ret_member);

void extents_release(struct extents *extents);

#endif
