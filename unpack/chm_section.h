/*
 * chm_section: decodes the compressed section of a help file, by libmspack. Its LZX begins anew at
 * intervals, and a table says where, so that decoding can start behind damage.
 */
#ifndef UNPACK_CHM_SECTION_H
#define UNPACK_CHM_SECTION_H

#include "unpack/chm_format.h"
#include "unpack/libmspack.h"

struct chm_section {
    const struct chm_storage *storage;
    struct unpack_env *env;
    uint64_t *allowance;

    uint64_t length;                            /* of what is decoded */
    uint64_t padded;                            /* to whole frames, as programs compress it */
    uint64_t interval;                          /* bytes decoded */
    uint64_t window;                            /* bytes */
    uint64_t table_at, table_count, entry_size; /* of the table: an entry for each 32 KiB */

    struct libmspack io;
    struct mschm_decompressor *decompressor;
    struct mschmd_header *chm;
    uint64_t begun; /* where decoding started */
    uint64_t at, end;
    status failure; /* to be told behind the bytes that came before it */
    struct error reason;
};

/* Finds out about it. storage, env and allowance are set, all else is zero. Errors:
 * ASSAY_ERR_CORRUPT, _UNSUPPORTED, _CODEC_MEMORY. */
CHECKED status chm_section_prepare(struct chm_section *section);
void chm_section_stop(struct chm_section *section);

/* The decoder, whose context is a struct chm_section. */
extern const struct solid_decoder chm_decoder;

#endif
