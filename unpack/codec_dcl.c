/*
 * Implode of the PKWARE Data Compression Library, method 10 of zip. There is no document by its
 * makers; this follows the description of Ben Rudiak-Gould (comp.compression, 13 August 2001) and
 * what all programs agree on. All codes are fixed.
 */
#include "unpack/huffman.h"
#include "unpack/lz.h"

enum {
    HISTORY = 4 * 1024,
    CAPACITY = 4 * HISTORY,
    LITERALS = 256,
    LENGTHS = 16,
    DISTANCES = 64,
    LENGTH_END = 519, /* marks the end of the data */
};

struct codec_state {
    struct lz lz;
    unsigned distance_bits; /* of the lower part; 0 until the header was read */
    bool has_literals;      /* literals are coded, too */
    struct huffman literals, lengths, distances;
    uint8_t window[CAPACITY + LZ_SLACK];
};

/* Lengths of the codes, as pairs of how often and how long. */
static const uint8_t literal_runs[] = {
    1, 11, 8, 12, 1, 8,  1, 7,  2, 12, 1, 7,  12, 12, 1, 13, 5, 12, 1,  4,  1,  10, 1, 8,
    1, 12, 1, 10, 1, 12, 1, 10, 1, 8,  2, 7,  1,  8,  1, 9,  1, 7,  1,  6,  1,  7,  1, 8,
    1, 7,  1, 6,  4, 7,  1, 8,  2, 7,  2, 8,  1,  12, 1, 11, 1, 7,  1,  9,  1,  11, 1, 12,
    1, 6,  1, 7,  2, 6,  1, 5,  1, 7,  2, 8,  1,  6,  1, 11, 1, 9,  1,  6,  1,  7,  2, 6,
    1, 7,  1, 11, 3, 6,  1, 7,  1, 9,  1, 8,  2,  9,  1, 11, 1, 8,  1,  11, 1,  9,  1, 12,
    1, 8,  1, 12, 1, 5,  3, 6,  1, 5,  3, 6,  1,  5,  1, 11, 1, 7,  1,  5,  1,  6,  2, 5,
    1, 6,  1, 10, 4, 5,  1, 8,  1, 7,  2, 8,  1,  10, 2, 11, 3, 12, 48, 13, 48, 12, 1, 13,
    1, 12, 3, 13, 1, 12, 3, 13, 1, 12, 4, 13, 1,  12, 3, 13, 3, 12, 11, 13,
};
static const uint8_t length_runs[] = {1, 2, 3, 3, 3, 4, 4, 5, 3, 6, 2, 7};
static const uint8_t distance_runs[] = {1, 2, 2, 4, 4, 5, 15, 6, 26, 7, 16, 8};

static const struct {
    uint16_t base;
    uint8_t extra; /* bits that are added to it */
} lengths[LENGTHS] = {
    {3, 0},  {2, 0},  {4, 0},  {5, 0},  {6, 0},  {7, 0},  {8, 0},   {9, 0},
    {10, 1}, {12, 2}, {16, 3}, {24, 4}, {40, 5}, {72, 6}, {136, 7}, {264, 8},
};

static status start(uint64_t memory, struct error *error, struct codec_state **ret_state)
{
    return lz_new("dcl implode", sizeof(struct codec_state), HISTORY, CAPACITY, memory, error,
                  ret_state);
}

static status cut_short(const struct codec_state *state)
{
    return error_set(state->lz.error, ASSAY_ERR_TRUNCATED, "dcl implode data are cut short");
}

static bool build(struct huffman *code, const uint8_t *runs, size_t size)
{
    uint8_t sizes[LITERALS];
    size_t count = 0;
    for (size_t i = 0; i < size; i += 2) {
        memset(sizes + count, runs[i + 1], runs[i]);
        count += runs[i];
    }
    return huffman_build(code, sizes, count);
}

static status read_header(struct codec_state *state)
{
    unsigned has_literals, bits;
    if (!bits_read(&state->lz.bits, 8, &has_literals) || !bits_read(&state->lz.bits, 8, &bits))
        return cut_short(state);
    if (has_literals > 1 || bits < 4 || bits > 6 ||
        !build(&state->literals, literal_runs, sizeof(literal_runs)) ||
        !build(&state->lengths, length_runs, sizeof(length_runs)) ||
        !build(&state->distances, distance_runs, sizeof(distance_runs)))
        return error_set(state->lz.error, ASSAY_ERR_CORRUPT, "dcl implode data: no header");
    state->has_literals = has_literals;
    state->distance_bits = bits;
    return ASSAY_OK;
}

static status decode_match(struct codec_state *state, struct bits *bits)
{
    unsigned symbol, more, upper;
    if (huffman_take(&state->lengths, bits, UINT64_MAX, &symbol) != ASSAY_OK ||
        !bits_take(bits, lengths[symbol].extra, &more))
        return cut_short(state);
    unsigned length = lengths[symbol].base + more;
    if (length == LENGTH_END)
        return ASSAY_END;
    unsigned lower_bits = length == 2 ? 2 : state->distance_bits, lower;
    if (huffman_take(&state->distances, bits, UINT64_MAX, &upper) != ASSAY_OK ||
        !bits_take(bits, lower_bits, &lower))
        return cut_short(state);
    size_t distance = (upper << lower_bits | lower) + 1;
    if (distance > state->lz.filled)
        return error_set(state->lz.error, ASSAY_ERR_CORRUPT,
                         "dcl implode data: a match reaches back to before the beginning");
    lz_copy(&state->lz, distance, length);
    return ASSAY_OK;
}

static status decode_literal(struct codec_state *state, struct bits *bits)
{
    unsigned byte;
    if (state->has_literals ? huffman_take(&state->literals, bits, UINT64_MAX, &byte) != ASSAY_OK
                            : !bits_take(bits, 8, &byte))
        return cut_short(state);
    lz_put(&state->lz, byte);
    return ASSAY_OK;
}

/* The codes are complete: for want of bits alone none may be found. */
static status decode(struct codec_state *state)
{
    if (state->distance_bits == 0)
        TRY(read_header(state));
    struct bits bits = state->lz.bits;
    status result = ASSAY_OK;
    while (result == ASSAY_OK && lz_room(&state->lz) > 0) {
        unsigned is_match;
        bits_fill(&bits);
        if (!bits_take(&bits, 1, &is_match))
            result = cut_short(state);
        else
            result = is_match ? decode_match(state, &bits) : decode_literal(state, &bits);
    }
    state->lz.bits = bits;
    return result;
}

static status step(struct codec_state *state, struct view *input, uint8_t *bytes, size_t size,
                   size_t *written)
{
    return lz_step(state, decode, input, bytes, size, written);
}

const struct codec codec_dcl = {"dcl implode", start, step, lz_stop};
