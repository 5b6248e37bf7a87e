/*
 * unpacker: the contract between scanner/inspect and the readers of containers and codecs.
 *
 * One reader is one file here and one row in registry.c. A reader sees bytes and gives bytes. It
 * never sees a path, never calls the matcher, never opens another reader (nesting is the business
 * of scanner/inspect), never writes to disk, keeps no state outside its stream.
 *
 * Pull: the caller asks for the next member and for its bytes, as much as it wants. Everything a
 * reader returns may come from an attacker; everything it reads does.
 *
 * A reader runs on one thread. Streams of the same reader are independent of each other.
 */
#ifndef UNPACK_UNPACKER_H
#define UNPACK_UNPACKER_H

#include "base/status.h"
#include "base/view.h"

/* What a reader may use and whom it tells. Owned by the caller; outlives the stream. */
struct unpack_env {
    uint64_t codec_memory;               /* bytes one decoder may allocate */
    const struct assay_bytes *passwords; /* to try on encrypted members */
    size_t password_count;
    /* The container itself is damaged or odd, though reading goes on: say so, and the container is
     * reported incomplete. Do not call it for what a failing call already says. */
    void (*note)(void *context, status why, const char *detail);
    void *note_context;
    struct error error; /* the words for the call that failed last */
};

struct unpack_member {
    struct assay_bytes name; /* raw; borrowed until the next call on the stream; may be empty */
    /* Set when the member's bytes lie in the input as they are: `stored` is then part of the input
     * view, and read is not called. */
    bool is_stored;
    struct view stored;
};

struct unpack_stream; /* each reader defines its own */

struct unpacker {
    const char *name; /* stable, lower case; appears in reports */

    /* How many bits of the input were verified to be this format; 0 for "not mine". A weak magic
     * loses honestly. Pure, allocates nothing, reads O(1) bytes (a few fixed places). */
    unsigned (*identify)(struct view input);

    /* Starts reading. `input` and `env` are borrowed until close. On failure nothing is to be
     * closed. Errors: ASSAY_ERR_CORRUPT, _TRUNCATED, _UNSUPPORTED, _ENCRYPTED, _MISSING_VOLUME,
     * _CODEC_MEMORY, _NOMEM; env->error says more. */
    CHECKED status (*open)(struct view input, struct unpack_env *env,
                           struct unpack_stream **ret_stream);

    /* Steps to the next member, whether or not the last one was read to its end. ASSAY_END after
     * the last. Directories and other members without bytes need not be given. An error ends the
     * container: nothing but close may follow. */
    CHECKED status (*next)(struct unpack_stream *stream, struct unpack_member *ret_member);

    /* Decodes up to `size` (at least 1) bytes of the member. ASSAY_OK: *ret_size (1 to size) bytes
     * were written. ASSAY_END: the member was whole, nothing was written. An error: the member is
     * damaged, encrypted, ...; nothing was written by this call, what earlier calls gave stays
     * good, and next may still be called. A bad check sum is an error after the bytes, never
     * instead. */
    CHECKED status (*read)(struct unpack_stream *stream, uint8_t *bytes, size_t size,
                           size_t *ret_size);

    void (*close)(struct unpack_stream *stream);
};

/* All readers, in a fixed order. */
const struct unpacker *const *unpack_registry(size_t *ret_count);

#endif
