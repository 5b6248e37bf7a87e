/*
 * hash_gather: hashes from everywhere, made into one sorted list. Each takes the bytes of its digest
 * and name and some twenty more, so that ten million fit into the memory of a common machine.
 */
#ifndef DATABASE_HASH_GATHER_H
#define DATABASE_HASH_GATHER_H

#include "base/buffer.h"
#include "signatures/hash_set.h"

struct hash_gather_place {
    uint64_t prefix; /* the first eight bytes of the digest, as a number */
    uint64_t at;     /* of the entry, in bytes */
};

/* One kind. Entries are digest, severity, whether there is a size, size, size of the name, name. */
struct hash_gather_part {
    struct buffer entries;
    struct hash_gather_place *places;
    size_t count, capacity;
    uint64_t text_bytes; /* the most its lines can take */
};

struct hash_gather {
    struct hash_gather_part parts[HASH_KINDS];
};

/* Copies. Errors: ASSAY_ERR_NOMEM. */
CHECKED status hash_gather_add(struct hash_gather *gather, const struct hash_line *line);

/* Appends the list as hash_set.h describes it, and empties the gather. An entry that is there with
 * several severities has the highest. Entries without a size stand before those with one. Errors:
 * ASSAY_ERR_NOMEM. */
CHECKED status hash_gather_write(struct hash_gather *gather, struct buffer *out,
                                 uint64_t ret_counts[HASH_KINDS]);
void hash_gather_release(struct hash_gather *gather);

#endif
