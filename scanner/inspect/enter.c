#include "inspect/run.h"

#include <stdio.h>
#include <stdlib.h>

/* Bytes asked of a reader at a time. */
#define CHUNK_BYTES (256U << 10)

/* A name is a label; more of it than this helps nobody. */
#define NAME_BYTES_MAX (32U << 10)

/* Room for one more name in the array that events borrow. */
static status reserve_member(struct run *run)
{
    if (run->stack->depth < run->members_allocated)
        return ASSAY_OK;
    size_t wanted = run->stack->depth + 16;
    struct assay_member *members = reallocarray(run->members, wanted, sizeof(*members));
    if (!members)
        return ASSAY_ERR_NOMEM;
    run->members = members;
    run->members_allocated = wanted;
    return ASSAY_OK;
}

static status push_named(struct run *run, struct assay_bytes name)
{
    struct frame *parent = frame_top(run->stack);
    if (name.size > NAME_BYTES_MAX)
        name.size = NAME_BYTES_MAX;
    uint32_t occurrence;
    TRY(member_names_count(&parent->member_names, name, &occurrence));
    TRY(reserve_member(run));
    TRY(frame_push(run->stack));

    struct frame *frame = frame_top(run->stack);
    frame->occurrence = occurrence;
    status named = buffer_append(&frame->member_name, name.data, name.size);
    if (named >= 0)
        named = object_name_of_member(&frame->name, &parent->name, name);
    if (named < 0)
        frame_pop(run->stack);
    return named;
}

/* How much to ask a reader for: never more than may still be expanded or held, but always at least
 * one byte, because only a further byte shows that a bound is too small. */
static size_t chunk_size(const struct run *run, const struct frame *frame)
{
    uint64_t size = CHUNK_BYTES;
    uint64_t expandable = budget_expandable(&run->budget);
    uint64_t holdable = run->budget.limits.member - frame->held.size;
    if (size > expandable)
        size = expandable;
    if (size > holdable)
        size = holdable;
    return size ? (size_t)size : 1;
}

/* Decodes the member that `reader` is at into the frame. What was decoded before an error stays.
 * ASSAY_END: all of it, or with *ret_longer as much as may be held. */
static status hold_member(struct run *run, struct frame *frame, const struct frame *container,
                          bool *ret_longer)
{
    for (;;) {
        TRY(budget_check_time(&run->budget));
        size_t size = chunk_size(run, frame);
        TRY(buffer_reserve(&frame->held, size));
        size_t got;
        status step = container->reader->read(container->stream,
                                              frame->held.data + frame->held.size, size, &got);
        if (step != ASSAY_OK)
            return step;
        if (frame->held.size >= run->budget.limits.member) {
            *ret_longer = true;
            return ASSAY_END;
        }
        TRY(budget_charge_expanded(&run->budget, got));
        frame->held.size += got;
    }
}

static bool lies_in(struct view part, struct view whole)
{
    return part.data >= whole.data && part.data <= whole.data + whole.size;
}

/* A member whose bytes are there already costs nothing to hold, but counts as expanded: entries may
 * overlap. What its reader decoded for it is bounded as what is decoded here. */
static status borrow_member(struct run *run, struct frame *frame,
                            const struct unpack_member *member, bool *ret_longer)
{
    TRY(budget_check_time(&run->budget));
    uint64_t allowed = budget_expandable(&run->budget);
    const struct frame *container = run->stack->frames[run->stack->depth - 2];
    uint64_t size = member->stored.size;
    *ret_longer = size > run->budget.limits.member && !lies_in(member->stored, container->view);
    if (*ret_longer)
        size = run->budget.limits.member;
    frame->view = view_sub(member->stored, 0, size < allowed ? size : allowed);
    TRY(budget_charge_expanded(&run->budget, size));
    return member->ended;
}

static status fill_frame(struct run *run, const struct unpack_member *member, bool *ret_longer)
{
    struct frame_stack *stack = run->stack;
    struct frame *frame = frame_top(stack);
    if (member->is_stored)
        return borrow_member(run, frame, member, ret_longer);
    status held = hold_member(run, frame, stack->frames[stack->depth - 2], ret_longer);
    frame->view = buffer_view(&frame->held);
    return held;
}

/* Puts one more object on the stack, if the budget has room for it. */
static status push_charged(struct run *run, struct assay_bytes name)
{
    status charged = budget_charge_member(&run->budget);
    if (charged < 0) {
        run_tell_failure(run, charged, "");
        return charged;
    }
    return push_named(run, name);
}

status run_enter_member(struct run *run, const struct unpack_member *member)
{
    struct frame *container = frame_top(run->stack);
    TRY(push_charged(run, member->name));
    bool longer = false;
    status filled = fill_frame(run, member, &longer);
    container->given += frame_top(run->stack)->view.size;
    run_match(run);
    frame_identify(frame_top(run->stack));
    if (longer)
        run_tell_incomplete(run, ASSAY_REASON_MEMBER_BYTES,
                            "only the beginning of this member was matched");
    if (filled < 0)
        run_tell_failure(run, filled, container->env.error.text);
    return filled == ASSAY_ERR_LIMIT ? filled : ASSAY_OK;
}

status run_enter_part(struct run *run, const struct unpacker *reader, uint64_t offset)
{
    char name[64];
    int length =
        snprintf(name, sizeof(name), "<%s@%llu>", reader->name, (unsigned long long)offset);
    struct view whole = frame_top(run->stack)->view;
    TRY(push_charged(run, (struct assay_bytes){(const uint8_t *)name, (size_t)length}));
    struct frame *part = frame_top(run->stack);
    part->view = view_sub(whole, offset, UINT64_MAX);
    part->is_part = true;
    part->offset = offset;
    part->claims[part->claim_count++] = reader;
    return ASSAY_OK;
}
