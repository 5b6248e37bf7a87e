/*
 * compare-conditions RULES FILES: compares the evaluation of conditions with libyara. RULES and FILES
 * are files that list paths, one a line; of the rules each file is a namespace, and those that do
 * not compile are left out. Each file is scanned, and the conditions are evaluated with the strings
 * that libyara did not find, and with no string known to be absent. Prints what it found; ends with 1
 * when the two do not agree.
 */
#include "base/clock.h"
#include "signatures/filter/condition_machine.h"
#include "unit/signatures/condition_fixture.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>

enum cause {
    CAUSE_UNTRANSLATED,
    CAUSE_STRINGS, /* it is false without those that are there */
    CAUSE_MODULE,
    CAUSE_EXPRESSION, /* of a regular expression */
    CAUSE_OTHER,
    CAUSE_COUNT,
};

static const char *const causes[CAUSE_COUNT] = {
    "not translated", "strings that are there", "modules", "matches", "other",
};

struct totals {
    uint64_t files, rules, matches, errors, disagreements;
    uint64_t truths[2][3]; /* with the absent strings known, and without */
    uint64_t unknown[CAUSE_COUNT];
    uint64_t nanoseconds[2];
};

static bool append_path(struct buffer *buffer, const char *path, size_t most)
{
    cleanup(fd_cleanup) int fd = open(path, O_RDONLY | O_CLOEXEC);
    buffer->size = 0;
    return fd >= 0 && buffer_append_file(buffer, fd, most) >= 0 && buffer_terminate(buffer) >= 0;
}

static YR_RULES *compile_all(const char *list)
{
    cleanup(buffer_release) struct buffer text = {NULL, 0, 0};
    char path[4096];
    YR_COMPILER *compiler = fixture_compiler(NULL);
    YR_RULES *rules = NULL;
    FILE *file = fopen(list, "r");
    if (file == NULL || compiler == NULL)
        return NULL;
    while (fgets(path, sizeof(path), file) != NULL) {
        path[strcspn(path, "\n")] = '\0';
        YR_RULES *alone = NULL;
        if (append_path(&text, path, 64 << 20))
            alone = fixture_rules((const char *)text.data, NULL);
        if (alone != NULL)
            yr_compiler_add_string(compiler, (const char *)text.data, path);
        else
            fprintf(stderr, "left out: %s\n", path);
        if (alone != NULL)
            yr_rules_destroy(alone);
    }
    fclose(file);
    yr_compiler_get_rules(compiler, &rules);
    yr_compiler_destroy(compiler);
    return rules;
}

static bool has_operation(const struct condition_tables *tables, uint32_t rule, uint32_t operation)
{
    uint32_t at = condition_rule_at(tables, rule).program, word;
    do {
        word = condition_word(tables->words, at);
        if ((word & 0xff) == operation)
            return true;
        at += (uint32_t)operation_size(&operation_forms[word & 0xff], word >> 8);
    } while (word != OPERATION_END);
    return false;
}

static enum cause cause_of(const struct condition_tables *tables, uint32_t rule,
                           enum truth without_strings)
{
    uint32_t at = condition_rule_at(tables, rule).program;
    if (condition_word(tables->words, at) == OPERATION_ANY &&
        condition_word(tables->words, at + 1) == OPERATION_END)
        return CAUSE_UNTRANSLATED;
    if (without_strings == TRUTH_FALSE)
        return CAUSE_STRINGS;
    if (has_operation(tables, rule, OPERATION_MODULE) ||
        has_operation(tables, rule, OPERATION_SIGNATURES))
        return CAUSE_MODULE;
    return has_operation(tables, rule, OPERATION_MATCHES) ? CAUSE_EXPRESSION : CAUSE_OTHER;
}

static void compare(const struct conditions *conditions, const struct fixture_verdicts *verdicts,
                    const struct condition_facts *facts, size_t way, const char *path,
                    uint8_t *truths, struct totals *totals)
{
    uint64_t before = clock_nanoseconds();
    enum truth any = conditions_evaluate(conditions, facts, truths);
    totals->nanoseconds[way] += clock_nanoseconds() - before;
    for (uint32_t i = 0; i < conditions->rules; i++)
        totals->truths[way][truths[i]]++;
    uint32_t rule = fixture_disagree(verdicts, any, truths);
    if (rule == conditions->rules)
        return;
    totals->disagreements++;
    const YR_RULE *yara = &verdicts->rules->rules_table[rule];
    printf("%s: rule %s of %s: libyara %d, conditions %d (way %zu)\n", path, yara->identifier,
           yara->ns->name, verdicts->matches[rule], truths[rule], way);
}

static void explain(const struct conditions *conditions, const struct condition_facts *facts,
                    const uint8_t *truths, bool tells, struct totals *totals)
{
    struct condition_tables tables;
    struct machine machine;
    struct condition_facts without = *facts;
    without.absent = NULL;
    if (!condition_tables_of(conditions->memory, &tables))
        return;
    machine_begin(&machine, &tables, &without, truths);
    for (uint32_t i = 0; i < conditions->rules; i++) {
        if (truths[i] != TRUTH_UNKNOWN)
            continue;
        enum truth truth = machine_run(&machine, condition_rule_at(&tables, i).program);
        enum cause cause = cause_of(&tables, i, truth);
        totals->unknown[cause]++;
        if (tells)
            printf("unknown: %s: rule %u\n", causes[cause], i);
    }
}

static void scan(YR_RULES *rules, const struct conditions *conditions, const char *path,
                 uint8_t *truths, struct totals *totals)
{
    cleanup(buffer_release) struct buffer bytes = {NULL, 0, 0};
    cleanup(free_cleanup) uint64_t *nothing = calloc(rules->num_strings / 64 + 1, 8);
    cleanup(fixture_release) struct fixture_verdicts verdicts;
    if (nothing == NULL || !append_path(&bytes, path, 64 << 20))
        return;
    if (!fixture_scan(rules, buffer_view(&bytes), &fixture_variables, &verdicts)) {
        totals->errors++;
        return;
    }
    totals->files++;
    totals->rules += rules->num_rules;
    for (uint32_t i = 0; i < rules->num_rules; i++)
        totals->matches += verdicts.matches[i];
    struct condition_facts facts = {buffer_view(&bytes), &fixture_variables, nothing};
    compare(conditions, &verdicts, &facts, 1, path, truths, totals);
    facts.absent = verdicts.absent;
    compare(conditions, &verdicts, &facts, 0, path, truths, totals);
    explain(conditions, &facts, truths, getenv("TELL") != NULL, totals);
}

static void print(const struct totals *totals)
{
    uint64_t files = totals->files > 0 ? totals->files : 1;
    printf("%lu files, %lu errors, %lu rules, %lu matches, %lu disagreements\n", totals->files,
           totals->errors, totals->rules / files, totals->matches, totals->disagreements);
    for (size_t way = 0; way < 2; way++)
        printf("%s: false %.2f, true %.2f, unknown %.2f of a file, %.1f us\n",
               way == 0 ? "absent strings known" : "no string known",
               (double)totals->truths[way][TRUTH_FALSE] / (double)files,
               (double)totals->truths[way][TRUTH_TRUE] / (double)files,
               (double)totals->truths[way][TRUTH_UNKNOWN] / (double)files,
               (double)totals->nanoseconds[way] / 1e3 / (double)files);
    for (size_t i = 0; i < CAUSE_COUNT; i++)
        printf("unknown for %s: %.2f\n", causes[i], (double)totals->unknown[i] / (double)files);
}

int main(int count, char **arguments)
{
    cleanup(buffer_release) struct buffer out = {NULL, 0, 0};
    struct totals totals = {0};
    struct conditions conditions;
    char path[4096];
    if (count != 3 || yr_initialize() != ERROR_SUCCESS)
        return 2;
    YR_RULES *rules = compile_all(arguments[1]);
    FILE *files = fopen(arguments[2], "r");
    if (rules == NULL || files == NULL)
        return 2;
    uint64_t before = clock_nanoseconds();
    if (conditions_write(rules, &out) < 0)
        return 2;
    uint64_t written = clock_nanoseconds();
    if (conditions_open(buffer_view(&out), &conditions) < 0) {
        printf("what was written cannot be opened\n");
        return 1;
    }
    struct condition_header header;
    memcpy(&header, out.data, sizeof(header));
    printf("%u rules, %u strings, %zu bytes, %u + %u rules without strings, written in %.1f ms, "
           "opened "
           "in %.1f ms\n",
           conditions.rules, conditions.strings, out.size, header.always, header.portable,
           (double)(written - before) / 1e6, (double)(clock_nanoseconds() - written) / 1e6);
    cleanup(free_cleanup) uint8_t *truths = malloc(rules->num_rules + 1);
    while (truths != NULL && fgets(path, sizeof(path), files) != NULL) {
        path[strcspn(path, "\n")] = '\0';
        scan(rules, &conditions, path, truths, &totals);
    }
    fclose(files);
    print(&totals);
    yr_rules_destroy(rules);
    yr_finalize();
    return totals.disagreements > 0;
}
