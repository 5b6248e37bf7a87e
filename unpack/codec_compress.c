/*
 * compress, .Z: LZW with codes of 9 to 16 bits, the lowest bit first. There is no end and no check
 * sum: data end where the input does.
 *
 * The program reads and writes codes in groups of eight, and what is left of a group is padding when
 * the size of codes changes: when the table has outgrown it, and when a code clears the table. Data
 * that say "at most 9 bits" it reads with 10 once the table is full, and so does gzip.
 *
 * Source: T. Welch, "A Technique for High-Performance Data Compression", 1984; compress(1).
 */
#include "unpack/codec.h"

#include <stdlib.h>

enum {
    HEADER_SIZE = 3, /* magic, and flags: */
    FLAG_SIZE = 0x1f,
    FLAG_RESERVED = 0x60,
    FLAG_BLOCKS = 0x80, /* the table may be cleared */
    SIZE_MIN = 9,
    SIZE_MAX_BITS = 16,
    BYTES = 256, /* codes below stand for themselves */
    CLEAR = 256,
    GROUP = 8,
    CODES = 1 << SIZE_MAX_BITS,
    NONE = -1,
};

struct codec_state {
    struct error *error;
    bool header_read;
    bool has_clear;
    unsigned size_max;  /* bits of the largest code in the table */
    unsigned size_last; /* bits of a code once the table is full */
    unsigned size;      /* bits of a code now */
    unsigned group;     /* codes of the group that were read, up to GROUP */
    unsigned bit;       /* of the first byte of the input that were read */
    int last;           /* the code before, or NONE */
    uint8_t last_first; /* the first byte it stands for */
    uint32_t used;      /* codes in the table */
    uint32_t held;      /* bytes on the stack */
    uint16_t prefix[CODES];
    uint8_t suffix[CODES];
    uint8_t stack[CODES]; /* bytes to be given, the last one first */
};

static status start(uint64_t memory, struct error *error, struct codec_state **ret_state)
{
    if (memory < sizeof(struct codec_state))
        return error_set(error, ASSAY_ERR_CODEC_MEMORY, "compress needs %zu bytes",
                         sizeof(struct codec_state));
    struct codec_state *state = calloc(1, sizeof(*state));
    if (!state)
        return error_set(error, ASSAY_ERR_NOMEM, "no memory for a compress decoder");
    state->error = error;
    state->size = SIZE_MIN;
    state->last = NONE;
    *ret_state = state;
    return ASSAY_OK;
}

static void stop(struct codec_state *state)
{
    free(state);
}

static status read_header(struct codec_state *state, struct view *input)
{
    if (!view_has(*input, 0, HEADER_SIZE))
        return error_set(state->error, ASSAY_ERR_TRUNCATED, "compress header is cut short");
    if (!view_starts(*input, 0, "\x1f\x9d", 2))
        return error_set(state->error, ASSAY_ERR_CORRUPT, "no compress header");
    unsigned flags = input->data[2];
    state->size_max = flags & FLAG_SIZE;
    state->size_last = state->size_max;
    state->has_clear = flags & FLAG_BLOCKS;
    if ((flags & FLAG_RESERVED) || state->size_max < SIZE_MIN || state->size_max > SIZE_MAX_BITS)
        return error_set(state->error, ASSAY_ERR_UNSUPPORTED, "compress with flags %02x", flags);
    if (state->size_max == SIZE_MIN)
        state->size_last = SIZE_MIN + 1;
    state->used = state->has_clear ? CLEAR + 1 : BYTES;
    *input = view_sub(*input, HEADER_SIZE, UINT64_MAX);
    state->header_read = true;
    return ASSAY_OK;
}

/* Moves on by some bits; to the end of the input if they are not there. */
static void skip_bits(struct codec_state *state, struct view *input, unsigned bits)
{
    state->bit += bits;
    *input = view_sub(*input, state->bit / 8, UINT64_MAX);
    state->bit %= 8;
}

/* Sets the size of the codes that follow, and passes over what is left of the group. */
static void set_size(struct codec_state *state, struct view *input, unsigned size)
{
    skip_bits(state, input, (GROUP - state->group) % GROUP * state->size);
    state->group = 0;
    state->size = size;
}

/* Takes the next code. False at the end, where some bits may be left. */
static bool take_code(struct codec_state *state, struct view *input, unsigned *ret_code)
{
    unsigned end = state->bit + state->size;
    if (!view_has(*input, 0, (end + 7) / 8)) {
        *input = (struct view){NULL, 0};
        return false;
    }
    uint32_t bits = 0;
    for (unsigned i = 0; i * 8 < end; i++)
        bits |= (uint32_t)input->data[i] << i * 8;
    *ret_code = bits >> state->bit & ((1U << state->size) - 1);
    skip_bits(state, input, state->size);
    state->group = state->group % GROUP + 1;
    return true;
}

/* Puts what a code stands for on the stack, and the code before with its first byte in the table.
 * A prefix is always a smaller code, so that there is an end, and the stack is large enough. */
static status decode(struct codec_state *state, unsigned code)
{
    bool is_next = code == state->used && state->last != NONE;
    if (code >= BYTES && code >= state->used && !is_next)
        return error_set(state->error, ASSAY_ERR_CORRUPT, "compress data are damaged");
    unsigned rest = code;
    if (is_next) {
        state->stack[state->held++] = state->last_first;
        rest = (unsigned)state->last;
    }
    for (; rest >= BYTES; rest = state->prefix[rest])
        state->stack[state->held++] = state->suffix[rest];
    state->stack[state->held++] = (uint8_t)rest;
    state->last_first = (uint8_t)rest;
    if (state->last != NONE && state->used < 1U << state->size_max) {
        state->prefix[state->used] = (uint16_t)state->last;
        state->suffix[state->used++] = (uint8_t)rest;
    }
    state->last = (int)code;
    return ASSAY_OK;
}

static status decode_next(struct codec_state *state, struct view *input)
{
    unsigned code;
    if (state->used >= 1U << state->size && state->size < state->size_last)
        set_size(state, input, state->size + 1);
    if (!take_code(state, input, &code))
        return ASSAY_END;
    if (code != CLEAR || !state->has_clear)
        return decode(state, code);
    /* What follows makes an entry of CLEAR, which nothing can refer to. */
    set_size(state, input, SIZE_MIN);
    state->used = CLEAR;
    return ASSAY_OK;
}

static status step(struct codec_state *state, struct view *input, uint8_t *bytes, size_t size,
                   size_t *written)
{
    if (!state->header_read)
        TRY(read_header(state, input));
    while (*written < size) {
        while (state->held > 0 && *written < size)
            bytes[(*written)++] = state->stack[--state->held];
        if (*written == size)
            break;
        status result = decode_next(state, input);
        if (result != ASSAY_OK)
            return result;
    }
    return ASSAY_OK;
}

const struct codec codec_compress = {"compress", start, step, stop};
