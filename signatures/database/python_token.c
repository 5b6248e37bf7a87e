#include "signatures/database/python_token.h"

#define REPEAT_MAX 100000 /* more is cut to it; nobody takes so many */

static const char invalid[] = "it is no valid expression";

static int peek(const struct python_tokens *tokens, uint64_t ahead)
{
    return view_has(tokens->text, tokens->at, ahead + 1) ? tokens->text.data[tokens->at + ahead]
                                                         : -1;
}

static status refuse(const char *reason, const char **ret_reason)
{
    *ret_reason = reason;
    return ASSAY_ERR_UNSUPPORTED;
}

bool python_skip_ignorecase(struct python_tokens *tokens)
{
    if (!view_starts(tokens->text, tokens->at, "(?i)", 4))
        return false;
    tokens->at += 4;
    return true;
}

static int hex_digit(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(int c)
{
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}

/* \x and two digits; behind the x. */
static status read_hex(struct python_tokens *tokens, uint8_t *ret_byte, const char **ret_reason)
{
    int high = hex_digit(peek(tokens, 0));
    int low = high < 0 ? -1 : hex_digit(peek(tokens, 1));
    if (low < 0)
        return refuse(invalid, ret_reason);
    if (high >= 8)
        return refuse("a character beyond ASCII as an escape", ret_reason);
    *ret_byte = (uint8_t)(high * 16 + low);
    tokens->at += 2;
    return ASSAY_OK;
}

/* An escape that is one byte, inside a class and outside; behind the backslash. */
static status read_escape(struct python_tokens *tokens, uint8_t *ret_byte, const char **ret_reason)
{
    static const struct {
        char letter, byte;
    } escapes[] = {{'n', '\n'}, {'r', '\r'}, {'t', '\t'}, {'f', '\f'}, {'v', '\v'}, {'a', '\a'}};

    int c = peek(tokens, 0);
    if (c < 0)
        return refuse(invalid, ret_reason);
    if (c >= 128)
        return refuse("a character beyond ASCII as an escape", ret_reason);
    tokens->at++;
    if (c == 'x')
        return read_hex(tokens, ret_byte, ret_reason);
    for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
        if (c == escapes[i].letter) {
            *ret_byte = (uint8_t)escapes[i].byte;
            return ASSAY_OK;
        }
    }
    if (is_digit(c))
        return refuse("a group is referred to, or an octal escape", ret_reason);
    if (is_letter(c))
        return refuse("an escape that libyara does not have", ret_reason);
    *ret_byte = (uint8_t)c;
    return ASSAY_OK;
}

/* One byte of a class, or all that \w and its like are. */
static status read_member(struct python_tokens *tokens, uint8_t *ret_byte, struct byte_set *ret_set,
                          bool *ret_is_set, const char **ret_reason)
{
    int c = peek(tokens, 0);
    *ret_is_set = false;
    if (c < 0)
        return refuse("it is no valid expression: a class is not closed", ret_reason);
    if (c >= 128)
        return refuse("a class with characters beyond ASCII", ret_reason);
    tokens->at++;
    *ret_byte = (uint8_t)c;
    if (c != '\\')
        return ASSAY_OK;
    int letter = peek(tokens, 0);
    if (letter == 'b') {
        tokens->at++;
        *ret_byte = '\b';
        return ASSAY_OK;
    }
    if (is_letter(letter) && byte_set_of_escape((char)letter, ret_set)) {
        tokens->at++;
        *ret_is_set = true;
        return ASSAY_OK;
    }
    return read_escape(tokens, ret_byte, ret_reason);
}

static status read_range(struct python_tokens *tokens, struct byte_set *set,
                         const char **ret_reason)
{
    uint8_t first, last;
    bool is_set;
    struct byte_set more;
    TRY(read_member(tokens, &first, &more, &is_set, ret_reason));
    bool range = peek(tokens, 0) == '-' && peek(tokens, 1) != ']';
    if (is_set) {
        byte_set_join(set, &more);
        return range ? refuse(invalid, ret_reason) : ASSAY_OK;
    }
    last = first;
    if (range) {
        tokens->at++;
        TRY(read_member(tokens, &last, &more, &is_set, ret_reason));
        if (is_set || last < first)
            return refuse(invalid, ret_reason);
    }
    byte_set_add(set, first, last);
    return ASSAY_OK;
}

/* Behind the bracket. A closing one that is first is a member. */
static status read_class(struct python_tokens *tokens, struct python_token *token,
                         const char **ret_reason)
{
    token->kind = PYTHON_SET;
    token->negated = peek(tokens, 0) == '^';
    tokens->at += token->negated;
    do
        TRY(read_range(tokens, &token->set, ret_reason));
    while (peek(tokens, 0) != ']');
    tokens->at++;
    return ASSAY_OK;
}

/* Behind the parenthesis. */
static status read_open(struct python_tokens *tokens, struct python_token *token,
                        const char **ret_reason)
{
    token->kind = PYTHON_OPEN;
    if (peek(tokens, 0) != '?')
        return ASSAY_OK;
    if (peek(tokens, 1) != ':')
        return refuse("a lookaround, a named group or a flag that is not at the front", ret_reason);
    tokens->at += 2;
    return ASSAY_OK;
}

static status read_backslash(struct python_tokens *tokens, struct python_token *token,
                             const char **ret_reason)
{
    static const struct {
        char letter;
        enum python_kind kind;
    } anchors[] = {{'A', PYTHON_BEGIN}, {'Z', PYTHON_VERY_END}, {'b', PYTHON_BOUNDARY}};

    int letter = peek(tokens, 0);
    for (size_t i = 0; i < sizeof(anchors) / sizeof(anchors[0]); i++) {
        if (letter == anchors[i].letter) {
            token->kind = anchors[i].kind;
            tokens->at++;
            return ASSAY_OK;
        }
    }
    if (is_letter(letter) && byte_set_of_escape((char)letter, &token->set)) {
        token->kind = PYTHON_SET;
        tokens->at++;
        return ASSAY_OK;
    }
    token->kind = PYTHON_LITERAL;
    token->size = 1;
    return read_escape(tokens, &token->bytes[0], ret_reason);
}

/* A character of UTF-8; from its first byte on. */
static status read_character(struct python_tokens *tokens, struct python_token *token,
                             const char **ret_reason)
{
    int first = peek(tokens, 0);
    size_t size = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (size == 0 || first > 0xf4)
        return refuse("it is not UTF-8", ret_reason);
    token->kind = PYTHON_LITERAL;
    token->size = size;
    for (size_t i = 0; i < size; i++) {
        int c = peek(tokens, i);
        if (c < 0 || (i > 0 && (c & 0xc0) != 0x80))
            return refuse("it is not UTF-8", ret_reason);
        token->bytes[i] = (uint8_t)c;
    }
    tokens->at += size;
    return ASSAY_OK;
}

/* Reads {n}, {n,}, {,m} or {n,m}; anything else is text, and false. */
static bool read_braces(struct python_tokens *tokens, struct python_repeat *repeat)
{
    uint64_t at = 1, numbers[2] = {0, 0};
    bool has[2] = {false, false};
    int part = 0;
    for (;; at++) {
        int c = peek(tokens, at);
        if (is_digit(c)) {
            has[part] = true;
            numbers[part] = numbers[part] * 10 + (uint64_t)(c - '0');
            if (numbers[part] > REPEAT_MAX)
                numbers[part] = REPEAT_MAX;
        } else if (c == ',' && part == 0) {
            part = 1;
        } else if (c == '}' && at > 1) {
            break;
        } else {
            return false;
        }
    }
    tokens->at += at + 1;
    *repeat = (struct python_repeat){
        .is = true,
        .least = numbers[0],
        .most = part == 0 ? numbers[0] : numbers[1],
        .endless = part == 1 && !has[1],
    };
    return true;
}

static bool read_simple_repeat(struct python_tokens *tokens, struct python_repeat *repeat)
{
    static const struct {
        char sign;
        struct python_repeat repeat;
    } signs[] = {{'*', {true, true, 0, 0}}, {'+', {true, true, 1, 0}}, {'?', {true, false, 0, 1}}};

    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        if (peek(tokens, 0) == signs[i].sign) {
            *repeat = signs[i].repeat;
            tokens->at++;
            return true;
        }
    }
    return peek(tokens, 0) == '{' && read_braces(tokens, repeat);
}

bool python_repeat_follows(const struct python_tokens *tokens)
{
    struct python_tokens ahead = *tokens;
    struct python_repeat repeat;
    return read_simple_repeat(&ahead, &repeat);
}

status python_read_repeat(struct python_tokens *tokens, struct python_repeat *ret_repeat,
                          const char **ret_reason)
{
    struct python_repeat repeat = {.is = false};
    if (read_simple_repeat(tokens, &repeat)) {
        if (peek(tokens, 0) == '+')
            return refuse("a repetition that gives nothing back", ret_reason);
        tokens->at += peek(tokens, 0) == '?';
        if (python_repeat_follows(tokens) || (!repeat.endless && repeat.most < repeat.least))
            return refuse(invalid, ret_reason);
    }
    *ret_repeat = repeat;
    return ASSAY_OK;
}

status python_next(struct python_tokens *tokens, struct python_token *ret_token,
                   const char **ret_reason)
{
    static const struct {
        char sign;
        enum python_kind kind;
    } signs[] = {{')', PYTHON_CLOSE}, {'|', PYTHON_OR}, {'^', PYTHON_BEGIN}, {'$', PYTHON_END}};

    *ret_token = (struct python_token){.size = 0};
    int c = peek(tokens, 0);
    if (c < 0)
        return ASSAY_END;
    if (python_repeat_follows(tokens))
        return refuse("it is no valid expression: nothing to repeat", ret_reason);
    if (c == '.') {
        ret_token->kind = PYTHON_SET;
        ret_token->negated = true;
        byte_set_add(&ret_token->set, '\n', '\n');
        tokens->at++;
        return ASSAY_OK;
    }
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        if (c == signs[i].sign) {
            ret_token->kind = signs[i].kind;
            tokens->at++;
            return ASSAY_OK;
        }
    }
    if (c != '(' && c != '[' && c != '\\')
        return read_character(tokens, ret_token, ret_reason);
    tokens->at++;
    if (c == '(')
        return read_open(tokens, ret_token, ret_reason);
    return c == '[' ? read_class(tokens, ret_token, ret_reason)
                    : read_backslash(tokens, ret_token, ret_reason);
}
