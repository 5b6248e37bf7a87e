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

/* Matching an object costs as much as so many bytes of it, however small it is. */
#define OBJECT_BYTES (32U << 10)

/* Assigns the object to the share that has the least so far. All shares see the same objects in the
 * same order, so they agree without talking to each other. True when it is this one's. */
static bool is_own(struct run *run, uint64_t size)
{
    uint32_t least = 0;
    for (uint32_t i = 1; i < run->shares; i++) {
        if (run->loads[i] < run->loads[least])
            least = i;
    }
    run->loads[least] += size + OBJECT_BYTES;
    return least == run->share;
}

void run_match(struct run *run)
{
    struct frame *frame = frame_top(run->stack);
    run->objects++;
    if (run->shares > 1 && !is_own(run, frame->view.size))
        return;
    struct matcher_variables variables = {
        .filetype = filetype_of(frame->view),
        .owner = run->owner ? run->owner : "",
    };
    object_name_variables(&frame->name, &variables);

    struct match_context context = {.run = run};
    struct matcher_events events = {
        .on_match = on_match, .on_incomplete = on_incomplete, .context = &context};
    struct error error = {""};
    run->is_matching = true;
    status matched = matcher_scan(run->matcher, frame->view, &variables,
                                  budget_seconds_left(&run->budget), &events, &error);
    if (context.failed < 0)
        run_tell_failure(run, context.failed, "a match could not be told");
    else if (matched < 0 && !run->cancelled)
        run_tell_failure(run, matched, error.text);
    run->is_matching = false;
}
