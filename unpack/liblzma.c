#include "unpack/liblzma.h"

lzma_ret liblzma_run(lzma_stream *lzma, struct view *input, uint8_t *bytes, size_t size,
                     size_t *written)
{
    lzma->next_in = input->data;
    lzma->avail_in = input->size;
    lzma->next_out = bytes;
    lzma->avail_out = size;
    lzma_ret said = lzma_code(lzma, LZMA_RUN);
    *input = view_sub(*input, input->size - lzma->avail_in, UINT64_MAX);
    *written = size - lzma->avail_out;
    return said;
}

status liblzma_explain(const lzma_stream *lzma, lzma_ret said, const char *name,
                       struct error *error)
{
    switch (said) {
    case LZMA_OK:
        return ASSAY_OK;
    case LZMA_STREAM_END:
        return ASSAY_END;
    case LZMA_BUF_ERROR: /* no progress: there was room for output, so input is what is missing */
        return error_set(error, ASSAY_ERR_TRUNCATED, "%s data are cut short", name);
    case LZMA_MEMLIMIT_ERROR:
        return error_set(error, ASSAY_ERR_CODEC_MEMORY, "%s needs %llu bytes", name,
                         (unsigned long long)lzma_memusage(lzma));
    case LZMA_MEM_ERROR:
        return error_set(error, ASSAY_ERR_NOMEM, "no memory for an %s decoder", name);
    case LZMA_OPTIONS_ERROR:
        return error_set(error, ASSAY_ERR_UNSUPPORTED, "%s with filters or properties unknown",
                         name);
    default:
        return error_set(error, ASSAY_ERR_CORRUPT, "%s data are damaged", name);
    }
}
