/* condition_tested: what the tests of conditions share: a text, an executable, and one condition that
 * is evaluated and held against libyara. */
#ifndef TESTS_CONDITION_TESTED_H
#define TESTS_CONDITION_TESTED_H

#include "condition_fixture.h"
#include "unit.h"

#define TRUE    TRUTH_TRUE
#define FALSE   TRUTH_FALSE
#define UNKNOWN TRUTH_UNKNOWN

/* A text in which only $b stands, at 64; $a stands nowhere. */
static const char tested_text[] =
    "\1\2\3\4 8ghijklmnopqrstuvwxyz 8ghijklmnopqrstuvwxyz 8ghijklmnopqrs\377bbq!";

static inline struct view tested_view(void)
{
    return (struct view){(const uint8_t *)tested_text, sizeof(tested_text) - 1};
}

/* Headers of 64 bits, one section, 16 directories that are empty. */
static inline void make_portable(uint8_t bytes[0x200])
{
    static const struct {
        uint16_t at;
        uint8_t byte;
    } parts[] = {
        {0, 'M'},     {1, 'Z'},  {0x3c, 0x40}, {0x40, 'P'},  {0x41, 'E'}, {0x44, 0x64},
        {0x45, 0x86}, {0x46, 1}, {0x54, 240},  {0x58, 0x0b}, {0x59, 2},   {0x58 + 108, 16},
    };
    memset(bytes, 0, 0x200);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        bytes[parts[i].at] = parts[i].byte;
}

static inline YR_RULES *compile(const char *condition)
{
    char source[2048];
    snprintf(source, sizeof(source),
             "import \"pe\" import \"elf\" import \"dotnet\" import \"math\"\n"
             "rule r_yes { condition: true } rule r_no { condition: false }\n"
             "rule r_maybe { strings: $b = \"bbq\" condition: $b }\n"
             "rule tested { strings: $a = \"nothere\" $b = \"bbq\"\n"
             "condition: (%s) and (filesize >= 0 or $a or $b) }\n",
             condition);
    return fixture_rules(source, stderr);
}

static inline enum truth evaluate(YR_RULES *rules, struct view view, const char *condition)
{
    cleanup(buffer_release) struct buffer out = {NULL, 0, 0};
    cleanup(fixture_release) struct fixture_verdicts verdicts = {0};
    struct conditions conditions;
    uint8_t truths[64];
    ck_assert_int_eq(conditions_write(rules, &out), ASSAY_OK);
    ck_assert_int_eq(conditions_open(buffer_view(&out), &conditions), ASSAY_OK);
    ck_assert_uint_eq(conditions.rules, rules->num_rules);
    ck_assert(fixture_scan(rules, view, &fixture_variables, &verdicts));
    for (int all = 1; all >= 0; all--) {
        if (all == 1) /* every string may be there */
            memset(truths, 9, sizeof(truths));
        const uint64_t none[4] = {0};
        const struct condition_facts facts = {view, &fixture_variables,
                                              all == 1 ? none : verdicts.absent};
        enum truth any = conditions_evaluate(&conditions, &facts, truths);
        ck_assert_msg(fixture_disagree(&verdicts, any, truths) == rules->num_rules,
                      "%s: libyara %d, conditions %d", condition,
                      verdicts.matches[rules->num_rules - 1], truths[rules->num_rules - 1]);
    }
    return truths[rules->num_rules - 1];
}

#endif
