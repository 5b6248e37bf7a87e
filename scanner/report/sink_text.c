/*
 * sink_text: a report for people. One line a finding, further facts indented below it. Everything
 * that an attacker could have chosen is escaped, so no name can forge a line or drive the terminal;
 * colours are chosen by the kind of line, never by what is in it.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "report/sink.h"
#include "report/text_summary.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#define RED    "\033[31m"
#define YELLOW "\033[33m"
#define GREEN  "\033[32m"
#define RESET  "\033[0m"

struct text {
    struct output *output;
    const struct report_options *options;
    bool color;
    struct buffer line;
    struct buffer notes; /* whole lines about the scan itself, for the summary */
};

static status append_word(struct buffer *out, const char *word)
{
    return text_escape(out, text_bytes(word ? word : ""));
}

/* Switches a colour on, or off with RESET. */
static status paint(struct text *text, const char *color)
{
    return text->color ? buffer_append_text(&text->line, color) : ASSAY_OK;
}

/* The object's name. Indented lines are facts of the finding above, so a name must not look like
 * one. */
static status append_name(struct text *text, struct assay_bytes path,
                          const struct assay_object *object)
{
    if (path.size > 0 && path.data[0] == ' ') {
        TRY(buffer_append_text(&text->line, "\\x20"));
        path.data++;
        path.size--;
    }
    if (object)
        TRY(text_object_name(&text->line, path, object));
    else
        TRY(text_escape(&text->line, path));
    return buffer_append_text(&text->line, ": ");
}

/* ---- findings ---------------------------------------------------------------------------- */

/* Meta that says something to a person, in the order it is shown. */
static const struct {
    const char *meta;
    const char *label;
    bool verbose;
} facts[] = {
    {"description", "", false},
    {"family", "family: ", true},
    {"reference", "reference: ", true},
    {"remedy", "remedy: ", false},
};

static const char *find_meta(const struct assay_match *match, const char *name)
{
    for (size_t i = 0; i < match->meta_count; i++) {
        const struct assay_meta *meta = &match->metas[i];
        if (meta->type == ASSAY_META_STRING && strcmp(meta->name, name) == 0)
            return meta->string;
    }
    return NULL;
}

static status append_facts(struct text *text, const struct assay_match *match)
{
    for (size_t i = 0; i < COUNT_OF(facts); i++) {
        const char *value = find_meta(match, facts[i].meta);
        if (!value || !value[0] || (facts[i].verbose && !text->options->verbose))
            continue;
        TRY(buffer_append_format(&text->line, "    %s", facts[i].label));
        TRY(append_word(&text->line, value));
        TRY(buffer_append_text(&text->line, "\n"));
    }
    return ASSAY_OK;
}

static status line_match(struct text *text, const struct report_event *event)
{
    const struct assay_match *match = event->finding->match;
    TRY(append_name(text, event->path, &event->finding->object));
    TRY(paint(text, RED));
    TRY(append_word(&text->line, match->rule));
    TRY(buffer_append_format(&text->line, " (%s)", assay_severity_name(match->severity)));
    TRY(paint(text, RESET));
    TRY(buffer_append_text(&text->line, "\n"));
    return text->options->quiet ? ASSAY_OK : append_facts(text, match);
}

static status line_incomplete(struct text *text, const struct report_event *event)
{
    const struct assay_event *finding = event->finding;
    TRY(append_name(text, event->path, &finding->object));
    TRY(paint(text, YELLOW));
    TRY(buffer_append_format(&text->line, "incomplete: %s", assay_reason_name(finding->reason)));
    if (finding->detail && finding->detail[0]) {
        TRY(buffer_append_text(&text->line, " ("));
        TRY(append_word(&text->line, finding->detail));
        TRY(buffer_append_text(&text->line, ")"));
    }
    TRY(paint(text, RESET));
    return buffer_append_text(&text->line, "\n");
}

static status line_clean(struct text *text, const struct report_event *event)
{
    TRY(append_name(text, event->path, &event->finding->object));
    return buffer_append_text(&text->line, "clean\n");
}

static status line_error(struct text *text, const struct report_event *event)
{
    if (event->path.size) /* none: it is about the whole scan */
        TRY(append_name(text, event->path, NULL));
    TRY(paint(text, YELLOW));
    TRY(buffer_append_text(&text->line, "error: "));
    TRY(append_word(&text->line, event->detail ? event->detail : "cannot be looked at"));
    if (event->error_number) {
        const char *why = strerrordesc_np(event->error_number);
        TRY(buffer_append_format(&text->line, " (%s)", why ? why : "unknown error"));
    }
    TRY(paint(text, RESET));
    return buffer_append_text(&text->line, "\n");
}

static status line_skipped(struct text *text, const struct report_event *event)
{
    if (!text->options->verbose)
        return ASSAY_OK;
    TRY(append_name(text, event->path, NULL));
    TRY(buffer_append_text(&text->line, "skipped: "));
    TRY(append_word(&text->line, event->detail));
    return buffer_append_text(&text->line, "\n");
}

/* ---- start and summary ------------------------------------------------------------------- */

static const char *plural(int64_t count, const char *one, const char *many)
{
    return count == 1 ? one : many;
}

static status append_database(struct buffer *out, const struct report_database *database)
{
    TRY(buffer_append_text(out, "Database "));
    TRY(append_word(out, database->name));
    TRY(buffer_append_text(out, database->version[0] ? " " : ""));
    TRY(append_word(out, database->version));
    TRY(buffer_append_text(out, " ("));
    TRY(append_word(out, database->trust));
    if (database->serial)
        TRY(buffer_append_format(out, ", serial %llu", (unsigned long long)database->serial));
    if (database->rules >= 0)
        TRY(buffer_append_format(out, ", %lld %s", (long long)database->rules,
                                 plural(database->rules, "rule", "rules")));
    if (database->age_days >= 0)
        TRY(buffer_append_format(out, ", %lld %s old", (long long)database->age_days,
                                 plural(database->age_days, "day", "days")));
    TRY(buffer_append_text(out, "): "));
    TRY(append_word(out, database->digest));
    return buffer_append_text(out, "\n");
}

static status append_sandbox(struct buffer *out, const struct report_start *start)
{
    TRY(buffer_append_text(out, "Sandbox: "));
    TRY(append_word(out, start->sandbox));
    for (size_t i = 0; i < start->sandbox_layer_count; i++) {
        TRY(buffer_append_text(out, i == 0 ? " (" : ", "));
        TRY(append_word(out, start->sandbox_layers[i]));
    }
    return buffer_append_text(out, start->sandbox_layer_count ? ")\n" : "\n");
}

/* What weakens the scan is said even to those who did not ask. */
static status note_weaknesses(struct text *text, const struct report_start *start)
{
    for (size_t i = 0; i < start->database_count; i++) {
        const struct report_database *database = &start->databases[i];
        if (strcmp(database->trust, "unsigned") != 0)
            continue;
        TRY(buffer_append_text(&text->notes, "Unsigned rules were used: "));
        TRY(append_word(&text->notes, database->name));
        TRY(buffer_append_text(&text->notes, ".\n"));
    }
    if (strcmp(start->sandbox, "full") == 0)
        return ASSAY_OK;
    return append_sandbox(&text->notes, start);
}

static status line_start(struct text *text, const struct report_event *event)
{
    const struct report_start *start = event->start;
    TRY(note_weaknesses(text, start));
    if (!text->options->verbose)
        return ASSAY_OK;
    for (size_t i = 0; i < start->database_count; i++)
        TRY(append_database(&text->line, &start->databases[i]));
    return append_sandbox(&text->line, start);
}

static status line_summary(struct text *text, const struct report_event *event)
{
    static const char *const colors[] = {
        [TEXT_GOOD] = GREEN, [TEXT_DOUBTFUL] = YELLOW, [TEXT_BAD] = RED};
    const struct report_summary *summary = event->summary;
    if (text->options->quiet)
        return ASSAY_OK;
    TRY(text_summary(&text->line, summary));
    if (summary->interrupted) {
        TRY(buffer_append_text(&text->notes, "Interrupted by "));
        TRY(append_word(&text->notes, summary->interrupted));
        TRY(buffer_append_text(&text->notes, ".\n"));
    }
    if (text->notes.size > 0) {
        TRY(paint(text, YELLOW));
        TRY(buffer_append(&text->line, text->notes.data, text->notes.size));
        TRY(paint(text, RESET));
    }
    enum text_mood mood;
    const char *verdict = text_verdict(summary, &mood);
    TRY(paint(text, colors[mood]));
    TRY(buffer_append_text(&text->line, verdict));
    TRY(paint(text, RESET));
    return buffer_append_text(&text->line, "\n");
}

/* ---- the sink ---------------------------------------------------------------------------- */

typedef status line_fn(struct text *text, const struct report_event *event);

static line_fn *const lines[] = {
    [REPORT_START] = line_start,
    [REPORT_ERROR] = line_error,
    [REPORT_SKIPPED] = line_skipped,
    [REPORT_SUMMARY] = line_summary,
};

static line_fn *const findings[] = {
    [ASSAY_EVENT_MATCH] = line_match,
    [ASSAY_EVENT_INCOMPLETE] = line_incomplete,
    [ASSAY_EVENT_CLEAN] = line_clean,
};

/* NULL for types that were added after this file. */
static line_fn *line_for(const struct report_event *event)
{
    if (event->type == REPORT_FINDING)
        return (size_t)event->finding->type < COUNT_OF(findings) ? findings[event->finding->type]
                                                                 : NULL;
    return (size_t)event->type < COUNT_OF(lines) ? lines[event->type] : NULL;
}

static status text_event(void *state, const struct report_event *event)
{
    struct text *text = state;
    line_fn *line = line_for(event);
    if (!line)
        return ASSAY_OK;
    text->line.size = 0;
    TRY(line(text, event));
    return output_write(text->output, buffer_view(&text->line));
}

static status text_open(const struct report_options *options, struct output *output,
                        void **ret_state)
{
    struct text *text = calloc(1, sizeof(*text));
    if (!text)
        return ASSAY_ERR_NOMEM;
    text->output = output;
    text->options = options;
    /* A file is read later, by who knows what. */
    text->color = options->color && !output_path(output);
    *ret_state = text;
    return ASSAY_OK;
}

static void text_free(void *state)
{
    struct text *text = state;
    buffer_release(&text->line);
    buffer_release(&text->notes);
    free(text);
}

const struct sink_ops sink_text = {
    .name = "text",
    .open = text_open,
    .event = text_event,
    .free = text_free,
};
