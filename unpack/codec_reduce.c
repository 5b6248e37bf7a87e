/*
 * Reduce, methods 2 to 5 of zip (APPNOTE 5.2): for each byte a set of bytes that often follow it,
 * and below that matches, each begun by a mark. Methods differ in how many bits of a match's first
 * byte are its length. The end is not told: codes go on up to the end of the input.
 */
#include "unpack/lz.h"

enum {
    HISTORY = 4 * 1024,
    CAPACITY = 4 * HISTORY,
    FOLLOWERS = 64,
    MARK = 144,
    SHORTEST = 3,
};

enum place { AT_BYTE, BEHIND_MARK, AT_LENGTH, AT_DISTANCE };

struct codec_state {
    struct lz lz;
    unsigned length_bits;
    bool sets_read;
    unsigned last; /* byte, as it was before matches were expanded */
    enum place place;
    unsigned first; /* byte of a match */
    size_t length;
    uint8_t counts[256]; /* of followers */
    uint8_t followers[256][FOLLOWERS];
    uint8_t window[CAPACITY + LZ_SLACK];
};

static status start(unsigned length_bits, uint64_t memory, struct error *error,
                    struct codec_state **ret_state)
{
    struct codec_state *state;
    TRY(lz_new("reduce", sizeof(*state), HISTORY, CAPACITY, memory, error, &state));
    state->length_bits = length_bits;
    /* What lies before the beginning is zeros. */
    state->lz.filled = state->lz.given = HISTORY;
    *ret_state = state;
    return ASSAY_OK;
}

static status start_1(uint64_t memory, struct error *error, struct codec_state **ret_state)
{
    return start(7, memory, error, ret_state);
}

static status start_2(uint64_t memory, struct error *error, struct codec_state **ret_state)
{
    return start(6, memory, error, ret_state);
}

static status start_3(uint64_t memory, struct error *error, struct codec_state **ret_state)
{
    return start(5, memory, error, ret_state);
}

static status start_4(uint64_t memory, struct error *error, struct codec_state **ret_state)
{
    return start(4, memory, error, ret_state);
}

static status read_sets(struct codec_state *state)
{
    for (unsigned byte = 256; byte-- > 0;) {
        unsigned count, follower;
        if (!bits_read(&state->lz.bits, 6, &count))
            return error_set(state->lz.error, ASSAY_ERR_TRUNCATED, "reduce data are cut short");
        state->counts[byte] = (uint8_t)count;
        for (unsigned i = 0; i < count; i++) {
            if (!bits_read(&state->lz.bits, 8, &follower))
                return error_set(state->lz.error, ASSAY_ERR_TRUNCATED, "reduce data are cut short");
            state->followers[byte][i] = (uint8_t)follower;
        }
    }
    state->sets_read = true;
    return ASSAY_OK;
}

/* Bits in which the places 0 to count - 1 can be told; at least one. */
static unsigned place_bits(unsigned count)
{
    unsigned bits = 1;
    while (count > 1u << bits)
        bits++;
    return bits;
}

/* The next byte, as it was before matches were expanded. */
static status take_byte(struct codec_state *state, struct bits *bits)
{
    unsigned count = state->counts[state->last], is_plain = 1, place;
    bits_fill(bits);
    if (count > 0 && !bits_take(bits, 1, &is_plain))
        return ASSAY_END;
    if (is_plain)
        return bits_take(bits, 8, &state->last) ? ASSAY_OK : ASSAY_END;
    unsigned held = bits->count;
    if (!bits_take(bits, place_bits(count), &place) || (place >= count && held < 7))
        return ASSAY_END; /* no byte, but what fills up the last one */
    if (place >= count)
        return error_set(state->lz.error, ASSAY_ERR_CORRUPT, "reduce data: no such follower");
    state->last = state->followers[state->last][place];
    return ASSAY_OK;
}

static void copy_match(struct codec_state *state, unsigned byte)
{
    size_t distance = (state->first >> state->length_bits) * 256u + byte + 1;
    lz_copy(&state->lz, distance, state->length + SHORTEST);
    state->place = AT_BYTE;
}

static void expand(struct codec_state *state, unsigned byte)
{
    unsigned longest = (1u << state->length_bits) - 1;
    switch (state->place) {
    case AT_BYTE:
        if (byte == MARK)
            state->place = BEHIND_MARK;
        else
            lz_put(&state->lz, byte);
        break;
    case BEHIND_MARK:
        state->first = byte;
        state->length = byte & longest;
        state->place = state->length == longest ? AT_LENGTH : AT_DISTANCE;
        if (byte == 0) { /* the mark means itself */
            lz_put(&state->lz, MARK);
            state->place = AT_BYTE;
        }
        break;
    case AT_LENGTH:
        state->length += byte;
        state->place = AT_DISTANCE;
        break;
    case AT_DISTANCE:
        copy_match(state, byte);
        break;
    }
}

static status decode(struct codec_state *state)
{
    if (!state->sets_read)
        TRY(read_sets(state));
    struct bits bits = state->lz.bits;
    status result = ASSAY_OK;
    while (result == ASSAY_OK && lz_room(&state->lz) > 0) {
        result = take_byte(state, &bits);
        if (result == ASSAY_OK)
            expand(state, state->last);
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

const struct codec codec_reduce_1 = {"reduce", start_1, step, lz_stop};
const struct codec codec_reduce_2 = {"reduce", start_2, step, lz_stop};
const struct codec codec_reduce_3 = {"reduce", start_3, step, lz_stop};
const struct codec codec_reduce_4 = {"reduce", start_4, step, lz_stop};
