#include "unpack/ppmd_allocator.h"

#include <stdlib.h>
#include <string.h>

enum {
    SEARCHES = 8192,       /* that fail until free blocks are put together */
    NEAR_TEXT = 16 * 1024, /* bytes above the text that are worth moving */
};

/* A free block. Neither a context nor a state begins with a stamp like that: their second byte,
 * flags or a frequency, is never 255. */
struct node {
    uint32_t stamp;
    uint32_t next;
    uint32_t units;
};

#define STAMP_FREE UINT32_MAX

static struct node *node_at(struct ppmd_allocator *allocator, uint32_t place)
{
    return ppmd_at(allocator, place, PPMD_UNIT);
}

void *ppmd_nowhere(struct ppmd_allocator *allocator)
{
    allocator->is_broken = true;
    return memset(allocator->nowhere, 0, sizeof(allocator->nowhere));
}

/* Sizes are 1, 2, 3 units apart, four times each, then 4. */
static void list_bins(struct ppmd_allocator *allocator)
{
    unsigned units = 0;
    for (unsigned bin = 0; bin < PPMD_BINS; bin++) {
        unsigned apart = bin < 12 ? bin / 4 + 1 : 4;
        for (unsigned i = 0; i < apart; i++)
            allocator->bin_of[units++] = (uint8_t)bin;
        allocator->units_of[bin] = (uint8_t)units;
    }
}

bool ppmd_allocator_start(struct ppmd_allocator *allocator, uint32_t size)
{
    *allocator = (struct ppmd_allocator){.size = size, .end = PPMD_FRONT + size};
    allocator->base = calloc(1, ppmd_arena_bytes(size));
    list_bins(allocator);
    return allocator->base;
}

void ppmd_allocator_stop(struct ppmd_allocator *allocator)
{
    free(allocator->base);
    allocator->base = NULL;
}

void ppmd_allocator_reset(struct ppmd_allocator *allocator)
{
    memset(allocator->free, 0, sizeof(allocator->free));
    memset(allocator->counts, 0, sizeof(allocator->counts));
    allocator->text = PPMD_FRONT;
    allocator->high = allocator->end;
    allocator->units = allocator->end - allocator->size / 8 / PPMD_UNIT * 7 * PPMD_UNIT;
    allocator->low = allocator->units;
    allocator->searches = 0;
}

/* ---- lists ------------------------------------------------------------------------------- */

static unsigned bin_of(const struct ppmd_allocator *allocator, unsigned units)
{
    return allocator->bin_of[(units - 1) % PPMD_UNITS_MAX];
}

static void push(struct ppmd_allocator *allocator, uint32_t place, unsigned bin)
{
    *node_at(allocator, place) =
        (struct node){STAMP_FREE, allocator->free[bin], allocator->units_of[bin]};
    allocator->free[bin] = place;
    allocator->counts[bin]++;
}

static uint32_t pop(struct ppmd_allocator *allocator, unsigned bin)
{
    uint32_t place = allocator->free[bin];
    allocator->free[bin] = node_at(allocator, place)->next;
    allocator->counts[bin]--;
    return place;
}

/* Up to 128 units, as one block or, where there are none of that size, as two. */
static void push_units(struct ppmd_allocator *allocator, uint32_t place, unsigned units)
{
    unsigned bin = bin_of(allocator, units);
    if (allocator->units_of[bin] != units) {
        unsigned first = allocator->units_of[--bin];
        push(allocator, place + first * PPMD_UNIT, bin_of(allocator, units - first));
    }
    push(allocator, place, bin);
}

/* Gives back what a block has above one of a smaller size. */
static void split(struct ppmd_allocator *allocator, uint32_t place, unsigned bin, unsigned kept)
{
    unsigned units = allocator->units_of[kept];
    push_units(allocator, place + units * PPMD_UNIT, allocator->units_of[bin] - units);
}

/* What was never used begins with no stamp, so that blocks before it end there. The arena ends in
 * the context of order 0, which is never free. */
static void mark_unused(struct ppmd_allocator *allocator)
{
    if (allocator->low != allocator->high)
        node_at(allocator, allocator->low)->stamp = 0;
}

/* ---- putting free blocks together -------------------------------------------------------- */

/* Adds to a free block all that follow it; those have no units from then on. */
static void take_following(struct ppmd_allocator *allocator, uint32_t place)
{
    struct node *node = node_at(allocator, place);
    for (;;) {
        struct node *next = node_at(allocator, place + node->units * PPMD_UNIT);
        if (next->stamp != STAMP_FREE || next->units == 0)
            break;
        node->units += next->units;
        next->units = 0;
    }
}

/* Makes one list of all free blocks, bin by bin, and puts together what lies together. */
static uint32_t join_lists(struct ppmd_allocator *allocator)
{
    uint32_t head = 0;
    uint32_t *end = &head;
    for (unsigned bin = 0; bin < PPMD_BINS; bin++) {
        uint32_t place = allocator->free[bin];
        allocator->free[bin] = 0;
        while (place != 0) {
            struct node *node = node_at(allocator, place);
            if (node->units != 0) {
                *end = place;
                end = &node->next;
                take_following(allocator, place);
            }
            place = node->next;
        }
    }
    *end = 0;
    return head;
}

static void glue(struct ppmd_allocator *allocator)
{
    allocator->searches = SEARCHES;
    memset(allocator->counts, 0, sizeof(allocator->counts));
    mark_unused(allocator);
    uint32_t place = join_lists(allocator);
    while (place != 0) {
        const struct node *node = node_at(allocator, place);
        uint32_t next = node->next, units = node->units;
        for (; units > PPMD_UNITS_MAX; units -= PPMD_UNITS_MAX) {
            push(allocator, place, PPMD_BINS - 1);
            place += PPMD_BLOCK_BYTES;
        }
        if (units > 0)
            push_units(allocator, place, units);
        place = next;
    }
}

/* ---- blocks ------------------------------------------------------------------------------ */

/* The hard way: a larger block, or off the space for text. */
static uint32_t search(struct ppmd_allocator *allocator, unsigned bin)
{
    if (allocator->searches == 0) {
        glue(allocator);
        if (allocator->free[bin] != 0)
            return pop(allocator, bin);
    }
    for (unsigned larger = bin + 1; larger < PPMD_BINS; larger++) {
        if (allocator->free[larger] == 0)
            continue;
        uint32_t place = pop(allocator, larger);
        split(allocator, place, larger, bin);
        return place;
    }
    uint32_t bytes = allocator->units_of[bin] * PPMD_UNIT;
    allocator->searches--;
    if (allocator->units - allocator->text <= bytes)
        return 0;
    return allocator->units -= bytes;
}

static uint32_t allocate_bin(struct ppmd_allocator *allocator, unsigned bin)
{
    if (allocator->free[bin] != 0)
        return pop(allocator, bin);
    uint32_t bytes = allocator->units_of[bin] * PPMD_UNIT;
    if (bytes > allocator->high - allocator->low)
        return search(allocator, bin);
    allocator->low += bytes;
    return allocator->low - bytes;
}

uint32_t ppmd_allocate(struct ppmd_allocator *allocator, unsigned units)
{
    return allocate_bin(allocator, bin_of(allocator, units));
}

uint32_t ppmd_allocate_context(struct ppmd_allocator *allocator)
{
    if (allocator->high != allocator->low)
        return allocator->high -= PPMD_UNIT;
    if (allocator->free[0] != 0)
        return pop(allocator, 0);
    return search(allocator, 0);
}

static void copy(struct ppmd_allocator *allocator, uint32_t to, uint32_t from, unsigned units)
{
    uint32_t bytes = units * PPMD_UNIT;
    memmove(ppmd_at(allocator, to, bytes), ppmd_at(allocator, from, bytes), bytes);
}

uint32_t ppmd_grow(struct ppmd_allocator *allocator, uint32_t place, unsigned units)
{
    unsigned bin = bin_of(allocator, units);
    if (bin == bin_of(allocator, units + 1))
        return place;
    uint32_t larger = allocate_bin(allocator, bin + 1);
    if (larger == 0)
        return 0;
    copy(allocator, larger, place, units);
    push(allocator, place, bin);
    return larger;
}

uint32_t ppmd_shrink(struct ppmd_allocator *allocator, uint32_t place, unsigned units,
                     unsigned kept)
{
    unsigned bin = bin_of(allocator, units), smaller = bin_of(allocator, kept);
    if (bin == smaller)
        return place;
    if (allocator->free[smaller] == 0) {
        split(allocator, place, bin, smaller);
        return place;
    }
    uint32_t other = pop(allocator, smaller);
    copy(allocator, other, place, kept);
    push(allocator, place, bin);
    return other;
}

void ppmd_free(struct ppmd_allocator *allocator, uint32_t place, unsigned units)
{
    push(allocator, place, bin_of(allocator, units));
}

void ppmd_free_unit(struct ppmd_allocator *allocator, uint32_t place)
{
    if (place == allocator->units)
        allocator->units += PPMD_UNIT;
    else
        push(allocator, place, 0);
}

uint32_t ppmd_move_up(struct ppmd_allocator *allocator, uint32_t place, unsigned units)
{
    unsigned bin = bin_of(allocator, units);
    if (place > allocator->units + NEAR_TEXT || place > allocator->free[bin])
        return place;
    uint32_t other = pop(allocator, bin);
    copy(allocator, other, place, units);
    if (place == allocator->units)
        allocator->units += allocator->units_of[bin] * PPMD_UNIT;
    else
        push(allocator, place, bin);
    return other;
}

/* ---- the border between text and units --------------------------------------------------- */

/* Takes blocks without a stamp off a list. */
static void drop_unstamped(struct ppmd_allocator *allocator, unsigned bin, uint32_t count)
{
    uint32_t *link = &allocator->free[bin];
    allocator->counts[bin] -= count;
    while (count > 0 && *link != 0) {
        struct node *node = node_at(allocator, *link);
        if (node->stamp == 0) {
            *link = node->next;
            count--;
        } else {
            link = &node->next;
        }
    }
}

void ppmd_expand_text(struct ppmd_allocator *allocator)
{
    uint32_t counts[PPMD_BINS] = {0};
    mark_unused(allocator);
    for (;;) {
        struct node *node = node_at(allocator, allocator->units);
        if (node->stamp != STAMP_FREE || node->units == 0)
            break;
        node->stamp = 0;
        counts[bin_of(allocator, node->units)]++;
        allocator->units += node->units * PPMD_UNIT;
    }
    for (unsigned bin = 0; bin < PPMD_BINS; bin++)
        drop_unstamped(allocator, bin, counts[bin]);
}

uint32_t ppmd_used(const struct ppmd_allocator *allocator)
{
    uint32_t free_units = 0;
    for (unsigned bin = 0; bin < PPMD_BINS; bin++)
        free_units += allocator->counts[bin] * allocator->units_of[bin];
    return allocator->size - (allocator->high - allocator->low) -
           (allocator->units - allocator->text) - free_units * PPMD_UNIT;
}
