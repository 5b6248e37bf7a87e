/*
 * run: one scan of one top-level input: where it stands, what it has found, and how it tells.
 */
#ifndef INSPECT_RUN_H
#define INSPECT_RUN_H

#include "base/budget.h"
#include "inspect/frame.h"
#include "signatures/matcher.h"
#include "unpack/sweep.h"

struct run {
    struct frame_stack *stack;
    const struct sweep_keys *sweep_keys;
    struct matcher *matcher;
    struct budget budget;
    const char *owner;
    uint32_t share, shares; /* as in struct assay_subject */
    uint64_t
        loads[ASSAY_SHARES_MAX]; /* what was assigned to each, in bytes or what is worth them */
    bool is_matching;            /* what is told now comes from the matcher */
    bool report_clean;
    bool report_views;
    const struct assay_bytes *passwords;
    size_t password_count;
    assay_event_fn *on_event;
    void *context;

    struct assay_member *members; /* room for the names of all frames but the first */
    size_t members_allocated;

    enum assay_verdict verdict; /* so far */
    bool cancelled;             /* the callback asked to stop */
    bool told_spent;            /* the bound that ends the run was told */
    uint64_t objects;
};

/* Each tells about the object on top of the stack. */

CHECKED status run_tell_match(struct run *run, struct assay_match *match);
void run_tell_incomplete(struct run *run, enum assay_reason reason, const char *detail);
/* That everything was done which can be done about it. */
void run_tell_done(struct run *run);
/* What it is and what came out of it, if somebody wants to know. */
void run_tell_view(struct run *run);

/* Tells what ended with `why`: the reason that belongs to the status or, when a bound is used up,
 * to the bound; that one only once. */
void run_tell_failure(struct run *run, status why, const char *detail);

/* Matches the object on top, and tells. */
void run_match(struct run *run);

/* Puts a member on the stack: its name, its bytes as far as they can be had, its readers; and
 * matches it. The member comes from the reader open in the top frame. Errors: ASSAY_ERR_LIMIT
 * when a bound ended the run (it was told), ASSAY_ERR_NOMEM when there is not even memory for a
 * frame. */
CHECKED status run_enter_member(struct run *run, const struct unpack_member *member);

/* Puts the archive of `reader` that begins at an offset of the object on top on the stack. Its bytes
 * were matched as part of that object. Errors as run_enter_member. */
CHECKED status run_enter_part(struct run *run, const struct unpacker *reader, uint64_t offset);

/* Searches on in what the readers of the object on top have not accounted for, for a while, and
 * enters what is found. ASSAY_END: nothing is left. Errors as run_enter_member. */
CHECKED status run_sweep(struct run *run);

#endif
