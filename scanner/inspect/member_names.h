/*
 * member_names: counts how often a name came up in one container, so that reports can tell equal
 * names apart. Remembers 64-bit hashes, not names: 16 bytes a name.
 */
#ifndef INSPECT_MEMBER_NAMES_H
#define INSPECT_MEMBER_NAMES_H

#include "base/status.h"

struct member_names {
    struct member_name_slot *slots;
    size_t capacity; /* a power of two, or 0 */
    size_t used;
};

/* How often the name was counted before, plus one. Errors: ASSAY_ERR_NOMEM. */
CHECKED status member_names_count(struct member_names *names, struct assay_bytes name,
                                  uint32_t *ret_occurrence);
/* Forgets all names and releases the memory. */
void member_names_release(struct member_names *names);

#endif
