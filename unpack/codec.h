/*
 * codec: one compressed stream decoded step by step, straight by the library that knows it or, where
 * there is none, by code of our own (lz.h), and the decoder that drives it. Used by the readers of bare codecs (stream.h) and by containers whose
 * members are compressed (zip).
 */
#ifndef UNPACK_CODEC_H
#define UNPACK_CODEC_H

#include "unpack/unpacker.h"

struct codec_state; /* each codec defines its own */

struct codec {
    const char *name; /* "deflate", "xz" */

    /* Starts a decoder. Works out what it will allocate before it allocates, where the format
     * tells; otherwise the library is given the bound.
     *   memory   bytes the decoder may allocate
     *   error    words on failure; borrowed until stop
     * Errors: ASSAY_ERR_CODEC_MEMORY, ASSAY_ERR_NOMEM. */
    CHECKED status (*start)(uint64_t memory, struct error *error, struct codec_state **ret_state);

    /* Decodes a step from the front of *input, which is advanced past what was used, into at most
     * `size` (at least 1) bytes; *written (0 before) of them are good, whatever is returned.
     * ASSAY_OK: there may be more, even when nothing was written. ASSAY_END: this stream ended by
     * its own account, *input stands right behind it. Errors: ASSAY_ERR_TRUNCATED (input used up
     * before the end), _CORRUPT, _UNSUPPORTED, _CODEC_MEMORY, _NOMEM. Not called again after
     * anything but ASSAY_OK. */
    CHECKED status (*step)(struct codec_state *state, struct view *input, uint8_t *bytes,
                           size_t size, size_t *written);

    void (*stop)(struct codec_state *state); /* takes NULL */
};

/* A codec at work. All zero: stopped. */
struct decoder {
    const struct codec *codec; /* NULL: stopped */
    struct codec_state *state;
    status pending; /* what is to be said once the bytes before it were given */
};

/* As codec->start. The decoder must be stopped. */
CHECKED status decoder_start(struct decoder *decoder, const struct codec *codec, uint64_t memory,
                             struct error *error);

/* Decodes up to `size` bytes. ASSAY_OK: *ret_size (at least 1) were written. Anything else:
 * nothing was written, the rest as codec->step. Bytes decoded before an error or the end are
 * given first. */
CHECKED status decoder_read(struct decoder *decoder, struct view *input, uint8_t *bytes,
                            size_t size, size_t *ret_size);

/* The same, but *ret_size may be 0: for callers that put more input behind *input between steps. */
CHECKED status decoder_step(struct decoder *decoder, struct view *input, uint8_t *bytes,
                            size_t size, size_t *ret_size);

void decoder_stop(struct decoder *decoder);

extern const struct codec codec_deflate; /* raw, RFC 1951, as zip has it */
extern const struct codec codec_zlib;    /* RFC 1950 */
extern const struct codec codec_gzip;    /* one RFC 1952 member */
extern const struct codec codec_bzip2;
extern const struct codec codec_xz;   /* one .xz stream */
extern const struct codec codec_lzip; /* one .lz member */
extern const struct codec codec_lzma; /* .lzma alone, 13-byte header */
/* zip method 14: 4-byte prefix and properties, no size. Without an end marker it ends where
 * *input does: whether that is too soon only the container knows, and a few bytes too many may
 * come out. */
extern const struct codec codec_lzma_zip;
extern const struct codec codec_deflate64;
/* These have no mark of their end, either: it is ASSAY_END where *input ends, and what comes out
 * then may be too little or a few bytes too much. */
extern const struct codec codec_shrink;
extern const struct codec codec_reduce_1, codec_reduce_2, codec_reduce_3, codec_reduce_4;
/* A window of 4 or 8 KiB, 2 or 3 trees. */
extern const struct codec codec_implode_4k_2, codec_implode_8k_2;
extern const struct codec codec_implode_4k_3, codec_implode_8k_3;
extern const struct codec codec_dcl;  /* implode of PKWARE's library, which has a mark */
extern const struct codec codec_zstd; /* one frame, skippable frames included */
extern const struct codec codec_lz4;  /* one frame */
/* zip method 98. Without a mark of the end, as with LZMA. */
extern const struct codec codec_ppmd;
extern const struct codec codec_compress; /* .Z; it ends where *input does */

#endif
