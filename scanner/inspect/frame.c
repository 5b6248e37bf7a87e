#include "inspect/frame.h"

#include <stdlib.h>

/* A frame keeps at most this much memory for the next object it is used for. */
#define KEPT_BYTES (1U << 20)

status frame_push(struct frame_stack *stack)
{
    if (stack->depth == stack->allocated) {
        struct frame **frames =
            reallocarray(stack->frames, stack->allocated + 1, sizeof(*stack->frames));
        if (!frames)
            return ASSAY_ERR_NOMEM;
        stack->frames = frames;
        struct frame *frame = calloc(1, sizeof(*frame));
        if (!frame)
            return ASSAY_ERR_NOMEM;
        frames[stack->allocated++] = frame;
    }
    stack->depth++;
    return ASSAY_OK;
}

void frame_close_reader(struct frame *frame, status ended)
{
    if (!frame->reader)
        return;
    frame->reader->close(frame->stream);
    struct range range = {frame->env.covers_from, frame->env.covers_to};
    if (ended == ASSAY_END && range.from < range.to && frame->covered_count < FRAME_CLAIMS_MAX)
        frame->covered[frame->covered_count++] = range;
    frame->reader = NULL;
    frame->stream = NULL;
}

static void empty_buffer(struct buffer *buffer)
{
    if (buffer->capacity > KEPT_BYTES)
        buffer_release(buffer);
    buffer->size = 0;
}

uint64_t frame_size(const struct frame *frame)
{
    return frame->is_part && frame->covered_count > 0 ? frame->covered[0].to : frame->view.size;
}

/* The search goes on behind a part, and in any case behind where it begins. */
static void leave_part(struct frame *whole, const struct frame *part)
{
    whole->swept = part->offset + (part->covered_count > 0 ? frame_size(part) : 1);
}

void frame_pop(struct frame_stack *stack)
{
    struct frame *frame = frame_top(stack);
    frame_close_reader(frame, ASSAY_ERR_CANCELLED);
    stack->depth--;
    if (stack->depth > 0 && frame_top(stack)->verdict < frame->verdict)
        frame_top(stack)->verdict = frame->verdict;
    if (frame->is_part)
        leave_part(frame_top(stack), frame);

    member_names_release(&frame->member_names);
    empty_buffer(&frame->held);
    empty_buffer(&frame->member_name);
    *frame =
        (struct frame){.held = frame->held, .member_name = frame->member_name, .name = frame->name};
}

void frame_identify(struct frame *frame)
{
    unsigned strengths[FRAME_CLAIMS_MAX];
    size_t count;
    const struct unpacker *const *registry = unpack_registry(&count);
    for (size_t i = 0; i < count && frame->claim_count < FRAME_CLAIMS_MAX; i++) {
        unsigned strength = registry[i]->identify(frame->view);
        if (strength == 0)
            continue;
        size_t at = frame->claim_count++;
        for (; at > 0 && strengths[at - 1] < strength; at--) {
            strengths[at] = strengths[at - 1];
            frame->claims[at] = frame->claims[at - 1];
        }
        strengths[at] = strength;
        frame->claims[at] = registry[i];
    }
}

void frame_stack_release(struct frame_stack *stack)
{
    while (stack->depth > 0)
        frame_pop(stack);
    for (size_t i = 0; i < stack->allocated; i++) {
        buffer_release(&stack->frames[i]->held);
        buffer_release(&stack->frames[i]->member_name);
        object_name_release(&stack->frames[i]->name);
        free(stack->frames[i]);
    }
    free(stack->frames);
    *stack = (struct frame_stack){NULL, 0, 0};
}
