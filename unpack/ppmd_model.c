#include "unpack/ppmd_model.h"

#include <string.h>

_Static_assert(sizeof(struct ppmd_state) == 6, "two states are a unit");
_Static_assert(sizeof(struct ppmd_context) == PPMD_UNIT, "a context is a unit");

/* One row each for the first five, then one for the next, two, three and so on. */
static void list_rows(struct ppmd_model *model)
{
    unsigned row = 0, left = 1;
    for (unsigned i = 0; i < sizeof(model->row_of); i++) {
        model->row_of[i] = (uint8_t)row;
        if (--left == 0) {
            row++;
            left = row < 5 ? 1 : row - 4;
        }
    }
}

bool ppmd_model_start(struct ppmd_model *model, unsigned order, uint32_t size,
                      enum ppmd_restoration restoration)
{
    memset(model, 0, sizeof(*model));
    if (!ppmd_allocator_start(&model->memory, size))
        return false;
    model->order = order;
    model->restoration = restoration;
    list_rows(model);
    ppmd_model_restart(model);
    return true;
}

void ppmd_model_stop(struct ppmd_model *model)
{
    ppmd_allocator_stop(&model->memory);
}

/* ---- the beginning ----------------------------------------------------------------------- */

/* All symbols are equally likely, in the context of order 0. */
static void start_contexts(struct ppmd_model *model)
{
    struct ppmd_allocator *memory = &model->memory;
    ppmd_allocator_reset(memory);
    uint32_t root = ppmd_allocate_context(memory);
    uint32_t states = ppmd_allocate(memory, PPMD_UNITS_MAX);
    struct ppmd_context *context = ppmd_context_at(model, root);
    *context = (struct ppmd_context){.last = 255};
    context->total = 257;
    context->states = ppmd_put(states);
    struct ppmd_state *state = ppmd_states(model, context);
    for (unsigned i = 0; i < 256; i++)
        state[i] = (struct ppmd_state){.symbol = (uint8_t)i, .frequency = 1};
    model->shortest = model->longest = context;
    model->found = state;
}

static void start_binary(struct ppmd_model *model)
{
    static const uint16_t escapes[8] = {0x3cdd, 0x1f3f, 0x59bf, 0x48f3,
                                        0x64a1, 0x5abc, 0x6632, 0x6051};
    unsigned frequency = 0;
    for (unsigned row = 0; row < PPMD_BINARY_ROWS; row++) {
        while (model->row_of[frequency] == row)
            frequency++;
        for (unsigned i = 0; i < PPMD_BINARY_COLUMNS; i++)
            model->binary[row][i] =
                (uint16_t)((1U << PPMD_BINARY_BITS) - escapes[i % 8] / (frequency + 1));
    }
}

static void start_escapes(struct ppmd_model *model)
{
    unsigned symbols = 0;
    for (unsigned row = 0; row < PPMD_ESCAPE_ROWS; row++) {
        while (model->row_of[symbols + 3] == row + 3)
            symbols++;
        unsigned shift = PPMD_RATE - 4;
        struct ppmd_escape escape = {(uint16_t)((2 * symbols + 5) << shift), (uint8_t)shift, 7};
        for (unsigned i = 0; i < PPMD_ESCAPE_COLUMNS; i++)
            model->escapes[row][i] = escape;
    }
    model->no_escape = (struct ppmd_escape){.shift = PPMD_RATE, .count = 64};
}

void ppmd_model_restart(struct ppmd_model *model)
{
    start_contexts(model);
    start_binary(model);
    start_escapes(model);
    model->order_fall = model->order;
    model->run_start = -(model->order < 12 ? model->order : 12) - 1;
    model->run_length = model->run_start;
    model->is_expected = false;
}

/* ---- rescaling --------------------------------------------------------------------------- */

/* Moves a state to the front of others, which move up by one. */
static void move_before(struct ppmd_state *state, struct ppmd_state *front)
{
    struct ppmd_state moved = *state;
    memmove(front + 1, front, (size_t)((uint8_t *)state - (uint8_t *)front));
    *front = moved;
}

/* Only one symbol is left. */
static void become_single(struct ppmd_model *model, struct ppmd_context *context, unsigned units,
                          unsigned escape)
{
    uint32_t place = ppmd_get(context->states);
    struct ppmd_state only = *ppmd_states(model, context);
    /* A symbol that is dropped counts for the escape, so that it is not 0. */
    unsigned frequency = (2 * only.frequency + escape - 1) / (escape ? escape : 1);
    if (frequency > PPMD_FREQUENCY_MAX / 3)
        frequency = PPMD_FREQUENCY_MAX / 3;
    only.frequency = (uint8_t)frequency;
    context->flags =
        (uint8_t)((context->flags & PPMD_BEFORE_HIGH) | ppmd_flag_if_high(PPMD_HIGH, only.symbol));
    context->only = only;
    ppmd_free(&model->memory, place, units);
    model->found = &context->only;
}

/* Gives back what symbols no longer there took. */
static void become_smaller(struct ppmd_model *model, struct ppmd_context *context, unsigned units)
{
    uint32_t place = ppmd_get(context->states);
    place = ppmd_shrink(&model->memory, place, units, ppmd_state_units(context->last));
    context->states = ppmd_put(place);
    const struct ppmd_state *states = ppmd_states(model, context);
    unsigned flags = context->flags & ~(unsigned)PPMD_HIGH;
    for (unsigned i = 0; i <= context->last; i++)
        flags |= ppmd_flag_if_high(PPMD_HIGH, states[i].symbol);
    context->flags = (uint8_t)flags;
}

/* Halves all, with the found state in front and the others in the order of their frequencies. What
 * the sum loses is added to *escape, which was the escape's part of the total. */
static unsigned halve(struct ppmd_model *model, struct ppmd_state *states, unsigned *escape)
{
    /* In the longest contexts a symbol may come to nothing. */
    unsigned up = model->order_fall != 0;
    *escape -= states[0].frequency;
    states[0].frequency = (uint8_t)((states[0].frequency + 4U + up) >> 1);
    unsigned sum = states[0].frequency;
    for (unsigned i = 1; i <= model->shortest->last; i++) {
        unsigned frequency = states[i].frequency;
        *escape -= frequency;
        frequency = (frequency + up) >> 1;
        sum += frequency;
        states[i].frequency = (uint8_t)frequency;
        unsigned to = i;
        while (to > 0 && frequency > states[to - 1].frequency)
            to--;
        move_before(&states[i], &states[to]);
    }
    return sum;
}

void ppmd_model_rescale(struct ppmd_model *model)
{
    struct ppmd_context *context = model->shortest;
    struct ppmd_state *states = ppmd_states(model, context);
    unsigned units = ppmd_state_units(context->last);
    move_before(model->found, states);
    unsigned escape = context->total;
    unsigned sum = halve(model, states, &escape);
    unsigned gone = 0;
    while (gone < context->last && states[context->last - gone].frequency == 0)
        gone++;
    if (gone > 0) {
        escape += gone;
        context->last = (uint8_t)(context->last - gone);
        if (context->last == 0) {
            become_single(model, context, units, escape);
            return;
        }
        become_smaller(model, context, units);
    }
    context->total = (uint16_t)(sum + escape - (escape >> 1));
    context->flags |= PPMD_RESCALED;
    model->found = ppmd_states(model, context);
}
