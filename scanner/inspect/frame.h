/*
 * frame: one object on the way from the top-level input to the innermost member. The stack of
 * frames is the whole recursion of the scanner.
 */
#ifndef INSPECT_FRAME_H
#define INSPECT_FRAME_H

#include "base/buffer.h"
#include "inspect/member_names.h"
#include "inspect/variables.h"
#include "unpack/unpacker.h"

/* More readers than the registry has rows. */
#define FRAME_CLAIMS_MAX 32

/* Bytes of a view that some reader has accounted for. */
struct range {
    uint64_t from, to;
};

struct frame {
    struct view view;          /* what is matched and unpacked */
    struct buffer held;        /* the bytes of view, when they were decoded and not borrowed */
    struct buffer member_name; /* raw */
    uint32_t occurrence;
    struct object_name name;

    /* The readers that identified the view, strongest first. */
    const struct unpacker *claims[FRAME_CLAIMS_MAX];
    size_t claim_count;
    size_t next_claim;

    /* The one that is open. */
    const struct unpacker *reader; /* NULL: none */
    struct unpack_stream *stream;
    struct unpack_env env;
    struct member_names member_names; /* what it and those before it gave */

    /* What they left over is searched for archives in the middle. Each becomes a frame of its own,
     * a part: it shares the bytes, which are not matched again, and is read by the one reader. */
    struct range covered[FRAME_CLAIMS_MAX];
    size_t covered_count;
    uint64_t swept; /* everything before this offset was searched or is covered */
    uint64_t tries; /* places that may yet turn out to be no archives */
    bool is_part;
    uint64_t offset; /* of a part in the frame below */

    bool has_sha256; /* worked out once, at the first match */
    uint8_t sha256[32];
    enum assay_verdict verdict; /* of this object and what is inside it, so far */
    uint64_t given;             /* bytes of its members */
    unsigned note_count;        /* notes of the readers so far */
};

struct frame_stack {
    struct frame **frames; /* kept from run to run for their buffers */
    size_t allocated;
    size_t depth; /* frames in use; frames[0] is the top-level input */
};

static inline struct frame *frame_top(const struct frame_stack *stack)
{
    return stack->frames[stack->depth - 1];
}

/* Puts an empty frame on top. Errors: ASSAY_ERR_NOMEM. */
CHECKED status frame_push(struct frame_stack *stack);

/* Takes the top frame off, closing what it has open. The one below is no better than it. */
void frame_pop(struct frame_stack *stack);

/* The bytes of the object: of a part those that its reader has accounted for. */
uint64_t frame_size(const struct frame *frame);

/* Asks every unpacker whether the view is its own. */
void frame_identify(struct frame *frame);

/* Closes the reader that is open, if one is. `ended` is what its next came to: one that failed has
 * accounted for nothing. */
void frame_close_reader(struct frame *frame, status ended);

void frame_stack_release(struct frame_stack *stack);

#endif
