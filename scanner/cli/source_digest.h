/*
 * source_digest: one digest for a set of rule sources, whatever their order: SHA-256 over the lines
 * "NAME NUL HEX" of all of them, sorted by name, HEX being the SHA-256 of the source.
 */
#ifndef CLI_SOURCE_DIGEST_H
#define CLI_SOURCE_DIGEST_H

#include "base/buffer.h"

#define SOURCE_DIGEST_HEX 65 /* 64 digits and a NUL */

struct source_digest {
    struct source_line *lines;
    size_t count;
};

/* Errors: ASSAY_ERR_NOMEM, ASSAY_ERR_ENGINE. */
CHECKED status source_digest_add(struct source_digest *digest, const char *name, struct view text);
CHECKED status source_digest_finish(struct source_digest *digest, char ret_hex[SOURCE_DIGEST_HEX]);
void source_digest_release(struct source_digest *digest);

#endif
