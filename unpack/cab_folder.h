/*
 * cab_folder: decodes one folder of a cabinet, block by block. What is stored, and MSZIP, need no
 * more than their blocks; Quantum and LZX are decoded by libmspack.
 */
#ifndef UNPACK_CAB_FOLDER_H
#define UNPACK_CAB_FOLDER_H

#include "unpack/cab_format.h"
#include "unpack/libmspack.h"
#include "unpack/mszip.h"

/* What the heads of the blocks say, all of them looked at once. */
struct cab_survey {
    uint64_t end;         /* behind the last block */
    uint64_t packed;      /* bytes of data */
    uint64_t decoded;     /* bytes they should decode to */
    unsigned block_count; /* of those that are here, the last perhaps in part */
    uint32_t missing;     /* bytes that the last one lacks */
    bool is_cut;          /* there should be more of them */
    bool is_split;        /* the last one goes on in the next cabinet, and is not counted */
    unsigned damaged;     /* blocks with a wrong check sum */
};

struct cab_library; /* libmspack at work */

struct cab_source {
    struct view input;
    struct unpack_env *env;
    uint64_t *allowance;
    uint8_t reserved; /* bytes behind the head of each block */
    struct cab_folder folder;
    struct cab_survey survey;

    uint64_t at;   /* of the next block */
    unsigned left; /* blocks */
    struct mszip *mszip;
    struct cab_library *library;
};

/* Looks at a folder: input, env, allowance, reserved and folder are set, all else is zero. Errors:
 * ASSAY_ERR_CORRUPT (too many blocks lie in each other to look at them all). */
CHECKED status cab_source_survey(struct cab_source *source);

/* ASSAY_ERR_UNSUPPORTED for a method that is not known. */
CHECKED status cab_source_check(struct cab_source *source);

/* The decoder, whose context is a struct cab_source. */
extern const struct solid_decoder cab_decoder;

/* Ends decoding; it may be started anew. */
void cab_source_stop(struct cab_source *source);

/* Of libmspack, for Quantum and LZX. */
CHECKED status cab_library_start(const struct cab_source *source, struct cab_library **ret_library);
CHECKED status cab_library_next(struct cab_library *library, struct view *ret_bytes);
void cab_library_stop(struct cab_library *library);

#endif
