/*
 * libmspack: what its decoders read and write, all of it in memory.
 *
 * The library opens containers by itself and believes their directories. It is not shown them: it
 * gets a container made up for the purpose, which is a head that describes one stream, written by
 * our own code, and behind it the input from where that stream begins. What it allocates is then
 * known beforehand.
 */
#ifndef UNPACK_LIBMSPACK_H
#define UNPACK_LIBMSPACK_H

#include "base/buffer.h"

#include <mspack.h>

#define LIBMSPACK_HEAD_MAX 640

/* What a decoder needs besides its window: its state, and the buffers it reads into. */
#define LIBMSPACK_STATE_MAX (512u << 10)

struct libmspack {
    struct mspack_system system; /* the first, so that its address is that of the whole */
    uint8_t head[LIBMSPACK_HEAD_MAX];
    size_t head_size;
    struct view body;    /* borrowed */
    uint64_t zeros;      /* behind the body, in place of what was cut off */
    struct buffer out;   /* what was written */
    uint64_t most;       /* of it, after which writing fails */
    uint64_t *allowance; /* what reading may still cost; NULL for no bound */
    bool is_full;        /* writing failed for that */
};

/* Makes it ready: no head, no body, nothing written. Stays where it is until released. */
void libmspack_init(struct libmspack *io);
void libmspack_release(struct libmspack *io);

/* Appends to the head, in little-endian. */
void libmspack_put(struct libmspack *io, const void *bytes, size_t size);
void libmspack_put16(struct libmspack *io, uint32_t number);
void libmspack_put32(struct libmspack *io, uint32_t number);
void libmspack_put64(struct libmspack *io, uint64_t number);

/* Forgets what was written. At most `most` bytes are taken from now on. */
void libmspack_expect(struct libmspack *io, uint64_t most);

/* The status that one of the library's errors (not MSPACK_ERR_OK) stands for, with its words. */
CHECKED status libmspack_explain(int failure, struct error *error);

#endif
