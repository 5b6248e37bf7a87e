/*
 * text_set: texts, each with a number, in a balanced tree: the names that rules have already, and
 * the lines that were there before.
 */
#ifndef DATABASE_TEXT_SET_H
#define DATABASE_TEXT_SET_H

#include "base/buffer.h"
#include "base/cleanup.h"

struct text_set {
    void *root; /* of tsearch */
};

/* Enters the text with a number when it is not there; *ret_number is where its number is, good until
 * the set is released. Errors: ASSAY_ERR_NOMEM. */
CHECKED status text_set_enter(struct text_set *set, struct view text, int64_t number,
                              int64_t **ret_number, bool *ret_new);
void text_set_release(struct text_set *set);

/* Appends a name for a rule that none has yet: prefix, then the words of the text with "_" between,
 * then "_2", "_3"... when it is taken. Errors: ASSAY_ERR_NOMEM. */
CHECKED status text_set_rule_name(struct text_set *set, const char *prefix, struct view text,
                                  struct buffer *out);

#endif
