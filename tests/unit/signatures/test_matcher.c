#include "rules_of.h"
#include "signatures/matcher.h"

#define VIEW(literal) ((struct view){(const uint8_t *)(literal), sizeof(literal) - 1})

static const struct matcher_variables nothing = {"", "", "", "", ""};

/* What the last scan said; pointers are only good for the rules, which outlive it. */
static struct {
    size_t matches, incompletes;
    char rules[512], detail[512];
    enum assay_reason reason;
    int stop_after; /* 0: never */
} got;

static void (*check_match)(const struct assay_match *match);

static int on_match(void *context, struct assay_match *match)
{
    ck_assert_ptr_eq(context, &got);
    strncat(got.rules, match->rule, sizeof(got.rules) - strlen(got.rules) - 2);
    strcat(got.rules, " ");
    if (check_match != NULL)
        check_match(match);
    return ++got.matches == (size_t)got.stop_after;
}

static void on_incomplete(void *context, enum assay_reason reason, const char *detail)
{
    ck_assert_ptr_eq(context, &got);
    got.reason = reason;
    snprintf(got.detail, sizeof(got.detail), "%s", detail);
    got.incompletes++;
}

static const struct matcher_events events = {on_match, on_incomplete, &got};

static status scan_with(struct matcher *matcher, struct view view, uint32_t seconds,
                        const struct matcher_variables *variables)
{
    int stop_after = got.stop_after;
    memset(&got, 0, sizeof(got));
    got.stop_after = stop_after;
    return matcher_scan(matcher, view, variables, seconds, &events, NULL);
}

static status scan(struct matcher *matcher, struct view view)
{
    return scan_with(matcher, view, 0, &nothing);
}

static struct matcher *matcher_of(const struct assay_rules *rules)
{
    struct matcher *matcher = NULL;
    ck_assert_int_eq(matcher_new(rules, &matcher), ASSAY_OK);
    return matcher;
}

#define MATCHER(text)                                                                              \
    cleanup(rules_free_cleanup) struct assay_rules *rules = rules_of(text);                        \
    cleanup(matcher_free_cleanup) struct matcher *matcher = matcher_of(rules)

/* ---- what a match carries ------------------------------------------------------------------- */

static void check_whole(const struct assay_match *match)
{
    ck_assert_str_eq(match->rule, "whole");
    ck_assert_str_eq(match->rule_namespace, "test.yar");
    ck_assert_str_eq(match->database, "test");
    ck_assert_int_eq(match->severity, ASSAY_LOW);
    ck_assert_uint_eq(match->tag_count, 2);
    ck_assert_str_eq(match->tags[0], "red");
    ck_assert_str_eq(match->tags[1], "blue");
    ck_assert_uint_eq(match->meta_count, 4);
    ck_assert_str_eq(match->metas[0].name, "text");
    ck_assert_int_eq(match->metas[0].type, ASSAY_META_STRING);
    ck_assert_str_eq(match->metas[0].string, "t");
    ck_assert_int_eq(match->metas[1].type, ASSAY_META_INTEGER);
    ck_assert_int_eq(match->metas[1].integer, -5);
    ck_assert_int_eq(match->metas[2].type, ASSAY_META_BOOLEAN);
    ck_assert_int_eq(match->metas[2].integer, 1);
    ck_assert_uint_eq(match->string_count, 3);
    ck_assert_uint_eq(match->strings_omitted, 0);
    const struct assay_string_match *strings = match->strings;
    ck_assert_str_eq(strings[0].id, "$b");
    ck_assert_uint_eq(strings[0].offset, 2);
    ck_assert_uint_eq(strings[1].offset, 8);
    ck_assert_str_eq(strings[2].id, "$a");
    ck_assert_uint_eq(strings[2].offset, 0);
    ck_assert_uint_eq(strings[2].length, 2);
    ck_assert_uint_eq(strings[2].data.size, 2);
    ck_assert_mem_eq(strings[2].data.data, "xy", 2);
}

START_TEST(a_match_is_whole)
{
    MATCHER("rule whole : red blue { meta: text = \"t\" number = -5 yes = true severity = \"low\" "
            "strings: $b = \"bb\" $none = \"zz\" $a = \"xy\" $hidden = \"cc\" private "
            "condition: $b and $a and $hidden and not $none }"
            "private rule silent { condition: true } rule other { condition: false }");
    check_match = check_whole;
    ck_assert_int_eq(scan(matcher, VIEW("xybb--ccbb")), ASSAY_OK);
    ck_assert_str_eq(got.rules, "whole ");
    ck_assert_uint_eq(got.incompletes, 0);
}
END_TEST

static void check_bare(const struct assay_match *match)
{
    ck_assert_uint_eq(match->tag_count + match->meta_count + match->string_count, 0);
    ck_assert_int_eq(match->severity, ASSAY_HIGH);
}

START_TEST(a_bare_match_is_high)
{
    MATCHER("rule bare { condition: true }");
    check_match = check_bare;
    ck_assert_int_eq(scan(matcher, VIEW("x")), ASSAY_OK);
    ck_assert_uint_eq(got.matches, 1);
}
END_TEST

/* Every offset is one that memmem finds, and all of them are there. */
static uint8_t sea[100000];

static void check_offsets(const struct assay_match *match)
{
    const uint8_t *at = sea;
    ck_assert_uint_gt(match->string_count, 10);
    for (size_t i = 0; i < match->string_count; i++, at++) {
        at = memmem(at, sizeof(sea) - (size_t)(at - sea), "needle", 6);
        ck_assert_ptr_nonnull(at);
        ck_assert_uint_eq(match->strings[i].offset, (size_t)(at - sea));
        ck_assert_uint_eq(match->strings[i].length, 6);
        ck_assert_ptr_eq(match->strings[i].data.data, at);
    }
    ck_assert_ptr_null(memmem(at, sizeof(sea) - (size_t)(at - sea), "needle", 6));
}

START_TEST(offsets_are_those_of_the_bytes)
{
    MATCHER("rule r { strings: $a = \"needle\" condition: $a }");
    for (size_t at = 0; at + 6 <= sizeof(sea); at += 997 + at / 7)
        memcpy(sea + at, "needle", 6);
    memcpy(sea + sizeof(sea) - 6, "needle", 6);
    check_match = check_offsets;
    ck_assert_int_eq(scan(matcher, (struct view){sea, sizeof(sea)}), ASSAY_OK);
    ck_assert_uint_eq(got.matches, 1);
}
END_TEST

static void check_long(const struct assay_match *match)
{
    ck_assert_uint_eq(match->string_count, 1);
    ck_assert_uint_eq(match->strings[0].length, 1000);
    ck_assert_uint_eq(match->strings[0].data.size, ASSAY_STRING_DATA_MAX);
    ck_assert_mem_eq(match->strings[0].data.data, "ABCD", 4);
}

START_TEST(the_data_of_a_long_match_is_cut)
{
    MATCHER("rule r { strings: $a = /ABCD.{992}WXYZ/ condition: $a }");
    uint8_t bytes[1100];
    memset(bytes, '.', sizeof(bytes));
    memcpy(bytes + 50, "ABCD", 4);
    memcpy(bytes + 1046, "WXYZ", 4);
    check_match = check_long;
    ck_assert_int_eq(scan(matcher, (struct view){bytes, sizeof(bytes)}), ASSAY_OK);
    ck_assert_uint_eq(got.matches, 1);
}
END_TEST

static void check_omitted(const struct assay_match *match)
{
    ck_assert_uint_eq(match->string_count, 256);
    ck_assert_uint_eq(match->strings_omitted, 1000 - 256);
    ck_assert_uint_eq(match->strings[255].offset, 255 * 2);
}

START_TEST(many_matches_of_a_string_are_counted)
{
    MATCHER("rule r { strings: $a = \"ab\" condition: $a }");
    uint8_t bytes[2000];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = i % 2 == 0 ? 'a' : 'b';
    check_match = check_omitted;
    ck_assert_int_eq(scan(matcher, (struct view){bytes, sizeof(bytes)}), ASSAY_OK);
    ck_assert_uint_eq(got.matches, 1);
}
END_TEST

/* ---- what rules may ask --------------------------------------------------------------------- */

START_TEST(an_empty_view_is_matched)
{
    MATCHER("rule size { condition: filesize == 0 } rule name { condition: filename == \"f\" } "
            "rule byte { condition: uint8(0) == 0 } rule no { condition: filesize > 0 }");
    const struct matcher_variables variables = {"f", "", "", "", ""};
    ck_assert_int_eq(scan_with(matcher, (struct view){NULL, 0}, 0, &variables), ASSAY_OK);
    ck_assert_str_eq(got.rules, "size name ");
    ck_assert_int_eq(scan(matcher, VIEW("\0")), ASSAY_OK);
    ck_assert_str_eq(got.rules, "byte no ");
}
END_TEST

START_TEST(variables_are_those_of_the_scan)
{
    MATCHER("rule name { condition: filename == \"a.exe\" } "
            "rule path { condition: filepath matches /^\\/tmp/ } "
            "rule ending { condition: extension == \".exe\" } "
            "rule type { condition: filetype == \"EXE\" } "
            "rule user { condition: owner == \"root\" }");
    const struct matcher_variables all = {"a.exe", "/tmp/a.exe", ".exe", "EXE", "root"};
    ck_assert_int_eq(scan_with(matcher, VIEW("x"), 0, &all), ASSAY_OK);
    ck_assert_str_eq(got.rules, "name path ending type user ");
    ck_assert_int_eq(scan(matcher, VIEW("x")), ASSAY_OK);
    ck_assert_uint_eq(got.matches, 0);
}
END_TEST

START_TEST(modules_see_the_bytes)
{
    MATCHER("import \"hash\" import \"math\" import \"console\" import \"elf\" "
            "rule h { condition: console.log(\"dropped\") and "
            "hash.md5(0, filesize) == \"900150983cd24fb0d6963f7d28e17f72\" } "
            "rule m { condition: math.mean(0, filesize) == 98.0 } "
            "rule e { condition: elf.type == elf.ET_EXEC }");
    ck_assert_int_eq(scan(matcher, VIEW("abc")), ASSAY_OK);
    ck_assert_str_eq(got.rules, "h m ");
}
END_TEST

/* ---- what can go wrong ---------------------------------------------------------------------- */

static struct view bytes_of(char c, size_t size)
{
    uint8_t *bytes = malloc(size);
    ck_assert_ptr_nonnull(bytes);
    memset(bytes, c, size);
    return (struct view){bytes, size};
}

START_TEST(too_many_matches_are_said_and_the_rest_goes_on)
{
    MATCHER("rule often { strings: $s = \"a\" condition: #s > 10 } "
            "rule rest { strings: $e = \"END\" condition: $e }");
    struct view view = bytes_of('a', 1100000);
    memcpy((uint8_t *)view.data + view.size - 3, "END", 3);
    for (int again = 0; again < 2; again++) {
        ck_assert_int_eq(scan(matcher, view), ASSAY_OK);
        ck_assert_uint_eq(got.incompletes, 1);
        ck_assert_int_eq(got.reason, ASSAY_REASON_MATCHES);
        ck_assert_str_eq(got.detail, "rule often string $s matches too often");
        ck_assert_str_eq(got.rules, "often rest ");
    }
    ck_assert_int_eq(scan(matcher, VIEW("aaaaaaaaaaaa")), ASSAY_OK);
    ck_assert_uint_eq(got.incompletes, 0);
    ck_assert_str_eq(got.rules, "often ");
    free((void *)view.data);
}
END_TEST

/* The bound is soft: libyara looks at the clock only every 4096 bytes and may be far beyond it. */
static void check_time(const char *text)
{
    MATCHER(text);
    struct view view = bytes_of('a', 1000000);
    for (size_t i = 0; i < view.size; i += 128)
        *(uint8_t *)(view.data + i) = '.';
    struct error error = {""};
    ck_assert_int_eq(matcher_scan(matcher, view, &nothing, 1, &events, &error), ASSAY_ERR_TIME);
    ck_assert_ptr_nonnull(strstr(error.text, "time"));
    free((void *)view.data);
    ck_assert_int_eq(scan_with(matcher, VIEW("x"), 1, &nothing), ASSAY_OK);
    ck_assert_str_eq(got.rules, "quick ");
}

START_TEST(time_runs_out_and_the_matcher_goes_on)
{
    check_time("rule slow { strings: $s = /(a|aa|aaa)+(a|aa)*b/ condition: $s } "
               "rule quick { condition: filesize == 1 }");
    check_time("rule slow { condition: filesize > 1 and for any i in (1..2000000000) : (filesize "
               "== 0 - i) } "
               "rule quick { condition: filesize == 1 }");
}
END_TEST

START_TEST(what_the_engine_cannot_do_names_the_rule)
{
    MATCHER("rule wild { strings: $s = /a(b|bb|bbb){1,1000}(b|bb){1,1000}c/ condition: $s } "
            "rule quick { condition: filesize == 1 }");
    struct view view = bytes_of('b', 5000);
    *(uint8_t *)view.data = 'a';
    struct error error = {""};
    status result = matcher_scan(matcher, view, &nothing, 60, &events, &error);
    free((void *)view.data);
    ck_assert_int_eq(result, ASSAY_ERR_ENGINE);
    ck_assert_ptr_nonnull(strstr(error.text, "wild"));
    ck_assert_int_eq(scan(matcher, VIEW("x")), ASSAY_OK);
    ck_assert_str_eq(got.rules, "quick ");
}
END_TEST

START_TEST(the_listener_can_stop)
{
    MATCHER("rule a { condition: true } rule b { condition: true }");
    got.stop_after = 1;
    ck_assert_int_eq(scan(matcher, VIEW("x")), ASSAY_ERR_CANCELLED);
    ck_assert_str_eq(got.rules, "a ");
    got.stop_after = 0;
    ck_assert_int_eq(scan(matcher, VIEW("x")), ASSAY_OK);
    ck_assert_str_eq(got.rules, "a b ");
}
END_TEST

static void check_database(const struct assay_match *match)
{
    ck_assert_str_eq(match->database, match->rule[0] == 'a' ? "first" : "second");
    ck_assert_str_eq(match->rule_namespace, match->rule[0] == 'a' ? "n" : "n#2");
}

START_TEST(a_match_knows_its_database)
{
    const struct assay_source sources[] = {
        {"n", "first", "rule a { condition: true }", 26},
        {"n", "second", "rule b { condition: true }", 26},
    };
    const struct rules_input input = {.sources = sources, .count = 2};
    cleanup(rules_free_cleanup) struct assay_rules *rules = NULL;
    ck_assert_int_eq(rules_compile(&input, &rules), ASSAY_OK);
    cleanup(matcher_free_cleanup) struct matcher *matcher = matcher_of(rules);
    check_match = check_database;
    ck_assert_int_eq(scan(matcher, VIEW("x")), ASSAY_OK);
    ck_assert_uint_eq(got.matches, 2);
}
END_TEST

/* ---- rulesets that were joined --------------------------------------------------------------- */

/* Rules of one source, joined to `rules`. */
static void join(struct assay_rules *rules, const char *database, const char *text)
{
    const struct assay_source source = {"n", database, text, strlen(text)};
    const struct rules_input input = {.sources = &source, .count = 1};
    struct assay_rules *more = NULL;
    ck_assert_int_eq(rules_compile(&input, &more), ASSAY_OK);
    ck_assert_int_eq(rules_join(rules, more), ASSAY_OK);
}

static struct assay_rules *no_rules(void)
{
    struct assay_rules *rules = NULL;
    ck_assert_int_eq(rules_new(&rules), ASSAY_OK);
    return rules;
}

static void check_joined_database(const struct assay_match *match)
{
    ck_assert_str_eq(match->rule_namespace, "n");
    ck_assert_str_eq(match->database, match->rule[0] == 'a' ? "first" : "second");
    ck_assert_uint_eq(match->string_count, match->rule[0] == 'b');
}

START_TEST(joined_rules_are_matched_together)
{
    cleanup(rules_free_cleanup) struct assay_rules *rules = no_rules();
    join(rules, "first", "rule a { condition: filename == \"f\" }");
    join(rules, "second",
         "rule b { strings: $s = \"x\" condition: $s } rule a2 { condition: false }");
    ck_assert_uint_eq(rules_count(rules), 3);
    ck_assert_int_eq(rules_join(rules, no_rules()), ASSAY_OK);
    ck_assert_uint_eq(rules_count(rules), 3);
    cleanup(matcher_free_cleanup) struct matcher *matcher = matcher_of(rules);
    const struct matcher_variables variables = {"f", "", "", "", ""};
    check_match = check_joined_database;
    for (int again = 0; again < 2; again++) {
        ck_assert_int_eq(scan_with(matcher, VIEW("-x-"), 5, &variables), ASSAY_OK);
        ck_assert_str_eq(got.rules, "a b ");
    }
}
END_TEST

START_TEST(no_rules_match_nothing)
{
    cleanup(rules_free_cleanup) struct assay_rules *rules = no_rules();
    ck_assert_uint_eq(rules_count(rules), 0);
    cleanup(matcher_free_cleanup) struct matcher *matcher = matcher_of(rules);
    ck_assert_int_eq(scan(matcher, VIEW("x")), ASSAY_OK);
    ck_assert_uint_eq(got.matches + got.incompletes, 0);
}
END_TEST

static const char wild[] =
    "rule wild { strings: $s = /a(b|bb|bbb){1,1000}(b|bb){1,1000}c/ condition: $s }";

START_TEST(what_one_ruleset_cannot_do_the_others_still_do)
{
    cleanup(rules_free_cleanup) struct assay_rules *rules = no_rules();
    join(rules, "1", wild);
    join(rules, "2", "rule short { condition: true }");
    join(rules, "3", wild);
    join(rules, "4", "rule last { condition: true }");
    cleanup(matcher_free_cleanup) struct matcher *matcher = matcher_of(rules);
    struct view view = bytes_of('b', 5000);
    *(uint8_t *)view.data = 'a';
    for (int again = 0; again < 2; again++) {
        ck_assert_int_eq(scan(matcher, view), ASSAY_ERR_ENGINE);
        ck_assert_str_eq(got.rules, "short last ");
        ck_assert_uint_eq(got.incompletes, 1);
        ck_assert_int_eq(got.reason, ASSAY_REASON_ENGINE);
        ck_assert_ptr_nonnull(strstr(got.detail, "wild"));
        ck_assert_int_eq(scan(matcher, VIEW("x")), ASSAY_OK);
        ck_assert_str_eq(got.rules, "short last ");
    }
    free((void *)view.data);
}
END_TEST

START_TEST(time_and_the_listener_end_the_other_rulesets_too)
{
    cleanup(rules_free_cleanup) struct assay_rules *rules = no_rules();
    join(rules, "1",
         "rule slow { condition: filesize > 1 and for any i in (1..2000000000) : "
         "(filesize == 0 - i) }");
    join(rules, "2", "rule a { condition: true }");
    join(rules, "3", "rule b { condition: true }");
    cleanup(matcher_free_cleanup) struct matcher *matcher = matcher_of(rules);
    ck_assert_int_eq(scan_with(matcher, VIEW("xx"), 1, &nothing), ASSAY_ERR_TIME);
    ck_assert_uint_eq(got.matches, 0);
    got.stop_after = 1;
    ck_assert_int_eq(scan(matcher, VIEW("x")), ASSAY_ERR_CANCELLED);
    ck_assert_str_eq(got.rules, "a ");
    got.stop_after = 0;
    ck_assert_int_eq(scan(matcher, VIEW("x")), ASSAY_OK);
    ck_assert_str_eq(got.rules, "a b ");
}
END_TEST

UNIT_MAIN("matcher", a_match_is_whole, a_bare_match_is_high, offsets_are_those_of_the_bytes,
          the_data_of_a_long_match_is_cut, many_matches_of_a_string_are_counted,
          an_empty_view_is_matched, variables_are_those_of_the_scan, modules_see_the_bytes,
          too_many_matches_are_said_and_the_rest_goes_on, time_runs_out_and_the_matcher_goes_on,
          what_the_engine_cannot_do_names_the_rule, the_listener_can_stop,
          a_match_knows_its_database, joined_rules_are_matched_together, no_rules_match_nothing,
          what_one_ruleset_cannot_do_the_others_still_do,
          time_and_the_listener_end_the_other_rulesets_too)
