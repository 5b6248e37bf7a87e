#include "cli/say.h"
#include "cli/scan.h"

void scan_note_report(struct scan *scan, status written, const struct error *error)
{
    if (written >= 0 || scan->report_failed)
        return;
    scan->report_failed = true;
    scan->tally.unusable = true;
    progress_clear(scan->progress);
    say("a report is not complete: %s", error->text[0] ? error->text : "out of memory");
}

void scan_emit(struct scan *scan, const struct report_event *event)
{
    struct error error = {""};
    progress_clear(scan->progress);
    scan_note_report(scan, report_emit(scan->report, event, &error), &error);
}

void scan_emit_error(struct scan *scan, struct assay_bytes path, int error_number,
                     const char *detail)
{
    tally_error(&scan->tally, &scan->options);
    scan_emit(scan, &(struct report_event){.type = REPORT_ERROR,
                                           .path = path,
                                           .error_number = error_number,
                                           .detail = detail});
}

void scan_emit_finding(struct scan *scan, struct assay_bytes path,
                       const struct assay_event *finding)
{
    tally_finding(&scan->tally, &scan->options, finding);
    scan_emit(scan,
              &(struct report_event){.type = REPORT_FINDING, .path = path, .finding = finding});
}

void scan_emit_not_scanned(struct scan *scan, const struct walk_entry *entry)
{
    struct assay_event finding = {
        .type = ASSAY_EVENT_INCOMPLETE,
        .object = {.size = (uint64_t)entry->stat.st_size},
        .reason = ASSAY_REASON_FILE_SIZE,
        .detail = "larger than --max-filesize, and not looked at",
    };
    struct assay_result result = {.verdict = ASSAY_INCOMPLETE, .objects = 1};
    scan_emit_finding(scan, entry->path, &finding);
    tally_file(&scan->tally, 0, &result);
}
