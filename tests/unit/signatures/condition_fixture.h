/* condition_fixture: rules and data through libyara and through the evaluation of conditions, and
 * what the one says held against the other. */
#ifndef TESTS_CONDITION_FIXTURE_H
#define TESTS_CONDITION_FIXTURE_H

#include "base/cleanup.h"
#include "signatures/filter/condition.h"

#include <stdio.h>
#include <yara.h>

static const struct matcher_variables fixture_variables = {
    .filename = "lsass.exe",
    .filepath = "/srv/Files/lsass.exe",
    .extension = ".exe",
    .filetype = "EXE",
    .owner = "",
};

static const char *const fixture_names[] = {"filename", "filepath", "extension", "filetype",
                                            "owner"};

static void fixture_ignore(int level, const char *file, int line, const YR_RULE *rule,
                           const char *message, void *context)
{
    (void)file, (void)rule;
    if (level == YARA_ERROR_LEVEL_ERROR && context != NULL)
        fprintf(context, "line %d: %s\n", line, message);
}

/* NULL when it cannot be created. yr_initialize comes first. */
static YR_COMPILER *fixture_compiler(FILE *messages)
{
    YR_COMPILER *compiler = NULL;
    if (yr_compiler_create(&compiler) != ERROR_SUCCESS)
        return NULL;
    yr_compiler_set_callback(compiler, fixture_ignore, messages);
    for (size_t i = 0; i < sizeof(fixture_names) / sizeof(fixture_names[0]); i++)
        yr_compiler_define_string_variable(compiler, fixture_names[i], "");
    return compiler;
}

/* NULL when libyara does not take the text. */
static inline YR_RULES *fixture_rules(const char *text, FILE *messages)
{
    YR_COMPILER *compiler = fixture_compiler(messages);
    YR_RULES *rules = NULL;
    if (compiler != NULL && yr_compiler_add_string(compiler, text, "test") == 0)
        (void)yr_compiler_get_rules(compiler, &rules);
    if (compiler != NULL)
        yr_compiler_destroy(compiler);
    return rules;
}

/* What libyara says about one object. */
struct fixture_verdicts {
    const YR_RULES *rules;
    uint8_t *matches; /* by rule, private ones too */
    uint64_t *absent; /* by string */
    bool any;         /* one that is not private */
};

static inline void fixture_release(struct fixture_verdicts *verdicts)
{
    free(verdicts->matches);
    free(verdicts->absent);
}

static bool fixture_bit(const YR_BITMASK *bits, uint32_t bit)
{
    return yr_bitmask_is_set(bits, bit) != 0;
}

static void fixture_read(struct fixture_verdicts *verdicts, YR_SCAN_CONTEXT *context)
{
    const YR_RULES *rules = verdicts->rules;
    for (uint32_t i = 0; i < rules->num_rules; i++) {
        const YR_RULE *rule = &rules->rules_table[i];
        verdicts->matches[i] = fixture_bit(context->rule_matches_flags, i) &&
                               !fixture_bit(context->ns_unsatisfied_flags, rule->ns->idx);
        verdicts->any = verdicts->any || (verdicts->matches[i] && !RULE_IS_PRIVATE(rule));
    }
    for (uint32_t i = 0; i < rules->num_strings; i++)
        if (context->matches[i].head == NULL)
            verdicts->absent[i / 64] |= UINT64_C(1) << i % 64;
}

static int fixture_message(YR_SCAN_CONTEXT *context, int message, void *data, void *user)
{
    (void)data;
    if (message == CALLBACK_MSG_SCAN_FINISHED)
        fixture_read(user, context);
    return CALLBACK_CONTINUE;
}

/* False when libyara came to no end, or there is no memory. */
static inline bool fixture_scan(YR_RULES *rules, struct view view,
                                const struct matcher_variables *variables,
                                struct fixture_verdicts *ret)
{
    struct fixture_verdicts verdicts = {
        .rules = rules,
        .matches = calloc(rules->num_rules + 1, 1),
        .absent = calloc(rules->num_strings / 64 + 1, sizeof(uint64_t)),
    };
    YR_SCANNER *scanner = NULL;
    *ret = verdicts;
    if (verdicts.matches == NULL || verdicts.absent == NULL ||
        yr_scanner_create(rules, &scanner) != ERROR_SUCCESS)
        return false;
    const char *const values[] = {variables->filename, variables->filepath, variables->extension,
                                  variables->filetype, variables->owner};
    for (size_t i = 0; i < sizeof(fixture_names) / sizeof(fixture_names[0]); i++)
        yr_scanner_define_string_variable(scanner, fixture_names[i], values[i]);
    yr_scanner_set_callback(scanner, fixture_message, &verdicts);
    yr_scanner_set_flags(scanner, SCAN_FLAGS_NO_TRYCATCH);
    yr_scanner_set_timeout(scanner, 20);
    int code = yr_scanner_scan_mem(scanner, view.size > 0 ? view.data : (const uint8_t *)"",
                                   (size_t)view.size);
    yr_scanner_destroy(scanner);
    *ret = verdicts;
    return code == ERROR_SUCCESS;
}

/* The first rule for which the two do not agree, or the number of rules: all do, and that any
 * matches at all too. */
static inline uint32_t fixture_disagree(const struct fixture_verdicts *verdicts, enum truth any,
                                        const uint8_t *truths)
{
    for (uint32_t i = 0; i < verdicts->rules->num_rules; i++)
        if (truths[i] > TRUTH_UNKNOWN ||
            (truths[i] != TRUTH_UNKNOWN && (truths[i] == TRUTH_TRUE) != verdicts->matches[i]))
            return i;
    if (any != TRUTH_UNKNOWN && (any == TRUTH_TRUE) != verdicts->any)
        return 0;
    return verdicts->rules->num_rules;
}

#endif
