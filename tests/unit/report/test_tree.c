/* What `assay explain` prints: events come from the inside out, lines from the outside in. */
#include "report/fixture.h"

#include <errno.h>

static const struct assay_member chain[] = {{BYTES("in.zip"), 1}, {BYTES("  a\n"), 2}};

static struct report_event about(struct assay_event *finding, size_t depth, uint64_t size)
{
    finding->object = (struct assay_object){chain, depth, size};
    if (!finding->readers)
        finding->readers = "";
    return (struct report_event){
        .type = REPORT_FINDING, .path = BYTES("dir/out"), .finding = finding};
}

static const struct assay_string_match string = {"$a", 7, 100, BYTES("data")};
static const struct assay_match match = {.rule = "Rule",
                                         .rule_namespace = "file.yar",
                                         .severity = ASSAY_HIGH,
                                         .strings = &string,
                                         .string_count = 1,
                                         .strings_omitted = 2};

START_TEST(lines_are_nested_as_the_objects_are)
{
    struct assay_event whole = {
        .type = ASSAY_EVENT_INCOMPLETE, .reason = ASSAY_REASON_CORRUPT, .detail = "odd\nbytes"};
    struct assay_event matched = {.type = ASSAY_EVENT_MATCH, .match = &match};
    struct assay_event leaf = {.type = ASSAY_EVENT_VIEW, .verdict = ASSAY_MATCH};
    struct assay_event inner = {
        .type = ASSAY_EVENT_VIEW, .readers = "zip", .verdict = ASSAY_MATCH, .given = 300};
    struct assay_event outer = {
        .type = ASSAY_EVENT_VIEW, .readers = "pdf, tar", .verdict = ASSAY_MATCH, .given = 200};
    struct report_event events[] = {about(&whole, 0, 400), about(&matched, 2, 300),
                                    about(&leaf, 2, 300), about(&inner, 1, 200),
                                    about(&outer, 0, 400)};
    struct report_options options = {.color = false};
    char *text = rendered("tree", &options, events, 5);
    ck_assert_str_eq(text, "dir/out: 400 bytes, read as pdf, tar, gave 200 bytes (0.5:1): match\n"
                           "  corrupt: odd\\x0abytes\n"
                           "  in.zip: 200 bytes, read as zip, gave 300 bytes (1.5:1): match\n"
                           "    \\x20 a\\x0a#2: 300 bytes: match\n"
                           "      Rule (high) from file.yar\n"
                           "        $a at 7, 100 bytes: 64617461...\n"
                           "        and 2 more\n");
    free(text);
}
END_TEST

START_TEST(a_file_whose_end_was_never_told_is_shown_as_far_as_it_is_known)
{
    struct assay_event matched = {.type = ASSAY_EVENT_MATCH, .match = &match};
    struct assay_event died = {
        .type = ASSAY_EVENT_INCOMPLETE, .reason = ASSAY_REASON_CRASH, .detail = "it died"};
    struct assay_event next = {.type = ASSAY_EVENT_VIEW, .verdict = ASSAY_CLEAN};
    struct report_event events[] = {about(&matched, 1, 5), about(&died, 0, 9), about(&next, 0, 1)};
    events[2].path = BYTES("next");
    struct report_options options = {.color = false};
    char *text = rendered("tree", &options, events, 3);
    ck_assert_str_eq(text, "dir/out: not finished\n"
                           "  crash: it died\n"
                           "  something in it: not finished\n"
                           "    Rule (high) from file.yar\n"
                           "      $a at 7, 100 bytes: 64617461...\n"
                           "      and 2 more\n"
                           "next: 1 byte: clean\n");
    free(text);

    struct report_summary summary = fixture_summary();
    struct report_event ends[] = {events[1], {.type = REPORT_SUMMARY, .summary = &summary}};
    text = rendered("tree", &options, ends, 2);
    ck_assert_str_eq(text, "dir/out: not finished\n  crash: it died\n");
    free(text);
}
END_TEST

START_TEST(colours_and_errors)
{
    struct assay_event view = {.type = ASSAY_EVENT_VIEW, .verdict = ASSAY_INCOMPLETE};
    struct report_event events[] = {
        about(&view, 0, 0),
        {.type = REPORT_ERROR, .path = BYTES("gone"), .error_number = ENOENT, .detail = "open"}};
    struct report_options options = {.color = true};
    char *text = rendered("tree", &options, events, 2);
    ck_assert_str_eq(text, "dir/out: 0 bytes: \033[33mincomplete\033[0m\n"
                           "gone: error: open (No such file or directory)\n");
    free(text);
}
END_TEST

UNIT_MAIN("tree", lines_are_nested_as_the_objects_are,
          a_file_whose_end_was_never_told_is_shown_as_far_as_it_is_known, colours_and_errors)
