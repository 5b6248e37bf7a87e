/*
 * hash_format: the index behind hash_set, as a file. All numbers are little-endian.
 *
 *     front      64 bytes: HASH_FORMAT_MAGIC, zeros
 *     of each kind that there is, md5, sha1, sha256; each part begins at a multiple of 64:
 *         entries    sorted; each is the digest, u32 the name's offset in names, u64 the severity in the
 *                    high byte and the size, or HASH_SIZE_UNKNOWN, below
 *         buckets    u32 each, 2^bucket_bits + 1: by the first bits of a digest, the number of the first
 *                    entry that has these or higher ones
 *         filter     only when all entries have a size: a Bloom filter of the sizes, 2^filter_bits
 *                    blocks of 64 bytes
 *     names      u8 the size of a name and its bytes, again and again
 *     tail       struct hash_tail
 *
 * What is counted stands at the end, so that the file can be written while the list is read.
 */
#ifndef SIGNATURES_HASH_FORMAT_H
#define SIGNATURES_HASH_FORMAT_H

#include "signatures/hash_set.h"

#define HASH_FORMAT_MAGIC UINT64_C(0x3158485941535341) /* "ASSAYHX1" */
#define HASH_FORMAT_FRONT 64
#define HASH_FORMAT_ALIGN 64

#define HASH_SIZE_UNKNOWN ((UINT64_C(1) << 56) - 1)

#define HASH_BUCKET_BITS_MAX 20 /* 4 MiB */
#define HASH_BLOCK           64
#define HASH_FILTER_BITS_MAX 17 /* 8 MiB */

/* Offsets are from the front of the file. Every member is a uint64_t, in the file as well. */
struct hash_section {
    uint64_t entries, count;
    uint64_t unsized; /* entries that have no size */
    uint64_t buckets, bucket_bits;
    uint64_t filter, filter_bits;
};
struct hash_tail {
    uint64_t magic;
    uint64_t file_size;
    uint64_t names, names_size;
    struct hash_section sections[HASH_KINDS];
};

/* Bytes of an entry, and where its parts are. */
static inline size_t hash_entry_name(enum hash_kind kind)
{
    return hash_bytes(kind);
}

static inline size_t hash_entry_size(enum hash_kind kind)
{
    return hash_bytes(kind) + sizeof(uint32_t);
}

static inline size_t hash_entry_bytes(enum hash_kind kind)
{
    return hash_bytes(kind) + sizeof(uint32_t) + sizeof(uint64_t);
}

/* The first `bits` bits of a digest, at most 32. */
static inline uint32_t hash_bucket(const uint8_t *digest, unsigned bits)
{
    uint32_t first = (uint32_t)digest[0] << 24 | (uint32_t)digest[1] << 16 |
                     (uint32_t)digest[2] << 8 | (uint32_t)digest[3];
    return bits > 0 ? first >> (32 - bits) : 0;
}

/* Where a size is in the filter: a block, and three of its bits. */
struct hash_probe {
    uint32_t block; /* its low bits */
    uint16_t bits[3];
};

/* Mixes as the finalizer of MurmurHash3 does. */
static inline struct hash_probe hash_probe_of(uint64_t size)
{
    size ^= size >> 33;
    size *= UINT64_C(0xff51afd7ed558ccd);
    size ^= size >> 33;
    size *= UINT64_C(0xc4ceb9fe1a85ec53);
    size ^= size >> 33;
    return (struct hash_probe){
        (uint32_t)(size >> 32),
        {(uint16_t)(size & 511), (uint16_t)(size >> 9 & 511), (uint16_t)(size >> 18 & 511)},
    };
}

#endif
