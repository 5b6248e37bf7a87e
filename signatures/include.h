/*
 * include: which of the given sources are parts of others, so that none is compiled twice, and
 * what the name in an include statement means.
 *
 * A look at the text says which sources are probably included; these wait. Only a source that the
 * compiler then really read, byte for byte, as part of another one is left out. So neither a circle
 * of includes nor text that this look misunderstands can lose a rule.
 */
#ifndef SIGNATURES_INCLUDE_H
#define SIGNATURES_INCLUDE_H

#include "base/cleanup.h"
#include "base/status.h"

/* `name` as it stands in a source called `from`: relative to the folder of `from`, with ".", ".."
 * and doubled slashes taken out by text alone. ".." cannot go above where `from` starts: what is
 * left of it stays in front. The text is malloc'ed. Errors: ASSAY_ERR_NOMEM. */
CHECKED status include_resolve(const char *from, const char *name, char **ret_name);

struct includes;

/* Borrows the sources until includes_free. Errors: ASSAY_ERR_NOMEM. */
CHECKED status includes_new(const struct assay_source *sources, size_t count,
                            struct includes **ret_includes);
void includes_free(struct includes *includes);
DEFINE_CLEANUP(struct includes, includes_free);

/* The index of the next source to compile on its own: first those that no other seems to include,
 * then those that nevertheless were not read by any. False when all are done. */
bool includes_next(struct includes *includes, size_t *ret_index);

/* The compiler read this text (size bytes) for the resolved name. */
void includes_mark(struct includes *includes, const char *name, const char *text, size_t size);

#endif
