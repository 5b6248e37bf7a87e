/* .xz and .lz, one stream at a time, by liblzma. */
#include "unpack/liblzma.h"

#include <stdlib.h>

struct codec_state {
    lzma_stream lzma;
    const char *name;
    struct error *error;
};

static status start(const char *name, lzma_ret (*begin)(lzma_stream *, uint64_t, uint32_t),
                    uint64_t memory, struct error *error, struct codec_state **ret_state)
{
    struct codec_state *state = calloc(1, sizeof(*state));
    if (!state)
        return error_set(error, ASSAY_ERR_NOMEM, "no memory for an %s decoder", name);
    state->lzma = (lzma_stream)LZMA_STREAM_INIT;
    state->name = name;
    state->error = error;
    if (begin(&state->lzma, memory, 0) != LZMA_OK) {
        free(state);
        return error_set(error, ASSAY_ERR_NOMEM, "no memory for an %s decoder", name);
    }
    *ret_state = state;
    return ASSAY_OK;
}

static status start_xz(uint64_t memory, struct error *error, struct codec_state **ret_state)
{
    return start("xz", lzma_stream_decoder, memory, error, ret_state);
}

static status start_lzip(uint64_t memory, struct error *error, struct codec_state **ret_state)
{
    return start("lzip", lzma_lzip_decoder, memory, error, ret_state);
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
    return liblzma_explain(&state->lzma, said, state->name, state->error);
}

const struct codec codec_xz = {"xz", start_xz, step, stop};
const struct codec codec_lzip = {"lzip", start_lzip, step, stop};
