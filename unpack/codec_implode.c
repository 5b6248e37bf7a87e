/*
 * Implode, method 6 of zip (APPNOTE 5.3). Two flags of the member tell what is in the data: whether
 * matches reach 8 or 4 KiB back, and whether there is a third code, for literals. The end is not
 * told: it is where the container says, and codes go on up to the end of the input.
 */
#include "unpack/huffman.h"
#include "unpack/lz.h"

enum {
    HISTORY = 8 * 1024,
    CAPACITY = 4 * HISTORY,
    LITERALS = 256,
    NUMBERS = 64,        /* codes for lengths, and for the upper part of distances */
    LENGTH_LONGEST = 63, /* 8 bits are added */
};

struct codec_state {
    struct lz lz;
    unsigned distance_bits; /* of the lower part */
    bool has_literals;
    bool codes_read;
    struct huffman literals, lengths, distances;
    uint8_t window[CAPACITY + LZ_SLACK];
};

static status start(unsigned distance_bits, bool has_literals, uint64_t memory, struct error *error,
                    struct codec_state **ret_state)
{
    struct codec_state *state;
    TRY(lz_new("implode", sizeof(*state), HISTORY, CAPACITY, memory, error, &state));
    state->distance_bits = distance_bits;
    state->has_literals = has_literals;
    /* What lies before the beginning is zeros. */
    state->lz.filled = state->lz.given = HISTORY;
    *ret_state = state;
    return ASSAY_OK;
}

static status start_4k_2(uint64_t memory, struct error *error, struct codec_state **ret_state)
{
    return start(6, false, memory, error, ret_state);
}

static status start_8k_2(uint64_t memory, struct error *error, struct codec_state **ret_state)
{
    return start(7, false, memory, error, ret_state);
}

static status start_4k_3(uint64_t memory, struct error *error, struct codec_state **ret_state)
{
    return start(6, true, memory, error, ret_state);
}

static status start_8k_3(uint64_t memory, struct error *error, struct codec_state **ret_state)
{
    return start(7, true, memory, error, ret_state);
}

/* A number of bytes, less one; each is a length of codes and how many have it, both less one. The
 * codes of the document are those of huffman.h with all bits inverted, if they are complete. */
static status read_code(struct codec_state *state, unsigned count, struct huffman *ret_code)
{
    uint8_t sizes[LITERALS];
    unsigned bytes, byte, filled = 0;
    if (!bits_read(&state->lz.bits, 8, &bytes))
        return error_set(state->lz.error, ASSAY_ERR_TRUNCATED, "implode data are cut short");
    for (unsigned i = 0; i <= bytes; i++) {
        if (!bits_read(&state->lz.bits, 8, &byte))
            return error_set(state->lz.error, ASSAY_ERR_TRUNCATED, "implode data are cut short");
        unsigned times = byte / 16 + 1;
        if (times > count - filled)
            break;
        memset(sizes + filled, (int)(byte % 16 + 1), times);
        filled += times;
        if (i == bytes && filled == count && huffman_build(ret_code, sizes, count) &&
            ret_code->is_complete)
            return ASSAY_OK;
    }
    return error_set(state->lz.error, ASSAY_ERR_CORRUPT, "implode data: a code is not complete");
}

static status read_codes(struct codec_state *state)
{
    if (state->has_literals)
        TRY(read_code(state, LITERALS, &state->literals));
    TRY(read_code(state, NUMBERS, &state->lengths));
    TRY(read_code(state, NUMBERS, &state->distances));
    state->codes_read = true;
    return ASSAY_OK;
}

/* The codes are complete, so what fails is for want of bits: the end. */
static bool decode_match(struct codec_state *state, struct bits *bits)
{
    unsigned lower, upper, length, more = 0;
    if (!bits_take(bits, state->distance_bits, &lower) ||
        huffman_take(&state->distances, bits, UINT64_MAX, &upper) != ASSAY_OK ||
        huffman_take(&state->lengths, bits, UINT64_MAX, &length) != ASSAY_OK ||
        (length == LENGTH_LONGEST && !bits_take(bits, 8, &more)))
        return false;
    size_t shortest = state->has_literals ? 3 : 2;
    lz_copy(&state->lz, (upper << state->distance_bits | lower) + 1, shortest + length + more);
    return true;
}

static bool decode_literal(struct codec_state *state, struct bits *bits)
{
    unsigned byte;
    if (state->has_literals ? huffman_take(&state->literals, bits, UINT64_MAX, &byte) != ASSAY_OK
                            : !bits_take(bits, 8, &byte))
        return false;
    lz_put(&state->lz, byte);
    return true;
}

static status decode(struct codec_state *state)
{
    if (!state->codes_read)
        TRY(read_codes(state));
    struct bits bits = state->lz.bits;
    bool goes_on = true;
    while (goes_on && lz_room(&state->lz) > 0) {
        unsigned is_literal;
        bits_fill(&bits);
        goes_on = bits_take(&bits, 1, &is_literal) &&
                  (is_literal ? decode_literal(state, &bits) : decode_match(state, &bits));
    }
    if (!goes_on)
        bits_drop_all(&bits);
    state->lz.bits = bits;
    return goes_on ? ASSAY_OK : ASSAY_END;
}

static status step(struct codec_state *state, struct view *input, uint8_t *bytes, size_t size,
                   size_t *written)
{
    return lz_step(state, decode, input, bytes, size, written);
}

const struct codec codec_implode_4k_2 = {"implode", start_4k_2, step, lz_stop};
const struct codec codec_implode_8k_2 = {"implode", start_8k_2, step, lz_stop};
const struct codec codec_implode_4k_3 = {"implode", start_4k_3, step, lz_stop};
const struct codec codec_implode_8k_3 = {"implode", start_8k_3, step, lz_stop};
