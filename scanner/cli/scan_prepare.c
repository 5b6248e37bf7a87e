#include "cli/nice.h"
#include "cli/say.h"
#include "cli/scan.h"
#include "cli/stop_signal.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* The rule compiler is given up after so many seconds. */
#define COMPILE_SECONDS 300

static void on_event(void *context, struct assay_bytes path, const struct assay_event *event)
{
    scan_emit_finding(context, path, event);
}

static void on_done(void *context, uint64_t size, const struct assay_result *result)
{
    struct scan *scan = context;
    tally_file(&scan->tally, size, result);
}

static status open_reports(struct scan *scan)
{
    const struct scan_options *options = &scan->options;
    const char *no_color = getenv("NO_COLOR"); /* https://no-color.org: set, and not empty */
    bool terminal = isatty(STDOUT_FILENO) && !(no_color && no_color[0]);
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

static status start_pool(struct scan *scan)
{
    TRY(pool_new(&scan->pool_settings, &scan->pool_events, &scan->error, &scan->pool));
    return pool_watch(scan->pool, scan->stop_fd);
}

/* What the databases have, and then what --rules names. ASSAY_END: the pool is over, try again. */
static status load_rules(struct scan *scan)
{
    struct pool_compile compile = {
        .on_diagnostic = on_diagnostic,
        .diagnostic_context = scan,
        .seconds = COMPILE_SECONDS,
    };
    uint64_t rules = 0;
    if (scan->databases) {
        status loaded =
            databases_load(scan->databases, scan->pool, &compile, &scan->error, &scan->rule_count);
        if (loaded != ASSAY_OK)
            return loaded;
    }
    if (scan->options.rules.count)
        TRY(rule_files_send(&scan->options.rules, scan->pool, &scan->error, &scan->rules));
    if (!scan->rules && !scan->pool_settings.builtin)
        return ASSAY_OK;
    compile.open_include = scan->rules ? rule_files_open_include : NULL;
    compile.include_context = scan->rules;
    TRY(pool_compile(scan->pool, &compile, &scan->error, &rules));
    if (scan->rules)
        rule_files_count_rules(scan->rules, rules);
    scan->rule_count += rules;
    return ASSAY_OK;
}

static status find_databases(struct scan *scan)
{
    const struct scan_options *options = &scan->options;
    if (options->databases.database || options->rules.count == 0)
        TRY(databases_find(&options->databases, &scan->error, &scan->databases));
    return ASSAY_OK;
}

static status list_in_use(struct scan *scan)
{
    size_t databases = 0, rules = 0;
    const struct report_database *described[2] = {NULL, NULL};
    if (scan->databases)
        described[0] = databases_describe(scan->databases, &databases);
    if (scan->rules)
        described[1] = rule_files_databases(scan->rules, &rules);
    scan->in_use = calloc(databases + rules + 1, sizeof(*scan->in_use));
    if (!scan->in_use)
        return ASSAY_ERR_NOMEM;
    for (size_t i = 0; i < databases; i++)
        scan->in_use[scan->in_use_count++] = described[0][i];
    for (size_t i = 0; i < rules; i++)
        scan->in_use[scan->in_use_count++] = described[1][i];
    if (scan->in_use_count > 0)
        return ASSAY_OK;
    TRY(rule_files_builtin_digest(scan->builtin_digest));
    scan->in_use[scan->in_use_count++] = databases_builtin(scan->builtin_digest, scan->rule_count);
    return ASSAY_OK;
}

static status prepare_rules(struct scan *scan)
{
    status loaded = load_rules(scan);
    while (loaded == ASSAY_END) {
        pool_free(steal_pointer(scan->pool));
        scan->rule_count = 0;
        TRY(start_pool(scan));
        loaded = load_rules(scan);
    }
    TRY(loaded);
    return list_in_use(scan);
}

/* Only for those who look, and only when all paths are known. */
static status start_progress(struct scan *scan)
{
    static const enum progress_mode modes[] = {[WHEN_AUTO] = PROGRESS_AUTO,
                                               [WHEN_ALWAYS] = PROGRESS_ALWAYS,
                                               [WHEN_NEVER] = PROGRESS_NEVER};
    const struct scan_options *options = &scan->options;
    TRY(progress_new(modes[options->progress], STDERR_FILENO, &scan->progress));
    bool is_known = !options->files_from;
    for (size_t i = 0; i < scan->path_count; i++)
        is_known = is_known && strcmp(scan->paths[i], "-") != 0;
    if (!is_known || !progress_is_shown(scan->progress))
        return ASSAY_OK;
    status counting = forecast_new(scan->paths, scan->path_count, &options->walk, &scan->forecast);
    (void)counting; /* without it the time left is not shown */
    return ASSAY_OK;
}

status scan_prepare(struct scan *scan)
{
    const struct scan_options *options = &scan->options;
    /* Reading may wait for a pipe, and signals still end it; a failure goes into the reports. */
    status listed = ASSAY_OK;
    if (options->password_file)
        listed = password_file_read(options->password_file, &scan->error, &scan->passwords);
    /* Before the reports: a signal must not leave a half-written one behind. */
    if (stop_signal_open(&scan->stop_fd) < 0)
        return error_set(&scan->error, ASSAY_ERR_IO, "cannot watch for signals: %s",
                         strerror(errno));
    TRY(open_reports(scan));
    TRY(listed);
    if (options->nice)
        nice_be();
    TRY(start_progress(scan));
    TRY(find_databases(scan));
    scan->pool_settings = (struct pool_settings){
        .sandbox = options->no_sandbox        ? SANDBOX_OFF
                   : options->require_sandbox ? SANDBOX_REQUIRED
                                              : SANDBOX_AUTO,
        .limits = options->limits,
        .memory = options->memory,
        .jobs = options->jobs,
        .report_clean = options->all,
        .report_views = options->views,
        .builtin = scan->databases && databases_count(scan->databases) == 0,
        .passwords = scan->passwords.list,
        .password_count = scan->passwords.count,
    };
    scan->pool_events =
        (struct pool_events){.on_event = on_event, .on_done = on_done, .context = scan};
    TRY(start_pool(scan));
    TRY(walk_new(&options->walk, &scan->error, &scan->walk));
    return prepare_rules(scan);
}

static size_t describe_options(const struct scan *scan, struct report_option **ret_options)
{
    size_t count = option_values_count(scan->values);
    struct report_option *options = calloc(count + 1, sizeof(*options));
    for (size_t i = 0; options && i < count; i++)
        option_values_at(scan->values, i, &options[i].name, &options[i].value);
    *ret_options = options;
    return options ? count : 0;
}

status scan_emit_start(struct scan *scan)
{
    struct report_start start = {.databases = scan->in_use, .database_count = scan->in_use_count};
    const char *layers[SANDBOX_LAYER_COUNT];
    start.sandbox_layer_count = sandbox_layer_names(pool_sandbox_layers(scan->pool), layers);
    start.sandbox_layers = layers;
    start.sandbox = sandbox_word(pool_sandbox_layers(scan->pool));
    clock_gettime(CLOCK_REALTIME, &start.time);

    struct report_option *options cleanup(free_cleanup) = NULL;
    start.option_count = describe_options(scan, &options);
    start.options = options;
    scan_emit(scan, &(struct report_event){.type = REPORT_START, .start = &start});
    return ASSAY_OK;
}
