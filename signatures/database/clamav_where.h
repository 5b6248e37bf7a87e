/*
 * clamav_where: the target and the offset of a ClamAV signature (TargetType and Offset of an .ndb) made
 * into a condition of YARA, when that says the same.
 *
 * https://docs.clamav.net/manual/Signatures/ExtendedSignatures.html,
 * https://docs.clamav.net/appendix/FileTypes.html
 */
#ifndef DATABASE_CLAMAV_WHERE_H
#define DATABASE_CLAMAV_WHERE_H

#include "base/buffer.h"

enum clamav_module { CLAMAV_NO_MODULE, CLAMAV_PE, CLAMAV_ELF };

/* Appends a condition about the string $a. Errors: ASSAY_ERR_NOMEM; ASSAY_ERR_UNSUPPORTED:
 * *ret_reason is why, a static text. *ret_module: what has to be imported for it. */
CHECKED status clamav_where_translate(struct view target, struct view offset, struct buffer *out,
                                      enum clamav_module *ret_module, const char **ret_reason);

#endif
