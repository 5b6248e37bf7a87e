/* rules_of: what the tests of this room share: rules from text, and the diagnostics remembered. */
#ifndef TESTS_RULES_OF_H
#define TESTS_RULES_OF_H

#include "signatures/rules.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

#define SOURCE(name, text)                                                                         \
    {                                                                                              \
        name, "test", text, strlen(text)                                                           \
    }

struct said {
    bool is_error;
    char source[64], rule[64], message[128];
    int line;
};

struct heard {
    struct said said[32];
    size_t count;
};

static inline void hear(void *context, const struct assay_diagnostic *diagnostic)
{
    struct heard *heard = context;
    ck_assert_uint_lt(heard->count, 32);
    struct said *said = &heard->said[heard->count++];
    said->is_error = diagnostic->is_error;
    said->line = diagnostic->line;
    snprintf(said->source, sizeof(said->source), "%s", diagnostic->source);
    snprintf(said->rule, sizeof(said->rule), "%s", diagnostic->rule);
    snprintf(said->message, sizeof(said->message), "%s", diagnostic->message);
}

/* True when there is an error for this place whose message contains `words`. */
static inline bool heard_error(const struct heard *heard, const char *source, int line,
                               const char *rule, const char *words)
{
    for (size_t i = 0; i < heard->count; i++) {
        const struct said *said = &heard->said[i];
        if (said->is_error && said->line == line && strcmp(said->source, source) == 0 &&
            strcmp(said->rule, rule) == 0 && strstr(said->message, words) != NULL)
            return true;
    }
    for (size_t i = 0; i < heard->count; i++)
        fprintf(stderr, "heard: %s:%d: %s: %s\n", heard->said[i].source, heard->said[i].line,
                heard->said[i].rule, heard->said[i].message);
    return false;
}

static inline struct assay_rules *rules_of(const char *text)
{
    const struct assay_source source = SOURCE("test.yar", text);
    struct heard heard = {.count = 0};
    const struct rules_input input = {
        .sources = &source, .count = 1, .on_diagnostic = hear, .diagnostic_context = &heard};
    struct assay_rules *rules = NULL;
    status result = rules_compile(&input, &rules);
    for (size_t i = 0; i < heard.count; i++)
        if (heard.said[i].is_error)
            fprintf(stderr, "%d: %s\n", heard.said[i].line, heard.said[i].message);
    ck_assert_int_eq(result, ASSAY_OK);
    return rules;
}

#endif
