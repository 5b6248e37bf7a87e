/*
 * rule_text: the rules in a YARA source, one after the other, by a tolerant look at its text: for
 * people who want to read one, and to tell what changed between two versions.
 */
#ifndef SIGNATURES_RULE_TEXT_H
#define SIGNATURES_RULE_TEXT_H

#include "signatures/source_text.h"

struct rule_text {
    struct assay_bytes name;
    struct assay_bytes text; /* from its modifiers ("private global rule") to its closing brace */
    int line;                /* its first, from 1 */
    bool is_private, is_global;
};

/* The next rule from *at (bytes) on; false when there is none. Borrowed from the source. */
CHECKED bool rule_text_next(const char *text, size_t size, size_t *at, int *line,
                            struct rule_text *ret_rule);

/* The string value of a meta field in the rule's text, without its quotes; false when it has none. */
CHECKED bool rule_text_meta(const struct rule_text *rule, const char *field,
                            struct assay_bytes *ret_value);

#endif
