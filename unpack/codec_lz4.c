/*
 * LZ4, one frame at a time: the frame format by liblz4's LZ4F, and the older one (lz4 -l, Linux
 * kernels), which LZ4F does not know, block by block here.
 *
 * A failing LZ4F_decompress does not say what it wrote before it failed. So each call gets input
 * for one step only: a block's body without its check sum and the header of the next, and nothing
 * while output is still to be flushed.
 */
#include "unpack/codec.h"

#include "base/bytes.h"

#include <lz4.h>
#include <lz4frame.h>
#include <stdlib.h>

enum {
    LEGACY_MAGIC = 0x184c2102,
    LEGACY_BLOCK = 8 * 1024 * 1024,
    MEMORY_NEEDED = LEGACY_BLOCK + 1024 * 1024, /* LZ4F: two buffers of 4 MiB, and 128 KiB */
    FRAME_HEADER_MIN = 7,
    CHECKSUM_SIZE = 4, /* or the size of a block header */
};

struct codec_state {
    LZ4F_dctx *lz4;
    struct error *error;
    size_t wanted; /* bytes LZ4F asked for */
    bool is_full;  /* the last call filled the output: there may be more to flush */
    bool is_begun; /* and is_legacy is known */
    bool is_legacy;
    uint8_t *block; /* legacy: LEGACY_BLOCK bytes, decoded from `from` to `to` */
    size_t from;
    size_t to;
};

static status start(uint64_t memory, struct error *error, struct codec_state **ret_state)
{
    if (memory < MEMORY_NEEDED)
        return error_set(error, ASSAY_ERR_CODEC_MEMORY, "lz4 needs %d bytes", MEMORY_NEEDED);
    struct codec_state *state = calloc(1, sizeof(*state));
    if (!state)
        return error_set(error, ASSAY_ERR_NOMEM, "no memory for an lz4 decoder");
    state->error = error;
    state->wanted = FRAME_HEADER_MIN;
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
    free(state->block);
    free(state);
}

static status begin(struct codec_state *state, struct view *input)
{
    uint32_t magic;
    state->is_begun = true;
    if (!bytes_u32le(*input, 0, &magic) || magic != LEGACY_MAGIC)
        return ASSAY_OK;
    state->is_legacy = true;
    state->block = malloc(LEGACY_BLOCK);
    if (!state->block)
        return error_set(state->error, ASSAY_ERR_NOMEM, "no memory for an lz4 decoder");
    *input = view_sub(*input, sizeof(magic), UINT64_MAX);
    return ASSAY_OK;
}

static status step_frame(struct codec_state *state, struct view *input, uint8_t *bytes, size_t size,
                         size_t *written)
{
    size_t feed = state->wanted;
    for (int i = 0; i < 2 && feed > CHECKSUM_SIZE; i++)
        feed -= CHECKSUM_SIZE;
    if (state->is_full)
        feed = 0;
    else if (input->size == 0)
        return error_set(state->error, ASSAY_ERR_TRUNCATED, "lz4 data are cut short");
    struct view piece = view_sub(*input, 0, feed);
    size_t in = piece.size, out = size;
    size_t result = LZ4F_decompress(state->lz4, bytes, &out, piece.data, &in, NULL);
    if (LZ4F_isError(result))
        return error_set(state->error, ASSAY_ERR_CORRUPT, "lz4: %s", LZ4F_getErrorName(result));
    *input = view_sub(*input, in, UINT64_MAX);
    *written = out;
    state->is_full = out == size;
    state->wanted = result;
    return result == 0 ? ASSAY_END : ASSAY_OK;
}

/* The old format: magic, then blocks of a size and as many bytes, until the input ends or what
 * follows cannot be a size. */
static status decode_legacy_block(struct codec_state *state, struct view *input)
{
    uint32_t size;
    if (input->size == 0)
        return ASSAY_END;
    if (!bytes_u32le(*input, 0, &size))
        return error_set(state->error, ASSAY_ERR_TRUNCATED, "lz4 data are cut short");
    if (size == 0 || size > LZ4_COMPRESSBOUND(LEGACY_BLOCK))
        return ASSAY_END;
    if (!view_has(*input, sizeof(size), size))
        return error_set(state->error, ASSAY_ERR_TRUNCATED, "lz4 data are cut short");
    struct view body = view_sub(*input, sizeof(size), size);
    int decoded =
        LZ4_decompress_safe((const char *)body.data, (char *)state->block, (int)size, LEGACY_BLOCK);
    if (decoded < 0)
        return error_set(state->error, ASSAY_ERR_CORRUPT, "lz4 block is damaged");
    *input = view_sub(*input, sizeof(size) + size, UINT64_MAX);
    state->from = 0;
    state->to = (size_t)decoded;
    return ASSAY_OK;
}

static status step_legacy(struct codec_state *state, struct view *input, uint8_t *bytes,
                          size_t size, size_t *written)
{
    if (state->from == state->to) {
        status result = decode_legacy_block(state, input);
        if (result != ASSAY_OK)
            return result;
    }
    size_t left = state->to - state->from;
    *written = size < left ? size : left;
    memcpy(bytes, state->block + state->from, *written);
    state->from += *written;
    return ASSAY_OK;
}

static status step(struct codec_state *state, struct view *input, uint8_t *bytes, size_t size,
                   size_t *written)
{
    if (!state->is_begun)
        TRY(begin(state, input));
    return state->is_legacy ? step_legacy(state, input, bytes, size, written)
                            : step_frame(state, input, bytes, size, written);
}

const struct codec codec_lz4 = {"lz4", start, step, stop};
