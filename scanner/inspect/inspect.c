#include "inspect/inspect.h"

#include "inspect/run.h"

#include <stdio.h>
#include <stdlib.h>

/* A damaged container may be noted many times; one incomplete object is one, however often. */
#define NOTES_MAX 8

struct inspector {
    struct assay_limits limits;
    struct matcher *matcher;
    struct sweep_keys *sweep_keys;
    struct frame_stack stack;
    struct assay_member *members; /* lent to each run */
    size_t members_allocated;
    bool report_clean;
    bool report_views;
    const struct assay_bytes *passwords;
    size_t password_count;
};

status inspector_new(const struct assay_rules *rules, const struct assay_limits *limits,
                     struct inspector **ret_inspector)
{
    struct inspector *inspector cleanup(inspector_free_cleanup) = calloc(1, sizeof(*inspector));
    if (!inspector)
        return ASSAY_ERR_NOMEM;
    inspector->limits = *limits;
    TRY(matcher_new(rules, &inspector->matcher));
    TRY(sweep_keys_new(&inspector->sweep_keys));
    *ret_inspector = steal_pointer(inspector);
    return ASSAY_OK;
}

void inspector_free(struct inspector *inspector)
{
    if (!inspector)
        return;
    frame_stack_release(&inspector->stack);
    matcher_free(inspector->matcher);
    sweep_keys_free(inspector->sweep_keys);
    free(inspector->members);
    free(inspector);
}

void inspector_report_clean(struct inspector *inspector, bool wanted)
{
    inspector->report_clean = wanted;
}

void inspector_report_views(struct inspector *inspector, bool wanted)
{
    inspector->report_views = wanted;
}

void inspector_set_passwords(struct inspector *inspector, const struct assay_bytes *passwords,
                             size_t count)
{
    inspector->passwords = passwords;
    inspector->password_count = count;
}

static void on_note(void *context, status why, const char *detail)
{
    struct run *run = context;
    struct frame *frame = frame_top(run->stack);
    frame->note_count++;
    if (frame->note_count < NOTES_MAX)
        run_tell_failure(run, why, detail);
    else if (frame->note_count == NOTES_MAX)
        run_tell_failure(run, why, "damaged in further places that are not listed");
}

/* The most of one member that may be of use; one byte more shows that there is more. */
static uint64_t member_bytes(const struct run *run)
{
    uint64_t expandable = budget_expandable(&run->budget);
    uint64_t held = run->budget.limits.member;
    uint64_t bytes = expandable < held ? expandable : held;
    return bytes < UINT64_MAX ? bytes + 1 : bytes;
}

/* Opens the next reader that claims the object on top. ASSAY_END: no reader is left. */
static status open_next_reader(struct run *run)
{
    struct frame *frame = frame_top(run->stack);
    if (frame->next_claim == frame->claim_count)
        return ASSAY_END;
    const struct unpacker *reader = frame->claims[frame->next_claim];
    if (run->stack->depth > run->budget.limits.depth) {
        char detail[96];
        snprintf(detail, sizeof(detail), "nested too deep: the %s in it was not opened",
                 reader->name);
        run_tell_incomplete(run, ASSAY_REASON_DEPTH, detail);
        frame->next_claim = frame->claim_count;
        return ASSAY_END;
    }
    frame->next_claim++;
    frame->env = (struct unpack_env){
        .codec_memory = run->budget.limits.codec_memory,
        .member_bytes = member_bytes(run),
        .passwords = run->passwords,
        .password_count = run->password_count,
        .note = on_note,
        .note_context = run,
        .is_embedded = frame->is_part,
        .covers_to = frame->view.size,
    };
    status opened = reader->open(frame->view, &frame->env, &frame->stream);
    if (opened >= 0)
        frame->reader = reader;
    else
        run_tell_failure(run, opened, frame->env.error.text);
    return ASSAY_OK;
}

/* Enters the next member of the reader that is open, or closes it. */
static status step_reader(struct run *run)
{
    struct frame *frame = frame_top(run->stack);
    struct unpack_member member = {.is_stored = false};
    frame->env.error.text[0] = 0;
    frame->env.member_bytes = member_bytes(run);
    status step = frame->reader->next(frame->stream, &member);
    if (step == ASSAY_OK)
        return run_enter_member(run, &member);
    if (step < 0)
        run_tell_failure(run, step, frame->env.error.text);
    frame_close_reader(frame, step);
    return ASSAY_OK;
}

static status step_top(struct run *run)
{
    status checked = budget_check_time(&run->budget);
    if (checked < 0) {
        run_tell_failure(run, checked, "");
        return checked;
    }
    if (frame_top(run->stack)->reader)
        return step_reader(run);
    status opened = open_next_reader(run);
    if (opened == ASSAY_END)
        opened = run_sweep(run);
    if (opened != ASSAY_END)
        return opened;
    run_tell_done(run);
    frame_pop(run->stack);
    return ASSAY_OK;
}

/* Looks at everything inside the object on the stack. Ends early when a bound is used up, which was
 * told then, or when the caller has had enough. */
static void inspect_members(struct run *run)
{
    while (run->stack->depth > 0 && !run->cancelled) {
        status stepped = step_top(run);
        if (stepped == ASSAY_ERR_LIMIT)
            break;
        if (stepped < 0) {
            run_tell_failure(run, stepped, "");
            frame_close_reader(frame_top(run->stack), stepped);
        }
    }
    while (run->stack->depth > 0) {
        run_tell_view(run);
        frame_pop(run->stack);
    }
}

status inspector_run(struct inspector *inspector, const struct assay_subject *subject,
                     struct view input, assay_event_fn *on_event, void *context,
                     struct assay_result *ret_result)
{
    if (subject->shares > ASSAY_SHARES_MAX ||
        subject->share >= (subject->shares ? subject->shares : 1))
        return ASSAY_ERR_ARGUMENT;
    struct run run = {
        .stack = &inspector->stack,
        .matcher = inspector->matcher,
        .sweep_keys = inspector->sweep_keys,
        .owner = subject->owner,
        .share = subject->share,
        .shares = subject->shares,
        .report_clean = inspector->report_clean,
        .report_views = inspector->report_views,
        .passwords = inspector->passwords,
        .password_count = inspector->password_count,
        .on_event = on_event,
        .context = context,
        .members = inspector->members,
        .members_allocated = inspector->members_allocated,
    };
    budget_start(&run.budget, &inspector->limits, input.size);
    TRY(frame_push(run.stack));
    struct frame *top = frame_top(run.stack);
    top->view = input;
    status named = object_name_set(&top->name, subject->path);
    if (named < 0) {
        frame_pop(run.stack);
        return named;
    }
    run_match(&run);
    frame_identify(top);
    inspect_members(&run);

    inspector->members = run.members;
    inspector->members_allocated = run.members_allocated;
    *ret_result = (struct assay_result){
        .verdict = run.verdict,
        .objects = run.objects,
        .expanded_bytes = run.budget.expanded,
    };
    return run.cancelled ? ASSAY_ERR_CANCELLED : ASSAY_OK;
}
