#include "signatures/source_text.h"

#include <string.h>

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static char peek(const struct source_text *source, size_t ahead)
{
    return ahead < source->size - source->at ? source->text[source->at + ahead] : '\0';
}

static void advance(struct source_text *source, size_t count)
{
    for (size_t i = 0; i < count && source->at < source->size; i++)
        if (source->text[source->at++] == '\n')
            source->line++;
}

static void skip_line_comment(struct source_text *source)
{
    while (source->at < source->size && peek(source, 0) != '\n')
        advance(source, 1);
}

static void skip_block_comment(struct source_text *source)
{
    advance(source, 2);
    while (source->at < source->size && !(peek(source, 0) == '*' && peek(source, 1) == '/'))
        advance(source, 1);
    advance(source, 2);
}

/* True when something was skipped. */
static bool skip_blank(struct source_text *source)
{
    char c = peek(source, 0);
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
        advance(source, 1);
    else if (c == '/' && peek(source, 1) == '/')
        skip_line_comment(source);
    else if (c == '/' && peek(source, 1) == '*')
        skip_block_comment(source);
    else
        return false;
    return true;
}

/* From behind the opening delimiter to behind the closing one, or to the end of the line, where
 * libyara gives up on it; the bytes between. */
static size_t skip_delimited(struct source_text *source, char delimiter)
{
    size_t start = source->at;
    while (source->at < source->size && peek(source, 0) != delimiter && peek(source, 0) != '\n')
        advance(source, peek(source, 0) == '\\' && peek(source, 1) != '\n' ? 2 : 1);
    size_t size = source->at - start;
    if (peek(source, 0) == delimiter)
        advance(source, 1);
    return size;
}

static void skip_word(struct source_text *source)
{
    while (source->at < source->size && is_word(peek(source, 0)))
        advance(source, 1);
}

bool source_next(struct source_text *source, struct source_token *ret_token)
{
    while (source->at < source->size && skip_blank(source))
        continue;
    if (source->at >= source->size)
        return false;
    struct source_token token = {SOURCE_BYTE, source->text + source->at, 1, source->line};
    char first = peek(source, 0);
    if (is_word(first)) {
        token.kind = SOURCE_WORD;
        skip_word(source);
        token.size = (size_t)(source->text + source->at - token.text);
    } else {
        advance(source, 1);
        if (first == '"') {
            token.kind = SOURCE_STRING;
            token.text++;
            token.size = skip_delimited(source, '"');
        } else if (first == '/') {
            skip_delimited(source, '/');
        } else if (first == '$' || first == '#' || first == '@' || first == '!') {
            skip_word(source);
        }
    }
    *ret_token = token;
    return true;
}

static bool is_keyword(const struct source_token *token, const char *keyword)
{
    return token->kind == SOURCE_WORD && token->size == strlen(keyword) &&
           memcmp(token->text, keyword, token->size) == 0;
}

bool source_next_statement(struct source_text *source, const char *keyword,
                           struct source_token *ret_string)
{
    struct source_token token;
    bool after_keyword = false;
    while (source_next(source, &token)) {
        if (after_keyword && token.kind == SOURCE_STRING) {
            *ret_string = token;
            return true;
        }
        after_keyword = is_keyword(&token, keyword);
    }
    return false;
}

bool source_rule_at(const char *text, size_t size, int line, struct source_token *ret_name)
{
    struct source_text source = source_text_of(text, size);
    struct source_token token;
    struct source_token name = {.size = 0};
    bool after_rule = false, inside = false;
    int closed_on = 0;
    uint64_t depth = 0;
    while (source_next(&source, &token) && token.line <= line) {
        if (after_rule && token.kind == SOURCE_WORD) {
            name = token;
            inside = true;
            depth = 0;
        } else if (token.kind == SOURCE_BYTE && *token.text == '{') {
            depth++;
        } else if (token.kind == SOURCE_BYTE && *token.text == '}' && depth > 0 && --depth == 0) {
            inside = false;
            closed_on = token.line;
        }
        after_rule = is_keyword(&token, "rule");
    }
    if (name.size == 0 || (!inside && closed_on != line))
        return false;
    *ret_name = name;
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Decodes what begins at text; the bytes of source it took. */
static size_t unescape_one(const char *text, size_t size, char *ret)
{
    static const struct {
        char letter, byte;
    } escapes[] = {{'t', '\t'}, {'n', '\n'}, {'r', '\r'}, {'"', '"'}, {'\\', '\\'}};

    *ret = text[0];
    if (text[0] != '\\' || size < 2)
        return 1;
    for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
        if (text[1] == escapes[i].letter) {
            *ret = escapes[i].byte;
            return 2;
        }
    }
    if (text[1] != 'x' || size < 4 || hex_digit(text[2]) < 0 || hex_digit(text[3]) < 0)
        return 1;
    *ret = (char)(hex_digit(text[2]) * 16 + hex_digit(text[3]));
    return 4;
}

size_t source_unescape(const char *text, size_t size, char *ret, size_t capacity)
{
    size_t out = 0;
    for (size_t i = 0; i < size && out < capacity; out++)
        i += unescape_one(text + i, size - i, &ret[out]);
    return out;
}
