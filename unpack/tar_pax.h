/*
 * tar_pax: the records of pax headers, as far as they say what a member is called and where its
 * bytes lie. Owners, times and links are not looked at.
 *
 * Source: POSIX.1-2017, pax, "pax Header Block"; the GNU tar manual, "Storing Sparse Files".
 */
#ifndef UNPACK_TAR_PAX_H
#define UNPACK_TAR_PAX_H

#include "base/status.h"
#include "base/view.h"

struct tar_pax {
    bool has_path;
    bool path_is_sparse;     /* GNU.sparse.name: the name in `path` is a made-up one */
    struct assay_bytes path; /* lies in the input */
    bool has_size;
    uint64_t size;   /* bytes; UINT64_MAX for numbers that do not fit */
    bool sparse_map; /* GNU.sparse 1.0: the map stands before the data */
};

/* Adds the records in `body` to what is known; later ones win. Errors: ASSAY_ERR_CORRUPT; what was
 * read before stays. */
CHECKED status tar_pax_parse(struct view body, struct tar_pax *pax);

/* The bytes of a GNU.sparse 1.0 map at the front of `data`, padding included; 0 when there is no
 * sound map. */
uint64_t tar_sparse_map_size(struct view data);

#endif
