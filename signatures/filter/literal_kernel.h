/*
 * literal_kernel: the part of literal_set_scan that sees every byte, in several ways with the same
 * results. The quickest that the processor can do is taken.
 */
#ifndef FILTER_LITERAL_KERNEL_H
#define FILTER_LITERAL_KERNEL_H

#include "signatures/filter/literal_format.h"
#include "signatures/filter/literal_set.h"

#include <stddef.h>

enum {
    LITERAL_BLOCK = 4096, /* positions that are looked at together; a multiple of each stride */
    LITERAL_BLOCK_ROOM = 4160, /* bytes of a folded block: those that follow it, then zeros */
};

struct literal_filter {
    const uint32_t *words;
    unsigned bits; /* 2^bits words */
};

struct literal_kernel {
    const char *name;
    /* Folds `size` bytes, at most LITERAL_BLOCK_ROOM. */
    void (*fold)(const uint8_t *data, size_t size, uint8_t *ret_folded);
    /* The positions from 0 to `end`, at most LITERAL_BLOCK, where a window that the filter lets
     * through begins. Returns how many; there is room for 8 more than there can be. */
    size_t (*filters[LITERAL_CLASSES])(const struct literal_filter *filter, const uint8_t *folded,
                                       size_t end, uint16_t *ret_positions);
};

extern const struct literal_kernel literal_kernel_portable;

/* The quickest, or NULL where there is none but the portable one. */
const struct literal_kernel *literal_kernel_quick(void);

void literal_set_scan_by(const struct literal_kernel *kernel, const struct literal_set *set,
                         struct view view, uint64_t *found);

#endif
