/*
 * ppmd_allocator: the memory of a PPMd model, one arena as large as the stream says. It is part of
 * the format: when a block is not to be had the model is cut down, and that has to happen at the
 * very symbol where it happened to the compressor. So blocks must be found, split and put together
 * in one order and no other.
 *
 *     FRONT        text         units         low         high         end
 *       | text ----> |            | blocks ---> | <- contexts |          |
 *
 * Blocks are of units of 12 bytes, and of 38 sizes: 1, 2, 3, 4, then 6, 8 and so on up to 128 units.
 * The free ones of a size are in a bin. A place is an offset into the arena; 0 is nowhere.
 *
 * Source: D. Shkarin's PPMd variant I, revision 1 (2002), SubAlloc.
 */
#ifndef UNPACK_PPMD_ALLOCATOR_H
#define UNPACK_PPMD_ALLOCATOR_H

#include <stdbool.h>
#include <stdint.h>

#define PPMD_UNIT        12 /* bytes */
#define PPMD_FRONT       4  /* bytes before the text, so that no place is 0 */
#define PPMD_BINS        38
#define PPMD_UNITS_MAX   128
#define PPMD_BLOCK_BYTES (PPMD_UNITS_MAX * PPMD_UNIT)

struct ppmd_allocator {
    uint8_t *base;
    uint32_t size;                  /* bytes, without the FRONT */
    uint32_t end;                   /* of the arena */
    uint32_t text;                  /* where the next byte of text goes */
    uint32_t units;                 /* what lies below is text */
    uint32_t low;                   /* from here to */
    uint32_t high;                  /* here nothing was ever used */
    uint32_t searches;              /* that may yet fail before free blocks are put together */
    uint32_t free[PPMD_BINS];       /* lists of free blocks */
    uint32_t counts[PPMD_BINS];     /* blocks in them */
    uint8_t units_of[PPMD_BINS];    /* of a block in this bin */
    uint8_t bin_of[PPMD_UNITS_MAX]; /* of blocks for so many units and one */
    bool is_broken;                 /* the model asked for what is no place */
    _Alignas(4) uint8_t nowhere[PPMD_BLOCK_BYTES];
};

/* What an arena for `size` bytes takes. */
static inline uint64_t ppmd_arena_bytes(uint32_t size)
{
    return (uint64_t)PPMD_FRONT + size;
}

/* False when there is no memory. `size` is a multiple of 4, of 1 MiB at least, 2 GiB at most. */
bool ppmd_allocator_start(struct ppmd_allocator *allocator, uint32_t size);
void ppmd_allocator_stop(struct ppmd_allocator *allocator);
/* Everything is free again. */
void ppmd_allocator_reset(struct ppmd_allocator *allocator);

/* What the model did wrong: a place that is none leads to bytes that are nobody's. */
void *ppmd_nowhere(struct ppmd_allocator *allocator);

/* The bytes of a place. The model makes all places itself, whatever the input; this is for the day
 * when it makes a wrong one. `size` is at most PPMD_BLOCK_BYTES. */
static inline void *ppmd_at(struct ppmd_allocator *allocator, uint32_t place, uint32_t size)
{
    if (__builtin_expect(place > allocator->end - size, 0))
        return ppmd_nowhere(allocator);
    return allocator->base + place;
}

static inline uint32_t ppmd_place(const struct ppmd_allocator *allocator, const void *bytes)
{
    return (uint32_t)((const uint8_t *)bytes - allocator->base);
}

/* A block that holds so many units; 0 when there is none. */
uint32_t ppmd_allocate(struct ppmd_allocator *allocator, unsigned units);
/* A block of one unit, from the other side. */
uint32_t ppmd_allocate_context(struct ppmd_allocator *allocator);
/* Room for one unit more: the old place or a new one, 0 when there is none. */
uint32_t ppmd_grow(struct ppmd_allocator *allocator, uint32_t place, unsigned units);
/* Gives back what is behind `kept` units: the old place or a new one. */
uint32_t ppmd_shrink(struct ppmd_allocator *allocator, uint32_t place, unsigned units,
                     unsigned kept);
void ppmd_free(struct ppmd_allocator *allocator, uint32_t place, unsigned units);
/* Frees one unit, for text if it is the lowest. */
void ppmd_free_unit(struct ppmd_allocator *allocator, uint32_t place);
/* Away from the text, if there is a free block further up: the old place or a new one. */
uint32_t ppmd_move_up(struct ppmd_allocator *allocator, uint32_t place, unsigned units);
/* Leaves the lowest units to the text, as far as they are free. */
void ppmd_expand_text(struct ppmd_allocator *allocator);
/* Bytes in use. */
uint32_t ppmd_used(const struct ppmd_allocator *allocator);

#endif
