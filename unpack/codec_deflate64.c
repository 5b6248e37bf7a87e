/*
 * Deflate64, method 9 of zip (APPNOTE 5.5): deflate (RFC 1951) whose matches reach 64 KiB back and
 * may be 64 KiB long. The document gives no more than that; the longest match has 16 bits of its
 * own and two more codes tell distances, as all programs have it.
 */
#include "unpack/huffman.h"
#include "unpack/lz.h"

enum {
    HISTORY = 64 * 1024,
    CAPACITY = 2 * HISTORY,
    LITERALS = 288,
    DISTANCES = 32,
    END_OF_BLOCK = 256,
    LENGTH_BITS_CODES = 19,
};

enum place { AT_HEADER, IN_STORED, IN_CODES };

struct codec_state {
    struct lz lz;
    enum place place;
    bool is_last;
    unsigned stored; /* bytes of a stored block that are to come */
    struct huffman literals, distances;
    uint8_t window[CAPACITY + LZ_SLACK];
};

struct number {
    uint32_t base;
    uint8_t extra; /* bits that are added to it */
};

static const struct number lengths[LITERALS - END_OF_BLOCK - 1] = {
    {3, 0},   {4, 0},   {5, 0},   {6, 0},   {7, 0},  {8, 0},  {9, 0},  {10, 0},
    {11, 1},  {13, 1},  {15, 1},  {17, 1},  {19, 2}, {23, 2}, {27, 2}, {31, 2},
    {35, 3},  {43, 3},  {51, 3},  {59, 3},  {67, 4}, {83, 4}, {99, 4}, {115, 4},
    {131, 5}, {163, 5}, {195, 5}, {227, 5}, {3, 16}, {0, 0},  {0, 0},
};

static const struct number distances[DISTANCES] = {
    {1, 0},      {2, 0},      {3, 0},      {4, 0},      {5, 1},     {7, 1},     {9, 2},
    {13, 2},     {17, 3},     {25, 3},     {33, 4},     {49, 4},    {65, 5},    {97, 5},
    {129, 6},    {193, 6},    {257, 7},    {385, 7},    {513, 8},   {769, 8},   {1025, 9},
    {1537, 9},   {2049, 10},  {3073, 10},  {4097, 11},  {6145, 11}, {8193, 12}, {12289, 12},
    {16385, 13}, {24577, 13}, {32769, 14}, {49153, 14},
};

static status start(uint64_t memory, struct error *error, struct codec_state **ret_state)
{
    return lz_new("deflate64", sizeof(struct codec_state), HISTORY, CAPACITY, memory, error,
                  ret_state);
}

static status cut_short(const struct codec_state *state)
{
    return error_set(state->lz.error, ASSAY_ERR_TRUNCATED, "deflate64 data are cut short");
}

static status damaged(const struct codec_state *state, const char *what)
{
    return error_set(state->lz.error, ASSAY_ERR_CORRUPT, "deflate64 data: %s", what);
}

static status explain(const struct codec_state *state, status why)
{
    return why == ASSAY_ERR_TRUNCATED ? cut_short(state) : damaged(state, "no such code");
}

/* ---- blocks ------------------------------------------------------------------------------ */

static status begin_stored(struct codec_state *state)
{
    struct bits *bits = &state->lz.bits;
    unsigned size, inverted;
    bits_drop(bits, bits->count % 8);
    if (!bits_read(bits, 16, &size) || !bits_read(bits, 16, &inverted))
        return cut_short(state);
    if ((size ^ inverted) != 0xffff)
        return damaged(state, "the size of a stored block is wrong");
    bits_give_back(bits);
    state->stored = size;
    state->place = IN_STORED;
    return ASSAY_OK;
}

static status begin_fixed(struct codec_state *state)
{
    uint8_t sizes[LITERALS];
    memset(sizes, 8, 144);
    memset(sizes + 144, 9, 256 - 144);
    memset(sizes + 256, 7, 280 - 256);
    memset(sizes + 280, 8, LITERALS - 280);
    bool fits = huffman_build(&state->literals, sizes, LITERALS);
    memset(sizes, 5, DISTANCES);
    fits = huffman_build(&state->distances, sizes, DISTANCES) && fits;
    state->place = IN_CODES;
    return fits ? ASSAY_OK : damaged(state, "more codes than possible");
}

/* The code in which the lengths of the other two are written. */
static status read_lengths_code(struct codec_state *state, unsigned count, struct huffman *ret_code)
{
    static const uint8_t order[LENGTH_BITS_CODES] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                     11, 4,  12, 3, 13, 2, 14, 1, 15};
    uint8_t sizes[LENGTH_BITS_CODES] = {0};
    for (unsigned i = 0; i < count; i++) {
        unsigned size;
        if (!bits_read(&state->lz.bits, 3, &size))
            return cut_short(state);
        sizes[order[i]] = (uint8_t)size;
    }
    if (!huffman_build(ret_code, sizes, LENGTH_BITS_CODES))
        return damaged(state, "more codes than possible");
    return ASSAY_OK;
}

/* Codes 16 to 18: the last length or zero, several times. */
static status read_repeat(struct codec_state *state, unsigned symbol, unsigned *ret_times)
{
    static const struct number times[] = {{3, 2}, {3, 3}, {11, 7}};
    unsigned more;
    if (!bits_read(&state->lz.bits, times[symbol - 16].extra, &more))
        return cut_short(state);
    *ret_times = times[symbol - 16].base + more;
    return ASSAY_OK;
}

static status read_lengths(struct codec_state *state, const struct huffman *code, uint8_t *sizes,
                           unsigned count)
{
    unsigned symbol, times;
    for (unsigned i = 0; i < count; i += times) {
        bits_fill(&state->lz.bits);
        status result = huffman_take(code, &state->lz.bits, 0, &symbol);
        if (result != ASSAY_OK)
            return explain(state, result);
        times = 1;
        if (symbol >= 16)
            TRY(read_repeat(state, symbol, &times));
        if (times > count - i || (symbol == 16 && i == 0))
            return damaged(state, "lengths of codes are wrong");
        unsigned size = symbol < 16 ? symbol : symbol == 16 ? sizes[i - 1] : 0;
        memset(sizes + i, (int)size, times);
    }
    return ASSAY_OK;
}

/* Codes that are not complete are let pass, as some programs do: only one that is met and stands
 * for nothing is damage. */
static status begin_dynamic(struct codec_state *state)
{
    unsigned literals, others, codes;
    struct bits *bits = &state->lz.bits;
    if (!bits_read(bits, 5, &literals) || !bits_read(bits, 5, &others) ||
        !bits_read(bits, 4, &codes))
        return cut_short(state);
    literals += 257;
    others += 1;
    struct huffman code;
    TRY(read_lengths_code(state, codes + 4, &code));
    uint8_t sizes[LITERALS + DISTANCES];
    TRY(read_lengths(state, &code, sizes, literals + others));
    if (!huffman_build(&state->literals, sizes, literals) ||
        !huffman_build(&state->distances, sizes + literals, others))
        return damaged(state, "more codes than possible");
    state->place = IN_CODES;
    return ASSAY_OK;
}

static status begin_block(struct codec_state *state)
{
    unsigned is_last, kind;
    if (state->is_last)
        return ASSAY_END;
    if (!bits_read(&state->lz.bits, 1, &is_last) || !bits_read(&state->lz.bits, 2, &kind))
        return cut_short(state);
    state->is_last = is_last;
    switch (kind) {
    case 0:
        return begin_stored(state);
    case 1:
        return begin_fixed(state);
    case 2:
        return begin_dynamic(state);
    default:
        return damaged(state, "no such block");
    }
}

/* ---- bytes ------------------------------------------------------------------------------- */

static status decode_stored(struct codec_state *state)
{
    struct lz *lz = &state->lz;
    size_t size = state->stored < lz_room(lz) ? state->stored : lz_room(lz);
    struct view here = view_sub(lz->bits.input, 0, size);
    if (here.size > 0)
        memcpy(lz->window + lz->filled, here.data, here.size);
    lz->filled += here.size;
    lz->bits.input.data += here.size;
    lz->bits.input.size -= here.size;
    state->stored -= (unsigned)here.size;
    if (here.size < size)
        return cut_short(state);
    if (state->stored == 0)
        state->place = AT_HEADER;
    return ASSAY_OK;
}

/* A match, of which the code for its length is taken and some 40 bits are held. */
static inline status copy_match(struct codec_state *state, struct bits *bits, unsigned symbol)
{
    struct number length = lengths[symbol - END_OF_BLOCK - 1];
    unsigned more;
    if (length.base == 0)
        return damaged(state, "no such code");
    if (!bits_take(bits, length.extra, &more))
        return cut_short(state);
    size_t bytes = length.base + more;
    bits_fill(bits);
    status result = huffman_take(&state->distances, bits, 0, &symbol);
    if (result != ASSAY_OK)
        return explain(state, result);
    if (!bits_take(bits, distances[symbol].extra, &more))
        return cut_short(state);
    size_t distance = distances[symbol].base + more;
    if (distance > state->lz.filled)
        return damaged(state, "a match reaches back to before the beginning");
    lz_copy(&state->lz, distance, bytes);
    return ASSAY_OK;
}

static status decode_codes(struct codec_state *state)
{
    struct lz *lz = &state->lz;
    struct bits bits = lz->bits;
    status result = ASSAY_OK;
    while (result == ASSAY_OK && lz_room(lz) > 0) {
        unsigned symbol;
        bits_fill(&bits);
        result = huffman_take(&state->literals, &bits, 0, &symbol);
        if (result != ASSAY_OK) {
            result = explain(state, result);
        } else if (symbol < END_OF_BLOCK) {
            lz_put(lz, symbol);
        } else if (symbol > END_OF_BLOCK) {
            result = copy_match(state, &bits, symbol);
        } else {
            state->place = AT_HEADER;
            break;
        }
    }
    lz->bits = bits;
    return result;
}

static status decode(struct codec_state *state)
{
    static status (*const places[])(struct codec_state * state) = {
        [AT_HEADER] = begin_block,
        [IN_STORED] = decode_stored,
        [IN_CODES] = decode_codes,
    };
    return places[state->place](state);
}

static status step(struct codec_state *state, struct view *input, uint8_t *bytes, size_t size,
                   size_t *written)
{
    return lz_step(state, decode, input, bytes, size, written);
}

const struct codec codec_deflate64 = {"deflate64", start, step, lz_stop};
