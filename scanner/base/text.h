/*
 * text: names that an attacker chose, made safe to show. The output is printable UTF-8 on one line
 * and drives no terminal. The way back is unambiguous.
 *
 *     control bytes, DEL, invalid UTF-8    \xHH
 *     a backslash                          \\
 *     C1 controls, bidirectional and other invisible format characters, line separators   \u{HHHH}
 *     the "!/" that would look like a step into a container                               \x21/
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "buffer.h"

/* Appends the escaped bytes. Errors: ASSAY_ERR_NOMEM. */
CHECKED status text_escape(struct buffer *out, struct assay_bytes bytes);

/* Appends the display name of an object: path!/member!/member#2, each part escaped. */
CHECKED status text_object_name(struct buffer *out, struct assay_bytes path,
                                const struct assay_object *object);

/* True when text_escape would append exactly these bytes. */
bool text_is_plain(struct assay_bytes bytes);

static inline struct assay_bytes text_bytes(const char *text)
{
    return (struct assay_bytes){(const uint8_t *)text, strlen(text)};
}

#endif
