/*
 * python_regex: a regular expression as Python's module re reads it, made into one that libyara
 * takes, when that says exactly the same of every text: where re.search finds something, the other
 * one does, and nowhere else. Of bytes, not characters: "." and classes are one byte, \w, \d and \s
 * are those of ASCII, and a literal beyond ASCII is its bytes in UTF-8.
 *
 * https://docs.python.org/3/library/re.html, https://yara.readthedocs.io/ (Regular expressions).
 */
#ifndef DATABASE_PYTHON_REGEX_H
#define DATABASE_PYTHON_REGEX_H

#include "base/buffer.h"
#include "base/cleanup.h"

struct python_regex {
    struct buffer pattern; /* what stands between slashes */
    struct buffer literal; /* bytes that are in all it finds; may be empty */
    bool nocase;           /* the literal too */
    bool only_literal;     /* it finds the literal, and nothing else is asked of it */
    bool at_end;           /* but that it is at the end, or before a newline that is */
};

/* Errors: ASSAY_ERR_NOMEM; ASSAY_ERR_UNSUPPORTED: *ret_reason is why, a static text. The struct is
 * all zero before; python_regex_release frees what it has, also after an error. */
CHECKED status python_regex_translate(struct view text, struct python_regex *ret_regex,
                                      const char **ret_reason);
void python_regex_release(struct python_regex *regex);

/* Appends a condition that is true when the variable (a string) has what it finds. */
CHECKED status python_regex_condition(const struct python_regex *regex, const char *variable,
                                      struct buffer *out);

#endif
