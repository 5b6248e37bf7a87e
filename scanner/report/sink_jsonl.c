/*
 * sink_jsonl: one JSON object a line (RFC 8259), for programs. docs/jsonl.md is the reference.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "report/json_finding.h"
#include "report/sink.h"

#define SCHEMA          1
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

struct jsonl {
    struct output *output;
    struct json_scratch scratch;
    struct buffer line;
};

/* How each type of event fills the object that already has its "type". */
typedef status fill_fn(struct json_scratch *scratch, json_t *line,
                       const struct report_event *event);

/* ---- start ------------------------------------------------------------------------------- */

static status put_databases(struct json_scratch *scratch, json_t *line,
                            const struct report_database *databases, size_t count)
{
    json_t *list;
    TRY(json_put_list(line, "db", &list));
    for (size_t i = 0; i < count; i++) {
        const struct report_database *database = &databases[i];
        json_t *entry = json_object();
        TRY(json_push(list, entry));
        TRY(json_put(entry, "name", json_word(scratch, database->name)));
        TRY(json_put(entry, "version", json_word(scratch, database->version)));
        TRY(json_put(entry, "serial", json_number(database->serial)));
        TRY(json_put(entry, "digest", json_word(scratch, database->digest)));
        TRY(json_put(entry, "trust", json_word(scratch, database->trust)));
        TRY(json_put(entry, "age_days",
                     database->age_days < 0 ? json_null() : json_integer(database->age_days)));
        TRY(json_put(entry, "rules",
                     database->rules < 0 ? json_null() : json_integer(database->rules)));
        TRY(json_put(entry, "hashes", json_integer(database->hashes)));
        TRY(json_put(entry, "stale", json_boolean(database->is_stale)));
    }
    return ASSAY_OK;
}

static status put_options(struct json_scratch *scratch, json_t *line,
                          const struct report_start *start)
{
    json_t *options;
    cleanup(json_decref_cleanup) json_t *seen = json_object();
    TRY(json_put_object(line, "options", &options));
    for (size_t i = 0; i < start->option_count; i++) {
        json_t *value = json_verbatim(scratch, start->options[i].value);
        TRY(json_put_repeated(scratch, options, seen, start->options[i].name, value));
    }
    return ASSAY_OK;
}

static status put_sandbox(struct json_scratch *scratch, json_t *line,
                          const struct report_start *start)
{
    json_t *layers;
    TRY(json_put(line, "sandbox", json_word(scratch, start->sandbox)));
    TRY(json_put_list(line, "sandbox_layers", &layers));
    for (size_t i = 0; i < start->sandbox_layer_count; i++)
        TRY(json_push(layers, json_word(scratch, start->sandbox_layers[i])));
    return ASSAY_OK;
}

/* RFC 3339, UTC, milliseconds. */
static json_t *time_value(struct timespec time)
{
    struct tm parts;
    char date[32] = "";
    if (!gmtime_r(&time.tv_sec, &parts) ||
        strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &parts) == 0)
        return json_null();
    return json_sprintf("%s.%03dZ", date, (int)(time.tv_nsec / 1000000));
}

static status fill_start(struct json_scratch *scratch, json_t *line,
                         const struct report_event *event)
{
    json_t *tool;
    TRY(json_put(line, "schema", json_integer(SCHEMA)));
    TRY(json_put_object(line, "tool", &tool));
    TRY(json_put(tool, "name", json_string("assay")));
    TRY(json_put(tool, "version", json_string(assay_version())));
    TRY(put_databases(scratch, line, event->start->databases, event->start->database_count));
    TRY(put_options(scratch, line, event->start));
    TRY(put_sandbox(scratch, line, event->start));
    return json_put(line, "time", time_value(event->start->time));
}

/* ---- findings and errors ----------------------------------------------------------------- */

static status fill_match(struct json_scratch *scratch, json_t *line,
                         const struct report_event *event)
{
    const struct assay_event *finding = event->finding;
    TRY(json_put_path(scratch, line, event->path));
    TRY(json_put_members(scratch, line, event->path, &finding->object));
    TRY(json_put(line, "size", json_number(finding->object.size)));
    return json_put_match(scratch, line, finding->match);
}

static status fill_incomplete(struct json_scratch *scratch, json_t *line,
                              const struct report_event *event)
{
    const struct assay_event *finding = event->finding;
    TRY(json_put_path(scratch, line, event->path));
    TRY(json_put_members(scratch, line, event->path, &finding->object));
    TRY(json_put(line, "reason", json_string(assay_reason_name(finding->reason))));
    return json_put(line, "detail", json_word(scratch, finding->detail));
}

static status fill_clean(struct json_scratch *scratch, json_t *line,
                         const struct report_event *event)
{
    TRY(json_put_path(scratch, line, event->path));
    TRY(json_put_members(scratch, line, event->path, &event->finding->object));
    return json_put(line, "size", json_number(event->finding->object.size));
}

static status fill_error(struct json_scratch *scratch, json_t *line,
                         const struct report_event *event)
{
    TRY(json_put_path(scratch, line, event->path));
    if (event->error_number) {
        const char *name = strerrorname_np(event->error_number);
        TRY(json_put(line, "errno",
                     name ? json_string(name) : json_sprintf("%d", event->error_number)));
    }
    return json_put(line, "detail", json_word(scratch, event->detail));
}

/* ---- summary ----------------------------------------------------------------------------- */

static status put_breakdown(json_t *line, const struct report_summary *summary)
{
    json_t *severities;
    TRY(json_put(line, "matches", json_number(summary->matches)));
    TRY(json_put_object(line, "by_severity", &severities));
    for (size_t i = 0; i < ASSAY_SEVERITY_COUNT; i++)
        TRY(json_put(severities, assay_severity_name((enum assay_severity)i),
                     json_number(summary->by_severity[i])));
    json_t *reasons;
    TRY(json_put(line, "incomplete", json_number(summary->incomplete)));
    TRY(json_put_object(line, "by_reason", &reasons));
    for (size_t i = 0; i < ASSAY_REASON_COUNT; i++) {
        if (summary->by_reason[i])
            TRY(json_put(reasons, assay_reason_name((enum assay_reason)i),
                         json_number(summary->by_reason[i])));
    }
    return ASSAY_OK;
}

static status put_skipped(json_t *line, const struct report_summary *summary)
{
    json_t *skipped;
    TRY(json_put_object(line, "skipped", &skipped));
    for (size_t i = 0; i < summary->skipped_count; i++) {
        if (summary->skipped[i].value)
            TRY(json_put(skipped, summary->skipped[i].name,
                         json_number(summary->skipped[i].value)));
    }
    return ASSAY_OK;
}

/* Three decimals; what is not a duration is 0. */
static json_t *seconds_value(double seconds)
{
    if (!(seconds > 0 && seconds < 1e12))
        return json_real(0);
    return json_real((double)(uint64_t)(seconds * 1000 + 0.5) / 1000);
}

static status fill_summary(struct json_scratch *scratch, json_t *line,
                           const struct report_event *event)
{
    const struct report_summary *summary = event->summary;
    TRY(json_put(line, "files", json_number(summary->files)));
    TRY(json_put(line, "objects", json_number(summary->objects)));
    TRY(json_put(line, "bytes", json_number(summary->bytes)));
    TRY(json_put(line, "expanded_bytes", json_number(summary->expanded_bytes)));
    TRY(put_breakdown(line, summary));
    TRY(json_put(line, "errors", json_number(summary->errors)));
    TRY(put_skipped(line, summary));
    TRY(json_put(line, "cached", json_number(summary->cached)));
    TRY(put_databases(scratch, line, summary->databases, summary->database_count));
    TRY(json_put(line, "seconds", seconds_value(summary->seconds)));
    if (summary->interrupted)
        TRY(json_put(line, "interrupted", json_word(scratch, summary->interrupted)));
    return json_put(line, "exit", json_integer(summary->exit_code));
}

/* ---- the sink ---------------------------------------------------------------------------- */

/* What is passed over on purpose is only counted: the summary has it. */
static const struct line {
    const char *type;
    fill_fn *fill;
} lines[] = {
    [REPORT_START] = {"start", fill_start},
    [REPORT_ERROR] = {"error", fill_error},
    [REPORT_SUMMARY] = {"summary", fill_summary},
};

static const struct line findings[] = {
    [ASSAY_EVENT_MATCH] = {"match", fill_match},
    [ASSAY_EVENT_INCOMPLETE] = {"incomplete", fill_incomplete},
    [ASSAY_EVENT_CLEAN] = {"clean", fill_clean},
};

/* NULL for what does not appear here, and for types that were added after this file. */
static const struct line *line_for(const struct report_event *event)
{
    if (event->type == REPORT_FINDING)
        return (size_t)event->finding->type < COUNT_OF(findings) ? &findings[event->finding->type]
                                                                 : NULL;
    return (size_t)event->type < COUNT_OF(lines) && lines[event->type].fill ? &lines[event->type]
                                                                            : NULL;
}

static status jsonl_event(void *state, const struct report_event *event)
{
    struct jsonl *jsonl = state;
    const struct line *kind = line_for(event);
    if (!kind)
        return ASSAY_OK;
    cleanup(json_decref_cleanup) json_t *line = json_object();
    TRY(json_put(line, "type", json_string(kind->type)));
    TRY(kind->fill(&jsonl->scratch, line, event));
    jsonl->line.size = 0;
    TRY(json_line(&jsonl->scratch, line, &jsonl->line));
    return output_write(jsonl->output, buffer_view(&jsonl->line));
}

static status jsonl_open(const struct report_options *options, struct output *output,
                         void **ret_state)
{
    (void)options;
    struct jsonl *jsonl = calloc(1, sizeof(*jsonl));
    if (!jsonl)
        return ASSAY_ERR_NOMEM;
    jsonl->output = output;
    *ret_state = jsonl;
    return ASSAY_OK;
}

static void jsonl_free(void *state)
{
    struct jsonl *jsonl = state;
    json_scratch_release(&jsonl->scratch);
    buffer_release(&jsonl->line);
    free(jsonl);
}

const struct sink_ops sink_jsonl = {
    .name = "jsonl",
    .open = jsonl_open,
    .event = jsonl_event,
    .free = jsonl_free,
};
