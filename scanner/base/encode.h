/*
 * encode: bytes as ASCII text. Appended to a buffer; nothing here knows what the bytes mean.
 */
#ifndef BASE_ENCODE_H
#define BASE_ENCODE_H

#include "buffer.h"

/* Lower-case hexadecimal, two digits a byte. Errors: ASSAY_ERR_NOMEM. */
CHECKED status encode_hex(struct buffer *out, struct assay_bytes bytes);

/* Base64 with padding, on one line (RFC 4648, section 4). Errors: ASSAY_ERR_NOMEM. */
CHECKED status encode_base64(struct buffer *out, struct assay_bytes bytes);

#endif
