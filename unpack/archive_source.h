/*
 * archive_source: a view as the input of libarchive. Its end is given from a copy with room behind
 * it: libarchive's readers look a few bytes past the end of a header that claims to be longer than
 * it is, and behind the last one there may be no memory.
 */
#ifndef UNPACK_ARCHIVE_SOURCE_H
#define UNPACK_ARCHIVE_SOURCE_H

#include "base/status.h"
#include "base/view.h"

struct archive;

/* Has to stay where it is while the archive is open. All zero: nothing to release. */
struct archive_source {
    struct view view; /* borrowed */
    uint8_t *tail;    /* a copy of the view's end, from tail_at on, and the room */
    uint64_t tail_at;
    uint64_t at; /* the next byte to give */
};

/* Opens the archive, whose formats are enabled, on the view. ASSAY_ERR_NOMEM, or ASSAY_ERR_CORRUPT
 * when libarchive has the words. */
CHECKED status archive_source_open(struct archive_source *source, struct view view,
                                   struct archive *archive);

/* After the archive was freed. */
void archive_source_release(struct archive_source *source);

#endif
