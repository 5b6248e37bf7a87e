/* bundle_header: the tar headers of a bundle. There is one for each name and size. */
#ifndef DATABASE_BUNDLE_HEADER_H
#define DATABASE_BUNDLE_HEADER_H

#include "base/status.h"
#include "base/view.h"

#define BUNDLE_BLOCK         UINT64_C(512)
#define BUNDLE_MANIFEST_NAME "manifest.json"
#define BUNDLE_NAME_ROOM     32 /* for the name of a signature */

/* False when a header has no room for this name or size. */
CHECKED bool bundle_header_make(struct assay_bytes name, uint64_t size,
                                uint8_t ret_block[BUNDLE_BLOCK]);
/* "manifest.json.minisig", ".minisig.2", ...; index from 0. */
void bundle_signature_name(size_t index, char ret_name[BUNDLE_NAME_ROOM]);

/* Zeros behind a member of this size, up to the next block. */
static inline uint64_t bundle_padding(uint64_t size)
{
    return (BUNDLE_BLOCK - size % BUNDLE_BLOCK) % BUNDLE_BLOCK;
}

#endif
