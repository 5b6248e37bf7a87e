#include "signatures/rule_text.h"

#include <string.h>

static bool is_word(const struct source_token *token, const char *word)
{
    return token->kind == SOURCE_WORD && token->size == strlen(word) &&
           memcmp(token->text, word, token->size) == 0;
}

static bool is_byte(const struct source_token *token, char byte)
{
    return token->kind == SOURCE_BYTE && *token->text == byte;
}

/* What is known of a rule while it is read. */
struct reading {
    struct source_text source;
    struct rule_text rule;
    const char *begin; /* its first modifier, or "rule"; NULL before it */
};

/* Modifiers stand before "rule", in any order; anything else between makes them none. */
static void take_front(struct reading *reading, const struct source_token *token)
{
    struct rule_text *rule = &reading->rule;
    bool is_private = is_word(token, "private"), is_global = is_word(token, "global");
    if (!is_private && !is_global && !is_word(token, "rule")) {
        reading->begin = NULL;
        return;
    }
    if (!reading->begin) {
        *rule = (struct rule_text){.line = token->line};
        reading->begin = token->text;
    }
    rule->is_private |= is_private;
    rule->is_global |= is_global;
}

/* Its name is behind "rule". False when there is none. */
static bool take_name(struct reading *reading)
{
    struct source_token token;
    struct source_text before = reading->source;
    if (source_next(&reading->source, &token) && token.kind == SOURCE_WORD &&
        !is_word(&token, "rule")) {
        reading->rule.name = (struct assay_bytes){(const uint8_t *)token.text, token.size};
        return true;
    }
    reading->source = before;
    reading->begin = NULL;
    return false;
}

/* Through its closing brace; to where the next rule begins or the source ends when there is none. */
static void take_body(struct reading *reading)
{
    struct source_token token;
    struct source_text before = reading->source;
    uint64_t depth = 0;
    while (source_next(&reading->source, &token)) {
        if (is_word(&token, "rule")) {
            reading->source = before;
            return;
        }
        if (is_byte(&token, '{'))
            depth++;
        if (is_byte(&token, '}') && depth > 0 && --depth == 0)
            return;
        before = reading->source;
    }
}

bool rule_text_next(const char *text, size_t size, size_t *at, int *line,
                    struct rule_text *ret_rule)
{
    struct reading reading = {.source = {.text = text, .size = size, .at = *at, .line = *line}};
    struct source_token token;
    bool found = false;
    while (!found && source_next(&reading.source, &token)) {
        take_front(&reading, &token);
        found = is_word(&token, "rule") && take_name(&reading);
    }
    if (found) {
        take_body(&reading);
        size_t end = (size_t)(text + reading.source.at - reading.begin);
        reading.rule.text = (struct assay_bytes){(const uint8_t *)reading.begin, end};
        *ret_rule = reading.rule;
    }
    *at = reading.source.at;
    *line = reading.source.line;
    return found;
}

/* Behind "meta:"; false when the rule has none. */
static bool find_metas(struct source_text *source)
{
    struct source_token token;
    bool after_meta = false;
    while (source_next(source, &token)) {
        if (after_meta && is_byte(&token, ':'))
            return true;
        after_meta = is_word(&token, "meta");
    }
    return false;
}

bool rule_text_meta(const struct rule_text *rule, const char *field, struct assay_bytes *ret_value)
{
    struct source_text source = source_text_of((const char *)rule->text.data, rule->text.size);
    struct source_token token;
    if (!find_metas(&source))
        return false;
    /* field = value, until a word that a colon follows. */
    bool after_field = false, after_sign = false, after_word = false;
    while (source_next(&source, &token)) {
        if (after_sign && token.kind == SOURCE_STRING) {
            *ret_value = (struct assay_bytes){(const uint8_t *)token.text, token.size};
            return true;
        }
        if ((after_word && is_byte(&token, ':')) || is_byte(&token, '}'))
            return false;
        after_sign = after_field && is_byte(&token, '=');
        after_field = is_word(&token, field);
        after_word = token.kind == SOURCE_WORD;
    }
    return false;
}
