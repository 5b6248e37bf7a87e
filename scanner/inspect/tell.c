#include "inspect/run.h"
#include "signatures/digest.h"

#include <stdio.h>

/* The names from the outside in. The array was made large enough when the frames were pushed. */
static struct assay_object object_on_top(struct run *run)
{
    struct frame_stack *stack = run->stack;
    for (size_t i = 1; i < stack->depth; i++) {
        const struct frame *frame = stack->frames[i];
        run->members[i - 1] = (struct assay_member){
            .name = {frame->member_name.data, frame->member_name.size},
            .occurrence = frame->occurrence,
        };
    }
    return (struct assay_object){
        .members = run->members,
        .member_count = stack->depth - 1,
        .size = frame_size(frame_top(stack)),
    };
}

static void tell(struct run *run, struct assay_event *event)
{
    if (run->cancelled)
        return;
    event->object = object_on_top(run);
    if (run->on_event(run->context, event) != 0)
        run->cancelled = true;
}

/* The values are ordered from good to bad. */
static void note_verdict(struct run *run, enum assay_verdict verdict)
{
    struct frame *frame = frame_top(run->stack);
    if (frame->verdict < verdict)
        frame->verdict = verdict;
    if (run->verdict < verdict)
        run->verdict = verdict;
}

status run_tell_match(struct run *run, struct assay_match *match)
{
    struct frame *frame = frame_top(run->stack);
    const uint8_t *known = matcher_sha256(run->matcher);
    if (!frame->has_sha256 && known != NULL)
        memcpy(frame->sha256, known, sizeof(frame->sha256));
    else if (!frame->has_sha256)
        TRY(digest_sha256(frame->view, frame->sha256));
    frame->has_sha256 = true;
    memcpy(match->sha256, frame->sha256, sizeof(match->sha256));
    note_verdict(run, ASSAY_MATCH);
    tell(run, &(struct assay_event){.type = ASSAY_EVENT_MATCH, .match = match});
    return ASSAY_OK;
}

void run_tell_incomplete(struct run *run, enum assay_reason reason, const char *detail)
{
    note_verdict(run, ASSAY_INCOMPLETE);
    /* All shares meet what is wrong with the input: one of them tells. */
    bool is_own = run->is_matching || reason == ASSAY_REASON_TIME || reason == ASSAY_REASON_MEMORY;
    if (run->share > 0 && !is_own)
        return;
    tell(run,
         &(struct assay_event){.type = ASSAY_EVENT_INCOMPLETE, .reason = reason, .detail = detail});
}

void run_tell_view(struct run *run)
{
    if (!run->report_views)
        return;
    const struct frame *frame = frame_top(run->stack);
    char readers[160] = "";
    size_t length = 0;
    for (size_t i = 0; i < frame->next_claim && length < sizeof(readers); i++)
        length += (size_t)snprintf(readers + length, sizeof(readers) - length, "%s%s",
                                   i > 0 ? ", " : "", frame->claims[i]->name);
    tell(run, &(struct assay_event){.type = ASSAY_EVENT_VIEW,
                                    .readers = readers,
                                    .verdict = frame->verdict,
                                    .given = frame->given});
}

void run_tell_done(struct run *run)
{
    const struct frame *frame = frame_top(run->stack);
    if (run->report_clean && frame->verdict == ASSAY_CLEAN && !frame->is_part)
        tell(run, &(struct assay_event){.type = ASSAY_EVENT_CLEAN});
    run_tell_view(run);
}

static const char *const bound_details[ASSAY_REASON_COUNT] = {
    [ASSAY_REASON_EXPANDED_BYTES] = "too many bytes came out of containers",
    [ASSAY_REASON_RATIO] = "far more bytes came out than went in",
    [ASSAY_REASON_MEMBERS] = "too many members",
    [ASSAY_REASON_TIME] = "the time for this file is used up",
};

void run_tell_failure(struct run *run, status why, const char *detail)
{
    if (why == ASSAY_ERR_TIME) {
        budget_spend_time(&run->budget);
        why = ASSAY_ERR_LIMIT;
    }
    if (why != ASSAY_ERR_LIMIT) {
        const char *words = detail[0] ? detail : assay_status_text((enum assay_status)why);
        run_tell_incomplete(run, reason_of_status(why), words);
        return;
    }
    if (run->told_spent)
        return;
    run->told_spent = true;
    char text[160];
    snprintf(text, sizeof(text), "%s; the rest of the file was not looked at",
             bound_details[run->budget.reason]);
    run_tell_incomplete(run, run->budget.reason, text);
}
