/* bzip2, one stream at a time, by libbz2. */
#include "unpack/codec.h"

#include <bzlib.h>
#include <stdlib.h>

enum { MEMORY_NEEDED = 4 * 1024 * 1024 }; /* the manual: 3,700 KiB for blocks of 900 kB */

struct codec_state {
    bz_stream bz;
    struct error *error;
};

static status start(uint64_t memory, struct error *error, struct codec_state **ret_state)
{
    if (memory < MEMORY_NEEDED)
        return error_set(error, ASSAY_ERR_CODEC_MEMORY, "bzip2 needs %d bytes", MEMORY_NEEDED);
    struct codec_state *state = calloc(1, sizeof(*state));
    if (!state)
        return error_set(error, ASSAY_ERR_NOMEM, "no memory for a bzip2 decoder");
    state->error = error;
    if (BZ2_bzDecompressInit(&state->bz, 0, 0) != BZ_OK) {
        free(state);
        return error_set(error, ASSAY_ERR_NOMEM, "no memory for a bzip2 decoder");
    }
    *ret_state = state;
    return ASSAY_OK;
}

static void stop(struct codec_state *state)
{
    if (!state)
        return;
    BZ2_bzDecompressEnd(&state->bz);
    free(state);
}

static status explain(struct error *error, int result)
{
    switch (result) {
    case BZ_OK:
        return ASSAY_OK;
    case BZ_STREAM_END:
        return ASSAY_END;
    case BZ_MEM_ERROR:
        return error_set(error, ASSAY_ERR_NOMEM, "no memory for a bzip2 decoder");
    default:
        return error_set(error, ASSAY_ERR_CORRUPT, "bzip2 data are damaged");
    }
}

static status step(struct codec_state *state, struct view *input, uint8_t *bytes, size_t size,
                   size_t *written)
{
    bz_stream *bz = &state->bz;
    unsigned in = (unsigned)(input->size < UINT32_MAX ? input->size : UINT32_MAX);
    unsigned out = (unsigned)(size < UINT32_MAX ? size : UINT32_MAX);
    bz->next_in = (char *)(uintptr_t)input->data; /* libbz2 reads it only */
    bz->avail_in = in;
    bz->next_out = (char *)bytes;
    bz->avail_out = out;
    int result = BZ2_bzDecompress(bz);
    *input = view_sub(*input, in - bz->avail_in, UINT64_MAX);
    *written = out - bz->avail_out;
    /* libbz2 has no word for "no progress". */
    if (result == BZ_OK && in == bz->avail_in && *written == 0)
        return error_set(state->error, ASSAY_ERR_TRUNCATED, "bzip2 data are cut short");
    return explain(state->error, result);
}

const struct codec codec_bzip2 = {"bzip2", start, step, stop};
