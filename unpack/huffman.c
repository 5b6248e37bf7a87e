#include "unpack/huffman.h"

enum { ROOT_SIZE = 1 << HUFFMAN_ROOT_BITS };

/* The 16 lowest bits, the first one last. */
static unsigned reverse(uint64_t next)
{
    unsigned bits = next & 0xffff;
    bits = (bits & 0x5555) << 1 | (bits & 0xaaaa) >> 1;
    bits = (bits & 0x3333) << 2 | (bits & 0xcccc) >> 2;
    bits = (bits & 0x0f0f) << 4 | (bits & 0xf0f0) >> 4;
    return (bits & 0x00ff) << 8 | (bits & 0xff00) >> 8;
}

/* Enters a short code wherever it is the front of an index. */
static void enter(struct huffman *code, unsigned symbol, unsigned length, unsigned upper)
{
    for (unsigned at = reverse(upper); at < ROOT_SIZE; at += 1u << length)
        code->root[at] = (uint16_t)(symbol * 32 + length);
}

bool huffman_build(struct huffman *code, const uint8_t *lengths, size_t count)
{
    uint16_t counts[HUFFMAN_LENGTH_MAX + 1] = {0}, at[HUFFMAN_LENGTH_MAX + 1];
    for (size_t i = 0; i < count; i++)
        counts[lengths[i]]++;
    uint32_t next = 0;
    uint16_t index = 0;
    for (unsigned length = 1; length <= HUFFMAN_LENGTH_MAX; length++) {
        code->from[length] = next;
        next += (uint32_t)counts[length] << (HUFFMAN_LENGTH_MAX - length);
        code->to[length] = next;
        code->index[length] = at[length] = index;
        index = (uint16_t)(index + counts[length]);
    }
    if (next > 1u << HUFFMAN_LENGTH_MAX)
        return false;
    code->is_complete = next == 1u << HUFFMAN_LENGTH_MAX;
    memset(code->root, 0, sizeof(code->root));
    for (unsigned symbol = 0; symbol < count; symbol++) {
        unsigned length = lengths[symbol];
        if (length == 0)
            continue;
        unsigned place = at[length]++;
        unsigned order = place - code->index[length];
        code->symbols[place] = (uint16_t)symbol;
        if (length <= HUFFMAN_ROOT_BITS)
            enter(code, symbol, length,
                  code->from[length] + (order << (HUFFMAN_LENGTH_MAX - length)));
    }
    return true;
}

unsigned huffman_find_long(const struct huffman *code, uint64_t next)
{
    unsigned upper = reverse(next);
    for (unsigned length = HUFFMAN_ROOT_BITS + 1; length <= HUFFMAN_LENGTH_MAX; length++) {
        if (upper >= code->to[length])
            continue;
        unsigned order = (upper - code->from[length]) >> (HUFFMAN_LENGTH_MAX - length);
        return code->symbols[code->index[length] + order] * 32u + length;
    }
    return 0;
}
