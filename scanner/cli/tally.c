#include "cli/tally.h"

#include "base/clock.h"
#include "cli/verbs.h"

void tally_start(struct tally *tally)
{
    *tally = (struct tally){.started = clock_nanoseconds()};
}

void tally_finding(struct tally *tally, const struct scan_options *options,
                   const struct assay_event *event)
{
    struct report_summary *summary = &tally->summary;
    if (event->type == ASSAY_EVENT_MATCH) {
        summary->matches++;
        summary->by_severity[event->match->severity]++;
        if (event->match->severity >= options->fail_on)
            tally->match_counts = true;
    } else if (event->type == ASSAY_EVENT_INCOMPLETE) {
        summary->incomplete++;
        summary->by_reason[event->reason]++;
        if (!options->allowed[event->reason])
            tally->incomplete_counts = true;
    }
}

void tally_error(struct tally *tally, const struct scan_options *options)
{
    tally->summary.errors++;
    if (!options->allowed[ASSAY_REASON_UNREADABLE])
        tally->incomplete_counts = true;
}

void tally_file(struct tally *tally, uint64_t size, const struct assay_result *result)
{
    tally->summary.files++;
    tally->summary.bytes += size;
    tally->summary.objects += result->objects;
    tally->summary.expanded_bytes += result->expanded_bytes;
}

void tally_skipped(struct tally *tally, enum walk_skip skip)
{
    tally->skipped[skip]++;
}

/* The highest that holds: see enum exit_code. */
static enum exit_code exit_code_of(const struct tally *tally)
{
    if (tally->match_counts)
        return EXIT_MATCH;
    if (tally->unusable || tally->summary.interrupted || tally->summary.files == 0)
        return EXIT_UNUSABLE;
    return tally->incomplete_counts ? EXIT_INCOMPLETE : EXIT_CLEAN;
}

const struct report_summary *tally_finish(struct tally *tally, const char *interrupted)
{
    struct report_summary *summary = &tally->summary;
    for (size_t i = 0; i < WALK_SKIP_COUNT; i++)
        tally->skipped_named[i] =
            (struct report_count){walk_skip_name((enum walk_skip)i), tally->skipped[i]};
    summary->skipped = tally->skipped_named;
    summary->skipped_count = WALK_SKIP_COUNT;
    summary->interrupted = interrupted;
    summary->seconds = (double)(clock_nanoseconds() - tally->started) / (double)CLOCK_SECOND;
    summary->exit_code = (int)exit_code_of(tally);
    return summary;
}
