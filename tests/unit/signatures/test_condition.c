/* What is known of conditions without libyara, and that libyara says nothing else. */
#include "condition_tested.h"

struct row {
    const char *condition;
    enum truth truth;
};

#define UNDEFINED "uint8(filesize)"
#define SMALLEST  "(filesize - filesize - 9223372036854775807 - 1)"

static const struct row rows[] = {
    {"true", TRUE},
    {"false", FALSE},
    /* truth */
    {"true and $b", UNKNOWN},
    {"false and $b", FALSE},
    {"$b and false", FALSE},
    {"$b or true", TRUE},
    {"not $a", TRUE},
    {"not $b", UNKNOWN},
    {"not (" UNDEFINED " == 1)", FALSE},
    {"not (" UNDEFINED " and true)", TRUE},
    {"not (false or " UNDEFINED ")", TRUE},
    {UNDEFINED " or true", TRUE},
    {UNDEFINED " or $a", FALSE},
    {"defined " UNDEFINED, FALSE},
    {"defined (" UNDEFINED " == 1)", FALSE},
    {"defined (" UNDEFINED " and true)", TRUE},
    {"defined not " UNDEFINED, FALSE},
    {"filesize", TRUE},
    {"($a and pe.is_dll()) or (filesize > 10 and $b and filesize < 10)", FALSE},
    {"(false or (false and (true or false))) or ((true and (true and false)) or true)", TRUE},
    {"((true and false) or true) and (true or (false and true)) and (false or true)", TRUE},
    /* strings */
    {"$a", FALSE},
    {"$b", UNKNOWN},
    {"#a == 0", TRUE},
    {"#a > 3", FALSE},
    {"#b > 3", UNKNOWN},
    {"#b >= 0", TRUE},
    {"#b < 0", FALSE},
    {"$a at 4", FALSE},
    {"$a at " UNDEFINED, FALSE},
    {"not ($b at " UNDEFINED ")", TRUE},
    {"$b at 64", UNKNOWN},
    {"$a in (0..10)", FALSE},
    {"not ($a in (0..10))", TRUE},
    {"not ($a in (0.." UNDEFINED "))", FALSE},
    {"(#a in (0..10)) == 0", TRUE},
    {"(#a in (" UNDEFINED "..10)) == 0", FALSE},
    {"@a < 100", FALSE},
    {"defined @a[1]", FALSE},
    {"defined !a", FALSE},
    {"@b[1] == 64", UNKNOWN},
    {"@b[" UNDEFINED "] == 64", FALSE},
    {"@b < 0", FALSE},
    /* sets */
    {"any of ($a)", FALSE},
    {"none of ($a)", TRUE},
    {"all of them", FALSE},
    {"any of them", UNKNOWN},
    {"none of them", UNKNOWN},
    {"2 of them", FALSE},
    {"1 of them", UNKNOWN},
    {"0 of ($a)", TRUE},
    {"(filesize - filesize - 1) of them", TRUE},
    {"(filesize - filesize) of ($a)", TRUE},
    {UNDEFINED " of them", FALSE},
    {"filesize of them", FALSE},
    {"50% of them", UNKNOWN},
    {"51% of them", FALSE},
    {"(" UNDEFINED ")% of them", FALSE},
    {"not ((" UNDEFINED ")% of them)", FALSE},
    {"all of them in (0..100)", FALSE},
    {"any of ($b) in (0..100)", UNKNOWN},
    {"none of ($a) in (0..100)", TRUE},
    {"not (any of them in (" UNDEFINED "..1))", FALSE},
    {"any of (r*)", TRUE},
    {"all of (r*)", FALSE},
    {"none of (r_no)", TRUE},
    {"2 of (r_yes, r_maybe)", UNKNOWN},
    {"3 of (r_yes, r_no, r_maybe)", FALSE},
    {"(33)% of (r*)", TRUE},
    {"(67)% of (r*)", FALSE},
    /* other rules */
    {"r_yes", TRUE},
    {"r_no", FALSE},
    {"r_maybe", UNKNOWN},
    {"not r_no", TRUE},
    /* numbers */
    {"filesize == 68", TRUE},
    {"filesize < 10KB", TRUE},
    {"filesize > 10KB", FALSE},
    {"uint32(0) == 0x04030201", TRUE},
    {"uint32be(0) == 0x01020304", TRUE},
    {"uint16(0) == 0x5A4D and pe.number_of_sections > 1", FALSE},
    {"int8(64 - 1) == -1", TRUE},
    {"uint8(63) == 255", TRUE},
    {"int16be(63) == -158", TRUE},
    {"int32(64) == 1", FALSE},
    {"defined uint8(67)", TRUE},
    {"defined uint16(67)", FALSE},
    {"defined uint8(0 - 1)", FALSE},
    {"defined uint8(9223372036854775807)", FALSE},
    {"defined uint8(@b)", UNKNOWN},
    {"uint8(@b) < 256", UNKNOWN},
    {"not (uint8(@b) > 255)", UNKNOWN},
    {"uint8(@b) > 255", FALSE},
    {"defined (filesize \\ (filesize - 68))", FALSE},
    {"defined (filesize % (filesize - 68))", FALSE},
    {"(filesize - 75) \\ 3 == -2", TRUE},
    {"(filesize - 75) % 3 == -1", TRUE},
    {"(filesize - 67) << 64 == 0", TRUE},
    {"(filesize - 67) << 63 < 0", TRUE},
    {"(filesize - 76) >> 1 == -4", TRUE},
    {"(filesize - 76) >> 63 == -1", TRUE},
    {"(filesize - 76) >> 64 == 0", TRUE},
    {"defined (1 << (filesize - 69))", FALSE},
    {"defined (1 >> (filesize - 69))", FALSE},
    {"filesize + 9223372036854775807 < 0", TRUE},
    {"(filesize * 0x4000000000000000) == 0", TRUE},
    {SMALLEST " \\ 2 == -4611686018427387904", TRUE},
    {"-" SMALLEST " < 0", TRUE},
    {"~(filesize - 68) == -1", TRUE},
    {"(filesize ^ 3) | 1 == 71", TRUE},
    {"(filesize & 0xF0) == 64", TRUE},
    {"#b * 2 + 1 > 0", TRUE},
    {"#b - 1 < -1", FALSE},
    {"(#b & 7) > 7", FALSE},
    {"#b \\ 2 < 0", FALSE},
    /* The one integer that libyara takes for undefined. */
    {"defined (filesize - 1483400188077381)", FALSE},
    /* doubles */
    {"filesize > 1.5", TRUE},
    {"filesize * 1.5 < 102.5", TRUE},
    {"1.5 > " UNDEFINED, FALSE},
    {"1.5 + " UNDEFINED " < 2", FALSE},
    {"-(1.5 * 2) < 0", TRUE},
    {"math.entropy(0, filesize) > 7.0", UNKNOWN},
    /* texts */
    {"filename == \"lsass.exe\"", TRUE},
    {"filename != \"lsass.exe\"", FALSE},
    {"filepath contains \"Files/\"", TRUE},
    {"filepath contains \"files/\"", FALSE},
    {"filepath icontains \"files/\"", TRUE},
    {"filepath startswith \"/srv\"", TRUE},
    {"filepath istartswith \"/SRV\"", TRUE},
    {"extension endswith \"exe\"", TRUE},
    {"extension iendswith \"EXE\"", TRUE},
    {"filename iequals \"LSASS.exe\"", TRUE},
    {"filename iequals \"LSASS.ex\"", FALSE},
    {"filetype == \"EXE\" and extension == \".dll\"", FALSE},
    {"owner", FALSE},
    {"not owner", TRUE},
    {"owner contains \"\"", TRUE},
    {"filename and filename contains owner", TRUE},
    {"\"a\\x00b\" == \"a\\x00c\"", FALSE},
    {"filename > \"a\"", UNKNOWN},
    {"filename matches /sass/", UNKNOWN},
    {"filename matches /sass/ and $a", FALSE},
    {"filename matches /nothere/", FALSE},
    {"filename matches /^NOT.*there$/i", FALSE},
    {"filename matches /LSA/", UNKNOWN},
    {"filename matches /(nothere|lsass)/", UNKNOWN},
    {"filename matches /(not){0,1}lsass/", UNKNOWN},
    {"filename matches /n?lsass/", UNKNOWN},
    {"filename matches /(n){2}x/", FALSE},
    {"pe.dll_name contains \"x\"", FALSE},
    {"pe.dll_name", FALSE},
    {"not pe.dll_name", FALSE},
    {"pe.dll_name matches /x/", FALSE},
    {"not (pe.dll_name matches /x/)", FALSE},
    /* loops */
    {"for any i in (1..#a) : (@a[i] < 100)", FALSE},
    {"for any i in (1..#b) : (@b[i] < 100)", UNKNOWN},
    {"for any i in (1..#b) : (@a[i] < 100)", FALSE},
    {"for all i in (1..#b) : (@a[i] < 100)", FALSE},
    {"for all i in (1..3) : (i < 4)", TRUE},
    {"for all i in (1..3) : (i < 3)", FALSE},
    {"for 2 i in (1..3) : (i < 3)", TRUE},
    {"for 3 i in (1..3) : (i < 3)", FALSE},
    {"for any i in (1..3) : (i == 3 and $b)", UNKNOWN},
    {"for any i in (1..3) : (i == 4 and $b)", FALSE},
    {"for all i in (3..1) : (true)", FALSE},
    {"for none i in (3..1) : (true)", FALSE},
    {"for none i in (1..3) : (i == 1)", TRUE},
    {"for all i in (1.." UNDEFINED ") : (true)", FALSE},
    {"for any i in (0..100000) : (i == 70000)", UNKNOWN},
    {"for any i in (0..100000) : (i > 100000)", FALSE},
    {"for any i in (0..100000) : (i >= 0)", TRUE},
    {"for all i in (0..100000) : (i >= 0)", TRUE},
    {"for 2 i in (0..100000) : (i >= 0)", UNKNOWN},
    {"for " UNDEFINED " i in (1..3) : (i > 0)", TRUE},
    {"for any i in (1, 68, " UNDEFINED ") : (i == filesize)", TRUE},
    {"for any i in (1, 2, " UNDEFINED ") : (not defined i)", TRUE},
    {"for 7 i in (1..3) : (7)", TRUE},
    {"for any i in (1..3) : (0 - 1)", UNKNOWN},
    {"for any i in (1..2) : (for any j in (1..i) : (j == 2))", TRUE},
    {"for all i in (1..2) : (for any j in (1..i) : (j == 2))", FALSE},
    {"for any i in (9223372036854775806..9223372036854775807) : (i == 9223372036854775807)", TRUE},
    {"for any of them : ($ at 0)", UNKNOWN},
    {"for all of them : ($ at 0)", FALSE},
    {"for any of ($a) : (# > 0)", FALSE},
    {"for all of ($a) : (# == 0)", TRUE},
    {"for 0 of them : ($)", TRUE},
    {"for any of them : (!  > 0 or @ > 0 or $ in (0..4))", UNKNOWN},
    {"for 3 of ($b) : (#b or none of ($b))", UNKNOWN},
    /* modules, for a text */
    {"pe.number_of_sections == 0", FALSE},
    {"not (pe.number_of_sections == 0)", FALSE},
    {"defined pe.imphash()", FALSE},
    {"pe.imphash() == \"x\" or pe.exports(\"x\") or pe.is_dll()", FALSE},
    {"pe.sections[0].name == \"x\" or pe.version_info[\"x\"] == \"x\"", FALSE},
    {"pe.is_pe", UNKNOWN},
    {"pe.MACHINE_I386 == 3", UNKNOWN},
    {"elf.type == elf.ET_EXEC", FALSE},
    {"for any s in pe.sections : (true)", FALSE},
    {"for none s in elf.sections : (true)", FALSE},
    {"for any k, v in pe.version_info : (k == v)", FALSE},
    {"dotnet.number_of_streams > 0", FALSE},
    {"pe.rich_signature.toolid(1, 2) > 0", FALSE},
    {"defined entrypoint", FALSE},
    {"for any i in (0..pe.number_of_signatures) : (pe.signatures[i].serial == \"x\")", FALSE},
};

/* For an executable without certificates. */
static const struct row portable_rows[] = {
    {"uint16(0) == 0x5A4D", TRUE},
    {"pe.number_of_sections > 0", UNKNOWN},
    {"elf.number_of_sections > 0", FALSE},
    {"pe.number_of_signatures > 0", FALSE},
    {"pe.number_of_signatures == 0", UNKNOWN},
    {"for any i in (0..pe.number_of_signatures) : (pe.signatures[i].subject contains \"x\")",
     FALSE},
    {"for any i in (0..pe.number_of_signatures - 1) : (true)", FALSE},
    {"for any s in pe.signatures : (true)", FALSE},
    {"for any s in pe.sections : (s.name == \"x\")", UNKNOWN},
    {"for any s in pe.sections : (s.name == \"x\" and $a)", FALSE},
    {"pe.imphash() == \"x\"", UNKNOWN},
    {"pe.imphash() == \"x\" and any of ($a)", FALSE},
};

static void check_rows(const struct row *table, size_t count, struct view view)
{
    ck_assert_int_eq(yr_initialize(), ERROR_SUCCESS);
    for (size_t i = 0; i < count; i++) {
        YR_RULES *rules = compile(table[i].condition);
        ck_assert_msg(rules != NULL, "%s does not compile", table[i].condition);
        enum truth truth = evaluate(rules, view, table[i].condition);
        ck_assert_msg(truth == table[i].truth, "%s is %d, not %d", table[i].condition, truth,
                      table[i].truth);
        yr_rules_destroy(rules);
    }
    yr_finalize();
}

START_TEST(of_a_text)
{
    check_rows(rows, sizeof(rows) / sizeof(rows[0]), tested_view());
}
END_TEST

START_TEST(of_an_executable)
{
    uint8_t bytes[0x200];
    make_portable(bytes);
    check_rows(portable_rows, sizeof(portable_rows) / sizeof(portable_rows[0]),
               (struct view){bytes, sizeof(bytes)});
}
END_TEST

/* ---- rules among each other ----------------------------------------------------------------- */

static const struct {
    const char *rules;
    enum truth any, last;
} sets[] = {
    {"rule a { condition: true } rule b { condition: a }", TRUE, TRUE},
    {"rule a { condition: false } rule b { condition: not a }", TRUE, TRUE},
    {"global rule g { condition: false } rule b { condition: true }", FALSE, FALSE},
    {"rule b { condition: true } global rule g { condition: false } rule c { condition: true }",
     FALSE, FALSE},
    {"global rule g { condition: filesize > 1 } rule b { condition: true }", TRUE, TRUE},
    {"global rule g { condition: filename matches /s/ } rule b { condition: true }", UNKNOWN,
     UNKNOWN},
    {"global rule g { condition: filename matches /s/ } global rule h { condition: false } "
     "rule b { condition: true }",
     FALSE, FALSE},
    {"private rule a { condition: true }", FALSE, TRUE},
    {"private rule a { condition: true } rule b { condition: a and filesize == 0 }", FALSE, FALSE},
    {"private global rule g { condition: filesize < 1 } rule b { condition: true }", FALSE, FALSE},
    {"rule a { strings: $a = \"nothere\" condition: $a } rule b { condition: not a }", TRUE, TRUE},
    {"rule a { strings: $a = \"nothere\" condition: not $a } rule b { condition: a }", TRUE, TRUE},
    {"rule a { strings: $a = { 08 67 [300-400] 01 02 } condition: $a }", FALSE, FALSE},
};

START_TEST(among_rules)
{
    ck_assert_int_eq(yr_initialize(), ERROR_SUCCESS);
    for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
        YR_RULES *rules = fixture_rules(sets[i].rules, stderr);
        ck_assert(rules != NULL);
        const struct view view = tested_view();
        cleanup(buffer_release) struct buffer out = {NULL, 0, 0};
        cleanup(fixture_release) struct fixture_verdicts verdicts = {0};
        struct conditions conditions;
        uint8_t truths[8];
        ck_assert_int_eq(conditions_write(rules, &out), ASSAY_OK);
        ck_assert_int_eq(conditions_open(buffer_view(&out), &conditions), ASSAY_OK);
        ck_assert(fixture_scan(rules, view, &fixture_variables, &verdicts));
        const struct condition_facts facts = {view, &fixture_variables, verdicts.absent};
        enum truth any = conditions_evaluate(&conditions, &facts, truths);
        ck_assert_uint_eq(fixture_disagree(&verdicts, any, truths), rules->num_rules);
        ck_assert_msg(any == sets[i].any && truths[rules->num_rules - 1] == sets[i].last,
                      "%s: %d, %d", sets[i].rules, any, truths[rules->num_rules - 1]);
        yr_rules_destroy(rules);
    }
    yr_finalize();
}
END_TEST

/* Each namespace has its own global rules, and may come in several parts. */
START_TEST(among_namespaces)
{
    static const char *const parts[][2] = {
        {"one", "rule a { condition: true }"},
        {"two", "rule a { condition: true }"},
        {"one", "global rule g { condition: filesize < 3 }"},
        {"two", "rule b { condition: true }"},
        {"one", "rule b { condition: true }"},
    };
    static const enum truth expected[] = {FALSE, TRUE, FALSE, TRUE, FALSE};
    ck_assert_int_eq(yr_initialize(), ERROR_SUCCESS);
    YR_COMPILER *compiler = fixture_compiler(stderr);
    YR_RULES *rules;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        ck_assert_int_eq(yr_compiler_add_string(compiler, parts[i][1], parts[i][0]), 0);
    ck_assert_int_eq(yr_compiler_get_rules(compiler, &rules), ERROR_SUCCESS);
    yr_compiler_destroy(compiler);
    cleanup(buffer_release) struct buffer out = {NULL, 0, 0};
    cleanup(fixture_release) struct fixture_verdicts verdicts = {0};
    struct conditions conditions;
    const struct view view = tested_view();
    uint8_t truths[8];
    ck_assert_int_eq(conditions_write(rules, &out), ASSAY_OK);
    ck_assert_int_eq(conditions_open(buffer_view(&out), &conditions), ASSAY_OK);
    ck_assert(fixture_scan(rules, view, &fixture_variables, &verdicts));
    const struct condition_facts facts = {view, &fixture_variables, verdicts.absent};
    ck_assert_int_eq(conditions_evaluate(&conditions, &facts, truths), TRUE);
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        ck_assert_msg(truths[i] == expected[i] && verdicts.matches[i] == (expected[i] == TRUE),
                      "rule %zu", i);
    yr_rules_destroy(rules);
    yr_finalize();
}
END_TEST

/* ---- hostile memory ------------------------------------------------------------------------- */

/* Evaluates whatever opens. */
static void survive(struct view memory)
{
    struct conditions conditions;
    uint64_t absent[64] = {0};
    uint8_t truths[4096];
    if (conditions_open(memory, &conditions) < 0)
        return;
    ck_assert(conditions.rules <= sizeof(truths) && conditions.strings <= 64 * 64);
    const struct condition_facts facts = {tested_view(), &fixture_variables, absent};
    (void)conditions_evaluate(&conditions, &facts, truths);
}

START_TEST(hostile_memory)
{
    ck_assert_int_eq(yr_initialize(), ERROR_SUCCESS);
    YR_RULES *rules = compile(
        "(r_maybe or 2 of (r*)) and (#a > 3 or $b at 4 or any of them in (1..4)) and "
        "(for any i in (1..#b) : (for all j in (1, i, 4) : (@b[j] + i < 4.5 * filesize))) and "
        "(for any of them : (# > 3)) and filename contains \"a\" and uint16(0) == 0x5A4D and "
        "for any k, v in pe.version_info : (k == v)");
    ck_assert(rules != NULL);
    cleanup(buffer_release) struct buffer out = {NULL, 0, 0};
    ck_assert_int_eq(conditions_write(rules, &out), ASSAY_OK);
    for (size_t size = 0; size < out.size; size++) {
        cleanup(free_cleanup) uint8_t *cut = malloc(size + 1);
        memcpy(cut, out.data, size);
        struct conditions conditions;
        ck_assert_int_eq(conditions_open((struct view){cut, size}, &conditions), ASSAY_ERR_CORRUPT);
    }
    cleanup(free_cleanup) uint8_t *copy = malloc(out.size + 1);
    for (size_t at = 0; at < out.size; at++) {
        memcpy(copy, out.data, out.size);
        for (unsigned byte = 1; byte < 256; byte++) {
            copy[at] = (uint8_t)(out.data[at] ^ byte);
            survive((struct view){copy, out.size});
        }
    }
    yr_rules_destroy(rules);
    yr_finalize();
}
END_TEST

/* A loop that would go on for long gives up. */
START_TEST(bounded_loops)
{
    ck_assert_int_eq(yr_initialize(), ERROR_SUCCESS);
    const struct view view = tested_view();
    YR_RULES *rules = compile(
        "for all i in (1..60) : (for all j in (1..60) : (for all k in (1..60) : (i + j + k > 0)))");
    ck_assert(rules != NULL);
    ck_assert_int_eq(evaluate(rules, view, "three loops"), UNKNOWN);
    yr_rules_destroy(rules);
    yr_finalize();
}
END_TEST

UNIT_MAIN("condition", of_a_text, of_an_executable, among_rules, among_namespaces, hostile_memory,
          bounded_loops)
