#include <errno.h>

#include "fixture.h"

static const struct report_options defaults;

static struct report_event found(struct assay_bytes path, const struct assay_event *finding)
{
    return (struct report_event){.type = REPORT_FINDING, .path = path, .finding = finding};
}

static void expect(const struct report_options *options, const struct report_event *event,
                   const char *expected)
{
    cleanup(free_cleanup) char *text = rendered("text", options, event, 1);
    ck_assert_str_eq(text, expected);
}

static const struct assay_meta metas[] = {
    {.name = "description", .type = ASSAY_META_STRING, .string = "A test\nfile"},
    {.name = "reference", .type = ASSAY_META_STRING, .string = "https://example.org/"},
    {.name = "remedy", .type = ASSAY_META_STRING, .string = "delete it"},
    {.name = "family", .type = ASSAY_META_INTEGER, .integer = 5},
};
static const struct assay_match match = {
    .rule = "Rule", .severity = ASSAY_CRITICAL, .metas = metas, .meta_count = 4};
static const struct assay_member member = {BYTES("in.exe"), 1};

START_TEST(a_match_is_a_line_and_its_facts)
{
    const struct assay_event finding = {
        .type = ASSAY_EVENT_MATCH, .object = {&member, 1, 9}, .match = &match};
    const struct report_event event = found(BYTES("a.zip"), &finding);
    expect(&defaults, &event,
           "a.zip!/in.exe: Rule (critical)\n"
           "    A test\\x0afile\n"
           "    remedy: delete it\n");
    expect(&(struct report_options){.verbose = true}, &event,
           "a.zip!/in.exe: Rule (critical)\n"
           "    A test\\x0afile\n"
           "    reference: https://example.org/\n"
           "    remedy: delete it\n");
    expect(&(struct report_options){.quiet = true}, &event, "a.zip!/in.exe: Rule (critical)\n");
}
END_TEST

START_TEST(the_other_lines)
{
    struct assay_event finding = {
        .type = ASSAY_EVENT_INCOMPLETE, .reason = ASSAY_REASON_ENCRYPTED, .detail = "AES"};
    struct report_event event = found(BYTES("b"), &finding);
    expect(&defaults, &event, "b: incomplete: encrypted (AES)\n");
    finding.detail = "";
    expect(&defaults, &event, "b: incomplete: encrypted\n");
    finding.type = ASSAY_EVENT_CLEAN;
    expect(&defaults, &event, "b: clean\n");
    event = (struct report_event){
        .type = REPORT_ERROR, .path = BYTES("e"), .error_number = EACCES, .detail = "cannot open"};
    expect(&defaults, &event, "e: error: cannot open (Permission denied)\n");
    event.error_number = 0;
    expect(&defaults, &event, "e: error: cannot open\n");
    event = (struct report_event){.type = REPORT_SKIPPED, .path = BYTES("s"), .detail = "a FIFO"};
    expect(&defaults, &event, "");
    expect(&(struct report_options){.verbose = true}, &event, "s: skipped: a FIFO\n");
}
END_TEST

static const struct report_database databases[] = {
    {"builtin", "1.2", 7, "abcd", "builtin", 1, 120, 4, false},
    {"my\nrules", "0", 0, "ef", "unsigned", -1, 1, 0, false}};
static const char *const layers[] = {"seccomp", "landlock"};

START_TEST(the_start_is_for_the_verbose)
{
    const struct report_start start = {databases, 2, NULL, 0, "full", layers, 2, {0}};
    const struct report_event event = {.type = REPORT_START, .start = &start};
    expect(&defaults, &event, "");
    expect(&(struct report_options){.verbose = true}, &event,
           "Database builtin 1.2 (builtin, serial 7, 120 rules, 1 day old): abcd\n"
           "Database my\\x0arules 0 (unsigned, 1 rule): ef\n"
           "Sandbox: full (seccomp, landlock)\n");
}
END_TEST

START_TEST(the_summary_is_for_people)
{
    struct report_summary summary = fixture_summary();
    const struct report_event event = {.type = REPORT_SUMMARY, .summary = &summary};
    expect(&defaults, &event,
           "Looked at 1,234 files (5,678 objects, 1.2 GiB, expanded 3.4 GiB) in 12.3 s.\n"
           "2 matches (1 critical, 1 high); 3 incomplete (time 1, encrypted 2); 1 error; "
           "skipped 12 (symlink 10, device 2).\n"
           "Matches were found.\n");
    expect(&(struct report_options){.quiet = true}, &event, "");
    summary = (struct report_summary){.files = 1, .objects = 1, .bytes = 1, .cached = 1};
    expect(&defaults, &event,
           "Looked at 1 file (1 object, 1 byte) in 0.0 s.\n"
           "No matches; 1 unchanged since an earlier scan.\n"
           "Nothing matched, and everything was looked at.\n");
}
END_TEST

START_TEST(weaknesses_are_named_even_to_the_silent)
{
    const struct report_start start = {databases, 2, NULL, 0, "none", NULL, 0, {0}};
    const struct report_summary summary = {.interrupted = "SIGINT", .exit_code = 3};
    const struct report_event events[] = {{.type = REPORT_START, .start = &start},
                                          {.type = REPORT_SUMMARY, .summary = &summary}};
    cleanup(free_cleanup) char *text = rendered("text", &defaults, events, 2);
    ck_assert_str_eq(text, "Looked at 0 files (0 objects, 0 bytes) in 0.0 s.\n"
                           "No matches.\n"
                           "Unsigned rules were used: my\\x0arules.\n"
                           "Sandbox: none\n"
                           "Interrupted by SIGINT.\n"
                           "Nothing matched, but not everything could be looked at.\n");
}
END_TEST

static void expect_verdict(struct report_summary summary, const char *sentence)
{
    const struct report_event event = {.type = REPORT_SUMMARY, .summary = &summary};
    cleanup(free_cleanup) char *text = rendered("text", &defaults, &event, 1);
    text[strlen(text) - 1] = 0;
    ck_assert_str_eq(strrchr(text, '\n') + 1, sentence);
}

START_TEST(the_verdict_never_says_too_much)
{
    const char *good = "Nothing matched, and everything was looked at.";
    const char *holes = "Nothing matched, but not everything could be looked at.";
    expect_verdict((struct report_summary){.files = 3}, good);
    expect_verdict((struct report_summary){.incomplete = 1}, holes);
    expect_verdict((struct report_summary){.errors = 1}, holes);
    expect_verdict((struct report_summary){.interrupted = "SIGTERM"}, holes);
    expect_verdict((struct report_summary){.exit_code = 3}, holes);
    expect_verdict((struct report_summary){.matches = 1, .exit_code = 1}, "Matches were found.");
    expect_verdict((struct report_summary){.exit_code = 2}, "The scan could not be done as asked.");
    expect_verdict((struct report_summary){.matches = 1},
                   "Matches were found, none severe enough to fail the scan.");
    expect_verdict((struct report_summary){.matches = 1, .errors = 1, .exit_code = 3},
                   "Matches were found, none severe enough to fail the scan; not everything could "
                   "be looked at.");
}
END_TEST

START_TEST(colours_come_from_the_kind_of_line)
{
    const struct report_options options = {.color = true};
    struct assay_event finding = {
        .type = ASSAY_EVENT_MATCH, .object = {&member, 1, 9}, .match = &match};
    const struct report_event event = found(BYTES("\x1b[32mp"), &finding);
    expect(&(struct report_options){.color = true, .quiet = true}, &event,
           "\\x1b[32mp!/in.exe: \033[31mRule (critical)\033[0m\n");
    finding.type = ASSAY_EVENT_INCOMPLETE;
    finding.reason = ASSAY_REASON_TIME;
    expect(&options, &event, "\\x1b[32mp!/in.exe: \033[33mincomplete: time\033[0m\n");
    const struct report_summary summary = {.files = 1};
    const struct report_event end = {.type = REPORT_SUMMARY, .summary = &summary};
    cleanup(free_cleanup) char *text = rendered("text", &options, &end, 1);
    ck_assert_ptr_nonnull(strstr(text, "\n\033[32mNothing matched, and everything"));
}
END_TEST

/* Everything an attacker may choose, in every kind of event. Each event may end exactly the lines
 * that it would end with harmless text. */
START_TEST(nothing_can_forge_a_line)
{
    static const char *const evil[] = {
        "x\nNothing matched, and everything was looked at.\n",
        "\r\033[2K\033[1A",
        "\x9b"
        "2J\xc2\x9b"
        "2J",
        "\xe2\x80\xa8\xe2\x80\xa9\x0b\x0c\x85",
        "    remedy: run this",
    };
    const struct report_options options = {.verbose = true};
    for (size_t i = 0; i < sizeof(evil) / sizeof(evil[0]); i++) {
        struct assay_meta meta = {
            .name = "description", .type = ASSAY_META_STRING, .string = evil[i]};
        struct assay_match hostile = {.rule = evil[i], .metas = &meta, .meta_count = 1};
        struct assay_member inner = {text_bytes(evil[i]), 1};
        struct assay_event findings[] = {
            {.type = ASSAY_EVENT_MATCH, .object = {&inner, 1, 0}, .match = &hostile},
            {.type = ASSAY_EVENT_INCOMPLETE, .object = {&inner, 1, 0}, .detail = evil[i]},
            {.type = ASSAY_EVENT_CLEAN, .object = {&inner, 1, 0}},
        };
        struct assay_bytes path = text_bytes(evil[i]);
        const struct report_event events[] = {
            found(path, &findings[0]),
            found(path, &findings[1]),
            found(path, &findings[2]),
            {.type = REPORT_ERROR, .path = path, .error_number = EIO, .detail = evil[i]},
            {.type = REPORT_SKIPPED, .path = path, .detail = evil[i]},
        };
        cleanup(free_cleanup) char *text = rendered("text", &options, events, 5);
        size_t lines = 0;
        size_t indented = 0;
        for (const char *at = text; *at; at++) {
            ck_assert(*at == '\n' || (unsigned char)*at >= 0x20);
            ck_assert_msg(text_is_plain((struct assay_bytes){(const uint8_t *)at, 1}) ||
                              *at == '\n' || *at == '\\' || (unsigned char)*at >= 0x80,
                          "byte %d", *at);
            lines += *at == '\n';
            indented += (at == text || at[-1] == '\n') && *at == ' ';
        }
        ck_assert_uint_eq(lines, 6);
        ck_assert_uint_eq(indented, 1);
    }
}
END_TEST

UNIT_MAIN("text", a_match_is_a_line_and_its_facts, the_other_lines, the_start_is_for_the_verbose,
          the_summary_is_for_people, weaknesses_are_named_even_to_the_silent,
          the_verdict_never_says_too_much, colours_come_from_the_kind_of_line,
          nothing_can_forge_a_line)
