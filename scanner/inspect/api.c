/* The public API: what scanner/include/assay.h promises, over rules and inspect. */
#include "inspect/input.h"
#include "inspect/inspect.h"

#include <stdlib.h>

struct assay_scanner {
    struct inspector *inspector;
    struct input input;
};

int assay_rules_compile(const struct assay_source *sources, size_t count,
                        assay_diagnostic_fn *on_diagnostic, void *context,
                        struct assay_rules **ret_rules)
{
    struct rules_input input = {
        .sources = sources,
        .count = count,
        .on_diagnostic = on_diagnostic,
        .diagnostic_context = context,
    };
    return count ? rules_compile(&input, ret_rules) : ASSAY_ERR_ARGUMENT;
}

void assay_builtin_sources(const struct assay_source **ret_sources, size_t *ret_count)
{
    rules_builtin(ret_sources, ret_count);
}

size_t assay_rules_count(const struct assay_rules *rules)
{
    return rules_count(rules);
}

void assay_rules_free(struct assay_rules *rules)
{
    rules_free(rules);
}

int assay_scanner_new(const struct assay_rules *rules, const struct assay_limits *limits,
                      struct assay_scanner **ret_scanner)
{
    struct assay_scanner *scanner = calloc(1, sizeof(*scanner));
    if (!scanner)
        return ASSAY_ERR_NOMEM;
    status made = inspector_new(rules, limits, &scanner->inspector);
    if (made < 0) {
        free(scanner);
        return made;
    }
    *ret_scanner = scanner;
    return ASSAY_OK;
}

void assay_scanner_free(struct assay_scanner *scanner)
{
    if (!scanner)
        return;
    inspector_free(scanner->inspector);
    input_release(&scanner->input);
    free(scanner);
}

void assay_scanner_report_clean(struct assay_scanner *scanner, bool wanted)
{
    inspector_report_clean(scanner->inspector, wanted);
}

void assay_scanner_report_views(struct assay_scanner *scanner, bool wanted)
{
    inspector_report_views(scanner->inspector, wanted);
}

void assay_scanner_set_passwords(struct assay_scanner *scanner, const struct assay_bytes *passwords,
                                 size_t count)
{
    inspector_set_passwords(scanner->inspector, passwords, count);
}

int assay_scan_buffer(struct assay_scanner *scanner, const struct assay_subject *subject,
                      const void *data, size_t size, assay_event_fn *on_event, void *context,
                      struct assay_result *ret_result)
{
    struct view view = {data, size};
    return inspector_run(scanner->inspector, subject, view, on_event, context, ret_result);
}

/* A file that could not be read as it was: one event about the whole of it. */
static int tell_unread(status why, assay_event_fn *on_event, void *context,
                       struct assay_result *result)
{
    struct assay_event event = {
        .type = ASSAY_EVENT_INCOMPLETE,
        .reason = reason_of_status(why),
        .detail = assay_status_text((enum assay_status)why),
    };
    if (result->verdict == ASSAY_CLEAN)
        result->verdict = ASSAY_INCOMPLETE;
    return on_event(context, &event) == 0 ? ASSAY_OK : ASSAY_ERR_CANCELLED;
}

int assay_scan_fd(struct assay_scanner *scanner, const struct assay_subject *subject, int fd,
                  assay_event_fn *on_event, void *context, struct assay_result *ret_result)
{
    struct assay_result result = {.verdict = ASSAY_CLEAN, .objects = 1};
    status loaded = input_load(&scanner->input, fd);
    if (loaded == ASSAY_ERR_CHANGED) {
        status told = tell_unread(loaded, on_event, context, &result);
        *ret_result = result;
        return told;
    }
    TRY(loaded);
    status scanned =
        inspector_run(scanner->inspector, subject, scanner->input.view, on_event, context, &result);
    status changed = input_check_unchanged(&scanner->input, fd);
    input_unload(&scanner->input);
    if (scanned >= 0 && changed < 0)
        scanned = tell_unread(changed, on_event, context, &result);
    if (scanned >= 0 || scanned == ASSAY_ERR_CANCELLED)
        *ret_result = result;
    return scanned;
}
