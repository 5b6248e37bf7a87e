/*
 * codec: one compressed stream decoded step by step, straight by the library that knows it. Used by
 * the readers of bare codecs (stream.h) and by containers whose members are compressed (zip).
 */
#ifndef UNPACK_CODEC_H
#define UNPACK_CODEC_H

#include "unpack/unpacker.h"

struct codec_state; /* each codec defines its own */

struct codec {
    const char *name; /* "deflate", "xz" */

    /* Starts a decoder. Works out what it will allocate before it allocates, where the format tells;
     * otherwise the library is given the bound.
     *   memory   bytes the decoder may allocate
     *   error    words on failure; borrowed until stop
     * Errors: ASSAY_ERR_CODEC_MEMORY, ASSAY_ERR_NOMEM. */
    CHECKED status (*start)(uint64_t memory, struct error *error, struct codec_state **ret_state);

    /* Decodes from the front of *input, which is advanced past what was used, into at most `size`
     * (at least 1) bytes. ASSAY_OK: *ret_size bytes were written, at least 1. ASSAY_END: this stream
     * ended by its own account, *input stands right behind it, nothing was written. Errors:
     * ASSAY_ERR_TRUNCATED (input used up before the end), _CORRUPT, _UNSUPPORTED, _CODEC_MEMORY,
     * _NOMEM: nothing was written by this call. Bytes decoded before an error are given first. */
    CHECKED status (*decode)(struct codec_state *state, struct view *input, uint8_t *bytes,
                             size_t size, size_t *ret_size);

    void (*stop)(struct codec_state *state); /* takes NULL */
};

extern const struct codec codec_deflate; /* raw, RFC 1951, as zip has it */
extern const struct codec codec_zlib;    /* RFC 1950 */
extern const struct codec codec_gzip;    /* one RFC 1952 member */
extern const struct codec codec_bzip2;
extern const struct codec codec_xz;   /* one .xz stream */
extern const struct codec codec_lzma; /* .lzma alone, 13-byte header */
/* zip method 14: 4-byte prefix and properties, no size. Without an end marker it ends where *input
 * does: whether that is too soon only the container knows, and a few bytes too many may come out. */
extern const struct codec codec_lzma_zip;
extern const struct codec codec_zstd; /* one frame, skippable frames included */
extern const struct codec codec_lz4;  /* one frame */

#endif
