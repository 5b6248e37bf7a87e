/*
 * variables: what rules may ask about an object besides its bytes, worked out from its name.
 */
#ifndef INSPECT_VARIABLES_H
#define INSPECT_VARIABLES_H

#include "base/buffer.h"
#include "signatures/matcher.h"

/* The names of one object; the buffers are kept from use to use. */
struct object_name {
    struct buffer path;      /* NUL-terminated: the top-level path, or the member's name */
    struct buffer extension; /* NUL-terminated, lower case, with its dot; "" for none */
    size_t filename;         /* offset in path of the last component */
};

/* Takes a name as it is. Bytes behind a NUL are not seen by rules. Errors: ASSAY_ERR_NOMEM. */
CHECKED status object_name_set(struct object_name *name, struct assay_bytes path);

/* The name of a member of `parent`: its own, but a derived one ("<gz>") says nothing about the
 * content, so it gets its parent's name less the last extension. */
CHECKED status object_name_of_member(struct object_name *name, const struct object_name *parent,
                                     struct assay_bytes member);

/* Fills in the three name variables; borrowed from `name`. */
void object_name_variables(const struct object_name *name, struct matcher_variables *variables);

void object_name_release(struct object_name *name);

#endif
