/* digest: SHA-256 of a view, by libcrypto. */
#ifndef SIGNATURES_DIGEST_H
#define SIGNATURES_DIGEST_H

#include "base/status.h"
#include "base/view.h"

/* Errors: ASSAY_ERR_ENGINE when libcrypto refuses. */
CHECKED status digest_sha256(struct view view, uint8_t ret_digest[32]);

#endif
