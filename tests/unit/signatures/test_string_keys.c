/* Keys of strings: those that are expected of many ways of writing one, and that one of them stands in
 * whatever libyara matches, for strings made at random and for published rules. */
#include "base/buffer.h"
#include "base/cleanup.h"
#include "keys_hold.h"
#include "signatures/engine.h"
#include "string_maker.h"
#include "unit.h"

#include <fcntl.h>
#include <fts.h>

static YR_RULES *compile(const char *source)
{
    YR_COMPILER *compiler;
    YR_RULES *rules = NULL;
    ck_assert_int_eq(yr_compiler_create(&compiler), ERROR_SUCCESS);
    if (yr_compiler_add_string(compiler, source, NULL) == 0)
        ck_assert_int_eq(yr_compiler_get_rules(compiler, &rules), ERROR_SUCCESS);
    yr_compiler_destroy(compiler);
    return rules;
}

/* ---- keys that are expected ------------------------------------------------------------------- */

static const struct expected {
    const char *string;
    const char *sample; /* matches; "" when that is of no interest */
    const char *keys; /* in their order, hexadecimal, an i before those in any case; "" for none */
} expected[] = {
    {"\"abcdef\"", "abcdef", "616263646566 "},
    {"\"abcdef\" fullword", " abcdef ", "616263646566 "},
    {"\"abcdef\" private", "", "616263646566 "},
    {"\"aBcDeF\" nocase", "AbCdEf", "i616263646566 "},
    {"\"12-#45\" nocase", "12-#45", "31322d233435 "},
    {"\"abc\" wide", "", "610062006300 "},
    {"\"abcd\" wide ascii", "abcd", "61626364 6100620063006400 "},
    {"\"aBcd\" wide ascii nocase", "ABCD", "i61626364 i6100620063006400 "},
    {"\"a\"", "a", ""},
    {"\"ab\"", "ab", ""},
    {"\"~%\"", "~%", "7e25 "},
    {"\"\\x00\\x00\\x00\\x00\\x00\\x00\\x00\"", "", ""},
    {"\"abcdefgh\" base64",
     "YWJjZGVmZ2g=", "59574a6a5a47566d5a32 46695932526c5a6d646f 68596d4e6b5a575a6e61 "},
    {"\"abcdef\" xor(1-2)", "c`afgd", "606362656467 636061666764 "},
    {"\"abcdef\" xor(32) wide ascii", "A B C D E F ", "414243444546 412042204320442045204620 "},
    {"\"abcde\" xor", "abcde", ""},
    {"{ 61 62 63 64 65 }", "abcde", "6162636465 "},
    {"{ 61 62 63 64 65 ?? 66 67 68 }", "abcde_fgh", "6162636465 "},
    {"{ 61 6? ?3 64 65 66 67 }", "abcdefg", "64656667 "},
    {"{ 61 62 [2-4] 71 51 7A 5A [1-3] 63 }", "ab__qQzZ_c", "71517a5a "},
    {"{ 61 62 ( 63 64 | 65 66 ) 67 68 }", "abcdgh", "616263646768 616265666768 "},
    {"{ 61 62 63 64 [300-400] 71 51 7A 5A 78 }", "", "71517a5a78 "},
    {"{ 71 51 7A 5A 78 [-] 61 62 63 64 [-] 61 62 ?? 63 64 }", "qQzZx abcd ab_cd", "71517a5a78 "},
    {"/abcdef/", "abcdef", "616263646566 "},
    {"/abcdef/i", "ABCDEF", "i616263646566 "},
    {"/^abcdef$/", "abcdef", "616263646566 "},
    {"/abc\\bdef/", "", "616263646566 "},
    {"/ab[Cc]d-ef/", "abCd-ef", "i616263642d6566 "},
    {"/foo(abcd|efgh)xyz/", "fooefghxyz", "666f6f6162636478797a 666f6f6566676878797a "},
    {"/foo(abcd)+xyzzy/", "fooabcdabcdxyzzy", "666f6f61626364 "},
    {"/k?lmnop/", "lmnop", "6c6d6e6f70 "},
    {"/lmnop(qrst)?/", "lmnopqrst", "6c6d6e6f70 "},
    {"/ab.*QZJX.*cd/", "ab QZJX cd", "515a4a58 "},
    {"/(abc){4}def/", "abcabcabcabcdef", "616263616263 "},
    {"/(abc){2}def/ wide", "", "610062006300610062006300640065006600 "},
    {"/a*/", "", ""},
    {"/[a-z]{4}/", "abcd", ""},
    {"/.{3}[ab]c?/", "", ""},
    {"/\\w+@\\w+/", "a@b", ""},
};

static struct string_keys keys_of(const YR_RULES *rules)
{
    struct string_keys keys;
    ck_assert_int_eq(string_keys_find(rules, &keys), ASSAY_OK);
    ck_assert_uint_eq(keys.strings, rules->num_strings);
    return keys;
}

static void say_keys(const struct string_keys *keys, struct buffer *out)
{
    for (size_t i = 0; i < keys->count; i++) {
        const struct string_key *key = &keys->keys[i];
        ck_assert_uint_eq(key->string, 0);
        ck_assert_int_ge(buffer_append_text(out, key->any_case ? "i" : ""), 0);
        ck_assert_int_ge(encode_hex(out, (struct assay_bytes){key->bytes, key->size}), 0);
        ck_assert_int_ge(buffer_append_text(out, " "), 0);
    }
    ck_assert_int_ge(buffer_terminate(out), 0);
}

START_TEST(keys_are_as_expected)
{
    const struct expected *row = &expected[_i];
    cleanup(buffer_release) struct buffer found = {NULL, 0, 0};
    char source[512];
    snprintf(source, sizeof(source), "rule r { strings: $a = %s condition: $a }", row->string);
    YR_RULES *rules = compile(source);
    ck_assert_ptr_nonnull(rules);
    cleanup(string_keys_release) struct string_keys keys = keys_of(rules);
    say_keys(&keys, &found);
    ck_assert_msg(strcmp((char *)found.data, row->keys) == 0, "%s: %s", row->string,
                  (char *)found.data);
    ck_assert(keys.always[0] == (keys.count == 0));
    struct keys_hold hold = {.keys = &keys,
                             .data = {(const uint8_t *)row->sample, strlen(row->sample)}};
    keys_hold_scan(rules, &hold);
    ck_assert_msg(!hold.fails, "%s", hold.words);
    if (row->sample[0] != '\0' && keys.count > 0)
        ck_assert_msg(hold.matches > 0, "%s does not match", row->string);
    yr_rules_destroy(rules);
}
END_TEST

/* ---- strings made at random ------------------------------------------------------------------- */

static void fill(uint8_t *numbers, size_t size, uint64_t *state)
{
    for (size_t i = 0; i < size; i++) {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        numbers[i] = (uint8_t)(*state >> 32);
    }
}

/* The sample alone, among other bytes, and with one byte changed. */
static size_t try_sample(YR_RULES *rules, const struct string_keys *keys, const struct maker *maker)
{
    static uint8_t data[MAKER_TEXT_MAX + 64];
    size_t matches = 0;
    for (size_t way = 0; way < 3; way++) {
        size_t before = way == 1 ? 17 : 0, size = maker->sample_size;
        memset(data, '.', sizeof(data));
        memcpy(data + before, maker->sample, size);
        if (way == 2 && size > 0)
            data[size / 2] ^= 0x20;
        struct keys_hold hold = {.keys = keys, .data = {data, size + 2 * before}};
        keys_hold_scan(rules, &hold);
        ck_assert_msg(!hold.fails, "%s: %s", maker->text, hold.words);
        matches += hold.matches;
    }
    return matches;
}

START_TEST(made_strings_have_keys_where_they_match)
{
    enum { STRINGS = 6000 };
    static struct maker maker;
    static char source[MAKER_TEXT_MAX + 100];
    uint8_t numbers[400];
    uint64_t state = 88172645463325252U;
    size_t compiled = 0, matching = 0, with_keys = 0;
    for (size_t i = 0; i < STRINGS; i++) {
        fill(numbers, sizeof(numbers), &state);
        maker = (struct maker){.numbers = {numbers, sizeof(numbers)}};
        maker_string(&maker);
        snprintf(source, sizeof(source), "rule r { strings: $a = %s condition: #a > 1 }",
                 maker.text);
        YR_RULES *rules = compile(source);
        if (rules == NULL)
            continue;
        cleanup(string_keys_release) struct string_keys keys = keys_of(rules);
        compiled++;
        with_keys += !keys.always[0];
        matching += try_sample(rules, &keys, &maker) > 0;
        yr_rules_destroy(rules);
    }
    fprintf(stderr, "%zu of %d strings compile, %zu have keys, %zu match\n", compiled, STRINGS,
            with_keys, matching);
    ck_assert_uint_gt(compiled, STRINGS / 2);
    ck_assert_uint_gt(with_keys, compiled / 2);
    ck_assert_uint_gt(matching, with_keys / 2);
}
END_TEST

/* ---- published rules -------------------------------------------------------------------------- */

typedef void on_file(void *context, const char *path);

static size_t each_file(char *root, on_file *on, void *context)
{
    char *roots[] = {root, NULL};
    size_t count = 0;
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    ck_assert_ptr_nonnull(tree);
    for (FTSENT *entry; (entry = fts_read(tree)) != NULL;) {
        if (entry->fts_info != FTS_F)
            continue;
        on(context, entry->fts_path);
        count++;
    }
    fts_close(tree);
    return count;
}

static YR_COMPILER *new_compiler(void)
{
    static const char *const names[] = {"filename", "filepath", "extension", "filetype", "owner"};
    YR_COMPILER *compiler;
    ck_assert_int_eq(yr_compiler_create(&compiler), ERROR_SUCCESS);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        yr_compiler_define_string_variable(compiler, names[i], "");
    return compiler;
}

static int add_source(YR_COMPILER *compiler, const char *path)
{
    FILE *file = fopen(path, "re");
    ck_assert_ptr_nonnull(file);
    int errors = yr_compiler_add_file(compiler, file, path, path);
    (void)fclose(file);
    return errors;
}

/* A compiler that met an error is of no use, so each source is tried alone before. */
static void add_rules(void *context, const char *path)
{
    const char *dot = strrchr(path, '.');
    if (dot == NULL || (strcmp(dot, ".yar") != 0 && strcmp(dot, ".yara") != 0))
        return;
    YR_COMPILER *trial = new_compiler();
    if (add_source(trial, path) == 0)
        ck_assert_int_eq(add_source(context, path), 0);
    yr_compiler_destroy(trial);
}

struct published {
    YR_RULES *rules;
    struct string_keys keys;
    uint64_t bytes_left; /* of files, or this takes too long */
    size_t matches;
};

static void scan_file(void *context, const char *path)
{
    struct published *published = context;
    cleanup(buffer_release) struct buffer data = {NULL, 0, 0};
    cleanup(fd_cleanup) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || buffer_append_file(&data, fd, 8 << 20) < 0 || data.size > published->bytes_left)
        return;
    struct keys_hold hold = {.keys = &published->keys, .data = buffer_view(&data)};
    keys_hold_scan(published->rules, &hold);
    ck_assert_msg(!hold.fails, "%s: %s", path, hold.words);
    published->bytes_left -= data.size;
    published->matches += hold.matches;
}

START_TEST(published_strings_have_keys_where_they_match)
{
    static const char archive[] = TESTS_DIRECTORY "/../../shared/data/rules.tar.xz";
    char root[] = "/tmp/assay-unit-XXXXXX", command[512], programs[] = "/usr/bin";
    if (access(archive, R_OK) != 0) {
        fprintf(stderr, "skipped: %s is not there: published rules to test with\n", archive);
        return;
    }
    ck_assert_ptr_nonnull(mkdtemp(root));
    snprintf(command, sizeof(command), "tar -xJf '%s' -C '%s'", archive, root);
    ck_assert_int_eq(system(command), 0);
    YR_COMPILER *compiler = new_compiler();
    struct published published = {.bytes_left = 40 << 20};
    each_file(root, add_rules, compiler);
    ck_assert_int_eq(yr_compiler_get_rules(compiler, &published.rules), ERROR_SUCCESS);
    published.keys = keys_of(published.rules);
    ck_assert_uint_gt(published.keys.count, 30000);

    each_file(root, scan_file, &published);
    ck_assert_uint_gt(published.matches, 20000);
    published.bytes_left = 20 << 20;
    each_file(programs, scan_file, &published);
    string_keys_release(&published.keys);
    yr_rules_destroy(published.rules);
    yr_compiler_destroy(compiler);
    snprintf(command, sizeof(command), "rm -rf '%s'", root);
    ck_assert_int_eq(system(command), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("string_keys");
    TCase *cases = tcase_create("string_keys");
    if (engine_open() < 0)
        return EXIT_FAILURE;
    tcase_set_timeout(cases, 250);
    tcase_add_loop_test(cases, keys_are_as_expected, 0, sizeof(expected) / sizeof(*expected));
    tcase_add_test(cases, made_strings_have_keys_where_they_match);
    tcase_add_test(cases, published_strings_have_keys_where_they_match);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    engine_close();
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
