/* assay scan: walks the roots, has the pool look at every file, and reports. */
#include "cli/nice.h"
#include "cli/owners.h"
#include "cli/progress.h"
#include "cli/roots.h"
#include "cli/rule_files.h"
#include "cli/say.h"
#include "cli/scan_options.h"
#include "cli/spool.h"
#include "cli/stop_signal.h"
#include "cli/tally.h"
#include "cli/verbs.h"
#include "pool/pool.h"

#include <string.h>
#include <unistd.h>

/* Entries of the walk between two looks at what the workers say. */
#define ENTRIES_A_TURN 256
/* Longest wait for the workers, so that the progress line lives. */
#define WAIT_MILLISECONDS 200
/* The rule compiler is given up after so many seconds. */
#define COMPILE_SECONDS 300

struct scan {
    struct scan_options options;
    struct option_values *values;
    struct report_options report_options;
    struct report *report;
    size_t sinks;
    struct pool_settings pool_settings;
    struct pool_events pool_events;
    struct pool *pool;
    struct rule_files *rules; /* NULL: the built-in ones */
    struct roots *roots;
    struct walk *walk;
    struct walk_entry entry;
    struct owners owners;
    struct progress *progress;
    struct tally tally;
    struct error error;
    const char *interrupted; /* the signal's name */
    int stop_fd;             /* readable when a signal asks to stop */
    bool in_root;            /* the walk is on its way through a root */
    bool walked;             /* there are no more roots */
    bool report_failed;
    uint64_t rule_count;
};

/* ---- reporting --------------------------------------------------------------------------------- */

/* A report that cannot be written is said once; the others go on. */
static void note_report_failure(struct scan *scan, status emitted, const struct error *error)
{
    if (emitted >= 0 || scan->report_failed)
        return;
    scan->report_failed = true;
    scan->tally.unusable = true;
    progress_clear(scan->progress);
    say("a report is not complete: %s", error->text[0] ? error->text : "out of memory");
}

static void emit(struct scan *scan, const struct report_event *event)
{
    struct error error = {""};
    progress_clear(scan->progress);
    note_report_failure(scan, report_emit(scan->report, event, &error), &error);
}

static void emit_error(struct scan *scan, struct assay_bytes path, int error_number,
                       const char *detail)
{
    tally_error(&scan->tally, &scan->options);
    emit(scan,
         &(struct report_event){
             .type = REPORT_ERROR, .path = path, .error_number = error_number, .detail = detail});
}

static void emit_finding(struct scan *scan, struct assay_bytes path,
                         const struct assay_event *finding)
{
    tally_finding(&scan->tally, &scan->options, finding);
    emit(scan, &(struct report_event){.type = REPORT_FINDING, .path = path, .finding = finding});
}

/* A file that no worker gets to see. */
static void emit_not_scanned(struct scan *scan, const struct walk_entry *entry)
{
    struct assay_event finding = {
        .type = ASSAY_EVENT_INCOMPLETE,
        .object = {.size = (uint64_t)entry->stat.st_size},
        .reason = ASSAY_REASON_FILE_SIZE,
        .detail = "larger than --max-filesize, and not looked at",
    };
    struct assay_result result = {.verdict = ASSAY_INCOMPLETE, .objects = 1};
    emit_finding(scan, entry->path, &finding);
    tally_file(&scan->tally, 0, &result);
}

static void on_event(void *context, struct assay_bytes path, const struct assay_event *event)
{
    emit_finding(context, path, event);
}

static void on_done(void *context, uint64_t size, const struct assay_result *result)
{
    struct scan *scan = context;
    tally_file(&scan->tally, size, result);
}

static void show_progress(struct scan *scan)
{
    const struct report_summary *summary = &scan->tally.summary;
    struct progress_counters counters = {
        .files = summary->files,
        .bytes = summary->bytes,
        .matches = summary->matches,
        .problems = summary->incomplete + summary->errors,
    };
    counters.current = pool_slowest(scan->pool, &counters.current_seconds);
    progress_update(scan->progress, &counters);
}

/* ---- from roots to files ----------------------------------------------------------------------- */

static status submit(struct scan *scan, struct assay_bytes path, int fd, const struct stat *stat)
{
    struct pool_file file = {
        .fd = fd,
        .path = path,
        .owner = owners_name(&scan->owners, stat->st_uid),
        .stat = stat,
    };
    return pool_submit(scan->pool, &file, &scan->error);
}

static status take_entry(struct scan *scan, struct walk_entry *entry)
{
    switch (entry->kind) {
    case WALK_FILE:
        return submit(scan, entry->path, steal_fd(&entry->fd), &entry->stat);
    case WALK_TOO_LARGE:
        emit_not_scanned(scan, entry);
        break;
    case WALK_SKIPPED:
        tally_skipped(&scan->tally, entry->skip);
        emit(scan, &(struct report_event){.type = REPORT_SKIPPED,
                                          .path = entry->path,
                                          .detail = walk_skip_name(entry->skip)});
        break;
    case WALK_ERROR:
        if (entry->is_root)
            scan->tally.unusable = true;
        emit_error(scan, entry->path, entry->error_number, entry->detail);
        break;
    }
    return ASSAY_OK;
}

static status take_standard_input(struct scan *scan, struct assay_bytes path)
{
    int fd;
    struct stat stat;
    struct error error = {""};
    status spooled = spool_input(STDIN_FILENO, scan->options.walk.max_file_size, scan->stop_fd,
                                 &error, &fd, &stat);
    if (spooled == ASSAY_ERR_LIMIT) {
        emit_not_scanned(scan, &(struct walk_entry){.path = path});
        return ASSAY_OK;
    }
    if (spooled == ASSAY_ERR_CANCELLED)
        return ASSAY_OK; /* the signal is taken up where all are */
    if (spooled < 0) {
        scan->tally.unusable = true;
        emit_error(scan, path, 0, error.text);
        return ASSAY_OK;
    }
    return submit(scan, path, fd, &stat);
}

static status start_next_root(struct scan *scan)
{
    struct assay_bytes path;
    status next = roots_next(scan->roots, &scan->error, &path);
    if (next != ASSAY_OK) {
        scan->walked = next == ASSAY_END;
        return next < 0 ? next : ASSAY_OK;
    }
    if (path.size == 1 && path.data[0] == '-')
        return take_standard_input(scan, path);
    TRY(walk_start(scan->walk, path));
    scan->in_root = true;
    return ASSAY_OK;
}

/* One step of the walk. */
static status step(struct scan *scan)
{
    if (!scan->in_root)
        return start_next_root(scan);
    status next = walk_next(scan->walk, &scan->entry);
    if (next == ASSAY_OK)
        return take_entry(scan, &scan->entry);
    scan->in_root = false;
    return next < 0 ? next : ASSAY_OK;
}

static status feed(struct scan *scan)
{
    for (unsigned i = 0; i < ENTRIES_A_TURN && !scan->walked && pool_has_room(scan->pool); i++)
        TRY(step(scan));
    return ASSAY_OK;
}

static status run(struct scan *scan)
{
    for (;;) {
        TRY(feed(scan));
        if (scan->walked && pool_is_idle(scan->pool))
            return ASSAY_OK;
        bool busy = scan->walked || !pool_has_room(scan->pool);
        status waited = pool_wait(scan->pool, busy ? WAIT_MILLISECONDS : 0, &scan->error);
        TRY(waited);
        struct error error = {""};
        note_report_failure(scan, report_flush(scan->report, &error), &error);
        if (waited == ASSAY_END)
            scan->interrupted = stop_signal_name(scan->stop_fd);
        if (scan->interrupted || (scan->report_failed && scan->sinks == 1))
            return ASSAY_OK;
        show_progress(scan);
    }
}

/* ---- getting ready ----------------------------------------------------------------------------- */

static status open_reports(struct scan *scan)
{
    const struct scan_options *options = &scan->options;
    bool terminal = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
    scan->report_options = (struct report_options){
        .color = options->color == WHEN_ALWAYS || (options->color == WHEN_AUTO && terminal),
        .quiet = options->quiet,
        .verbose = options->verbose,
    };
    TRY(report_new(&scan->report_options, &scan->report));
    TRY(report_add(scan->report, options->format, NULL, &scan->error));
    scan->sinks = 1;
    for (size_t i = 0; i < options->reports.count; i++) {
        const char *report = options->reports.items[i];
        const char *equals = strchr(report, '=');
        char format[32] = "";
        if (!equals || !equals[1] || (size_t)(equals - report) >= sizeof(format))
            return error_set(&scan->error, ASSAY_ERR_ARGUMENT,
                             "--report %.100s: write FORMAT=FILE, such as jsonl=scan.jsonl",
                             report);
        memcpy(format, report, (size_t)(equals - report));
        TRY(report_add(scan->report, format, equals + 1, &scan->error));
        scan->sinks++;
    }
    return ASSAY_OK;
}

static void on_diagnostic(void *context, const struct assay_diagnostic *diagnostic)
{
    const struct scan *scan = context;
    if (!diagnostic->is_error && !scan->options.verbose)
        return;
    say("%s:%d: %s%s%s%s", diagnostic->source, diagnostic->line, diagnostic->rule[0] ? "rule " : "",
        diagnostic->rule, diagnostic->rule[0] ? ": " : "", diagnostic->message);
}

static status prepare_rules(struct scan *scan)
{
    if (scan->options.rules.count)
        TRY(rule_files_send(&scan->options.rules, scan->pool, &scan->error, &scan->rules));
    struct pool_compile compile = {
        .open_include = scan->rules ? rule_files_open_include : NULL,
        .include_context = scan->rules,
        .on_diagnostic = on_diagnostic,
        .diagnostic_context = scan,
        .seconds = COMPILE_SECONDS,
    };
    return pool_compile(scan->pool, &compile, &scan->error, &scan->rule_count);
}

static status prepare(struct scan *scan)
{
    const struct scan_options *options = &scan->options;
    TRY(open_reports(scan));
    if (options->nice)
        nice_be();
    TRY(stop_signal_open(&scan->stop_fd));
    scan->pool_settings = (struct pool_settings){
        .sandbox = options->no_sandbox        ? SANDBOX_OFF
                   : options->require_sandbox ? SANDBOX_REQUIRED
                                              : SANDBOX_AUTO,
        .limits = options->limits,
        .memory = options->memory,
        .jobs = options->jobs,
        .report_clean = options->all,
        .builtin = options->rules.count == 0,
    };
    scan->pool_events =
        (struct pool_events){.on_event = on_event, .on_done = on_done, .context = scan};
    TRY(pool_new(&scan->pool_settings, &scan->pool_events, &scan->error, &scan->pool));
    TRY(pool_watch(scan->pool, scan->stop_fd));
    TRY(walk_new(&options->walk, &scan->error, &scan->walk));
    static const enum progress_mode modes[] = {[WHEN_AUTO] = PROGRESS_AUTO,
                                               [WHEN_ALWAYS] = PROGRESS_ALWAYS,
                                               [WHEN_NEVER] = PROGRESS_NEVER};
    TRY(progress_new(modes[options->progress], STDERR_FILENO, &scan->progress));
    return prepare_rules(scan);
}

/* ---- start and end ----------------------------------------------------------------------------- */

static size_t describe_options(const struct scan *scan, struct report_option **ret_options)
{
    size_t count = option_values_count(scan->values);
    struct report_option *options = calloc(count + 1, sizeof(*options));
    for (size_t i = 0; options && i < count; i++)
        option_values_at(scan->values, i, &options[i].name, &options[i].value);
    *ret_options = options;
    return options ? count : 0;
}

static status emit_start(struct scan *scan)
{
    char digest[SOURCE_DIGEST_HEX];
    TRY(rule_files_builtin_digest(digest));
    struct report_database builtin = {
        .name = "builtin",
        .version = assay_version(),
        .digest = digest,
        .trust = "builtin",
        .age_days = -1,
        .rules = (int64_t)scan->rule_count,
    };
    struct report_start start = {.databases = &builtin, .database_count = 1};
    if (scan->rules) {
        rule_files_count_rules(scan->rules, scan->rule_count);
        start.databases = rule_files_databases(scan->rules, &start.database_count);
    }

    const char *layers[SANDBOX_LAYER_COUNT];
    start.sandbox_layer_count = sandbox_layer_names(pool_sandbox_layers(scan->pool), layers);
    start.sandbox_layers = layers;
    start.sandbox = sandbox_word(pool_sandbox_layers(scan->pool));
    clock_gettime(CLOCK_REALTIME, &start.time);

    struct report_option *options cleanup(free_cleanup) = NULL;
    start.option_count = describe_options(scan, &options);
    start.options = options;
    emit(scan, &(struct report_event){.type = REPORT_START, .start = &start});
    return ASSAY_OK;
}

/* Why there is nothing to show for it, for a person. */
static void say_unusable(struct scan *scan, status failed)
{
    if (failed < 0) {
        const char *words =
            scan->error.text[0] ? scan->error.text : assay_status_text((enum assay_status)failed);
        say("%s", words);
        if (scan->report)
            emit_error(scan, (struct assay_bytes){NULL, 0}, 0, words);
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
    const struct report_summary *summary = tally_finish(&scan->tally, scan->interrupted);
    emit(scan, &(struct report_event){.type = REPORT_SUMMARY, .summary = summary});
    struct error error = {""};
    note_report_failure(scan, report_close(scan->report, &error), &error);
    return tally_finish(&scan->tally, scan->interrupted)->exit_code;
}

static int scan_paths(struct scan *scan, char **paths, size_t count)
{
    struct roots_source source = {
        .paths = paths,
        .path_count = count,
        .list = scan->options.files_from,
        .null_separated = scan->options.null_separated,
    };
    tally_start(&scan->tally);
    status done = roots_new(&source, &scan->error, &scan->roots);
    if (done >= 0)
        done = prepare(scan);
    if (done >= 0)
        done = emit_start(scan);
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
    rule_files_free(scan->rules);
    roots_free(scan->roots);
    progress_free(scan->progress);
    report_free(scan->report);
    stop_signal_close(scan->stop_fd);
    scan_options_release(&scan->options);
    option_values_free(scan->values);
}

int verb_scan(int argc, char **argv)
{
    struct scan scan cleanup(scan_release) = {.entry = {.fd = -1}, .stop_fd = -1};
    scan_options_init(&scan.options);
    int first;
    status read = options_read(&scan_option_table, &scan.options, argc, argv, &scan.error,
                               &scan.values, &first);
    if (read == ASSAY_END)
        return EXIT_CLEAN;
    if (read >= 0)
        read = scan_options_finish(&scan.options, &scan.error);
    if (read >= 0 && first == argc && !scan.options.files_from)
        read = error_set(&scan.error, ASSAY_ERR_ARGUMENT,
                         "nothing to scan was named; write `assay scan PATH...`");
    if (read < 0) {
        say("%s",
            scan.error.text[0] ? scan.error.text : assay_status_text((enum assay_status)read));
        return EXIT_UNUSABLE;
    }
    return scan_paths(&scan, argv + first, (size_t)(argc - first));
}
