#include "unpack/lz.h"

#include <stdlib.h>

status lz_new(const char *name, size_t size, size_t history, size_t capacity, uint64_t memory,
              struct error *error, void *ret_state)
{
    if (memory < size)
        return error_set(error, ASSAY_ERR_CODEC_MEMORY, "%s needs %zu bytes", name, size);
    struct lz *lz = calloc(1, size);
    if (!lz)
        return error_set(error, ASSAY_ERR_NOMEM, "no memory for a decoder of %s", name);
    lz->error = error;
    lz->window = (uint8_t *)lz + size - capacity - LZ_SLACK;
    lz->history = history;
    lz->capacity = capacity;
    *(void **)ret_state = lz;
    return ASSAY_OK;
}

/* Only what matches may reach stays. */
static void make_room(struct lz *lz)
{
    if (lz_room(lz) == 0) {
        memmove(lz->window, lz->window + lz->filled - lz->history, lz->history);
        lz->filled = lz->given = lz->history;
    }
    size_t length = lz->length;
    lz->length = 0;
    lz_copy(lz, lz->distance, length);
}

status lz_step(struct codec_state *state, status (*decode)(struct codec_state *state),
               struct view *input, uint8_t *bytes, size_t size, size_t *written)
{
    struct lz *lz = (struct lz *)state;
    lz->bits.input = *input;
    while (lz->given == lz->filled && lz->ended == ASSAY_OK) {
        make_room(lz);
        if (lz_room(lz) > 0)
            lz->ended = decode(state);
    }
    bits_give_back(&lz->bits);
    *input = lz->bits.input;
    size_t left = lz->filled - lz->given;
    *written = size < left ? size : left;
    memcpy(bytes, lz->window + lz->given, *written);
    lz->given += *written;
    return lz->given < lz->filled ? ASSAY_OK : lz->ended;
}

void lz_stop(struct codec_state *state)
{
    free(state);
}
