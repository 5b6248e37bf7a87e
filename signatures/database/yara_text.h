/* yara_text: pieces of YARA source, appended. */
#ifndef DATABASE_YARA_TEXT_H
#define DATABASE_YARA_TEXT_H

#include "base/buffer.h"

/* A text string with its quotes; any bytes. Errors of both: ASSAY_ERR_NOMEM. */
CHECKED status yara_string(struct buffer *out, struct view bytes);
/* A line of a meta section. */
CHECKED status yara_meta(struct buffer *out, const char *name, struct view bytes);

#endif
