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
    uint64_t codec_memory; /* bytes one decoder may allocate */
    /* Bytes of one member that are of use to the caller: more need not be decoded. Set anew before
     * each `next`. For readers that cannot decode step by step. */
    uint64_t member_bytes;
    const struct assay_bytes *passwords; /* to try on encrypted members */
    size_t password_count;
    /* The container itself is damaged or odd, though reading goes on: say so, and the container is
     * reported incomplete. Do not call it for what a failing call already says. */
    void (*note)(void *context, status why, const char *detail);
    void *note_context;
    struct error error; /* the words for the call that failed last */
    /* The container was found in the middle of something: other data may follow its end, which are
     * then neither its residue nor damage. */
    bool is_embedded;
    /* What of the input the reader has accounted for, as members, records or residue: the rest is
     * searched for other archives. All of it before `open`; a reader that leaves something out says
     * so by the time `next` ends. */
    uint64_t covers_from, covers_to;
};

struct unpack_member {
    struct assay_bytes name; /* raw; borrowed until the next call on the stream; may be empty */
    /* Set when the member's bytes are there as they are, and read is not called: `stored` is part
     * of the input view or, from a reader that cannot decode step by step, lies in memory of the
     * stream, which stays until the next call on it. */
    bool is_stored;
    struct view stored;
    /* With is_stored: what reading the member came to. ASSAY_OK when it is whole; otherwise `stored`
     * is what could be had, and env->error has the words. */
    status ended;
};

/* Bytes at an offset from where a container begins. */
struct unpack_magic {
    const char *bytes;
    uint8_t size; /* at least 3 */
    uint16_t offset;
};
#define UNPACK_MAGIC(text, at)                                                                     \
    {                                                                                              \
        text, sizeof(text) - 1, at                                                                 \
    }
#define UNPACK_MAGICS_MAX 4

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

    /* For formats that are also looked for in the middle of other data: one of these stands where
     * they begin. Unused rows are zero; none: the format is not looked for. */
    struct unpack_magic magics[UNPACK_MAGICS_MAX];
    /* True when what begins here surely is one, and no chance and no program's table of magics: at
     * least some 64 bits are verified, by check sums or by decoding the beginning. Pure, O(1). */
    bool (*is_genuine)(struct view input);
};

/* All readers, in a fixed order. */
const struct unpacker *const *unpack_registry(size_t *ret_count);

#endif
