/*
 * Zstandard, one frame at a time, by libzstd.
 *
 * A failing ZSTD_decompressStream does not say what it wrote before it failed. So each call gets
 * input for one step only: a block's body without the header of the next, and nothing while output
 * is still to be flushed.
 */
#include "unpack/codec.h"

#include "unpack/frames.h"

#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum {
    OVERHEAD = 1024 * 1024,  /* of a decoder, above its window; libzstd needs about 0.5 MiB */
    LEGACY_WINDOW = 1 << 27, /* the most that formats before 0.8 use */
    BLOCK_HEADER_SIZE = 3,
    FRAME_HEADER_MIN = 5,
    WINDOW_LOG_MAX = 31,
};

struct codec_state {
    ZSTD_DCtx *zstd;
    struct error *error;
    uint64_t memory;
    size_t wanted;  /* bytes libzstd asked for; 0 before the first call */
    bool is_full;   /* the last call filled the output: there may be more to flush */
    bool is_legacy; /* a format before 0.8 */
};

static status start(uint64_t memory, struct error *error, struct codec_state **ret_state)
{
    if (memory < OVERHEAD)
        return error_set(error, ASSAY_ERR_CODEC_MEMORY, "zstd needs %d bytes", OVERHEAD);
    struct codec_state *state = calloc(1, sizeof(*state));
    if (!state)
        return error_set(error, ASSAY_ERR_NOMEM, "no memory for a zstd decoder");
    state->error = error;
    state->memory = memory;
    state->zstd = ZSTD_createDCtx();
    if (!state->zstd ||
        ZSTD_isError(ZSTD_DCtx_setParameter(state->zstd, ZSTD_d_windowLogMax, WINDOW_LOG_MAX))) {
        ZSTD_freeDCtx(state->zstd);
        free(state);
        return error_set(error, ASSAY_ERR_NOMEM, "no memory for a zstd decoder");
    }
    *ret_state = state;
    return ASSAY_OK;
}

static void stop(struct codec_state *state)
{
    if (!state)
        return;
    ZSTD_freeDCtx(state->zstd);
    free(state);
}

/* libzstd allocates the window as soon as it has seen the header. */
static status check_window(struct codec_state *state, struct view input)
{
    uint64_t window = 0;
    state->is_legacy = zstd_is_legacy(input);
    if (state->is_legacy)
        window = LEGACY_WINDOW;
    else if (!zstd_window(input, &window))
        return ASSAY_OK; /* no header to speak of: libzstd will say so */
    if (window > state->memory - OVERHEAD)
        return error_set(state->error, ASSAY_ERR_CODEC_MEMORY, "zstd needs a window of %llu bytes",
                         (unsigned long long)window);
    return ASSAY_OK;
}

static status explain(struct codec_state *state, size_t result)
{
    const char *name = ZSTD_getErrorName(result);
    switch (ZSTD_getErrorCode(result)) {
    case ZSTD_error_memory_allocation:
        return error_set(state->error, ASSAY_ERR_NOMEM, "no memory for a zstd decoder");
    case ZSTD_error_frameParameter_windowTooLarge:
        return error_set(state->error, ASSAY_ERR_CODEC_MEMORY, "zstd: %s", name);
    case ZSTD_error_version_unsupported:
    case ZSTD_error_frameParameter_unsupported:
    case ZSTD_error_dictionary_wrong:
        return error_set(state->error, ASSAY_ERR_UNSUPPORTED, "zstd: %s", name);
    case ZSTD_error_prefix_unknown:
        if (state->is_legacy)
            return error_set(state->error, ASSAY_ERR_UNSUPPORTED, "zstd before version 0.8");
        return error_set(state->error, ASSAY_ERR_CORRUPT, "zstd: %s", name);
    default:
        return error_set(state->error, ASSAY_ERR_CORRUPT, "zstd: %s", name);
    }
}

static status step(struct codec_state *state, struct view *input, uint8_t *bytes, size_t size,
                   size_t *written)
{
    if (state->wanted == 0) {
        TRY(check_window(state, *input));
        state->wanted = FRAME_HEADER_MIN;
    }
    size_t feed = state->wanted;
    if (feed > BLOCK_HEADER_SIZE)
        feed -= BLOCK_HEADER_SIZE;
    if (state->is_full)
        feed = 0;
    else if (input->size == 0)
        return error_set(state->error, ASSAY_ERR_TRUNCATED, "zstd data are cut short");
    struct view piece = view_sub(*input, 0, feed);
    ZSTD_inBuffer in = {piece.data, piece.size, 0};
    ZSTD_outBuffer out = {bytes, size, 0};
    size_t result = ZSTD_decompressStream(state->zstd, &out, &in);
    if (ZSTD_isError(result))
        return explain(state, result);
    *input = view_sub(*input, in.pos, UINT64_MAX);
    *written = out.pos;
    state->is_full = out.pos == size;
    state->wanted = result;
    return result == 0 ? ASSAY_END : ASSAY_OK;
}

const struct codec codec_zstd = {"zstd", start, step, stop};
