/*
 * LZ4, one frame at a time: the frame format by liblz4's LZ4F, and the older one (lz4 -l, Linux
 * kernels), which LZ4F does not know, block by block here.
 *
 * A failing LZ4F_decompress does not say what it wrote before it failed. So each call gets one part
 * of the frame only, such as the body of a block, and nothing while output is still to be flushed.
 * Of a block that it fails at, or of which the end is missing, the front is decoded here.
 */
#include "unpack/codec.h"

#include "base/bytes.h"
#include "unpack/lz4_block.h"

#include <lz4.h>
#include <lz4frame.h>
#include <stdlib.h>

enum {
    FRAME_MAGIC = 0x184d2204,
    LEGACY_MAGIC = 0x184c2102,
    LEGACY_BLOCK = 8 * 1024 * 1024,
    MEMORY_NEEDED = LEGACY_BLOCK + 1024 * 1024, /* LZ4F: two buffers of 4 MiB, and 128 KiB */
    HISTORY = 64 * 1024,                        /* that far back a block may copy from */
    FRAME_HEAD_SIZE = 7,
    WORD_SIZE = 4, /* the head of a block, a check sum */
};

enum flag { /* the byte behind the magic */
            HAS_DICTIONARY = 1 << 0,
            HAS_CONTENT_SIZE = 1 << 3,
            HAS_BLOCK_SUMS = 1 << 4,
            BLOCKS_STAND_ALONE = 1 << 5,
};

enum part { FRAME_HEAD, BLOCK_HEAD, BLOCK_PLAIN, BLOCK_PACKED, BLOCK_SUM, FRAME_END };

struct codec_state {
    LZ4F_dctx *lz4;
    struct error *error;
    bool is_full;  /* the last call filled the output: there may be more to flush */
    bool is_begun; /* and is_legacy is known */
    bool is_legacy;
    uint8_t flags;
    size_t block_size; /* the most that a block of the frame gives */
    enum part part;    /* what comes next in the input */
    size_t body;       /* bytes of a block that is packed, without its check sum */
    uint64_t left;     /* bytes of that */
    uint8_t *history;  /* a ring of the last HISTORY bytes given; NULL: no block needs them */
    uint64_t given;    /* bytes, when there is a history */
    uint8_t *block;    /* legacy, or salvaged: bytes decoded from `from` to `to` */
    size_t from;
    size_t to;
    status failure; /* to be said once those were given */
    const char *reason;
};

static status start(uint64_t memory, struct error *error, struct codec_state **ret_state)
{
    if (memory < MEMORY_NEEDED)
        return error_set(error, ASSAY_ERR_CODEC_MEMORY, "lz4 needs %d bytes", MEMORY_NEEDED);
    struct codec_state *state = calloc(1, sizeof(*state));
    if (!state)
        return error_set(error, ASSAY_ERR_NOMEM, "no memory for an lz4 decoder");
    state->error = error;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&state->lz4, LZ4F_VERSION))) {
        free(state);
        return error_set(error, ASSAY_ERR_NOMEM, "no memory for an lz4 decoder");
    }
    *ret_state = state;
    return ASSAY_OK;
}

static void stop(struct codec_state *state)
{
    if (!state)
        return;
    LZ4F_freeDecompressionContext(state->lz4);
    free(state->history);
    free(state->block);
    free(state);
}

static status no_memory(struct codec_state *state)
{
    return error_set(state->error, ASSAY_ERR_NOMEM, "no memory for an lz4 decoder");
}

static status begin(struct codec_state *state, struct view *input)
{
    uint32_t magic = 0;
    uint8_t descriptor;
    state->is_begun = true;
    if (bytes_u32le(*input, 0, &magic) && magic == LEGACY_MAGIC) {
        state->is_legacy = true;
        state->block = malloc(LEGACY_BLOCK);
        *input = view_sub(*input, sizeof(magic), UINT64_MAX);
        return state->block ? ASSAY_OK : no_memory(state);
    }
    state->left = FRAME_HEAD_SIZE;
    if (magic != FRAME_MAGIC) /* a skippable one: as LZ4F asks for it */
        state->part = FRAME_END;
    if (magic != FRAME_MAGIC || !bytes_u8(*input, 4, &state->flags) ||
        !bytes_u8(*input, 5, &descriptor))
        return ASSAY_OK;
    state->left +=
        (state->flags & HAS_CONTENT_SIZE ? 8u : 0) + (state->flags & HAS_DICTIONARY ? 4u : 0);
    /* 4 to 7: 64 KiB, 256 KiB, 1 MiB, 4 MiB. Others are refused by LZ4F. */
    state->block_size = (size_t)256 << 2 * (descriptor >> 4 & 7);
    if (state->flags & BLOCKS_STAND_ALONE)
        return ASSAY_OK;
    state->history = malloc(HISTORY);
    return state->history ? ASSAY_OK : no_memory(state);
}

/* ---- what is left of a block -------------------------------------------------------------- */

static void remember(struct codec_state *state, const uint8_t *bytes, size_t size)
{
    if (!state->history)
        return;
    if (size > HISTORY) {
        state->given += size - HISTORY;
        bytes += size - HISTORY;
        size = HISTORY;
    }
    size_t at = state->given % HISTORY;
    size_t first = size < HISTORY - at ? size : HISTORY - at;
    memcpy(state->history + at, bytes, first);
    memcpy(state->history, bytes + first, size - first);
    state->given += size;
}

/* What was given last, in its order, to the front of the block. Returns its size. */
static size_t recall(const struct codec_state *state)
{
    if (!state->history)
        return 0;
    size_t at = state->given < HISTORY ? 0 : state->given % HISTORY;
    size_t size = state->given < HISTORY ? (size_t)state->given : HISTORY;
    memcpy(state->block, state->history + at, size - at);
    memcpy(state->block + size - at, state->history, at);
    return size;
}

/* Decodes what it can of the block, to be given before the failure is told. */
static status salvage(struct codec_state *state, struct view body, status failure,
                      const char *reason)
{
    state->failure = failure;
    state->reason = reason;
    if (!state->is_legacy) {
        LZ4F_freeDecompressionContext(state->lz4); /* the memory is for one of the two */
        state->lz4 = NULL;
        state->block = malloc(HISTORY + state->block_size);
        if (!state->block)
            return no_memory(state);
        state->from = recall(state);
    }
    size_t room = state->is_legacy ? (size_t)LEGACY_BLOCK : state->from + state->block_size;
    state->to = lz4_block_salvage(body, state->block, state->from, room);
    return ASSAY_OK;
}

static status give_block(struct codec_state *state, uint8_t *bytes, size_t size, size_t *written)
{
    size_t left = state->to - state->from;
    if (left == 0)
        return error_set(state->error, state->failure, "lz4: %s", state->reason);
    *written = size < left ? size : left;
    memcpy(bytes, state->block + state->from, *written);
    state->from += *written;
    return ASSAY_OK;
}

/* ---- frames ------------------------------------------------------------------------------- */

/* The part before is used up: what comes now. `wanted` is what LZ4F asks for. */
static void enter_next_part(struct codec_state *state, uint32_t word, size_t wanted)
{
    enum part last = state->part;
    bool has_sum = state->flags & HAS_BLOCK_SUMS;
    state->left = WORD_SIZE;
    if (last == BLOCK_HEAD && word != 0) {
        state->part = word >> 31 ? BLOCK_PLAIN : BLOCK_PACKED;
        state->left = state->body = word & 0x7fffffff;
        /* LZ4F decodes such a block when it has the sum, too. */
        if (state->part == BLOCK_PACKED && has_sum)
            state->left += WORD_SIZE;
    } else if (last == BLOCK_HEAD || last == FRAME_END) {
        state->part = FRAME_END;
        state->left = wanted;
    } else {
        state->part = last == BLOCK_PLAIN && has_sum ? BLOCK_SUM : BLOCK_HEAD;
    }
}

static status step_frame(struct codec_state *state, struct view *input, uint8_t *bytes, size_t size,
                         size_t *written)
{
    struct view piece = view_sub(*input, 0, state->is_full ? 0 : state->left);
    bool is_cut = !state->is_full && piece.size < state->left;
    struct view body = view_sub(piece, 0, state->body);
    if (is_cut && state->part == BLOCK_PACKED)
        return salvage(state, body, ASSAY_ERR_TRUNCATED, "data are cut short");
    if (is_cut && piece.size == 0)
        return error_set(state->error, ASSAY_ERR_TRUNCATED, "lz4: data are cut short");
    uint32_t word = 0;
    bool has_word = bytes_u32le(piece, 0, &word);
    size_t in = piece.size, out = size;
    size_t result = LZ4F_decompress(state->lz4, bytes, &out, piece.data, &in, NULL);
    if (LZ4F_isError(result) && state->part == BLOCK_PACKED && !state->is_full)
        return salvage(state, body, ASSAY_ERR_CORRUPT, LZ4F_getErrorName(result));
    if (LZ4F_isError(result))
        return error_set(state->error, ASSAY_ERR_CORRUPT, "lz4: %s", LZ4F_getErrorName(result));
    *input = view_sub(*input, in, UINT64_MAX);
    *written = out;
    remember(state, bytes, out);
    state->is_full = out == size;
    state->left -= in;
    if (state->left == 0)
        enter_next_part(state, has_word ? word : 0, result);
    return result == 0 ? ASSAY_END : ASSAY_OK;
}

/* ---- the old format ----------------------------------------------------------------------- */

/* Magic, then blocks of a size and as many bytes, until the input ends or what follows cannot be a
 * size. */
static status decode_legacy_block(struct codec_state *state, struct view *input)
{
    uint32_t size;
    if (input->size == 0)
        return ASSAY_END;
    if (!bytes_u32le(*input, 0, &size))
        return error_set(state->error, ASSAY_ERR_TRUNCATED, "lz4: data are cut short");
    if (size == 0 || size > LZ4_COMPRESSBOUND(LEGACY_BLOCK))
        return ASSAY_END;
    struct view body = view_sub(*input, sizeof(size), size);
    state->from = 0;
    if (body.size < size)
        return salvage(state, body, ASSAY_ERR_TRUNCATED, "data are cut short");
    int decoded =
        LZ4_decompress_safe((const char *)body.data, (char *)state->block, (int)size, LEGACY_BLOCK);
    if (decoded < 0)
        return salvage(state, body, ASSAY_ERR_CORRUPT, "a block is damaged");
    *input = view_sub(*input, sizeof(size) + size, UINT64_MAX);
    state->to = (size_t)decoded;
    return ASSAY_OK;
}

static status step_legacy(struct codec_state *state, struct view *input, uint8_t *bytes,
                          size_t size, size_t *written)
{
    if (state->from == state->to)
        return decode_legacy_block(state, input);
    return give_block(state, bytes, size, written);
}

static status step(struct codec_state *state, struct view *input, uint8_t *bytes, size_t size,
                   size_t *written)
{
    if (!state->is_begun)
        TRY(begin(state, input));
    if (state->failure != ASSAY_OK)
        return give_block(state, bytes, size, written);
    return state->is_legacy ? step_legacy(state, input, bytes, size, written)
                            : step_frame(state, input, bytes, size, written);
}

const struct codec codec_lz4 = {"lz4", start, step, stop};
