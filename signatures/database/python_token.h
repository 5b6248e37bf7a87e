/* python_token: a regular expression of Python's module re, one part after the other. */
#ifndef DATABASE_PYTHON_TOKEN_H
#define DATABASE_PYTHON_TOKEN_H

#include "base/status.h"
#include "base/view.h"
#include "signatures/database/byte_set.h"

enum python_kind {
    PYTHON_LITERAL,
    PYTHON_SET, /* a class, \w, a dot */
    PYTHON_OPEN,
    PYTHON_CLOSE,
    PYTHON_OR,
    PYTHON_BEGIN,    /* ^, \A */
    PYTHON_END,      /* $ */
    PYTHON_VERY_END, /* \Z */
    PYTHON_BOUNDARY, /* \b */
};

struct python_token {
    enum python_kind kind;
    uint8_t bytes[4]; /* a literal */
    size_t size;
    struct byte_set set; /* before it is negated, and letters get their other case */
    bool negated;
};

struct python_tokens {
    struct view text;
    uint64_t at;
};

struct python_repeat {
    bool is; /* there is one */
    bool endless;
    uint64_t least, most;
};

/* Skips (?i) at the front; whether it was there. */
bool python_skip_ignorecase(struct python_tokens *tokens);

/* ASSAY_END behind the last. ASSAY_ERR_UNSUPPORTED and a static text as the reason: what is next is
 * nothing that is known here, or no valid expression. */
CHECKED status python_next(struct python_tokens *tokens, struct python_token *ret_token,
                           const char **ret_reason);

/* Reads *, +, ?, {n}, {n,m} and their lazy forms, when one is next. Errors: as python_next. */
CHECKED status python_read_repeat(struct python_tokens *tokens, struct python_repeat *ret_repeat,
                                  const char **ret_reason);
bool python_repeat_follows(const struct python_tokens *tokens);

#endif
