/*
 * lz: what the codecs of the LZ family that are decoded here have in common: bits in, and bytes out
 * through a window, in which matches find what they repeat.
 */
#ifndef UNPACK_LZ_H
#define UNPACK_LZ_H

#include "unpack/bits.h"
#include "unpack/codec.h"

#define LZ_SLACK 16 /* bytes behind the window that copying may write to */

/* Starts with the codec's own state, as its first field. All zero but for what is set up by
 * lz_new. */
struct lz {
    struct error *error;
    struct bits bits;
    status ended; /* what is said once all bytes were given */

    uint8_t *window;
    size_t history;          /* bytes back that matches may reach */
    size_t capacity;         /* bytes of the window: history, and room for new ones */
    size_t filled;           /* bytes there are; less than `history`: since the beginning */
    size_t given;            /* of those, by step */
    size_t distance, length; /* of a match for which there was no room yet */
};

/* Allocates the state of a codec, `size` bytes, all zero: a struct lz, then what else it has; its
 * window is the last `capacity` + LZ_SLACK bytes. `name` is for the words. */
CHECKED status lz_new(const char *name, size_t size, size_t history, size_t capacity,
                      uint64_t memory, struct error *error, void *ret_state);

/* The step of a codec. `decode` puts bytes into the window until there is no room, or earlier; it
 * must take bits or put bytes, or say how it ended. */
CHECKED status lz_step(struct codec_state *state, status (*decode)(struct codec_state *state),
                       struct view *input, uint8_t *bytes, size_t size, size_t *written);

void lz_stop(struct codec_state *state);

static inline size_t lz_room(const struct lz *lz)
{
    return lz->capacity - lz->filled;
}

/* There must be room. */
static inline void lz_put(struct lz *lz, unsigned byte)
{
    lz->window[lz->filled++] = (uint8_t)byte;
}

/* Repeats `length` bytes from `distance` (1 to `filled` and to `history`) bytes back. What does not
 * fit follows once there is room. */
static inline void lz_copy(struct lz *lz, size_t distance, size_t length)
{
    if (length > lz_room(lz)) {
        lz->distance = distance;
        lz->length = length - lz_room(lz);
        length = lz_room(lz);
    }
    uint8_t *to = lz->window + lz->filled;
    const uint8_t *from = to - distance;
    lz->filled += length;
    if (distance >= LZ_SLACK) {
        for (const uint8_t *end = to + length; to < end; to += LZ_SLACK, from += LZ_SLACK)
            memcpy(to, from, LZ_SLACK);
        return;
    }
    while (length-- > 0)
        *to++ = *from++;
}

#endif
