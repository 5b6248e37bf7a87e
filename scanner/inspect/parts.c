#include "inspect/run.h"

#include <stdio.h>

/* Bytes searched between two looks at the clock. */
#define STRETCH (UINT64_C(16) << 20)

/* Places in one object that may turn out to be no archives: a second's work at the worst. */
#define TRIES 100000

/* The first place from `swept` on that no reader has accounted for, and in *ret_to the end of what
 * may be searched from there. */
static uint64_t find_uncovered(const struct frame *frame, uint64_t *ret_to)
{
    uint64_t at = frame->swept;
    for (bool moved = true; moved;) {
        moved = false;
        for (size_t i = 0; i < frame->covered_count; i++) {
            const struct range *range = &frame->covered[i];
            moved = moved || (range->from <= at && at < range->to);
            if (range->from <= at && at < range->to)
                at = range->to;
        }
    }
    *ret_to = frame->view.size;
    for (size_t i = 0; i < frame->covered_count; i++) {
        if (frame->covered[i].from > at && frame->covered[i].from < *ret_to)
            *ret_to = frame->covered[i].from;
    }
    return at;
}

static void tell_tries_spent(struct run *run)
{
    struct frame *frame = frame_top(run->stack);
    char detail[128];
    snprintf(detail, sizeof(detail),
             "too many places look like archives: from offset %llu on they were not looked at",
             (unsigned long long)frame->swept);
    run_tell_incomplete(run, ASSAY_REASON_MEMBERS, detail);
    frame->swept = frame->view.size;
}

/* Nothing more is put on the stack: that there would be something is told, once. */
static void tell_too_deep(struct run *run, const struct sweep_hit *hit)
{
    struct frame *frame = frame_top(run->stack);
    char detail[128];
    snprintf(detail, sizeof(detail), "nested too deep: the %s at offset %llu was not opened",
             hit->reader->name, (unsigned long long)hit->offset);
    run_tell_incomplete(run, ASSAY_REASON_DEPTH, detail);
    frame->swept = frame->view.size;
}

status run_sweep(struct run *run)
{
    struct frame *frame = frame_top(run->stack);
    bool is_too_deep = run->stack->depth > run->budget.limits.depth;
    if (frame->is_part || (is_too_deep && frame->claim_count > 0)) /* then it was told already */
        return ASSAY_END;
    if (frame->swept == 0) { /* what begins at the front was asked of every reader */
        frame->swept = 1;
        frame->tries = TRIES;
    }
    uint64_t to;
    frame->swept = find_uncovered(frame, &to);
    if (frame->swept >= frame->view.size)
        return ASSAY_END;
    if (to - frame->swept > STRETCH)
        to = frame->swept + STRETCH;
    struct sweep_hit hit;
    status found = sweep_next(run->sweep_keys, frame->view, &frame->swept, to, &frame->tries, &hit);
    if (found == ASSAY_OK && is_too_deep)
        tell_too_deep(run, &hit);
    else if (found == ASSAY_OK)
        return run_enter_part(run, hit.reader, hit.offset);
    else if (found < 0)
        tell_tries_spent(run);
    return ASSAY_OK;
}
