/*
 * bits: an input taken bit by bit, the lowest of each byte first. For the codecs that are decoded
 * here and not by a library.
 */
#ifndef UNPACK_BITS_H
#define UNPACK_BITS_H

#include "base/bytes.h"

struct bits {
    struct view input; /* what lies behind the bits that are held */
    uint64_t held;     /* the next bit is the lowest; those above `count` mean nothing */
    unsigned count;
};

/* Holds 56 bits or more, or all that the input has. */
static inline void bits_fill(struct bits *bits)
{
    uint64_t next;
    if (bytes_u64le(bits->input, 0, &next)) {
        unsigned bytes = (63 - bits->count) / 8;
        bits->held |= next << bits->count;
        bits->count += 8 * bytes;
        bits->input.data += bytes;
        bits->input.size -= bytes;
        return;
    }
    for (; bits->count < 56 && bits->input.size > 0; bits->input.size--) {
        bits->held |= (uint64_t)*bits->input.data++ << bits->count;
        bits->count += 8;
    }
}

/* Passes over bits that are held. */
static inline void bits_drop(struct bits *bits, unsigned count)
{
    bits->held >>= count;
    bits->count -= count;
}

/* At most 32 of the bits that are held. False, and nothing taken, when there are not so many. */
CHECKED static inline bool bits_take(struct bits *bits, unsigned count, unsigned *ret)
{
    if (count > bits->count)
        return false;
    *ret = (unsigned)(bits->held & ((UINT64_C(1) << count) - 1));
    bits_drop(bits, count);
    return true;
}

/* The same, filled before: for where speed does not matter. */
CHECKED static inline bool bits_read(struct bits *bits, unsigned count, unsigned *ret)
{
    bits_fill(bits);
    return bits_take(bits, count, ret);
}

/* Passes over all bits that are held: with none behind them, the input has ended. */
static inline void bits_drop_all(struct bits *bits)
{
    bits->held = bits->count = 0;
}

/* Puts whole bytes back, so that the input stands right behind the last bit that was taken. */
static inline void bits_give_back(struct bits *bits)
{
    unsigned bytes = bits->count / 8;
    if (bytes > 0) {
        bits->input.data -= bytes;
        bits->input.size += bytes;
    }
    bits->count %= 8;
    bits->held &= (UINT64_C(1) << bits->count) - 1;
}

#endif
