/* stored: what the readers share whose members lie in the input as they are. */
#ifndef UNPACK_STORED_H
#define UNPACK_STORED_H

#include "unpack/unpacker.h"

/* A name is a label; and a million members may all point at the same long text. */
#define STORED_NAME_MAX 4096

/* What was said about the container: of each kind of damage, once is enough. */
struct stored_notes {
    struct unpack_env *env;
    unsigned said; /* a bit for each status */
};

void stored_note(struct stored_notes *notes, status why, const char *detail);

/* The text at the front of `bytes`: up to a NUL or to the end, and no longer than a label. */
struct assay_bytes stored_name(struct view bytes);

/* A member of these bytes. True when there are any. */
CHECKED bool stored_give(struct assay_bytes name, struct view bytes,
                         struct unpack_member *ret_member);

/* The read of struct unpacker, which is never called when all members are stored. */
CHECKED status stored_read(struct unpack_stream *stream, uint8_t *bytes, size_t size,
                           size_t *ret_size);

#endif
