#include "signatures/matcher.h"

#include "base/clock.h"
#include "signatures/engine.h"
#include "signatures/hash_match.h"
#include "signatures/match_event.h"

#include <limits.h>
#include <stdio.h>

struct matcher {
    const struct assay_rules *rules;
    struct hash_match *hashes;
    YR_SCANNER *scanner; /* NULL after an error: what it left behind is not trusted */
    struct match_event event;
    /* The scan that runs. */
    struct view view;
    const struct matcher_events *events;
    status stopped; /* why the callback stopped it; 0 when it did not */
};

static int stop(struct matcher *matcher, status why)
{
    matcher->stopped = why;
    return CALLBACK_ABORT;
}

static int on_rule(struct matcher *matcher, YR_SCAN_CONTEXT *context, const YR_RULE *rule)
{
    status result = match_event_fill(&matcher->event, matcher->rules, context, rule, matcher->view);
    if (result < 0)
        return stop(matcher, result);
    if (matcher->events->on_match(matcher->events->context, &matcher->event.match) != 0)
        return stop(matcher, ASSAY_ERR_CANCELLED);
    return CALLBACK_CONTINUE;
}

/* libyara stops looking for this string in this scan and keeps the matches it has. */
static int on_too_many(struct matcher *matcher, const YR_STRING *string)
{
    const YR_RULE *rule = &matcher->rules->yara->rules_table[string->rule_idx];
    char detail[512];
    snprintf(detail, sizeof(detail), "rule %s string %s matches too often", rule->identifier,
             string->identifier);
    matcher->events->on_incomplete(matcher->events->context, ASSAY_REASON_MATCHES, detail);
    return CALLBACK_CONTINUE;
}

/* The compiler refused these modules already; nothing is loaded that it could have missed. */
static int on_import(const YR_MODULE_IMPORT *import)
{
    return engine_allows_module(import->module_name, strlen(import->module_name))
               ? CALLBACK_CONTINUE
               : CALLBACK_ERROR;
}

/* What a rule logs to the console is dropped. */
static int on_message(YR_SCAN_CONTEXT *context, int message, void *data, void *user)
{
    struct matcher *matcher = user;
    switch (message) {
    case CALLBACK_MSG_RULE_MATCHING:
        return on_rule(matcher, context, data);
    case CALLBACK_MSG_TOO_MANY_MATCHES:
        return on_too_many(matcher, data);
    case CALLBACK_MSG_IMPORT_MODULE:
        return on_import(data);
    default:
        return CALLBACK_CONTINUE;
    }
}

static void discard_scanner(struct matcher *matcher)
{
    if (matcher->scanner != NULL)
        yr_scanner_destroy(matcher->scanner);
    matcher->scanner = NULL;
}

static status make_scanner(struct matcher *matcher)
{
    if (matcher->scanner != NULL)
        return ASSAY_OK;
    int code = yr_scanner_create(matcher->rules->yara, &matcher->scanner);
    if (code != ERROR_SUCCESS) {
        matcher->scanner = NULL;
        return engine_status(code);
    }
    yr_scanner_set_callback(matcher->scanner, on_message, matcher);
    /* libyara's own guard against bad memory turns our bugs and truncated maps into "could not map
     * file", and is not made for threads. */
    yr_scanner_set_flags(matcher->scanner,
                         SCAN_FLAGS_NO_TRYCATCH | SCAN_FLAGS_REPORT_RULES_MATCHING);
    return ASSAY_OK;
}

status matcher_new(const struct assay_rules *rules, struct matcher **ret_matcher)
{
    cleanup(matcher_free_cleanup) struct matcher *matcher = calloc(1, sizeof(*matcher));
    if (matcher == NULL)
        return ASSAY_ERR_NOMEM;
    matcher->rules = rules;
    TRY(hash_match_new(rules, &matcher->hashes));
    TRY(make_scanner(matcher));
    *ret_matcher = steal_pointer(matcher);
    return ASSAY_OK;
}

void matcher_free(struct matcher *matcher)
{
    if (matcher == NULL)
        return;
    discard_scanner(matcher);
    hash_match_free(matcher->hashes);
    match_event_release(&matcher->event);
    free(matcher);
}

static int define_variables(YR_SCANNER *scanner, const struct matcher_variables *variables)
{
    const struct {
        const char *name, *value;
    } rows[] = {
        {"filename", variables->filename},   {"filepath", variables->filepath},
        {"extension", variables->extension}, {"filetype", variables->filetype},
        {"owner", variables->owner},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int code = yr_scanner_define_string_variable(scanner, rows[i].name, rows[i].value);
        if (code != ERROR_SUCCESS)
            return code;
    }
    return ERROR_SUCCESS;
}

static int run(struct matcher *matcher, const struct matcher_variables *variables)
{
    int code = define_variables(matcher->scanner, variables);
    if (code != ERROR_SUCCESS)
        return code;
    /* An empty view is scanned too; without a pointer libyara would skip it. */
    const uint8_t *data = matcher->view.data != NULL ? matcher->view.data : (const uint8_t *)"";
    return yr_scanner_scan_mem(matcher->scanner, data, (size_t)matcher->view.size);
}

static status fail(struct matcher *matcher, int code, struct error *error)
{
    const YR_RULE *rule = yr_scanner_last_error_rule(matcher->scanner);
    if (rule == NULL)
        return error_set(error, engine_status(code), "rule engine: %s", engine_words(code));
    return error_set(error, engine_status(code), "rule engine: %s, in rule %s", engine_words(code),
                     rule->identifier);
}

const uint8_t *matcher_sha256(const struct matcher *matcher)
{
    return hash_match_sha256(matcher->hashes);
}

/* Seconds until the deadline, rounded up; at least one, for 0 is no bound. */
static uint32_t seconds_until(uint64_t deadline)
{
    uint64_t now = clock_nanoseconds();
    return now < deadline ? (uint32_t)((deadline - now + CLOCK_SECOND - 1) / CLOCK_SECOND) : 1;
}

/* Looks the object up among the known files, and takes the time for it off *seconds. */
static status scan_hashes(struct matcher *matcher, struct view view, uint32_t *seconds,
                          const struct matcher_events *events, struct error *error)
{
    uint64_t deadline = *seconds > 0 ? clock_nanoseconds() + *seconds * CLOCK_SECOND : 0;
    TRY(hash_match_scan(matcher->hashes, view, deadline, events, error));
    if (*seconds > 0)
        *seconds = seconds_until(deadline);
    return ASSAY_OK;
}

status matcher_scan(struct matcher *matcher, struct view view,
                    const struct matcher_variables *variables, uint32_t seconds,
                    const struct matcher_events *events, struct error *error)
{
    if (view.size > SIZE_MAX)
        return error_set(error, ASSAY_ERR_ENGINE, "the object does not fit into memory");
    TRY(scan_hashes(matcher, view, &seconds, events, error));
    status ready = make_scanner(matcher);
    if (ready < 0)
        return error_set(error, ready, "the rule engine could not be set up");
    matcher->view = view;
    matcher->events = events;
    matcher->stopped = ASSAY_OK;
    yr_scanner_set_timeout(matcher->scanner, seconds < INT_MAX ? (int)seconds : INT_MAX);

    int code = run(matcher, variables);
    status result = ASSAY_OK;
    if (matcher->stopped < 0)
        result = error_set(error, matcher->stopped, "stopped while reporting a match");
    else if (code != ERROR_SUCCESS)
        result = fail(matcher, code, error);
    if (result < 0)
        discard_scanner(matcher);
    return result;
}
