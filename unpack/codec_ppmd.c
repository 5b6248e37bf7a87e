/*
 * PPMd variant I, revision 1, as zip's method 98 has it (APPNOTE 5.10): two bytes of parameters,
 * then what a range coder made of the symbols. The data end with a mark, or where a zip file says.
 *
 * The memory that the parameters name is part of the format, see ppmd_allocator.h.
 */
#include "unpack/codec.h"

#include "base/bytes.h"
#include "unpack/ppmd_decode.h"

#include <stdlib.h>

struct codec_state {
    struct ppmd_model model;
    struct ppmd_range range;
    uint64_t memory;
    struct error *error;
    bool is_begun;
};

static status start(uint64_t memory, struct error *error, struct codec_state **ret_state)
{
    if (memory < sizeof(struct codec_state))
        return error_set(error, ASSAY_ERR_CODEC_MEMORY, "ppmd needs more than %zu bytes",
                         sizeof(struct codec_state));
    struct codec_state *state = calloc(1, sizeof(*state));
    if (!state)
        return error_set(error, ASSAY_ERR_NOMEM, "no memory for a ppmd decoder");
    state->memory = memory - sizeof(*state);
    state->error = error;
    *ret_state = state;
    return ASSAY_OK;
}

static void stop(struct codec_state *state)
{
    if (!state)
        return;
    ppmd_model_stop(&state->model);
    free(state);
}

static status start_model(struct codec_state *state, unsigned parameters)
{
    unsigned order = (parameters & 15) + 1;
    uint32_t size = ((parameters >> 4 & 255) + 1) << 20;
    unsigned restoration = parameters >> 12;
    if (order < PPMD_ORDER_MIN || restoration > PPMD_FREEZE)
        return error_set(state->error, ASSAY_ERR_CORRUPT, "ppmd parameters are damaged");
    if (restoration == PPMD_FREEZE)
        return error_set(state->error, ASSAY_ERR_UNSUPPORTED, "ppmd with a model that is frozen");
    if (ppmd_arena_bytes(size) > state->memory)
        return error_set(state->error, ASSAY_ERR_CODEC_MEMORY, "ppmd needs %u MiB", size >> 20);
    if (!ppmd_model_start(&state->model, order, size, (enum ppmd_restoration)restoration))
        return error_set(state->error, ASSAY_ERR_NOMEM, "no memory for a ppmd decoder");
    return ASSAY_OK;
}

static status begin(struct codec_state *state, struct view *input)
{
    uint16_t parameters;
    uint32_t code;
    if (!bytes_u16le(*input, 0, &parameters) || !bytes_u32be(*input, sizeof(parameters), &code))
        return error_set(state->error, ASSAY_ERR_TRUNCATED, "ppmd data are cut short");
    if (code == UINT32_MAX)
        return error_set(state->error, ASSAY_ERR_CORRUPT, "ppmd data are damaged");
    TRY(start_model(state, parameters));
    ppmd_range_start(&state->range, code);
    *input = view_sub(*input, sizeof(parameters) + sizeof(code), UINT64_MAX);
    state->is_begun = true;
    return ASSAY_OK;
}

/* What is behind the mark tells whether it is one. */
static status end(const struct codec_state *state, status result)
{
    const struct ppmd_range *range = &state->range;
    if (result == ASSAY_END && range->is_cut)
        result = ASSAY_ERR_TRUNCATED;
    else if (result == ASSAY_END && range->code != 0)
        result = ASSAY_ERR_CORRUPT;
    if (result == ASSAY_END)
        return ASSAY_END;
    return error_set(state->error, result, "ppmd data are %s",
                     result == ASSAY_ERR_TRUNCATED ? "cut short" : "damaged");
}

static status step(struct codec_state *state, struct view *input, uint8_t *bytes, size_t size,
                   size_t *written)
{
    if (!state->is_begun)
        TRY(begin(state, input));
    status result = ASSAY_OK;
    size_t count = 0;
    ppmd_range_feed(&state->range, *input);
    while (count < size) {
        result = ppmd_decode(&state->model, &state->range, &bytes[count]);
        if (result != ASSAY_OK)
            break;
        count++;
    }
    *written = count;
    *input = view_sub(*input, state->range.used, UINT64_MAX);
    return result == ASSAY_OK ? ASSAY_OK : end(state, result);
}

const struct codec codec_ppmd = {"ppmd", start, step, stop};
