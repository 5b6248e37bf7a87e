/*
 * literal_format: how a literal_set lies in memory: a header, then tables that begin at multiples of
 * 64. Integers are those of the machine that wrote it, which the magic tells.
 *
 * Literals that are equal are one text. A text is found by windows: some bytes of it at some offset,
 * in a row where its class looks at every second or fourth position only, so that one of them is
 * looked at wherever the text stands. For each class a filter tells quickly, and sometimes wrongly,
 * whether a window is one of its texts'. Buckets then lead to the places: of which text, and where in
 * it, a window with that hash is. Many texts with the same window at the same offset share one place.
 */
#ifndef FILTER_LITERAL_FORMAT_H
#define FILTER_LITERAL_FORMAT_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define LITERAL_MAGIC UINT64_C(0x316c657469617361)
#define LITERAL_ALIGN 64
#define LITERAL_MIN   2
#define LITERAL_MAX   32
#define LITERAL_NONE  UINT32_MAX

struct literal_class {
    uint8_t size;   /* of its shortest texts, width + stride - 1 */
    uint8_t width;  /* of a window, at most 8 */
    uint8_t stride; /* positions from one look to the next: 1 or 4 */
    uint32_t factors[2];
};

enum { LITERAL_CLASSES = 3, LITERAL_STRIDE_MAX = 4 };

/* Long windows are rare in data, and long strides are quick; short texts can have neither. */
static const struct literal_class literal_classes[LITERAL_CLASSES] = {
    {10, 7, 4, {0x9e3779b1, 0x85ebca77}},
    {4, 4, 1, {0x27d4eb2f, 0}},
    {2, 2, 1, {0xa0761d65, 0}},
};

/* In the order in which they lie behind the header. The filter of class n is table n: a power of two
 * of uint32_t. */
enum literal_table {
    LITERAL_BUCKETS = LITERAL_CLASSES, /* uint32_t: the first place of each of 2^n; the end */
    LITERAL_PLACES,
    LITERAL_MEMBERS, /* uint32_t: texts of places that many share */
    LITERAL_TEXTS,
    LITERAL_NUMBERS, /* uint32_t: of literals */
    LITERAL_TABLES,
};

struct literal_header {
    uint64_t magic;
    uint64_t count;                 /* of literals */
    uint64_t sizes[LITERAL_TABLES]; /* bytes */
};

struct literal_place {
    uint32_t hash;
    uint32_t first; /* the text, or the first of the members */
    uint32_t check; /* four other bytes of the text, folded; or how many members */
    uint8_t offset; /* of the window in the text */
    uint8_t check_at;
    uint8_t checks;  /* whether there are such bytes */
    uint8_t several; /* whether there are members: sorted, and all or none of them any_case */
};

/* Sorted by any_case and bytes: a text is before those that begin with it. */
struct literal_text {
    uint8_t bytes[LITERAL_MAX];
    uint32_t number;       /* of the first of its literals */
    uint32_t first, count; /* their numbers */
    uint32_t prefix;       /* the longest of the texts that it begins with, or LITERAL_NONE */
    uint8_t size;
    uint8_t any_case;
    uint8_t zero[14];
};

/* Upper and lower case of a letter are the same when they are folded, as are a few other bytes. */
static inline uint32_t literal_fold(uint32_t four)
{
    return four & ~(four >> 1 & 0x20202020);
}

/* The bytes of a window that count, as two little-endian words. */
static inline uint32_t literal_mask(const struct literal_class *class, unsigned word)
{
    unsigned bytes = class->width > 4 * word ? class->width - 4 * word : 0;
    return bytes == 0 ? 0 : UINT32_MAX >> (bytes < 4 ? 32 - 8 * bytes : 0);
}

/* Of eight folded bytes. The shift is for windows that end with a byte after zeros: else all the lower
 * bits of the product were zero. */
static inline uint32_t literal_hash(const uint8_t *eight, const struct literal_class *class)
{
    uint32_t words[2];
    memcpy(words, eight, sizeof(words));
    uint32_t hash = (le32toh(words[0]) & literal_mask(class, 0)) * class->factors[0] +
                    (le32toh(words[1]) & literal_mask(class, 1)) * class->factors[1];
    return hash ^ hash >> 15;
}

/* Which of 2^bits entries; the upper bits of a hash are the good ones. */
static inline uint32_t literal_index(uint32_t hash, unsigned bits)
{
    return hash >> 1 >> (31 - bits);
}

/* The bits of a window in its word of the filter. */
static inline uint32_t literal_filter_bits(uint32_t hash)
{
    return UINT32_C(1) << (hash >> 11 & 31) | UINT32_C(1) << (hash >> 6 & 31);
}

static inline bool literal_filter_has(const uint32_t *words, unsigned bits, uint32_t hash)
{
    uint32_t word = words[literal_index(hash, bits)];
    return (word >> (hash >> 11 & 31) & word >> (hash >> 6 & 31) & 1) != 0;
}

#endif
