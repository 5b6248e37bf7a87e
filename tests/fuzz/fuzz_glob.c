/*
 * Input: PATTERN NUL PATH. Whatever is not refused must match as a second, plainer matcher says: a
 * table of every place in the pattern against every place in the path.
 */
#include <stdio.h>

#include "walk/glob.h"

#define MOST_PATTERN 64
#define MOST_PATH    256

enum token_kind { TOKEN_BYTE, TOKEN_SLASH, TOKEN_STAR, TOKEN_DIRECTORIES, TOKEN_EVERYTHING };

struct token {
    enum token_kind kind;
    bool bytes[256]; /* TOKEN_BYTE: those it takes */
};

/* Reads a byte of a bracket or a literal, escaped or not. */
static uint8_t take_byte(const char **at)
{
    if (**at == '\\')
        ++*at;
    return (uint8_t) * (*at)++;
}

static void take_bracket(const char **at, struct token *token)
{
    ++*at;
    bool negated = **at == '!' || **at == '^';
    *at += negated;
    const char *begin = *at;
    while (**at != ']' || *at == begin) {
        unsigned first = take_byte(at);
        unsigned last = first;
        if ((*at)[0] == '-' && (*at)[1] != ']') {
            ++*at;
            last = take_byte(at);
        }
        for (; first <= last; first++)
            token->bytes[first] = true;
    }
    ++*at;
    for (unsigned i = 0; i < 256; i++)
        token->bytes[i] ^= negated;
}

static void take_token(const char **at, const char *begin, struct token *token)
{
    bool at_name = *at == begin || (*at)[-1] == '/';
    memset(token, 0, sizeof(*token));
    if (at_name && strncmp(*at, "**/", 3) == 0) {
        token->kind = TOKEN_DIRECTORIES;
        *at += 3;
    } else if (at_name && strcmp(*at, "**") == 0) {
        token->kind = TOKEN_EVERYTHING;
        *at += 2;
    } else if (**at == '/' || **at == '*') {
        token->kind = *(*at)++ == '/' ? TOKEN_SLASH : TOKEN_STAR;
    } else if (**at == '[') {
        take_bracket(at, token);
    } else if (**at == '?') {
        memset(token->bytes, true, sizeof(token->bytes));
        ++*at;
    } else {
        token->bytes[take_byte(at)] = true;
    }
    token->bytes['/'] = false;
}

/* rest[n]: whether what follows the token matches the path from n on; row[n]: with the token. */
static void fill_row(const struct token *token, struct view path, const bool *rest, bool *row)
{
    bool after_slash = false; /* whether rest matches behind some later slash */
    for (uint64_t n = path.size + 1; n-- > 0;) {
        bool more = n < path.size;
        uint8_t byte = more ? path.data[n] : 0;
        if (more && byte == '/')
            after_slash |= rest[n + 1];
        switch (token->kind) {
        case TOKEN_BYTE:
            row[n] = more && token->bytes[byte] && rest[n + 1];
            break;
        case TOKEN_SLASH:
            row[n] = more && byte == '/' && rest[n + 1];
            break;
        case TOKEN_STAR:
            row[n] = rest[n] || (more && byte != '/' && row[n + 1]);
            break;
        case TOKEN_DIRECTORIES:
            row[n] = rest[n] || after_slash;
            break;
        case TOKEN_EVERYTHING:
            row[n] = true;
            break;
        }
    }
}

/* The pattern, without slashes in front and behind. */
static bool plain_match(const char *pattern, bool anchored, struct view path)
{
    static struct token tokens[MOST_PATTERN + 2];
    static bool rows[2][MOST_PATH + 1];
    size_t count = 0;
    if (!anchored)
        tokens[count++].kind = TOKEN_DIRECTORIES;
    for (const char *at = pattern; *at;)
        take_token(&at, pattern, &tokens[count++]);
    memset(rows, 0, sizeof(rows));
    rows[count % 2][path.size] = true;
    for (size_t t = count; t-- > 0;)
        fill_row(&tokens[t], path, rows[(t + 1) % 2], rows[t % 2]);
    return rows[0][0];
}

static void check(const char *text, struct view path)
{
    struct glob glob;
    struct error error;
    if (glob_compile(text, &error, &glob) < 0)
        return;
    char pattern[MOST_PATTERN + 1];
    snprintf(pattern, sizeof(pattern), "%.*s", (int)glob.pattern.size,
             (const char *)glob.pattern.data);
    for (int is_directory = 0; is_directory < 2; is_directory++) {
        bool have = glob_match(&glob, path, is_directory);
        bool want =
            (is_directory || !glob.directories_only) && plain_match(pattern, glob.anchored, path);
        if (have != want)
            __builtin_trap();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, 0, size) : NULL;
    size_t pattern_size = end ? (size_t)(end - data) : 0;
    size_t path_size = size - pattern_size - 1;
    if (!end || pattern_size > MOST_PATTERN || path_size > MOST_PATH)
        return 0;
    check((const char *)data, (struct view){end + 1, path_size});
    return 0;
}
