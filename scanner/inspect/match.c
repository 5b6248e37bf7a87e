#include "inspect/run.h"
#include "signatures/filetype.h"

struct match_context {
    struct run *run;
    status failed; /* what telling failed with */
};

static int on_match(void *context, struct assay_match *match)
{
    struct match_context *this = context;
    this->failed = run_tell_match(this->run, match);
    return this->failed < 0 || this->run->cancelled;
}

static void on_incomplete(void *context, enum assay_reason reason, const char *detail)
{
    struct match_context *this = context;
    run_tell_incomplete(this->run, reason, detail);
}

void run_match(struct run *run)
{
    struct frame *frame = frame_top(run->stack);
    struct matcher_variables variables = {
        .filetype = filetype_of(frame->view),
        .owner = run->owner ? run->owner : "",
    };
    object_name_variables(&frame->name, &variables);

    struct match_context context = {.run = run};
    struct matcher_events events = {
        .on_match = on_match, .on_incomplete = on_incomplete, .context = &context};
    struct error error = {""};
    run->objects++;
    status matched = matcher_scan(run->matcher, frame->view, &variables,
                                  budget_seconds_left(&run->budget), &events, &error);
    if (context.failed < 0)
        run_tell_failure(run, context.failed, "a match could not be told");
    else if (matched < 0 && !run->cancelled)
        run_tell_failure(run, matched, error.text);
}
