/* The exit code, for everything that a scan can come to. */
#include "cli/tally.h"
#include "cli/verbs.h"
#include "unit.h"

enum happening {
    LOW_MATCH = 1 << 0,
    HIGH_MATCH = 1 << 1,
    INCOMPLETE = 1 << 2, /* encrypted */
    UNREADABLE = 1 << 3,
    UNUSABLE = 1 << 4,
    INTERRUPTED = 1 << 5,
    NO_FILES = 1 << 6,
    SKIPPED = 1 << 7,
};

static void find(struct tally *tally, const struct scan_options *options,
                 enum assay_severity severity)
{
    struct assay_match match = {.severity = severity};
    struct assay_event event = {.type = ASSAY_EVENT_MATCH, .match = &match};
    tally_finding(tally, options, &event);
}

static struct report_summary tally_of(unsigned happenings, const struct scan_options *options)
{
    struct tally tally;
    tally_start(&tally);
    if (happenings & LOW_MATCH)
        find(&tally, options, ASSAY_LOW);
    if (happenings & HIGH_MATCH)
        find(&tally, options, ASSAY_HIGH);
    if (happenings & INCOMPLETE)
        tally_finding(&tally, options,
                      &(struct assay_event){.type = ASSAY_EVENT_INCOMPLETE,
                                            .reason = ASSAY_REASON_ENCRYPTED});
    if (happenings & UNREADABLE)
        tally_error(&tally, options);
    if (happenings & UNUSABLE)
        tally.unusable = true;
    if (happenings & SKIPPED)
        tally_skipped(&tally, WALK_SKIP_SYMLINK);
    if (!(happenings & NO_FILES))
        tally_file(&tally, 10, &(struct assay_result){.objects = 3, .expanded_bytes = 20});
    return *tally_finish(&tally, happenings & INTERRUPTED ? "SIGINT" : NULL);
}

START_TEST(the_exit_code_is_the_highest_that_holds)
{
    static const struct {
        unsigned happenings;
        int code;
    } all[] = {
        {0, EXIT_CLEAN},
        {SKIPPED, EXIT_CLEAN},
        {LOW_MATCH, EXIT_MATCH},
        {HIGH_MATCH | INCOMPLETE | UNREADABLE | UNUSABLE | INTERRUPTED, EXIT_MATCH},
        {INCOMPLETE, EXIT_INCOMPLETE},
        {UNREADABLE, EXIT_INCOMPLETE},
        {UNUSABLE, EXIT_UNUSABLE},
        {UNUSABLE | INCOMPLETE, EXIT_UNUSABLE},
        {INTERRUPTED, EXIT_UNUSABLE},
        {INTERRUPTED | INCOMPLETE, EXIT_UNUSABLE},
        {NO_FILES, EXIT_UNUSABLE},
        {NO_FILES | UNREADABLE, EXIT_UNUSABLE},
        {NO_FILES | SKIPPED, EXIT_UNUSABLE},
    };
    struct scan_options options;
    scan_options_init(&options);
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        struct report_summary summary = tally_of(all[i].happenings, &options);
        ck_assert_msg(summary.exit_code == all[i].code, "%zu: %d", i, (int)summary.exit_code);
    }
    ck_assert_int_eq(EXIT_CLEAN, 0);
    ck_assert_int_eq(EXIT_MATCH, 1);
    ck_assert_int_eq(EXIT_UNUSABLE, 2);
    ck_assert_int_eq(EXIT_INCOMPLETE, 3);
}
END_TEST

START_TEST(options_say_what_counts)
{
    struct scan_options options;
    scan_options_init(&options);
    options.fail_on = ASSAY_HIGH;
    ck_assert_int_eq(tally_of(LOW_MATCH, &options).exit_code, EXIT_CLEAN);
    ck_assert_int_eq(tally_of(LOW_MATCH | INCOMPLETE, &options).exit_code, EXIT_INCOMPLETE);
    ck_assert_int_eq(tally_of(HIGH_MATCH, &options).exit_code, EXIT_MATCH);

    options.allowed[ASSAY_REASON_ENCRYPTED] = true;
    ck_assert_int_eq(tally_of(INCOMPLETE, &options).exit_code, EXIT_CLEAN);
    ck_assert_int_eq(tally_of(INCOMPLETE | UNREADABLE, &options).exit_code, EXIT_INCOMPLETE);
    options.allowed[ASSAY_REASON_UNREADABLE] = true;
    ck_assert_int_eq(tally_of(UNREADABLE, &options).exit_code, EXIT_CLEAN);
    /* It is told all the same. */
    ck_assert_uint_eq(tally_of(UNREADABLE, &options).errors, 1);
}
END_TEST

START_TEST(everything_is_counted)
{
    struct scan_options options;
    scan_options_init(&options);
    struct tally tally;
    tally_start(&tally);
    find(&tally, &options, ASSAY_HIGH);
    find(&tally, &options, ASSAY_HIGH);
    find(&tally, &options, ASSAY_INFO);
    tally_finding(&tally, &options, &(struct assay_event){.type = ASSAY_EVENT_CLEAN});
    tally_skipped(&tally, WALK_SKIP_SYMLINK);
    tally_file(&tally, 10, &(struct assay_result){.objects = 3, .expanded_bytes = 20});
    tally_file(&tally, 5, &(struct assay_result){.objects = 1});
    const struct report_summary *summary = tally_finish(&tally, NULL);
    ck_assert_uint_eq(summary->files, 2);
    ck_assert_uint_eq(summary->bytes, 15);
    ck_assert_uint_eq(summary->objects, 4);
    ck_assert_uint_eq(summary->expanded_bytes, 20);
    ck_assert_uint_eq(summary->matches, 3);
    ck_assert_uint_eq(summary->by_severity[ASSAY_HIGH], 2);
    ck_assert_uint_eq(summary->by_severity[ASSAY_INFO], 1);
    ck_assert_uint_eq(summary->incomplete, 0);
    ck_assert(summary->seconds >= 0);
    uint64_t skipped = 0;
    for (size_t i = 0; i < summary->skipped_count; i++)
        skipped += summary->skipped[i].value;
    ck_assert_uint_eq(skipped, 1);
}
END_TEST

UNIT_MAIN("tally", the_exit_code_is_the_highest_that_holds, options_say_what_counts,
          everything_is_counted)
