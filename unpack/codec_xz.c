/* .xz, one stream at a time, by liblzma. */
#include "unpack/codec.h"

#include <lzma.h>
#include <stdlib.h>

struct codec_state {
    lzma_stream lzma;
    struct error *error;
};

static status start(uint64_t memory, struct error *error, struct codec_state **ret_state)
{
    struct codec_state *state = calloc(1, sizeof(*state));
    if (!state)
        return error_set(error, ASSAY_ERR_NOMEM, "no memory for an xz decoder");
    state->lzma = (lzma_stream)LZMA_STREAM_INIT;
    state->error = error;
    if (lzma_stream_decoder(&state->lzma, memory, 0) != LZMA_OK) {
        free(state);
        return error_set(error, ASSAY_ERR_NOMEM, "no memory for an xz decoder");
    }
    *ret_state = state;
    return ASSAY_OK;
}

static void stop(struct codec_state *state)
{
    if (!state)
        return;
    lzma_end(&state->lzma);
    free(state);
}

static status explain(struct codec_state *state, lzma_ret result)
{
    switch (result) {
    case LZMA_OK:
        return ASSAY_OK;
    case LZMA_STREAM_END:
        return ASSAY_END;
    case LZMA_BUF_ERROR: /* no progress: there was room for output, so input is what is missing */
        return error_set(state->error, ASSAY_ERR_TRUNCATED, "xz data are cut short");
    case LZMA_MEMLIMIT_ERROR:
        return error_set(state->error, ASSAY_ERR_CODEC_MEMORY, "xz needs %llu bytes",
                         (unsigned long long)lzma_memusage(&state->lzma));
    case LZMA_MEM_ERROR:
        return error_set(state->error, ASSAY_ERR_NOMEM, "no memory for an xz decoder");
    case LZMA_OPTIONS_ERROR:
        return error_set(state->error, ASSAY_ERR_UNSUPPORTED, "xz with an unknown filter");
    default:
        return error_set(state->error, ASSAY_ERR_CORRUPT, "xz data are damaged");
    }
}

static status step(struct codec_state *state, struct view *input, uint8_t *bytes, size_t size,
                   size_t *written)
{
    lzma_stream *lzma = &state->lzma;
    lzma->next_in = input->data;
    lzma->avail_in = input->size;
    lzma->next_out = bytes;
    lzma->avail_out = size;
    lzma_ret result = lzma_code(lzma, LZMA_RUN);
    *input = view_sub(*input, input->size - lzma->avail_in, UINT64_MAX);
    *written = size - lzma->avail_out;
    return explain(state, result);
}

const struct codec codec_xz = {"xz", start, step, stop};
