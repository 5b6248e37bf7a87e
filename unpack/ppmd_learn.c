/* How a PPMd model grows: each symbol makes contexts longer, and known to those that lacked it. */
#include "unpack/ppmd_model.h"

#include <stddef.h>

/* Where a state is no longer counted up from its longer contexts: */
enum {
    NEARLY_MAX = PPMD_FREQUENCY_MAX - 9, /* one of several */
    ONLY_MAX = 32,                       /* a context's only one */
    ONLY_MAX_IN_CHAIN = 24,              /* whose suffix has only one, too */
};

/* The state of a symbol in a context that has several. A suffix has all that its context has. */
static struct ppmd_state *find_state(struct ppmd_model *model, const struct ppmd_context *context,
                                     uint8_t symbol)
{
    struct ppmd_state *states = ppmd_states(model, context);
    struct ppmd_state *last = states + context->last;
    while (states->symbol != symbol && states < last)
        states++;
    if (states->symbol != symbol)
        model->memory.is_broken = true;
    return states;
}

/* ---- one context longer ------------------------------------------------------------------ */

/* The state of the found symbol in a suffix, which gains by it. */
static struct ppmd_state *raise_by_one(struct ppmd_model *model, struct ppmd_context *context)
{
    if (context->last == 0) {
        struct ppmd_state *only = &context->only;
        if (only->frequency < ONLY_MAX_IN_CHAIN && ppmd_suffix(model, context)->last == 0)
            only->frequency++;
        return only;
    }
    struct ppmd_state *state = find_state(model, context, model->found->symbol);
    if (state->frequency < NEARLY_MAX) {
        state->frequency++;
        context->total++;
    }
    return state;
}

/* How often the symbol of a new context came, as its suffix has it. */
static uint8_t inherit_frequency(struct ppmd_model *model, const struct ppmd_context *suffix,
                                 uint8_t symbol)
{
    if (suffix->last == 0)
        return suffix->only.frequency;
    uint32_t own = find_state(model, suffix, symbol)->frequency - 1U;
    uint32_t others = (uint32_t)suffix->total - suffix->last - own;
    if (2 * own <= others)
        return 5 * own > others ? 2 : 1;
    if (others == 0) {
        model->memory.is_broken = true;
        return 1;
    }
    return (uint8_t)(1 + (own + 2 * others - 3) / others);
}

/* Makes a context for each of `count` states, the last first, each the suffix of the next. */
static struct ppmd_context *add_contexts(struct ppmd_model *model, struct ppmd_context *suffix,
                                         struct ppmd_state *const *states, unsigned count,
                                         uint32_t text)
{
    struct ppmd_allocator *memory = &model->memory;
    uint8_t symbol = *(const uint8_t *)ppmd_at(memory, text, 1);
    unsigned flags = ppmd_flag_if_high(PPMD_BEFORE_HIGH, model->found->symbol) |
                     ppmd_flag_if_high(PPMD_HIGH, symbol);
    struct ppmd_context context = {
        .flags = (uint8_t)flags,
        .only = {symbol, inherit_frequency(model, suffix, symbol), ppmd_put(text + 1)},
    };
    context.suffix = ppmd_place(memory, suffix);
    while (count > 0 && !memory->is_broken) {
        uint32_t place = ppmd_allocate_context(memory);
        if (place == 0)
            return NULL;
        suffix = ppmd_context_at(model, place);
        *suffix = context;
        states[--count]->successor = ppmd_put(place);
        context.suffix = place;
    }
    return suffix;
}

/* The context that the found symbol leads to, where its state led into the text so far; with it
 * those of all suffixes that lead there, too. skip_found: not that of the found state itself.
 * NULL: no memory. */
static struct ppmd_context *extend(struct ppmd_model *model, struct ppmd_context *context,
                                   struct ppmd_state *raised, bool skip_found)
{
    struct ppmd_state *states[PPMD_ORDER_MAX + 1];
    unsigned count = 0;
    uint32_t text = ppmd_get(model->found->successor);
    if (!skip_found)
        states[count++] = model->found;
    while (context->suffix != 0) {
        context = ppmd_suffix(model, context);
        struct ppmd_state *state = raised ? raised : raise_by_one(model, context);
        raised = NULL;
        uint32_t successor = ppmd_get(state->successor);
        if (successor != text) {
            context = ppmd_context_at(model, successor);
            break;
        }
        if (count > PPMD_ORDER_MAX) {
            model->memory.is_broken = true;
            break;
        }
        states[count++] = state;
    }
    return count > 0 ? add_contexts(model, context, states, count, text) : context;
}

/* ---- after a symbol without a successor -------------------------------------------------- */

/* The state of the found symbol in a suffix, which gains by it. */
static struct ppmd_state *raise_by_two(struct ppmd_model *model, struct ppmd_context *context)
{
    if (context->last == 0) {
        if (context->only.frequency < ONLY_MAX)
            context->only.frequency++;
        return &context->only;
    }
    struct ppmd_state *state = find_state(model, context, model->found->symbol);
    if (state->frequency < NEARLY_MAX) {
        state->frequency = (uint8_t)(state->frequency + 2);
        context->total = (uint16_t)(context->total + 2);
    }
    return state;
}

/* Makes the state's text a context; nowhere when there is no memory. */
static void extend_state(struct ppmd_model *model, struct ppmd_context *context,
                         struct ppmd_state *state)
{
    struct ppmd_state *found = model->found;
    model->found = state;
    const struct ppmd_context *successor = extend(model, context, NULL, false);
    state->successor = ppmd_put(successor ? ppmd_place(&model->memory, successor) : 0);
    model->found = found;
}

/* Leads all suffixes without a successor into the text as well. The context that the first other
 * leads to; NULL: no memory. */
static struct ppmd_context *reduce_order(struct ppmd_model *model, struct ppmd_state *raised)
{
    struct ppmd_context *context = model->shortest;
    uint32_t text = model->memory.text;
    struct ppmd_state *state = model->found;
    do {
        state->successor = ppmd_put(text);
        model->order_fall++;
        if (context->suffix == 0)
            return context;
        context = ppmd_suffix(model, context);
        state = raised ? raised : raise_by_two(model, context);
        raised = NULL;
    } while (ppmd_get(state->successor) == 0);
    if (ppmd_get(state->successor) <= text)
        extend_state(model, context, state);
    if (model->order_fall == 1 && model->shortest == model->longest) {
        model->found->successor = state->successor;
        model->memory.text--;
    }
    uint32_t successor = ppmd_get(state->successor);
    return successor != 0 ? ppmd_context_at(model, successor) : NULL;
}

/* ---- the longer contexts learn the symbol ------------------------------------------------ */

/* What all of them learn. */
struct lesson {
    uint8_t symbol;
    uint32_t frequency; /* where it was found */
    uint32_t others;    /* sum of the frequencies of others there */
    unsigned last;      /* index of the last state there */
    uint32_t successor;
};

/* Room for a state behind the others. False when there is no memory. */
static bool make_room(struct ppmd_model *model, struct ppmd_context *context,
                      const struct lesson *lesson)
{
    unsigned last = context->last;
    if (last % 2 != 0) {
        uint32_t place = ppmd_get(context->states);
        place = ppmd_grow(&model->memory, place, ppmd_state_units(last));
        if (place == 0)
            return false;
        context->states = ppmd_put(place);
    }
    context->total = (uint16_t)(context->total + (3 * last + 1 < lesson->last));
    return true;
}

/* As make_room, for a context with one state. */
static bool make_table(struct ppmd_model *model, struct ppmd_context *context,
                       const struct lesson *lesson)
{
    uint32_t place = ppmd_allocate(&model->memory, 1);
    if (place == 0)
        return false;
    struct ppmd_state first = context->only;
    first.frequency =
        (uint8_t)(first.frequency < PPMD_FREQUENCY_MAX / 4 - 1 ? first.frequency * 2
                                                               : PPMD_FREQUENCY_MAX - 4);
    context->states = ppmd_put(place);
    *ppmd_states(model, context) = first;
    context->total = (uint16_t)(first.frequency + model->first_escape + (lesson->last > 2));
    return true;
}

/* What a new state is given depends on what the symbol has where it was found. */
static void add_state(struct ppmd_model *model, struct ppmd_context *context,
                      const struct lesson *lesson)
{
    uint32_t own = 2 * lesson->frequency * (context->total + 6U);
    uint32_t sum = lesson->others + context->total;
    unsigned frequency, increase = 4;
    if (own < 6 * sum) {
        frequency = 1U + (own > sum) + (own >= 4 * sum);
    } else {
        frequency = 4U + (own > 9 * sum) + (own > 12 * sum) + (own > 15 * sum);
        increase = frequency;
    }
    context->total = (uint16_t)(context->total + increase);
    context->last++;
    context->flags = (uint8_t)(context->flags | ppmd_flag_if_high(PPMD_HIGH, lesson->symbol));
    ppmd_states(model, context)[context->last] =
        (struct ppmd_state){lesson->symbol, (uint8_t)frequency, ppmd_put(lesson->successor)};
}

/* From the longest context to the shortest, but for that. */
static void teach(struct ppmd_model *model, const struct lesson *lesson, struct ppmd_context *next)
{
    struct ppmd_context *context = model->longest;
    while (context != model->shortest && !model->memory.is_broken) {
        bool has_room = context->last == 0 ? make_table(model, context, lesson)
                                           : make_room(model, context, lesson);
        if (!has_room) {
            ppmd_model_restore(model, context);
            return;
        }
        add_state(model, context, lesson);
        context = ppmd_suffix(model, context);
    }
    model->shortest = model->longest = next;
}

/* ---- a symbol ---------------------------------------------------------------------------- */

/* Counts up the symbol in the context next to the one where it was found; NULL if it does not. */
static struct ppmd_state *raise_in_suffix(struct ppmd_model *model)
{
    const struct ppmd_state *found = model->found;
    if (found->frequency >= PPMD_FREQUENCY_MAX / 4 || model->shortest->suffix == 0)
        return NULL;
    struct ppmd_context *suffix = ppmd_suffix(model, model->shortest);
    if (suffix->last == 0) {
        if (suffix->only.frequency < ONLY_MAX)
            suffix->only.frequency++;
        return &suffix->only;
    }
    struct ppmd_state *state = find_state(model, suffix, found->symbol);
    if (state != ppmd_states(model, suffix) && state[0].frequency >= state[-1].frequency) {
        ppmd_swap(&state[0], &state[-1]);
        state--;
    }
    if (state->frequency < NEARLY_MAX) {
        state->frequency = (uint8_t)(state->frequency + 2);
        suffix->total = (uint16_t)(suffix->total + 2);
    }
    return state;
}

/* In the longest context there can be, a symbol leads to one of the same order. */
static void follow_in_longest(struct ppmd_model *model, struct ppmd_state *raised)
{
    struct ppmd_context *next = extend(model, model->shortest, raised, true);
    model->found->successor = ppmd_put(next ? ppmd_place(&model->memory, next) : 0);
    if (next)
        model->shortest = model->longest = next;
    else
        ppmd_model_restore(model, model->longest);
}

/* The context that the found symbol leads to; NULL: no memory. */
static struct ppmd_context *next_context(struct ppmd_model *model, struct ppmd_state *raised)
{
    uint32_t successor = ppmd_get(model->found->successor);
    if (successor == 0)
        return reduce_order(model, raised);
    if (!ppmd_is_context(model, successor))
        return extend(model, model->shortest, raised, false);
    return ppmd_context_at(model, successor);
}

void ppmd_model_learn(struct ppmd_model *model)
{
    struct ppmd_allocator *memory = &model->memory;
    struct lesson lesson = {.symbol = model->found->symbol, .frequency = model->found->frequency};
    struct ppmd_state *raised = raise_in_suffix(model);
    if (model->order_fall == 0 && ppmd_get(model->found->successor) != 0) {
        follow_in_longest(model, raised);
        return;
    }
    *(uint8_t *)ppmd_at(memory, memory->text, 1) = lesson.symbol;
    lesson.successor = ++memory->text;
    struct ppmd_context *next = NULL;
    if (memory->text < memory->units)
        next = next_context(model, raised);
    if (!next) {
        ppmd_model_restore(model, model->longest);
        return;
    }
    if (--model->order_fall == 0) {
        lesson.successor = ppmd_place(memory, next);
        memory->text -= model->longest != model->shortest;
    }
    lesson.last = model->shortest->last;
    lesson.others = (uint32_t)model->shortest->total - lesson.last - lesson.frequency;
    teach(model, &lesson, next);
}
