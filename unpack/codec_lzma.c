/*
 * LZMA1 by liblzma: .lzma files, and zip's method 14 (APPNOTE 5.8.8). Both say properties and a
 * dictionary size, then raw data; liblzma is given a .lzma header of our own making. A dictionary
 * larger than the bound is cut to it: that is wrong only if the data reach back further, and then
 * liblzma notices.
 */
#include "unpack/liblzma.h"

#include "base/bytes.h"

#include <stdlib.h>

enum {
    ALONE_SIZE = 13, /* properties, dictionary size (4), size of the data (8) */
    ZIP_PREFIX_SIZE = 4,
    PROPERTIES_SIZE = 5,
    DICTIONARY_MIN = 4096,
    OVERHEAD = 1024 * 1024, /* of a decoder, above its dictionary; far too much */
};

struct codec_state {
    lzma_stream lzma;
    struct error *error;
    bool is_zip;
    bool header_read;
    bool is_cut;
    uint32_t room; /* bytes the dictionary may have */
};

static status start(uint64_t memory, struct error *error, struct codec_state **ret_state)
{
    if (memory < OVERHEAD + DICTIONARY_MIN)
        return error_set(error, ASSAY_ERR_CODEC_MEMORY, "lzma needs more than %d bytes", OVERHEAD);
    struct codec_state *state = calloc(1, sizeof(*state));
    if (!state)
        return error_set(error, ASSAY_ERR_NOMEM, "no memory for an lzma decoder");
    state->lzma = (lzma_stream)LZMA_STREAM_INIT;
    state->error = error;
    uint64_t room = memory - OVERHEAD;
    state->room = (uint32_t)(room < UINT32_MAX ? room : UINT32_MAX);
    if (lzma_alone_decoder(&state->lzma, memory) != LZMA_OK) {
        free(state);
        return error_set(error, ASSAY_ERR_NOMEM, "no memory for an lzma decoder");
    }
    *ret_state = state;
    return ASSAY_OK;
}

static status start_zip(uint64_t memory, struct error *error, struct codec_state **ret_state)
{
    TRY(start(memory, error, ret_state));
    (*ret_state)->is_zip = true;
    return ASSAY_OK;
}

static void stop(struct codec_state *state)
{
    if (!state)
        return;
    lzma_end(&state->lzma);
    free(state);
}

/* Takes the header of either format off the input: properties, and the size of the data if
 * known. */
static status take_header(struct codec_state *state, struct view *input, uint8_t header[ALONE_SIZE])
{
    memset(header, 0xff, ALONE_SIZE); /* the size: not known */
    uint64_t from = state->is_zip ? ZIP_PREFIX_SIZE : 0;
    uint64_t size = state->is_zip ? PROPERTIES_SIZE : ALONE_SIZE;
    uint16_t properties_size = PROPERTIES_SIZE;
    if (!view_has(*input, from, size) ||
        (state->is_zip && !bytes_u16le(*input, 2, &properties_size)))
        return error_set(state->error, ASSAY_ERR_TRUNCATED, "lzma header is cut short");
    if (properties_size != PROPERTIES_SIZE)
        return error_set(state->error, ASSAY_ERR_UNSUPPORTED, "lzma with %u bytes of properties",
                         properties_size);
    memcpy(header, input->data + from, size);
    *input = view_sub(*input, from + size, UINT64_MAX);
    return ASSAY_OK;
}

/* The dictionary need not be larger than the data, and must not be larger than the bound. */
static void bound_dictionary(struct codec_state *state, uint8_t header[ALONE_SIZE])
{
    struct view view = {header, ALONE_SIZE};
    uint32_t dictionary;
    uint64_t size;
    if (!bytes_u32le(view, 1, &dictionary) || !bytes_u64le(view, 5, &size))
        return;
    if (size < dictionary)
        dictionary = (uint32_t)size;
    state->is_cut = dictionary > state->room;
    if (state->is_cut)
        dictionary = state->room;
    for (int i = 0; i < 4; i++)
        header[1 + i] = (uint8_t)(dictionary >> 8 * i);
}

/* Zip's data may do without a mark of their end, and a dictionary that was cut shows late. */
static status explain(struct codec_state *state, lzma_ret said)
{
    if (said == LZMA_BUF_ERROR && state->is_zip)
        return ASSAY_END;
    if (said == LZMA_FORMAT_ERROR)
        said =
            LZMA_OPTIONS_ERROR; /* the header is ours: what it does not like are the properties */
    if (said == LZMA_DATA_ERROR && state->is_cut && state->lzma.total_out >= state->room)
        return error_set(state->error, ASSAY_ERR_CODEC_MEMORY,
                         "lzma data reach back further than %u bytes", state->room);
    return liblzma_explain(&state->lzma, said, "lzma", state->error);
}

static status read_header(struct codec_state *state, struct view *input)
{
    uint8_t header[ALONE_SIZE], none;
    TRY(take_header(state, input, header));
    bound_dictionary(state, header);
    struct view view = {header, ALONE_SIZE};
    state->header_read = true;
    /* liblzma wants room for output to do anything; a header gives none. */
    size_t written;
    return explain(state, liblzma_run(&state->lzma, &view, &none, sizeof(none), &written));
}

static status step(struct codec_state *state, struct view *input, uint8_t *bytes, size_t size,
                   size_t *written)
{
    if (!state->header_read)
        TRY(read_header(state, input));
    return explain(state, liblzma_run(&state->lzma, input, bytes, size, written));
}

const struct codec codec_lzma = {"lzma", start, step, stop};
const struct codec codec_lzma_zip = {"lzma", start_zip, step, stop};
