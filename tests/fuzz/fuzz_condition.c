/*
 * Random rules and data through libyara and through the evaluation of conditions, which must not say
 * anything else. The input: how much of it is data, what kind of data, what is broken in the written
 * programs, and then the choices of the grammar. Programs that were broken must be refused or
 * evaluated without harm.
 */
#include "condition_grammar.h"
#include "tests/unit/signatures/condition_fixture.h"

#include <stdlib.h>

#define DATA_MAX 2048

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    struct grammar grammar;
    struct buffer bytes;
    struct matcher_variables variables;
    uint16_t broken_at;
    uint8_t broken;
};

static void check(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void append(struct buffer *buffer, const void *bytes, size_t size)
{
    check(buffer_append(buffer, bytes, size) == ASSAY_OK);
}

/* Low bytes stand for what the strings of the grammar match. */
static void append_data(struct buffer *buffer, const uint8_t *data, size_t size)
{
    static const struct {
        const char *text;
        size_t size;
    } words[] = {
        {"ab", 2},           {"XyZ", 3},
        {"\1\2", 2},         {"\3\4", 2},
        {"qqr", 3},          {"wide", 4},
        {"w\0i\0d\0e\0", 8}, {"..................................................", 50},
    };
    for (size_t i = 0; i < size; i++) {
        size_t word = data[i];
        if (word >= 0xa0 && word < 0xa0 + sizeof(words) / sizeof(words[0]))
            append(buffer, words[word - 0xa0].text, words[word - 0xa0].size);
        else
            append(buffer, &data[i], 1);
    }
}

/* An executable that libyara reads, before the data breaks it. */
static void append_portable(struct buffer *buffer, uint8_t kind)
{
    uint8_t header[0x200] = {'M', 'Z'};
    bool is_64 = (kind & 1) != 0;
    uint8_t *begin = header + 0x40;
    header[0x3c] = 0x40;
    memcpy(begin, "PE\0\0", 4);
    memcpy(begin + 4, is_64 ? "\x64\x86" : "\x4c\x01", 2);
    begin[6] = 1;
    begin[20] = is_64 ? 240 : 224;
    memcpy(begin + 24, is_64 ? "\x0b\x02" : "\x0b\x01", 2);
    begin[24 + (is_64 ? 108 : 92)] = 16;
    if ((kind & 2) != 0) {
        begin[24 + (is_64 ? 112 : 96) + 32] = 0xf0;
        begin[24 + (is_64 ? 112 : 96) + 36] = 0x10;
    }
    append(buffer, header, sizeof(header));
}

/* Where and how the bytes are changed is said by the first of them. */
static void make_data(struct buffer *buffer, uint8_t kind, const uint8_t *data, size_t size)
{
    size_t changes = 0;
    if ((kind & 0xc0) == 0x40)
        append_portable(buffer, kind);
    else if ((kind & 0xc0) == 0x80)
        append(buffer, "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\x3e\0\1\0\0\0", 24);
    size_t head = buffer->size;
    if (head > 0 && (kind & 0x20) != 0)
        changes = (kind >> 2 & 7U) * 3;
    for (size_t i = 0; i + 3 <= changes && i + 3 <= size; i += 3)
        buffer->data[(size_t)(data[i] | (data[i + 1] & 1) << 8) % head] = data[i + 2];
    append_data(buffer, data, size);
}

static bool read_input(struct input *input, const uint8_t *data, size_t size)
{
    static const char *const names[] = {"lsass.exe", "", "LSASS.EXE", "a", "\xe9x"};
    if (size < 8)
        return false;
    size_t part = (size - 8) * data[0] / 512;
    const char *name = names[data[1] % 5];
    input->variables =
        (struct matcher_variables){name, data[1] & 8 ? "/srv/x" : name, data[1] & 16 ? ".exe" : "",
                                   data[1] & 32 ? "EXE" : "", ""};
    input->broken_at = (uint16_t)(data[2] | data[3] << 8);
    input->broken = data[4];
    make_data(&input->bytes, data[5], data + 8, part < DATA_MAX ? part : DATA_MAX);
    input->grammar.data = data + 8 + part;
    input->grammar.size = size - 8 - part;
    write_rules(&input->grammar);
    return true;
}

/* Evaluates with the strings that are absent, and with none known to be; sometimes with half. */
static void compare(const struct conditions *conditions, const struct input *input,
                    const struct fixture_verdicts *verdicts)
{
    uint64_t absent[1];
    uint8_t truths[8] = {0};
    check(conditions->rules <= sizeof(truths) && conditions->strings <= 64);
    const uint64_t masks[] = {UINT64_MAX, 0, 0x5555555555555555, 0x3333333333333333};
    for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
        absent[0] = verdicts->absent[0] & masks[i];
        const struct condition_facts facts = {buffer_view(&input->bytes), &input->variables,
                                              absent};
        enum truth any = conditions_evaluate(conditions, &facts, truths);
        uint32_t rule = fixture_disagree(verdicts, any, truths);
        if (rule < conditions->rules)
            fprintf(stderr, "%s\nrule %u: libyara %d, conditions %d, any %d\n", input->grammar.text,
                    rule, verdicts->matches[rule], truths[rule], any);
        check(rule == conditions->rules);
    }
}

static void break_programs(const struct buffer *out, const struct input *input)
{
    struct conditions conditions;
    uint64_t absent[16] = {0};
    uint8_t truths[1024];
    cleanup(free_cleanup) uint8_t *copy = malloc(out->size);
    check(copy != NULL);
    memcpy(copy, out->data, out->size);
    copy[input->broken_at % out->size] ^= input->broken;
    const struct view memory = {copy, out->size - (input->broken == 0 ? input->broken_at % 8 : 0)};
    if (conditions_open(memory, &conditions) < 0 || conditions.rules > sizeof(truths) ||
        conditions.strings > 1024)
        return;
    const struct condition_facts facts = {buffer_view(&input->bytes), &input->variables, absent};
    (void)conditions_evaluate(&conditions, &facts, truths);
}

static void run(const struct input *input)
{
    cleanup(buffer_release) struct buffer out = {NULL, 0, 0};
    cleanup(fixture_release) struct fixture_verdicts verdicts = {0};
    struct conditions conditions;
    bool tells = getenv("TELL") != NULL;
    YR_RULES *rules = fixture_rules(input->grammar.text, tells ? stderr : NULL);
    if (tells)
        fprintf(stderr, "%s\n", input->grammar.text);
    if (rules == NULL)
        return;
    check(conditions_write(rules, &out) == ASSAY_OK);
    check(conditions_open(buffer_view(&out), &conditions) == ASSAY_OK);
    if (fixture_scan(rules, buffer_view(&input->bytes), &input->variables, &verdicts))
        compare(&conditions, input, &verdicts);
    break_programs(&out, input);
    yr_rules_destroy(rules);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool is_ready;
    char text[GRAMMAR_TEXT_MAX];
    if (!is_ready)
        check(yr_initialize() == ERROR_SUCCESS);
    is_ready = true;
    struct input input = {.grammar = {.text = text}};
    if (read_input(&input, data, size))
        run(&input);
    buffer_release(&input.bytes);
    return 0;
}
