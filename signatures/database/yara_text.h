/* yara_text: pieces of YARA source, appended. */
#ifndef DATABASE_YARA_TEXT_H
#define DATABASE_YARA_TEXT_H

#include "base/buffer.h"
#include "signatures/database/byte_set.h"

/* A text string with its quotes; any bytes. Errors of all: ASSAY_ERR_NOMEM. */
CHECKED status yara_string(struct buffer *out, struct view bytes);
/* A line of a meta section. */
CHECKED status yara_meta(struct buffer *out, const char *name, struct view bytes);

/* A part of a regular expression: one byte, or one of a set that is neither empty nor all. */
CHECKED status yara_regex_byte(struct buffer *out, unsigned b);
CHECKED status yara_regex_class(struct buffer *out, struct byte_set set);

#endif
