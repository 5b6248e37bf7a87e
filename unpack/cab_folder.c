#include "unpack/cab_folder.h"

#define BLOCK_COST 64 /* of looking at a block's head, against bytes decoded */

status cab_source_survey(struct cab_source *source)
{
    const struct cab_folder *folder = &source->folder;
    struct cab_survey survey = {.end = folder->data};
    struct cab_block block = {.missing = 0};
    for (unsigned i = 0; i < folder->block_count && !survey.is_split; i++) {
        if (!cab_parse_block(source->input, source->reserved, &survey.end, &block)) {
            survey.is_cut = true;
            break;
        }
        if (!solid_spend(source->allowance, BLOCK_COST + block.data.size / 8))
            return error_set(&source->env->error, ASSAY_ERR_CORRUPT,
                             "too many blocks that lie in each other");
        survey.packed += block.data.size;
        survey.decoded += block.decoded;
        survey.damaged += !block.is_sound;
        survey.is_split = block.decoded == 0;
        survey.block_count += !survey.is_split;
        survey.missing = block.missing;
    }
    survey.is_cut = survey.is_cut || survey.missing > 0;
    source->survey = survey;
    return ASSAY_OK;
}

status cab_source_check(struct cab_source *source)
{
    enum { WINDOW_MAX = 21, QUANTUM_MIN = 10, LZX_MIN = 15 };
    unsigned window = cab_window_bits(&source->folder);
    bool is_known = false;
    switch (cab_method_of(&source->folder)) {
    case CAB_STORED:
    case CAB_MSZIP:
        is_known = true;
        break;
    case CAB_QUANTUM:
        is_known = window >= QUANTUM_MIN && window <= WINDOW_MAX;
        break;
    case CAB_LZX:
        is_known = window >= LZX_MIN && window <= WINDOW_MAX;
        break;
    }
    if (is_known)
        return ASSAY_OK;
    return error_set(&source->env->error, ASSAY_ERR_UNSUPPORTED, "compression 0x%04x is not known",
                     source->folder.type);
}

/* ---- the decoder ---------------------------------------------------------------------------- */

void cab_source_stop(struct cab_source *source)
{
    mszip_stop(source->mszip);
    source->mszip = NULL;
    cab_library_stop(source->library);
    source->library = NULL;
}

static uint64_t find_start(const void *context, uint64_t at)
{
    (void)context;
    (void)at;
    return 0;
}

static status start(void *context, uint64_t at)
{
    struct cab_source *source = context;
    (void)at;
    cab_source_stop(source);
    source->at = source->folder.data;
    source->left = source->survey.block_count + source->survey.is_split;
    TRY(cab_source_check(source));
    switch (cab_method_of(&source->folder)) {
    case CAB_MSZIP:
        return mszip_start(source->env->codec_memory, &source->env->error, &source->mszip);
    case CAB_QUANTUM:
    case CAB_LZX:
        return cab_library_start(source, &source->library);
    default:
        return ASSAY_OK;
    }
}

/* The next block that has bytes. */
static bool next_block(struct cab_source *source, struct cab_block *ret_block)
{
    while (source->left > 0) {
        source->left--;
        if (!cab_parse_block(source->input, source->reserved, &source->at, ret_block))
            return false;
        if (ret_block->data.size > 0)
            return true;
    }
    return false;
}

static status end(const struct cab_source *source)
{
    if (!source->survey.is_cut)
        return ASSAY_END;
    return error_set(&source->env->error, ASSAY_ERR_TRUNCATED, "the folder is cut short");
}

static status next_piece(void *context, struct solid_piece *ret_piece)
{
    struct cab_source *source = context;
    struct solid_piece piece = {.damage = ASSAY_OK};
    if (source->library) {
        TRY(cab_library_next(source->library, &piece.bytes));
        if (piece.bytes.size == 0)
            return end(source);
        *ret_piece = piece;
        return ASSAY_OK;
    }
    struct cab_block block;
    while (piece.bytes.size == 0) {
        if (!next_block(source, &block))
            return end(source);
        piece.bytes = block.data;
        if (source->mszip)
            piece.damage = mszip_decode(source->mszip, block.data, block.decoded,
                                        &source->env->error, &piece.bytes);
    }
    *ret_piece = piece;
    return ASSAY_OK;
}

const struct solid_decoder cab_decoder = {find_start, start, next_piece};
