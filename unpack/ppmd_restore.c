/* What becomes of a PPMd model when its memory is full: it starts anew, or it is cut down to the
 * contexts that were of use. */
#include "unpack/ppmd_model.h"

enum {
    /* Up to this order, a context is kept for now although its only symbol leads nowhere. */
    KEPT_ORDER = 9,
    NO_STATE = -1,
};

/* What a single state's frequency is of what it was among others. */
static void become_single(struct ppmd_model *model, struct ppmd_context *context)
{
    struct ppmd_state only = *ppmd_states(model, context);
    only.frequency = (uint8_t)((only.frequency + 11U) >> 3);
    context->flags =
        (uint8_t)((context->flags & PPMD_BEFORE_HIGH) | ppmd_flag_if_high(PPMD_HIGH, only.symbol));
    context->only = only;
}

/* Sums up a context anew, which has lost states, or whose frequencies are to be halved. */
static void refresh(struct ppmd_model *model, struct ppmd_context *context, unsigned units,
                    bool is_halved)
{
    uint32_t place = ppmd_get(context->states);
    place = ppmd_shrink(&model->memory, place, units, ppmd_state_units(context->last));
    context->states = ppmd_put(place);
    /* Larger totals are too much for the range decoder. */
    is_halved |= context->total >= 1U << 15;
    unsigned flags = context->flags & (PPMD_BEFORE_HIGH | (is_halved ? PPMD_RESCALED : 0U));
    unsigned escape = context->total, sum = 0;
    struct ppmd_state *states = ppmd_states(model, context);
    for (unsigned i = 0; i <= context->last; i++) {
        unsigned frequency = states[i].frequency;
        escape -= frequency;
        frequency = (frequency + is_halved) >> is_halved;
        sum += frequency;
        states[i].frequency = (uint8_t)frequency;
        flags |= ppmd_flag_if_high(PPMD_HIGH, states[i].symbol);
    }
    context->total = (uint16_t)(sum + ((escape + is_halved) >> is_halved));
    context->flags = (uint8_t)flags;
}

/* ---- cutting off ------------------------------------------------------------------------- */

/* A context being cut: its states are gone through from the last to the first. */
struct cut {
    struct ppmd_context *context;
    struct ppmd_state *states;
    int at;   /* the state in turn; NO_STATE: done */
    int last; /* of those that are kept */
};

static void begin_cut(struct ppmd_model *model, struct cut *cut, uint32_t place)
{
    struct ppmd_context *context = ppmd_context_at(model, place);
    *cut = (struct cut){context, &context->only, context->last, context->last};
    if (context->last == 0)
        return;
    uint32_t states = ppmd_get(context->states);
    states = ppmd_move_up(&model->memory, states, ppmd_state_units(context->last));
    context->states = ppmd_put(states);
    cut->states = ppmd_states(model, context);
}

/* Steps to a state that leads to a context, which is to be cut first; nowhere at the end. States
 * that lead into the text are put behind those that are kept. */
static uint32_t next_to_cut(const struct ppmd_model *model, struct cut *cut, unsigned order)
{
    for (; cut->at != NO_STATE; cut->at--) {
        struct ppmd_state *state = &cut->states[cut->at];
        uint32_t successor = ppmd_get(state->successor);
        bool is_kept = ppmd_is_context(model, successor);
        if (is_kept && order < model->order)
            return successor;
        state->successor = ppmd_put(0);
        if (!is_kept)
            ppmd_swap(state, &cut->states[cut->last--]);
    }
    return 0;
}

/* The place of what is left of a context; nowhere when that is nothing. */
static uint32_t end_cut(struct ppmd_model *model, const struct cut *cut, unsigned order)
{
    struct ppmd_allocator *memory = &model->memory;
    struct ppmd_context *context = cut->context;
    uint32_t place = ppmd_place(memory, context);
    bool is_gone = cut->last == NO_STATE;
    if (context->last == 0) {
        is_gone |= ppmd_get(context->only.successor) == 0 && order > KEPT_ORDER;
    } else if (cut->last != context->last && order > 0) {
        uint32_t states = ppmd_get(context->states);
        unsigned units = ppmd_state_units(context->last);
        context->last = (uint8_t)(is_gone ? 0 : cut->last);
        if (context->last > 0) {
            refresh(model, context, units, context->total > 16U * context->last);
        } else {
            become_single(model, context);
            ppmd_free(memory, states, units);
        }
    }
    if (!is_gone || order == 0)
        return place;
    ppmd_free_unit(memory, place);
    return 0;
}

/* Cuts all contexts from that of order 0 on: what has no successor is dropped. */
static void cut_off(struct ppmd_model *model, const struct ppmd_context *root)
{
    struct cut cuts[PPMD_ORDER_MAX + 1];
    unsigned order = 0;
    begin_cut(model, &cuts[0], ppmd_place(&model->memory, root));
    for (;;) {
        struct cut *cut = &cuts[order];
        uint32_t place = next_to_cut(model, cut, order);
        if (place != 0 && !model->memory.is_broken) {
            begin_cut(model, &cuts[++order], place);
            continue;
        }
        place = end_cut(model, cut, order);
        if (order == 0)
            return;
        cut = &cuts[--order];
        cut->states[cut->at--].successor = ppmd_put(place);
    }
}

/* ---- restoring --------------------------------------------------------------------------- */

/* Takes from the contexts before the failed one the symbol that they had just learned; the others
 * shall expect an escape instead. */
static void unlearn(struct ppmd_model *model, const struct ppmd_context *failed)
{
    struct ppmd_context *context = model->longest;
    for (; context != failed && !model->memory.is_broken; context = ppmd_suffix(model, context)) {
        unsigned units = ppmd_state_units(context->last--);
        if (context->last > 0) {
            refresh(model, context, units, false);
        } else {
            uint32_t states = ppmd_get(context->states);
            become_single(model, context);
            ppmd_free_unit(&model->memory, states);
        }
    }
    for (; context != model->shortest && !model->memory.is_broken;
         context = ppmd_suffix(model, context)) {
        if (context->last == 0) {
            context->only.frequency = (uint8_t)((context->only.frequency + 1U) >> 1);
            continue;
        }
        context->total = (uint16_t)(context->total + 4);
        if (context->total > 128 + 4 * context->last)
            refresh(model, context, ppmd_state_units(context->last), true);
    }
}

void ppmd_model_restore(struct ppmd_model *model, struct ppmd_context *failed)
{
    struct ppmd_allocator *memory = &model->memory;
    memory->text = PPMD_FRONT;
    unlearn(model, failed);
    if (model->restoration == PPMD_RESTART || ppmd_used(memory) < memory->size / 2) {
        ppmd_model_restart(model);
        return;
    }
    struct ppmd_context *root = model->longest;
    while (root->suffix != 0)
        root = ppmd_suffix(model, root);
    do {
        cut_off(model, root);
        ppmd_expand_text(memory);
    } while (ppmd_used(memory) > memory->size / 4 * 3 && !memory->is_broken);
    memory->searches = 0;
    model->order_fall = model->order;
    model->shortest = model->longest = root;
}
