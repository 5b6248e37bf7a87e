#include "unpack/lz4_block.h"

#include "base/bytes.h"

enum { LENGTH_GOES_ON = 15, LENGTH_BYTE_GOES_ON = 255, MATCH_MIN = 4 };

/* Four bits of the token, and bytes behind it when they are all ones. False when the input ends. */
static bool read_length(struct view packed, uint64_t *at, unsigned bits, uint64_t *ret_length)
{
    uint64_t length = bits;
    uint8_t byte = bits == LENGTH_GOES_ON ? LENGTH_BYTE_GOES_ON : 0;
    while (byte == LENGTH_BYTE_GOES_ON) {
        if (!bytes_u8(packed, (*at)++, &byte))
            return false;
        length += byte;
    }
    *ret_length = length;
    return true;
}

size_t lz4_block_salvage(struct view packed, uint8_t *bytes, size_t begin, size_t size)
{
    size_t to = begin;
    uint64_t at = 0;
    uint8_t token;
    while (to < size && bytes_u8(packed, at++, &token)) {
        uint64_t length;
        uint16_t distance;
        if (!read_length(packed, &at, token >> 4, &length))
            break;
        struct view literals = view_sub(packed, at, length < size - to ? length : size - to);
        if (literals.size > 0)
            memcpy(bytes + to, literals.data, literals.size);
        to += literals.size;
        at += length;
        if (!bytes_u16le(packed, at, &distance))
            break;
        at += sizeof(distance);
        if (!read_length(packed, &at, token & 15, &length) || distance == 0 || distance > to)
            break;
        length += MATCH_MIN;
        for (; length > 0 && to < size; length--, to++)
            bytes[to] = bytes[to - distance];
    }
    return to;
}
