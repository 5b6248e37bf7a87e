/*
 * source_text: a tolerant look at YARA source, for what must be known before or beside libyara's
 * own parser: which files it includes, which modules it imports, and which rule a line is in.
 *
 * It knows comments, text strings and regular expressions (a slash always begins one; division is
 * a backslash), and takes everything else as words and single bytes. Any bytes are accepted; work
 * and memory are linear and constant.
 */
#ifndef SIGNATURES_SOURCE_TEXT_H
#define SIGNATURES_SOURCE_TEXT_H

#include "base/status.h"

struct source_text {
    const char *text;
    size_t size; /* bytes */
    size_t at;
    int line; /* of the byte at `at`, from 1 */
};

static inline struct source_text source_text_of(const char *text, size_t size)
{
    return (struct source_text){.text = text, .size = size, .line = 1};
}

enum source_token_kind {
    SOURCE_WORD,   /* an identifier or keyword */
    SOURCE_STRING, /* a text string; bytes between its quotes, escapes as they stand */
    SOURCE_BYTE,   /* any other byte, the name of a string or a regular expression */
};

struct source_token {
    enum source_token_kind kind;
    const char *text; /* borrowed from the source */
    size_t size;
    int line;
};

/* False at the end of the source. */
bool source_next(struct source_text *source, struct source_token *ret_token);

/* The next word `keyword` ("include", "import") that a text string follows; the string. */
bool source_next_statement(struct source_text *source, const char *keyword,
                           struct source_token *ret_string);

/* The name of the rule that encloses the end of a line; false outside any. A rule that is closed on
 * the line counts, the last of several. */
bool source_rule_at(const char *text, size_t size, int line, struct source_token *ret_name);

/* Decodes \xHH, \t, \n, \r, \" and \\ into ret (cut to capacity); the bytes written. libyara
 * decodes the name of a module, so a check of it has to. */
size_t source_unescape(const char *text, size_t size, char *ret, size_t capacity);

#endif
