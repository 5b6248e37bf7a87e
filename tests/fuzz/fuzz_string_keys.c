/* Strings and data that are made of the input: whatever libyara says that a string matches has one of
 * the string's keys in it. Code that is no code of libyara's is walked through as well. */
#include "signatures/engine.h"
#include "signatures/filter/key_code.h"
#include "tests/unit/signatures/keys_hold.h"
#include "tests/unit/signatures/string_maker.h"

#define STRINGS_MAX 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds, const char *words)
{
    if (holds)
        return;
    fprintf(stderr, "%s\n", words);
    __builtin_trap();
}

/* Each string, and its sample behind the others'. */
static void make(struct maker *maker, struct buffer *source, struct buffer *samples)
{
    unsigned strings = 1 + maker_next(maker, STRINGS_MAX);
    check(buffer_append_text(source, "rule r { strings:") >= 0, "no memory");
    for (unsigned i = 0; i < strings; i++) {
        maker_string(maker);
        check(buffer_append_format(source, " $s%u = %s", i, maker->text) >= 0, "no memory");
        check(buffer_append(samples, maker->sample, maker->sample_size) >= 0, "no memory");
        if (maker_next(maker, 4) == 1)
            check(buffer_append_text(samples, " - ") >= 0, "no memory");
    }
    check(buffer_append_text(source, " condition: for all of them : (# > 1) }") >= 0, "no memory");
    check(buffer_terminate(source) >= 0, "no memory");
}

/* What is left of the input changes the samples here and there. */
static void change(struct maker *maker, struct buffer *samples)
{
    unsigned changes = maker_next(maker, 4);
    for (unsigned i = 0; i < changes && samples->size > 0; i++) {
        size_t at = (maker_next(maker, 256) << 8 | maker_next(maker, 256)) % samples->size;
        samples->data[at] = (uint8_t)maker_next(maker, 256);
    }
}

static YR_RULES *compile(const char *source)
{
    YR_COMPILER *compiler;
    YR_RULES *rules = NULL;
    check(yr_compiler_create(&compiler) == ERROR_SUCCESS, "no compiler");
    if (yr_compiler_add_string(compiler, source, NULL) == 0)
        check(yr_compiler_get_rules(compiler, &rules) == ERROR_SUCCESS, "no rules");
    yr_compiler_destroy(compiler);
    return rules;
}

static void walk(const uint8_t *data, size_t size)
{
    static struct key_spots spots;
    spots.count = 0;
    key_code_walk((struct view){data, size}, size > 0 ? data[0] : 0, size % 2, &spots);
    check(spots.count <= KEY_SPOTS_MAX, "too many spots");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool is_open;
    static struct maker maker;
    if (!is_open)
        check(engine_open() == ASSAY_OK, "no engine");
    is_open = true;
    walk(data, size);

    cleanup(buffer_release) struct buffer source = {NULL, 0, 0}, samples = {NULL, 0, 0};
    memset(&maker, 0, sizeof(maker));
    maker.numbers = (struct view){data, size};
    make(&maker, &source, &samples);
    change(&maker, &samples);
    YR_RULES *rules = compile((const char *)source.data);
    if (rules == NULL)
        return 0;
    cleanup(string_keys_release) struct string_keys keys = {NULL, 0, NULL, 0};
    check(string_keys_find(rules, &keys) == ASSAY_OK, "no keys");
    struct keys_hold hold = {.keys = &keys, .data = buffer_view(&samples)};
    keys_hold_scan(rules, &hold);
    if (hold.fails)
        fprintf(stderr, "%s\n", (char *)source.data);
    check(!hold.fails, hold.words);
    yr_rules_destroy(rules);
    return 0;
}
