/* liblzma: what the codecs that stand on liblzma share. */
#ifndef UNPACK_LIBLZMA_H
#define UNPACK_LIBLZMA_H

#include <lzma.h>

#include "unpack/codec.h"

/* Decodes once from the front of *input, which is advanced; *written bytes came out. */
lzma_ret liblzma_run(lzma_stream *lzma, struct view *input, uint8_t *bytes, size_t size,
                     size_t *written);

/* What the library said, as a status. `name` is the format, for the words. */
CHECKED status liblzma_explain(const lzma_stream *lzma, lzma_ret said, const char *name,
                               struct error *error);

#endif
