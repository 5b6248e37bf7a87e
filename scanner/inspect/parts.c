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

status run_sweep(struct run *run)
{
    struct frame *frame = frame_top(run->stack);
    if (frame->is_part)
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
    if (found == ASSAY_OK)
        return run_enter_part(run, hit.reader, hit.offset);
    if (found < 0)
        tell_tries_spent(run);
    return ASSAY_OK;
}
