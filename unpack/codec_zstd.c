/*
 * Zstandard, one frame at a time, by libzstd.
 *
 * A failing ZSTD_decompressStream does not say what it wrote before it failed. So each call gets
 * input for one step only: a block's body without the header of the next, and nothing while output
 * is still to be flushed.
 *
 * libzstd believes what the head of a frame says: it allocates the window at once, and decodes
 * nothing past the size of the content. So it is given a head of our own making, with no larger a
 * window than the input can fill and the bound allows, and without that size, which is compared at
 * the end. Of a frame whose window was cut as much is decoded as the window holds: what reaches back
 * further libzstd does not notice.
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
    BLOCK_MAX = 128 * 1024, /* decoded */
    FRAME_HEADER_MIN = 5,
    WINDOW_LOG_MAX = 31,
    OWN_HEAD_MAX = 10, /* magic, descriptor, window, number of the dictionary */
};

struct codec_state {
    ZSTD_DCtx *zstd;
    struct error *error;
    uint64_t memory;
    size_t wanted;         /* bytes libzstd asked for; 0 before the first call */
    bool is_full;          /* the last call filled the output: there may be more to flush */
    bool is_legacy;        /* a format before 0.8 */
    bool is_cut;           /* the window is smaller than the frame wants it */
    struct zstd_head head; /* all zero when the frame is none that has one */
    uint64_t window;       /* bytes that it has instead */
    uint64_t written;      /* bytes of the frame */
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

/* Hands over a head in place of the one that stands in the input. */
static status begin_frame(struct codec_state *state, struct view *input)
{
    const struct zstd_head *head = &state->head;
    uint64_t fillable = (input->size / BLOCK_HEADER_SIZE + 1) * BLOCK_MAX;
    uint64_t most = state->memory - OVERHEAD;
    uint64_t wanted = head->window < fillable ? head->window : fillable;
    /* A block is no larger than the window, so what lies about the one makes the other fail. */
    if (wanted < BLOCK_MAX && (head->descriptor & ZSTD_SINGLE_SEGMENT))
        wanted = BLOCK_MAX;
    uint8_t own[OWN_HEAD_MAX];
    memcpy(own, input->data, FRAME_HEADER_MIN);
    own[4] &= ZSTD_DICTIONARY | ZSTD_CHECK_SUM | ZSTD_RESERVED;
    own[5] = zstd_window_byte(wanted, most);
    state->window = zstd_window_of(own[5]);
    state->is_cut = state->window < wanted;
    memcpy(own + 6, input->data + head->dictionary, head->dictionary_size);
    ZSTD_inBuffer in = {own, 6u + head->dictionary_size, 0};
    uint8_t none;
    ZSTD_outBuffer out = {&none, 0, 0};
    size_t result = ZSTD_decompressStream(state->zstd, &out, &in);
    if (ZSTD_isError(result))
        return explain(state, result);
    *input = view_sub(*input, head->size, UINT64_MAX);
    state->wanted = result;
    return ASSAY_OK;
}

static status begin(struct codec_state *state, struct view *input)
{
    state->head = (struct zstd_head){.size = 0};
    state->is_cut = false;
    state->written = 0;
    state->wanted = FRAME_HEADER_MIN;
    state->is_legacy = zstd_is_legacy(*input);
    if (state->is_legacy && LEGACY_WINDOW > state->memory - OVERHEAD)
        return error_set(state->error, ASSAY_ERR_CODEC_MEMORY, "zstd needs a window of %d bytes",
                         LEGACY_WINDOW);
    /* What has no such head is skippable, or for libzstd to name. */
    return zstd_parse_head(*input, &state->head) ? begin_frame(state, input) : ASSAY_OK;
}

/* Frames that give nothing can come by the million: the decoder for one goes on with the next. */
static bool begin_after_empty(struct codec_state *state, struct view input)
{
    struct zstd_head next;
    if (state->written > 0 || !zstd_parse_head(input, &next) ||
        ZSTD_isError(ZSTD_DCtx_reset(state->zstd, ZSTD_reset_session_only)))
        return false;
    state->wanted = 0;
    return true;
}

static status end_frame(struct codec_state *state, struct view input)
{
    if (state->head.has_content && state->head.content != state->written)
        return error_set(state->error, ASSAY_ERR_CORRUPT, "zstd: wrong size of a frame");
    return begin_after_empty(state, input) ? ASSAY_OK : ASSAY_END;
}

static status step(struct codec_state *state, struct view *input, uint8_t *bytes, size_t size,
                   size_t *written)
{
    if (state->wanted == 0)
        TRY(begin(state, input));
    size_t feed = state->wanted;
    if (feed > BLOCK_HEADER_SIZE)
        feed -= BLOCK_HEADER_SIZE;
    if (state->is_full)
        feed = 0;
    else if (input->size == 0)
        return error_set(state->error, ASSAY_ERR_TRUNCATED, "zstd data are cut short");
    if (state->is_cut && size >= state->window - state->written)
        size = (size_t)(state->window - state->written);
    if (size == 0)
        return error_set(state->error, ASSAY_ERR_CODEC_MEMORY, "zstd needs a window of %llu bytes",
                         (unsigned long long)state->head.window);
    struct view piece = view_sub(*input, 0, feed);
    ZSTD_inBuffer in = {piece.data, piece.size, 0};
    ZSTD_outBuffer out = {bytes, size, 0};
    size_t result = ZSTD_decompressStream(state->zstd, &out, &in);
    if (ZSTD_isError(result))
        return explain(state, result);
    *input = view_sub(*input, in.pos, UINT64_MAX);
    *written = out.pos;
    state->written += out.pos;
    state->is_full = out.pos == size;
    state->wanted = result;
    return result == 0 ? end_frame(state, *input) : ASSAY_OK;
}

const struct codec codec_zstd = {"zstd", start, step, stop};
