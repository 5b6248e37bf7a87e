/* zip_method: the compression methods of zip, and who decodes them. */
#ifndef UNPACK_ZIP_METHOD_H
#define UNPACK_ZIP_METHOD_H

#include "unpack/codec.h"
#include "unpack/zip_format.h"

/* A method here is that of APPNOTE and, where decoding depends on them, 256 times the flags. */
#define ZIP_STORED  0
#define ZIP_DEFLATE 8
#define ZIP_ZLIB    0xff08 /* not in APPNOTE: deflate as zlib wraps it, by some programs */

/* The method that a header names. */
uint16_t zip_method_of(const struct zip_record *says);

/* NULL for stored, and for methods that nobody decodes. */
const struct codec *zip_method_codec(uint16_t method);
bool zip_method_is_read(uint16_t method);
/* True when data may be several streams of this method, one behind the other. */
bool zip_method_repeats(uint16_t method);
/* True when the data need not tell their end: sizes do. */
bool zip_method_is_unmarked(uint16_t method);
/* True when the codec soon refuses bytes that are none of its own. */
bool zip_method_notices_garbage(uint16_t method);

struct zip_trial {
    uint64_t packed;   /* bytes read */
    uint64_t unpacked; /* bytes that came out */
    uint32_t crc;      /* of those */
};

/* Decodes, and throws away what comes out. True when the data came to an end by their own account
 * before the allowance was used up, from which is taken what was read and what came out. */
bool zip_method_try(uint16_t method, uint64_t memory, struct view packed, uint64_t *allowance,
                    struct zip_trial *ret_trial);

#endif
