/* assay scan: walks the roots, has the pool look at every file, and reports. */
#include "cli/scan.h"

#include "cli/say.h"
#include "cli/stop_signal.h"
#include "cli/verbs.h"

#include <unistd.h>

/* Longest wait for the workers, so that the progress line lives. */
#define WAIT_MILLISECONDS 200

static void show_progress(struct scan *scan)
{
    const struct report_summary *summary = &scan->tally.summary;
    struct progress_counters counters = {
        .files = summary->files,
        .bytes = summary->bytes,
        .total_bytes = forecast_bytes(scan->forecast),
        .matches = summary->matches,
        .problems = summary->incomplete + summary->errors,
    };
    counters.current = pool_slowest(scan->pool, &counters.current_seconds);
    progress_update(scan->progress, &counters);
}

static status run(struct scan *scan)
{
    for (;;) {
        TRY(scan_feed(scan));
        if (scan->walked && pool_is_idle(scan->pool))
            return ASSAY_OK;
        if (scan->walked)
            pool_expect_no_more(scan->pool);
        bool busy = scan->walked || scan->starved || !pool_has_room(scan->pool);
        status waited = pool_wait(scan->pool, busy ? WAIT_MILLISECONDS : 0, &scan->error);
        TRY(waited);
        struct error error = {""};
        scan_note_report(scan, report_flush(scan->report, &error), &error);
        if (waited == ASSAY_END)
            scan->interrupted = stop_signal_name(scan->stop_fd);
        if (scan->interrupted || (scan->report_failed && scan->sinks == 1))
            return ASSAY_OK;
        show_progress(scan);
    }
}

/* Why there is nothing to show for it, for a person. */
static void say_unusable(struct scan *scan, status failed)
{
    if (failed < 0) {
        const char *words =
            scan->error.text[0] ? scan->error.text : assay_status_text((enum assay_status)failed);
        say("%s", words);
        if (scan->report)
            scan_emit_error(scan, (struct assay_bytes){NULL, 0}, 0, words);
    } else if (!scan->interrupted && !scan->report_failed && scan->tally.summary.files == 0) {
        say("nothing was scanned: %s",
            scan->tally.summary.errors
                ? "see the errors above"
                : "there is no file at what was named, or all were left out");
    }
}

static int finish(struct scan *scan, status failed)
{
    progress_clear(scan->progress);
    if (failed == ASSAY_ERR_CANCELLED)
        scan->interrupted = stop_signal_name(scan->stop_fd);
    if (failed < 0)
        scan->tally.unusable = true;
    say_unusable(scan, failed);
    if (!scan->report)
        return EXIT_UNUSABLE;
    scan->tally.summary.databases = scan->in_use;
    scan->tally.summary.database_count = scan->in_use_count;
    const struct report_summary *summary = tally_finish(&scan->tally, scan->interrupted);
    scan_emit(scan, &(struct report_event){.type = REPORT_SUMMARY, .summary = summary});
    struct error error = {""};
    scan_note_report(scan, report_close(scan->report, &error), &error);
    return tally_finish(&scan->tally, scan->interrupted)->exit_code;
}

static int scan_paths(struct scan *scan)
{
    struct roots_source source = {
        .paths = scan->paths,
        .path_count = scan->path_count,
        .list = scan->options.files_from,
        .null_separated = scan->options.null_separated,
    };
    tally_start(&scan->tally);
    status done = roots_new(&source, &scan->error, &scan->roots);
    if (done >= 0)
        done = scan_prepare(scan);
    if (done >= 0)
        done = scan_emit_start(scan);
    if (done >= 0)
        done = run(scan);
    return finish(scan, done);
}

static void scan_release(struct scan *scan)
{
    if (scan->entry.fd >= 0)
        close(scan->entry.fd);
    walk_free(scan->walk);
    pool_free(scan->pool);
    passwords_release(&scan->passwords);
    rule_files_free(scan->rules);
    databases_free(scan->databases);
    free(scan->in_use);
    roots_free(scan->roots);
    forecast_free(scan->forecast);
    progress_free(scan->progress);
    report_free(scan->report);
    fd_cleanup(&scan->stop_fd);
    scan_options_release(&scan->options);
    option_values_free(scan->values);
}

static int scan_with(struct scan *scan, const struct option_table *table, int argc, char **argv)
{
    int first;
    status read =
        options_read(table, &scan->options, argc, argv, &scan->error, &scan->values, &first);
    if (read == ASSAY_END)
        return EXIT_CLEAN;
    if (read >= 0)
        read = scan_options_finish(&scan->options, &scan->error);
    if (read >= 0 && first == argc && !scan->options.files_from)
        read = error_set(&scan->error, ASSAY_ERR_ARGUMENT,
                         "nothing to %s was named; write `assay %s %s`", table->verb, table->verb,
                         table->operands);
    if (read < 0) {
        say("%s",
            scan->error.text[0] ? scan->error.text : assay_status_text((enum assay_status)read));
        return EXIT_UNUSABLE;
    }
    scan->paths = argv + first;
    scan->path_count = (size_t)(argc - first);
    return scan_paths(scan);
}

int verb_scan(int argc, char **argv)
{
    struct scan scan cleanup(scan_release) = {.entry = {.fd = -1}, .stop_fd = -1};
    scan_options_init(&scan.options);
    return scan_with(&scan, &scan_option_table, argc, argv);
}

/* A scan with one worker, so that one file is told about after the other, and as a tree. */
int verb_explain(int argc, char **argv)
{
    struct scan scan cleanup(scan_release) = {.entry = {.fd = -1}, .stop_fd = -1};
    scan_options_init(&scan.options);
    scan.options.format = "tree";
    scan.options.views = true;
    scan.options.jobs = 1;
    return scan_with(&scan, &explain_option_table, argc, argv);
}
