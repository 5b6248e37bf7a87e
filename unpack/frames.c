#include "unpack/frames.h"

#include "base/bytes.h"

enum {
    SKIPPABLE_HEAD_SIZE = 8,
    WINDOW_MIN_LOG = 10,
    ZSTD_BLOCK_MAX = 128 * 1024,
    BLOCKS_LOOKED_AT = 8,
};

enum zstd_block { ZSTD_RAW, ZSTD_RLE, ZSTD_COMPRESSED, ZSTD_BLOCK_RESERVED };

uint64_t frames_skippable_size(struct view input, uint64_t offset)
{
    uint32_t magic, size;
    if (!bytes_u32le(input, offset, &magic) || (magic & 0xfffffff0) != 0x184d2a50)
        return 0;
    if (!bytes_u32le(input, offset + 4, &size))
        return 0;
    return SKIPPABLE_HEAD_SIZE + (uint64_t)size;
}

uint64_t frames_skip(struct view input, uint64_t offset, unsigned most)
{
    for (unsigned i = 0; i < most; i++) {
        uint64_t size = frames_skippable_size(input, offset);
        if (size == 0 || !view_has(input, offset, size))
            break;
        offset += size;
    }
    return offset;
}

bool zstd_is_legacy(struct view input)
{
    uint32_t magic;
    if (!bytes_u32le(input, 0, &magic))
        return false;
    return magic == 0x1eb52ffd || (magic >= 0xfd2fb522 && magic <= 0xfd2fb527);
}

/* A number of 1 to 8 bytes; 256 is added to those of two. */
static bool content_size(struct view input, uint64_t offset, unsigned bytes, uint64_t *ret_size)
{
    if (!view_has(input, offset, bytes))
        return false;
    uint64_t size = bytes == 2 ? 256 : 0;
    for (unsigned i = 0; i < bytes; i++)
        size += (uint64_t)input.data[offset + i] << 8 * i;
    *ret_size = size;
    return true;
}

uint64_t zstd_window_of(uint8_t byte)
{
    uint64_t base = UINT64_C(1) << (WINDOW_MIN_LOG + (byte >> 3));
    return base + base / 8 * (byte & 7);
}

bool zstd_parse_head(struct view input, struct zstd_head *ret_head)
{
    static const uint8_t dictionary_bytes[] = {0, 1, 2, 4};
    static const uint8_t content_bytes[] = {0, 2, 4, 8};
    uint32_t magic;
    uint8_t descriptor, window = 0;
    if (!bytes_u32le(input, 0, &magic) || magic != 0xfd2fb528 || !bytes_u8(input, 4, &descriptor))
        return false;
    bool is_single = descriptor & ZSTD_SINGLE_SEGMENT;
    struct zstd_head head = {.descriptor = descriptor, .dictionary = is_single ? 5 : 6};
    head.dictionary_size = dictionary_bytes[descriptor & 3];
    unsigned bytes = content_bytes[descriptor >> 6];
    if (is_single && bytes == 0)
        bytes = 1;
    head.has_content = bytes > 0;
    head.size = head.dictionary + head.dictionary_size + bytes;
    if (!view_has(input, 0, head.size) || (!is_single && !bytes_u8(input, 5, &window)) ||
        !content_size(input, head.size - bytes, bytes, &head.content))
        return false;
    head.window = is_single ? head.content : zstd_window_of(window);
    *ret_head = head;
    return true;
}

uint8_t zstd_window_byte(uint64_t window, uint64_t most)
{
    uint8_t byte = 0;
    while (byte < UINT8_MAX && zstd_window_of(byte) < window &&
           zstd_window_of((uint8_t)(byte + 1)) <= most)
        byte++;
    return byte;
}

/* True when a frame of blocks that are not compressed still says something to be checked by. */
static bool zstd_is_checked(uint8_t descriptor)
{
    return (descriptor & (ZSTD_CHECK_SUM | ZSTD_SINGLE_SEGMENT)) || descriptor >> 6;
}

bool zstd_is_sound(struct view input, uint64_t *ret_end, bool *ret_has_end)
{
    struct zstd_head head;
    if (!zstd_parse_head(input, &head) || (head.descriptor & ZSTD_RESERVED))
        return false;
    uint64_t at = head.size;
    for (int i = 0; i < BLOCKS_LOOKED_AT; i++) {
        uint16_t low;
        uint8_t high;
        if (!bytes_u16le(input, at, &low) || !bytes_u8(input, at + 2, &high))
            return false;
        bool is_last = low & 1;
        unsigned type = low >> 1 & 3;
        uint64_t size = (uint64_t)high << 13 | low >> 3;
        if (type == ZSTD_BLOCK_RESERVED || size > ZSTD_BLOCK_MAX || (size == 0 && !is_last))
            return false;
        at += 3 + (type == ZSTD_RLE ? 1 : size);
        if (is_last && (head.descriptor & ZSTD_CHECK_SUM))
            at += 4;
        *ret_end = at;
        *ret_has_end = is_last;
        if (is_last || type == ZSTD_COMPRESSED)
            return at <= input.size &&
                   (type == ZSTD_COMPRESSED || zstd_is_checked(head.descriptor));
    }
    return *ret_end <= input.size;
}

/* The check sum of heads: xxHash of less than 16 bytes, with 32 bits and the seed 0. Source: the
 * xxHash fast digest algorithm, 0.1.1. */
static uint32_t xxh32_short(struct view bytes)
{
    static const uint32_t primes[] = {0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f, 0x165667b1};
    uint32_t hash = primes[4] + (uint32_t)bytes.size, word;
    uint64_t at = 0;
    for (; bytes_u32le(bytes, at, &word); at += sizeof(word)) {
        hash += word * primes[2];
        hash = (hash << 17 | hash >> 15) * primes[3];
    }
    for (; at < bytes.size; at++) {
        hash += bytes.data[at] * primes[4];
        hash = (hash << 11 | hash >> 21) * primes[0];
    }
    hash = (hash ^ hash >> 15) * primes[1];
    hash = (hash ^ hash >> 13) * primes[2];
    return hash ^ hash >> 16;
}

bool lz4_is_sound(struct view input)
{
    enum {
        DICTIONARY = 1,
        RESERVED = 2,
        CONTENT_SIZE = 8,
        BLOCK_CHECKSUM = 16,
        UNPACKED = 1U << 31
    };
    uint8_t flags, sizes, sum;
    if (!view_starts(input, 0, "\x04\x22\x4d\x18", 4) || !bytes_u8(input, 4, &flags) ||
        !bytes_u8(input, 5, &sizes))
        return false;
    uint64_t size = 2u + (flags & CONTENT_SIZE ? 8 : 0) + (flags & DICTIONARY ? 4 : 0);
    if (flags >> 6 != 1 || (flags & RESERVED) || (sizes & 0x8f) || sizes >> 4 < 4 ||
        !bytes_u8(input, 4 + size, &sum) ||
        sum != (uint8_t)(xxh32_short(view_sub(input, 4, size)) >> 8))
        return false;
    uint32_t block, most = 1U << (2 * (sizes >> 4) + 8); /* 64 KiB to 4 MiB */
    uint64_t at = 4 + size + 1;
    for (int i = 0; i < 2 && bytes_u32le(input, at, &block) && block > 0; i++) {
        block &= ~(uint32_t)UNPACKED;
        if (block > most)
            return false;
        at += sizeof(block) + block + (flags & BLOCK_CHECKSUM ? 4 : 0);
    }
    return view_has(input, 4 + size + 1, sizeof(block));
}
