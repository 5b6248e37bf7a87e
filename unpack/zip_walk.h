/*
 * zip_walk: from the front of a zip file to its end, over everything that is a member by anybody's
 * account: every local header, found by stepping from one to the next and by searching, and every
 * directory entry. Bytes that belong to nothing are told too.
 *
 * Each place is visited once and searching only goes forward: linear, whatever the file says.
 */
#ifndef UNPACK_ZIP_WALK_H
#define UNPACK_ZIP_WALK_H

#include "unpack/zip_directory.h"

/* A member, as its local header and its directory entry have it; at least one of them is there. */
struct zip_entry {
    struct zip_record says[2]; /* the local header first, if there is one */
    size_t count;
    bool has_local;
    uint64_t data; /* offset of its bytes in the input */
    uint64_t end;  /* behind them, if what is said about sizes makes sense; otherwise data */
};

struct zip_walk {
    struct view input;
    const struct zip_directory *directory;
    size_t cursor;  /* the next pointer of the directory */
    uint64_t at;    /* everything before is accounted for */
    uint64_t mark;  /* the next record at or behind `at`, when it is not less than that */
    bool started;   /* what lies before the first record is not the archive's */
    uint64_t first; /* where the first record begins, once started */
    bool is_cut;    /* the input ends inside a local header */
};

/* Steps on. ASSAY_OK: *ret_is_entry tells whether it is a member (*ret_entry) or bytes that belong
 * to nothing, from *ret_from up to *ret_to. ASSAY_END: the input ends. */
CHECKED status zip_walk_next(struct zip_walk *walk, bool *ret_is_entry, struct zip_entry *ret_entry,
                             uint64_t *ret_from, uint64_t *ret_to);

/* The member given last ends here; a descriptor behind it is its own. */
void zip_walk_leave(struct zip_walk *walk, uint64_t end);

/* True when this header leaves sizes and CRC to the descriptor behind the data. */
bool zip_says_later(const struct zip_entry *entry, size_t index);

/* True when a record, or the end of the input, stands behind a member that ends here. */
bool zip_is_followed(struct view input, uint64_t end);

#endif
