/*
 * Shrink, method 1 of zip (APPNOTE 5.1): LZW with codes of 9 to 13 bits that grow when the data say
 * so. When the data say so, too, all strings that are no other's front are forgotten, and their
 * codes used again. The end is not told: codes go on up to the end of the input.
 */
#include "unpack/lz.h"

enum {
    BITS_MIN = 9,
    BITS_MAX = 13,
    CODES = 1 << BITS_MAX,
    CONTROL = 256, /* what the next code means is done, not put out */
    CONTROL_GROW = 1,
    CONTROL_CLEAR = 2,
    NONE = CODES,
    CAPACITY = 4 * CODES, /* of the buffer; matches do not reach back */
    WORDS = CODES / 64,
};

struct codec_state {
    struct lz lz;
    unsigned bits;   /* of a code */
    unsigned last;   /* code, or NONE */
    unsigned lowest; /* no code below is free */
    /* A string is that of `before` and then `byte`. */
    uint16_t before[CODES];
    uint8_t byte[CODES];
    uint16_t children[CODES]; /* strings of which this one is the front */
    uint64_t used[WORDS];     /* a bit for each code: it has a string */
    unsigned words;           /* of those, up to the last one that is not 0 */
    uint64_t fronts[WORDS];   /* a bit for each code: it has children */
    uint8_t string[CODES];    /* from its last byte to its first */
    size_t string_size;       /* what was not put out, for which there was no room */
    uint8_t window[CAPACITY + LZ_SLACK];
};

static status start(uint64_t memory, struct error *error, struct codec_state **ret_state)
{
    struct codec_state *state;
    TRY(lz_new("shrink", sizeof(*state), 0, CAPACITY, memory, error, &state));
    state->bits = BITS_MIN;
    state->last = NONE;
    state->lowest = CONTROL + 1;
    memset(state->used, 0xff, CONTROL / 8);
    state->used[CONTROL / 64] = 1;
    state->words = CONTROL / 64 + 1;
    *ret_state = state;
    return ASSAY_OK;
}

static status damaged(const struct codec_state *state, const char *what)
{
    return error_set(state->lz.error, ASSAY_ERR_CORRUPT, "shrink data: %s", what);
}

/* Forgets strings without children: linear in those, not in all codes. */
static void clear(struct codec_state *state)
{
    uint64_t leaves[WORDS] = {0};
    for (unsigned word = CONTROL / 64; word < state->words; word++)
        leaves[word] = state->used[word] & ~state->fronts[word];
    leaves[CONTROL / 64] &= ~UINT64_C(1);
    for (unsigned word = CONTROL / 64; word < state->words; word++) {
        state->used[word] &= ~leaves[word];
        for (uint64_t left = leaves[word]; left; left &= left - 1) {
            unsigned code = word * 64 + (unsigned)__builtin_ctzll(left);
            unsigned before = state->before[code];
            if (--state->children[before] == 0)
                state->fronts[before / 64] &= ~(UINT64_C(1) << before % 64);
        }
    }
    while (state->used[state->words - 1] == 0)
        state->words--;
    state->lowest = CONTROL + 1;
}

/* The lowest code without a string; NONE when all have one. */
static unsigned find_free(struct codec_state *state)
{
    unsigned word = state->lowest / 64, shift = state->lowest % 64;
    uint64_t gaps = word < WORDS ? ~state->used[word] >> shift << shift : 0;
    while (gaps == 0 && ++word < WORDS)
        gaps = ~state->used[word];
    state->lowest = gaps ? word * 64 + (unsigned)__builtin_ctzll(gaps) : NONE;
    return state->lowest;
}

/* A new string: the last one and a byte that is not known yet. That the last one was forgotten
 * matters only when the new one is used before its code has another string. */
static unsigned add(struct codec_state *state)
{
    unsigned code = state->last == NONE ? NONE : find_free(state);
    if (code == NONE)
        return NONE;
    state->used[code / 64] |= UINT64_C(1) << code % 64;
    if (state->words <= code / 64)
        state->words = code / 64 + 1;
    state->before[code] = (uint16_t)state->last;
    state->children[state->last]++;
    state->fronts[state->last / 64] |= UINT64_C(1) << state->last % 64;
    return code;
}

/* Writes the string of a code down; false when it has none. */
static bool spell(struct codec_state *state, unsigned code)
{
    size_t size = 0;
    for (; code >= CONTROL; code = state->before[code]) {
        bool known = state->used[code / 64] >> code % 64 & 1;
        if (!known || code == CONTROL || size == CODES - 1)
            return false;
        state->string[size++] = state->byte[code];
    }
    state->string[size++] = (uint8_t)code;
    state->string_size = size;
    return true;
}

static status take_control(struct codec_state *state, struct bits *bits)
{
    unsigned what;
    if (!bits_take(bits, state->bits, &what))
        return ASSAY_END;
    if (what == CONTROL_CLEAR) {
        clear(state);
        return ASSAY_OK;
    }
    if (what != CONTROL_GROW)
        return damaged(state, "no such control code");
    if (state->bits == BITS_MAX)
        return damaged(state, "codes grow too long");
    state->bits++;
    return ASSAY_OK;
}

static status take_code(struct codec_state *state, struct bits *bits)
{
    unsigned code;
    bits_fill(bits);
    if (!bits_take(bits, state->bits, &code))
        return ASSAY_END;
    if (code == CONTROL)
        return take_control(state, bits);
    unsigned added = add(state);
    if (!spell(state, code))
        return damaged(state, "a code without a string");
    uint8_t first = state->string[state->string_size - 1];
    if (added != NONE)
        state->byte[added] = first;
    if (added == code)
        state->string[0] = first;
    state->last = code;
    return ASSAY_OK;
}

static void put_string(struct codec_state *state)
{
    while (state->string_size > 0 && lz_room(&state->lz) > 0)
        lz_put(&state->lz, state->string[--state->string_size]);
}

static status decode(struct codec_state *state)
{
    struct bits bits = state->lz.bits;
    status result = ASSAY_OK;
    put_string(state);
    while (result == ASSAY_OK && lz_room(&state->lz) > 0) {
        result = take_code(state, &bits);
        put_string(state);
    }
    if (result == ASSAY_END)
        bits_drop_all(&bits);
    state->lz.bits = bits;
    return result;
}

static status step(struct codec_state *state, struct view *input, uint8_t *bytes, size_t size,
                   size_t *written)
{
    return lz_step(state, decode, input, bytes, size, written);
}

const struct codec codec_shrink = {"shrink", start, step, lz_stop};
