/*
 * huffman: prefix codes that are told by the lengths of their codes alone. Codes of one length are
 * numbers in the order of their symbols, shorter ones come before longer ones (RFC 1951, 3.2.2).
 */
#ifndef UNPACK_HUFFMAN_H
#define UNPACK_HUFFMAN_H

#include "unpack/bits.h"

#define HUFFMAN_LENGTH_MAX  16
#define HUFFMAN_SYMBOLS_MAX 288
#define HUFFMAN_ROOT_BITS   10 /* codes up to this length are looked up at once */

struct huffman {
    bool is_complete; /* any bits begin with a code */
    uint16_t root[1 << HUFFMAN_ROOT_BITS];
    /* For each length, with codes as the upper bits of a number of 16: */
    uint32_t from[HUFFMAN_LENGTH_MAX + 1];  /* the first code */
    uint32_t to[HUFFMAN_LENGTH_MAX + 1];    /* behind the last one */
    uint16_t index[HUFFMAN_LENGTH_MAX + 1]; /* of the first code's symbol */
    uint16_t symbols[HUFFMAN_SYMBOLS_MAX];  /* in the order of their codes */
};

/* Lengths are at most HUFFMAN_LENGTH_MAX, 0 for symbols without a code, at most
 * HUFFMAN_SYMBOLS_MAX of them. False when there are more codes than those lengths allow. */
CHECKED bool huffman_build(struct huffman *code, const uint8_t *lengths, size_t count);

/* What the code at the front of `next` stands for: the symbol times 32, and the length of the code;
 * 0 when none begins so. */
unsigned huffman_find_long(const struct huffman *code, uint64_t next);

static inline unsigned huffman_find(const struct huffman *code, uint64_t next)
{
    unsigned found = code->root[next & ((1u << HUFFMAN_ROOT_BITS) - 1)];
    return found ? found : huffman_find_long(code, next);
}

/* Takes one code off the bits that are held. `flip` is UINT64_MAX for formats that write their
 * codes with all bits inverted, otherwise 0. ASSAY_ERR_TRUNCATED: bits are missing; _CORRUPT: no
 * code begins so. Says it without words. */
CHECKED static inline status huffman_take(const struct huffman *code, struct bits *bits,
                                          uint64_t flip, unsigned *ret_symbol)
{
    unsigned found = huffman_find(code, bits->held ^ flip);
    unsigned length = found % 32;
    if (found == 0 || length > bits->count)
        return bits->count >= HUFFMAN_LENGTH_MAX ? ASSAY_ERR_CORRUPT : ASSAY_ERR_TRUNCATED;
    bits_drop(bits, length);
    *ret_symbol = found / 32;
    return ASSAY_OK;
}

#endif
