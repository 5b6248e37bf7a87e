/* tally: what a scan comes to: the counts of the summary, and the exit code. */
#ifndef CLI_TALLY_H
#define CLI_TALLY_H

#include "cli/scan_options.h"
#include "report/report.h"

struct tally {
    struct report_summary summary;
    uint64_t skipped[WALK_SKIP_COUNT];
    struct report_count skipped_named[WALK_SKIP_COUNT];
    bool match_counts;      /* a match at or above fail_on */
    bool incomplete_counts; /* something not looked at, and not allowed to be */
    bool unusable;          /* it could not be done as asked */
    uint64_t started;       /* CLOCK_MONOTONIC nanoseconds */
};

void tally_start(struct tally *tally);
void tally_finding(struct tally *tally, const struct scan_options *options,
                   const struct assay_event *event);
void tally_error(struct tally *tally, const struct scan_options *options);
void tally_file(struct tally *tally, uint64_t size, const struct assay_result *result);
void tally_skipped(struct tally *tally, enum walk_skip skip);
/* Fills in what depends on the end. interrupted may be NULL. */
const struct report_summary *tally_finish(struct tally *tally, const char *interrupted);

#endif
