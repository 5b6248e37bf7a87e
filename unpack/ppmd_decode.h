/* ppmd_decode: symbols out of the bytes that a range coder made of them, by a PPMd model. */
#ifndef UNPACK_PPMD_DECODE_H
#define UNPACK_PPMD_DECODE_H

#include "base/status.h"
#include "base/view.h"
#include "unpack/ppmd_model.h"

/* The carry-less range coder by D. Subbotin (1999). */
struct ppmd_range {
    struct view input;
    uint64_t used; /* bytes of it */
    uint32_t low;
    uint32_t width;
    uint32_t code; /* above low */
    bool is_cut;   /* there were fewer bytes than needed */
};

static inline void ppmd_range_start(struct ppmd_range *range, uint32_t code)
{
    *range = (struct ppmd_range){.width = UINT32_MAX, .code = code};
}

/* The bytes that follow. */
static inline void ppmd_range_feed(struct ppmd_range *range, struct view input)
{
    range->input = input;
    range->used = 0;
}

/* Decodes a symbol. ASSAY_END at the mark of the end. Errors: ASSAY_ERR_TRUNCATED: there is no
 * telling without more bytes; ASSAY_ERR_CORRUPT. */
CHECKED status ppmd_decode(struct ppmd_model *model, struct ppmd_range *range, uint8_t *ret_symbol);

#endif
