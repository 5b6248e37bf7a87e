/*
 * match_event: what libyara knows about a rule that matched, as a struct assay_match. The memory
 * is kept from one event to the next and bounded by what the largest rule carries.
 */
#ifndef SIGNATURES_MATCH_EVENT_H
#define SIGNATURES_MATCH_EVENT_H

#include "base/buffer.h"
#include "signatures/ruleset.h"

/* The most string matches that one event carries; the rest is counted. */
#define MATCH_EVENT_STRINGS 256

struct match_event {
    struct assay_match match; /* all but sha256 */
    struct buffer tags;       /* const char * */
    struct buffer metas;      /* struct assay_meta */
    struct assay_string_match strings[MATCH_EVENT_STRINGS];
};

/* Fills event->match; it borrows from the part, the view and the event. For use in libyara's
 * callback. Errors: ASSAY_ERR_NOMEM. */
CHECKED status match_event_fill(struct match_event *event, const struct rules_part *part,
                                YR_SCAN_CONTEXT *context, const YR_RULE *rule, struct view view);
void match_event_release(struct match_event *event);

#endif
