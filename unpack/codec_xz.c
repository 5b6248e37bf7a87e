/* .xz, one stream at a time, by liblzma. */
#include "unpack/liblzma.h"

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

static status step(struct codec_state *state, struct view *input, uint8_t *bytes, size_t size,
                   size_t *written)
{
    lzma_ret said = liblzma_run(&state->lzma, input, bytes, size, written);
    return liblzma_explain(&state->lzma, said, "xz", state->error);
}

const struct codec codec_xz = {"xz", start, step, stop};
