/*
 * clamav_hex: the body of a ClamAV signature (HexSig of an .ndb) made into a hex string of YARA, when
 * that says the same.
 *
 * https://docs.clamav.net/manual/Signatures/BodySignatureFormat.html,
 * https://yara.readthedocs.io/ (Hexadecimal strings). docs/importing.md has a table of both.
 */
#ifndef DATABASE_CLAMAV_HEX_H
#define DATABASE_CLAMAV_HEX_H

#include "base/buffer.h"

/* Appends the hex string with its braces. Errors: ASSAY_ERR_NOMEM; ASSAY_ERR_UNSUPPORTED:
 * *ret_reason is why, a static text, and what was appended is of no use. */
CHECKED status clamav_hex_translate(struct view text, struct buffer *out, const char **ret_reason);

#endif
