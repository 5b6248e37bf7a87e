#include "signatures/matcher.h"

#include "base/clock.h"
#include "signatures/engine.h"
#include "signatures/hash_match.h"
#include "signatures/match_event.h"

#include <limits.h>
#include <stdio.h>

/* What matches one part of the rules. */
struct part_matcher {
    struct matcher *matcher;
    const struct rules_part *part;
    YR_SCANNER *scanner; /* NULL after an error: what it left behind is not trusted */
};

struct matcher {
    struct part_matcher *parts;
    size_t part_count;
    struct hash_match *hashes;
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

static int on_rule(const struct part_matcher *this, YR_SCAN_CONTEXT *context, const YR_RULE *rule)
{
    struct matcher *matcher = this->matcher;
    status result = match_event_fill(&matcher->event, this->part, context, rule, matcher->view);
    if (result < 0)
        return stop(matcher, result);
    if (matcher->events->on_match(matcher->events->context, &matcher->event.match) != 0)
        return stop(matcher, ASSAY_ERR_CANCELLED);
    return CALLBACK_CONTINUE;
}

/* libyara stops looking for this string in this scan and keeps the matches it has. */
static int on_too_many(const struct part_matcher *this, const YR_STRING *string)
{
    const YR_RULE *rule = &this->part->yara->rules_table[string->rule_idx];
    const struct matcher_events *events = this->matcher->events;
    char detail[512];
    snprintf(detail, sizeof(detail), "rule %s string %s matches too often", rule->identifier,
             string->identifier);
    events->on_incomplete(events->context, ASSAY_REASON_MATCHES, detail);
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
    const struct part_matcher *this = user;
    switch (message) {
    case CALLBACK_MSG_RULE_MATCHING:
        return on_rule(this, context, data);
    case CALLBACK_MSG_TOO_MANY_MATCHES:
        return on_too_many(this, data);
    case CALLBACK_MSG_IMPORT_MODULE:
        return on_import(data);
    default:
        return CALLBACK_CONTINUE;
    }
}

static void discard_scanner(struct part_matcher *this)
{
    if (this->scanner != NULL)
        yr_scanner_destroy(this->scanner);
    this->scanner = NULL;
}

static status make_scanner(struct part_matcher *this)
{
    if (this->scanner != NULL)
        return ASSAY_OK;
    int code = yr_scanner_create(this->part->yara, &this->scanner);
    if (code != ERROR_SUCCESS) {
        this->scanner = NULL;
        return engine_status(code);
    }
    yr_scanner_set_callback(this->scanner, on_message, this);
    /* libyara's own guard against bad memory turns our bugs and truncated maps into "could not map
     * file", and is not made for threads. */
    yr_scanner_set_flags(this->scanner, SCAN_FLAGS_NO_TRYCATCH | SCAN_FLAGS_REPORT_RULES_MATCHING);
    return ASSAY_OK;
}

status matcher_new(const struct assay_rules *rules, struct matcher **ret_matcher)
{
    cleanup(matcher_free_cleanup) struct matcher *matcher = calloc(1, sizeof(*matcher));
    if (matcher == NULL)
        return ASSAY_ERR_NOMEM;
    TRY(hash_match_new(rules, &matcher->hashes));
    matcher->parts = calloc(rules->part_count + 1, sizeof(*matcher->parts));
    if (matcher->parts == NULL)
        return ASSAY_ERR_NOMEM;
    for (size_t i = 0; i < rules->part_count; i++) {
        struct part_matcher *this = &matcher->parts[matcher->part_count++];
        *this = (struct part_matcher){.matcher = matcher, .part = &rules->parts[i]};
        TRY(make_scanner(this));
    }
    *ret_matcher = steal_pointer(matcher);
    return ASSAY_OK;
}

void matcher_free(struct matcher *matcher)
{
    if (matcher == NULL)
        return;
    for (size_t i = 0; i < matcher->part_count; i++)
        discard_scanner(&matcher->parts[i]);
    free(matcher->parts);
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

static int run(const struct part_matcher *this, const struct matcher_variables *variables)
{
    int code = define_variables(this->scanner, variables);
    if (code != ERROR_SUCCESS)
        return code;
    /* An empty view is scanned too; without a pointer libyara would skip it. */
    const struct view *view = &this->matcher->view;
    const uint8_t *data = view->data != NULL ? view->data : (const uint8_t *)"";
    return yr_scanner_scan_mem(this->scanner, data, (size_t)view->size);
}

static status fail(const struct part_matcher *this, int code, struct error *error)
{
    const YR_RULE *rule = yr_scanner_last_error_rule(this->scanner);
    if (rule == NULL)
        return error_set(error, engine_status(code), "rule engine: %s", engine_words(code));
    return error_set(error, engine_status(code), "rule engine: %s, in rule %s", engine_words(code),
                     rule->identifier);
}

static status scan_part(struct part_matcher *this, const struct matcher_variables *variables,
                        uint32_t seconds, struct error *error)
{
    status ready = make_scanner(this);
    if (ready < 0)
        return error_set(error, ready, "the rule engine could not be set up");
    yr_scanner_set_timeout(this->scanner, seconds < INT_MAX ? (int)seconds : INT_MAX);
    int code = run(this, variables);
    status result = ASSAY_OK;
    if (this->matcher->stopped < 0)
        result = error_set(error, this->matcher->stopped, "stopped while reporting a match");
    else if (code != ERROR_SUCCESS)
        result = fail(this, code, error);
    if (result < 0)
        discard_scanner(this);
    return result;
}

const uint8_t *matcher_sha256(const struct matcher *matcher)
{
    return hash_match_sha256(matcher->hashes);
}

/* Rounded up; at least one, for 0 is no bound. */
static uint32_t seconds_until(uint64_t deadline)
{
    uint64_t now = clock_nanoseconds();
    if (deadline == 0)
        return 0;
    return now < deadline ? (uint32_t)((deadline - now + CLOCK_SECOND - 1) / CLOCK_SECOND) : 1;
}

/* What has come of a scan so far. One error can be returned: those before the last are told. */
struct outcome {
    status result;
    struct error words;
};

static void note(const struct matcher *matcher, struct outcome *outcome, status result,
                 const struct error *words)
{
    const struct matcher_events *events = matcher->events;
    if (result >= 0)
        return;
    if (outcome->result < 0)
        events->on_incomplete(events->context, reason_of_status(outcome->result),
                              outcome->words.text);
    *outcome = (struct outcome){result, *words};
}

/* True when what ended one part ends the others too. */
static bool is_final(const struct matcher *matcher, status result)
{
    return result == ASSAY_ERR_TIME || result == ASSAY_ERR_CANCELLED || matcher->stopped < 0;
}

status matcher_scan(struct matcher *matcher, struct view view,
                    const struct matcher_variables *variables, uint32_t seconds,
                    const struct matcher_events *events, struct error *error)
{
    if (view.size > SIZE_MAX)
        return error_set(error, ASSAY_ERR_ENGINE, "the object does not fit into memory");
    matcher->view = view;
    matcher->events = events;
    matcher->stopped = ASSAY_OK;

    uint64_t deadline = seconds > 0 ? clock_nanoseconds() + seconds * CLOCK_SECOND : 0;
    struct outcome outcome = {ASSAY_OK, {""}};
    struct error words = {""};
    status scanned = hash_match_scan(matcher->hashes, view, deadline, events, &words);
    note(matcher, &outcome, scanned, &words);
    for (size_t i = 0; i < matcher->part_count && !is_final(matcher, outcome.result); i++) {
        words.text[0] = '\0';
        scanned = scan_part(&matcher->parts[i], variables, seconds_until(deadline), &words);
        note(matcher, &outcome, scanned, &words);
    }
    return outcome.result < 0 ? error_set(error, outcome.result, "%s", outcome.words.text)
                              : ASSAY_OK;
}
