/*
 * chm_format: the header and the directory of a Microsoft help file, as far as they are known:
 * there is no document by its maker, but Matthew Russotto's notes on the format.
 *
 * A file lies in one of two sections: 0 is part of the input as it is, 1 is one stream of LZX, which
 * with all that belongs to it lies in files of section 0.
 */
#ifndef UNPACK_CHM_FORMAT_H
#define UNPACK_CHM_FORMAT_H

#include "unpack/solid.h"

enum { CHM_STORED = 0, CHM_COMPRESSED = 1 }; /* sections */

struct chm_header {
    uint64_t size;       /* of the header */
    uint64_t facts;      /* offset of the part that tells the length */
    uint64_t facts_size; /* of it */
    uint64_t directory;  /* offset of the directory's header */
    uint64_t chunks;     /* offset of its chunks, which begin right behind */
    uint64_t chunks_end; /* as it should be */
    uint32_t chunk_size;
    uint64_t content; /* offset of section 0 */
    uint64_t length;  /* of the help file */
};

/* The magic and a version that there is. */
bool chm_starts(struct view input);

/* The identifiers that every help file has in its header. */
bool chm_has_guids(struct view input);

/* Errors: ASSAY_ERR_TRUNCATED, ASSAY_ERR_CORRUPT. */
CHECKED status chm_parse_header(struct view input, struct error *error,
                                struct chm_header *ret_header);

#define CHM_STORAGE      "::DataSpace/Storage/MSCompressed/"
#define CHM_CONTENT_NAME CHM_STORAGE "Content"
#define CHM_CONTROL_NAME CHM_STORAGE "ControlData"
#define CHM_SPAN_NAME    CHM_STORAGE "SpanInfo"
#define CHM_TABLE_NAME                                                                             \
    CHM_STORAGE "Transform/{7FC28940-9D31-11D0-9B27-00A0C91E9C7C}/InstanceData/ResetTable"

/* What describes section 1, each a file of section 0. Empty: missing. */
struct chm_storage {
    struct view content, control, span, table;
};

struct chm_directory {
    struct solid_file *files; /* owned; sorted; streams are sections */
    size_t count, allocated;
    struct chm_storage storage;
    bool is_damaged;  /* entries could not be read */
    bool has_unknown; /* sections other than 0 and 1 */
};

/* Reads all chunks that are there. Errors: ASSAY_ERR_NOMEM, ASSAY_ERR_CODEC_MEMORY (more than
 * `memory` bytes would be needed); what was read until then is good. */
CHECKED status chm_directory_load(struct view input, const struct chm_header *header,
                                  uint64_t memory, struct error *error,
                                  struct chm_directory *directory);
void chm_directory_release(struct chm_directory *directory);

/* The bytes of a file of section 0, as far as they are there. */
struct view chm_stored(struct view input, const struct chm_header *header,
                       const struct solid_file *file);

#endif
