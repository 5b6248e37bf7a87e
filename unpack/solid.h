/*
 * solid: files that lie one behind the other in one decoded stream, as in a folder of a cabinet.
 *
 * They are given in the order of the stream, so that it is decoded once. What of the stream no file
 * claims is given as well, unless it is zeros. Decoding again what files have in common, and
 * stepping over what nobody reads, cost an allowance.
 */
#ifndef UNPACK_SOLID_H
#define UNPACK_SOLID_H

#include "unpack/unpacker.h"

struct solid_file {
    uint32_t stream; /* which of the container's streams it lies in */
    uint64_t offset; /* in the stream */
    uint64_t size;   /* as the directory says */
    struct assay_bytes name;
    status ended; /* what is known to be wrong with it, to be said behind its bytes */
    size_t order; /* set by solid_sort: of files at the same offset */
};

/* By stream, then by offset. */
void solid_sort(struct solid_file *files, size_t count);

struct solid_piece {
    struct view bytes; /* at least one; borrowed until the decoder is called again */
    status damage;     /* an error when some of the bytes are wrong; env->error says why */
};

struct solid_decoder {
    /* The last place at or before `at` where decoding can start. */
    uint64_t (*find_start)(const void *context, uint64_t at);
    /* Starts at a place that find_start has told. */
    CHECKED status (*start)(void *context, uint64_t at);
    /* Decodes the next piece. ASSAY_END: the stream is over. After an error, too, it may be started
     * anew. */
    CHECKED status (*next)(void *context, struct solid_piece *ret_piece);
};

/* One stream. Set up with the first block of fields and zeros. */
struct solid {
    const struct solid_decoder *decoder;
    void *context; /* of the decoder */
    struct unpack_env *env;
    uint64_t *allowance;            /* in bytes decoded */
    const struct solid_file *files; /* of this stream, sorted */
    size_t count;
    char rest[32]; /* what the stream is called where no file claims it */

    size_t cursor;    /* the next file */
    uint64_t covered; /* up to here the stream was given, or belongs to a file that was */

    bool is_started;
    uint64_t piece_at; /* where the piece lies in the stream */
    struct solid_piece piece;
    status failure;      /* ASSAY_END or an error: nothing comes behind the piece */
    struct error reason; /* the words for it, or for the piece's damage */
    bool is_told;        /* a member has ended with it */

    uint64_t at, end; /* of the member, what is still to be read */
    bool is_rest;     /* the member is no file, but what lies between files */
    status ended;     /* what is to be said at its end */
    struct error outcome;
    char name[64];
};

/* The next member. ASSAY_END after the last; no errors. */
CHECKED status solid_next(struct solid *solid, struct unpack_member *ret_member);

/* As unpacker->read. */
CHECKED status solid_read(struct solid *solid, uint8_t *bytes, size_t size, size_t *ret_size);

/* Takes `cost` off what is left. False when there is not as much. */
CHECKED bool solid_spend(uint64_t *allowance, uint64_t cost);

#endif
