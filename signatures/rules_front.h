/*
 * rules_front: what stands around libyara's bytes in a file of compiled rules, so that they are read
 * only by what wrote them, and only whole.
 *
 *     lines of text: form of the file, program, libyara, machine; an empty line
 *     key            32 bytes
 *     databases      count (u32), and of each its size (u32) and bytes: one for each namespace
 *     rules          as libyara writes them
 *     size of them   u64
 *     check sum      SHA-256 of everything before
 *
 * Integers are little-endian. The check sum is against damage, not against people, and SHA-256 is what
 * the program has for that anyway: the rules of a large database are checked in some milliseconds.
 */
#ifndef SIGNATURES_RULES_FRONT_H
#define SIGNATURES_RULES_FRONT_H

#include "base/buffer.h"
#include "signatures/rules_binary.h"

#define RULES_FRONT_SUM     32
#define RULES_FRONT_TRAILER (8 + RULES_FRONT_SUM) /* bytes behind the rules */

/* Replaces what is in the buffer with what stands before the rules. Errors: ASSAY_ERR_NOMEM,
 * ASSAY_ERR_LIMIT (more databases, or longer names, than can be written). */
CHECKED status rules_front_make(struct buffer *out, const uint8_t key[RULES_BINARY_KEY],
                                char *const *databases, size_t count);

struct rules_front {
    uint32_t database_count;
    struct view databases; /* for rules_front_next */
    struct view rules;
};

/* Reads a whole file; the views are parts of it. Errors: ASSAY_ERR_CORRUPT (of another program, libyara,
 * machine or key; damaged), ASSAY_ERR_ENGINE (no check sum could be made). */
CHECKED status rules_front_read(struct view file, const uint8_t key[RULES_BINARY_KEY],
                                struct rules_front *ret_front);

/* Takes the next of the databases. False when there is no whole one. */
bool rules_front_next(struct view *databases, struct assay_bytes *ret_database);

#endif
