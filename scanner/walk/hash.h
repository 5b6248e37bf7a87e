/* hash: how the sets of this room spread their keys. Seeded at run time, since users of the scanned
 * tree choose sizes, times and, on file systems of their own, even inode numbers. */
#ifndef WALK_HASH_H
#define WALK_HASH_H

#include <stdint.h>

static inline uint64_t hash_mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ hash >> 32;
}

#endif
