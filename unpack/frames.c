#include "unpack/frames.h"

#include "base/bytes.h"

enum {
    SKIPPABLE_HEAD_SIZE = 8,
    WINDOW_MIN_LOG = 10,
    SINGLE_SEGMENT =
        1 << 5, /* in the descriptor of a frame: no window is given, the content is it */
    ZSTD_RESERVED = 1 << 3,
    ZSTD_CHECKSUM = 1 << 2,
    ZSTD_BLOCK_MAX = 128 * 1024,
    BLOCKS_LOOKED_AT = 8,
};

enum zstd_block { ZSTD_RAW, ZSTD_RLE, ZSTD_COMPRESSED, ZSTD_BLOCK_RESERVED };

static const uint8_t zstd_dictionary_id_size[] = {0, 1, 2, 4};

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

/* The size of the content of a single-segment frame, 1 to 8 bytes long as the descriptor says. */
static bool single_segment_size(struct view input, uint8_t descriptor, uint64_t *ret_size)
{
    static const unsigned size_size[] = {1, 2, 4, 8};
    uint64_t offset = 5u + zstd_dictionary_id_size[descriptor & 3];
    unsigned bytes = size_size[descriptor >> 6];
    if (!view_has(input, offset, bytes))
        return false;
    uint64_t size = bytes == 2 ? 256 : 0;
    for (unsigned i = 0; i < bytes; i++)
        size += (uint64_t)input.data[offset + i] << 8 * i;
    *ret_size = size;
    return true;
}

bool zstd_window(struct view input, uint64_t *ret_window)
{
    uint32_t magic;
    uint8_t descriptor, window;
    if (!bytes_u32le(input, 0, &magic) || magic != 0xfd2fb528)
        return false;
    if (!bytes_u8(input, 4, &descriptor))
        return false;
    if (descriptor & SINGLE_SEGMENT)
        return single_segment_size(input, descriptor, ret_window);
    if (!bytes_u8(input, 5, &window))
        return false;
    uint64_t base = UINT64_C(1) << (WINDOW_MIN_LOG + (window >> 3));
    *ret_window = base + base / 8 * (window & 7);
    return true;
}

/* Bytes of the head of a Zstandard frame, magic included. */
static uint64_t zstd_head_size(uint8_t descriptor)
{
    static const uint8_t content_size_size[] = {0, 2, 4, 8};
    bool is_single = descriptor & SINGLE_SEGMENT;
    uint64_t content = content_size_size[descriptor >> 6];
    if (is_single && content == 0)
        content = 1;
    return 5u + !is_single + zstd_dictionary_id_size[descriptor & 3] + content;
}

/* True when a frame of blocks that are not compressed still says something to be checked by. */
static bool zstd_is_checked(uint8_t descriptor)
{
    return (descriptor & (ZSTD_CHECKSUM | SINGLE_SEGMENT)) || descriptor >> 6;
}

bool zstd_is_sound(struct view input, uint64_t *ret_end, bool *ret_has_end)
{
    uint64_t window;
    uint8_t descriptor;
    if (!zstd_window(input, &window) || !bytes_u8(input, 4, &descriptor) ||
        (descriptor & ZSTD_RESERVED))
        return false;
    uint64_t at = zstd_head_size(descriptor);
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
        if (is_last && (descriptor & ZSTD_CHECKSUM))
            at += 4;
        *ret_end = at;
        *ret_has_end = is_last;
        if (is_last || type == ZSTD_COMPRESSED)
            return at <= input.size && (type == ZSTD_COMPRESSED || zstd_is_checked(descriptor));
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
