/*
 * literal_set: which of many literals stand somewhere in a view, in one pass over it. Immutable, in one
 * piece of memory without pointers, so that it can be kept in a file and mapped.
 */
#ifndef FILTER_LITERAL_SET_H
#define FILTER_LITERAL_SET_H

#include "base/buffer.h"
#include "base/view.h"

struct literal {
    struct view bytes; /* 2 to 32 */
    bool any_case;     /* ASCII letters in either case; bytes are in lower case then */
};

/* Appends the set of these literals, which are numbered in their order; several may be equal. Errors:
 * ASSAY_ERR_NOMEM, ASSAY_ERR_ARGUMENT (a literal that is too short or too long). */
CHECKED status literal_set_write(const struct literal *literals, size_t count, struct buffer *out);

struct literal_set {
    struct view memory;
    /* what literal_set_open found in it: enum literal_table, and how many entries each has */
    const void *tables[8];
    uint64_t sizes[8];
    uint32_t count; /* of literals */
};

/* Whatever is in the memory, scanning stays inside of it and ends. Borrows it; it begins at a multiple
 * of 8, best of 64. Errors: ASSAY_ERR_CORRUPT (also what a machine of another byte order wrote). */
CHECKED status literal_set_open(struct view memory, struct literal_set *ret_set);

/* Sets bit n of `found` (count bits, rounded up to 64) for each literal n that stands in the view. Bits
 * that are set already stay; they come from scans with this set: of equal literals, either all are set
 * or none. Allocates nothing. */
void literal_set_scan(const struct literal_set *set, struct view view, uint64_t *found);

#endif
