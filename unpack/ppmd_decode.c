#include "unpack/ppmd_decode.h"

#include <string.h>

enum {
    FREQUENCY_STEP = 4,
    ONLY_FREQUENCY_MAX = 196, /* of the state of a context that has no other */
};

#define TOP    (1U << 24) /* below it, the first byte of low cannot change any more */
#define BOTTOM (1U << 15) /* the width is kept above it */

/* Symbols that shorter contexts need not look at, since a longer one has them. */
struct mask {
    bool has[256];
};

/* ---- the range coder --------------------------------------------------------------------- */

static uint32_t next_byte(struct ppmd_range *range)
{
    if (range->used < range->input.size)
        return range->input.data[range->used++];
    range->is_cut = true;
    return 0;
}

/* Where in a total the next symbol lies; at or past it if the data are damaged. */
static uint32_t range_find(struct ppmd_range *range, uint32_t total)
{
    range->width /= total ? total : 1;
    return range->width ? range->code / range->width : UINT32_MAX;
}

static void range_take(struct ppmd_range *range, uint32_t from, uint32_t size)
{
    range->low += from * range->width;
    range->code -= from * range->width;
    range->width *= size;
    for (;;) {
        if ((range->low ^ (range->low + range->width)) >= TOP) {
            if (range->width >= BOTTOM)
                break;
            range->width = -range->low & (BOTTOM - 1);
        }
        range->code = range->code << 8 | next_byte(range);
        range->width <<= 8;
        range->low <<= 8;
    }
}

/* ---- what the model learns from each way of finding a symbol ------------------------------ */

static void raise_found(struct ppmd_model *model)
{
    model->shortest->total = (uint16_t)(model->shortest->total + FREQUENCY_STEP);
    model->found->frequency = (uint8_t)(model->found->frequency + FREQUENCY_STEP);
}

/* In contexts of the highest order, a successor may be there already. */
static void go_on(struct ppmd_model *model)
{
    uint32_t successor = ppmd_get(model->found->successor);
    if (model->order_fall == 0 && ppmd_is_context(model, successor))
        model->shortest = model->longest = ppmd_context_at(model, successor);
    else
        ppmd_model_learn(model);
}

static void learn_first(struct ppmd_model *model)
{
    model->is_expected = 2U * model->found->frequency >= model->shortest->total;
    model->run_length += model->is_expected;
    raise_found(model);
    if (model->found->frequency > PPMD_FREQUENCY_MAX)
        ppmd_model_rescale(model);
    go_on(model);
}

static void learn_other(struct ppmd_model *model)
{
    raise_found(model);
    struct ppmd_state *state = model->found;
    if (state[0].frequency > state[-1].frequency) {
        ppmd_swap(&state[0], &state[-1]);
        model->found = --state;
        if (state->frequency > PPMD_FREQUENCY_MAX)
            ppmd_model_rescale(model);
    }
    go_on(model);
}

static void learn_only(struct ppmd_model *model)
{
    if (model->found->frequency < ONLY_FREQUENCY_MAX)
        model->found->frequency++;
    model->is_expected = true;
    model->run_length++;
    go_on(model);
}

static void learn_escaped(struct ppmd_model *model)
{
    raise_found(model);
    if (model->found->frequency > PPMD_FREQUENCY_MAX)
        ppmd_model_rescale(model);
    model->run_length = model->run_start;
    ppmd_model_learn(model);
}

/* ---- the longest context ----------------------------------------------------------------- */

/* ASSAY_END: an escape, as for the functions below. */
static status decode_among(struct ppmd_model *model, struct ppmd_range *range,
                           struct mask *ret_mask, uint8_t *ret_symbol)
{
    const struct ppmd_context *context = model->shortest;
    struct ppmd_state *states = ppmd_states(model, context);
    unsigned last = context->last;
    uint32_t at = range_find(range, context->total), sum = states[0].frequency;
    if (at < sum) {
        range_take(range, 0, sum);
        model->found = states;
        *ret_symbol = states[0].symbol;
        learn_first(model);
        return ASSAY_OK;
    }
    model->is_expected = false;
    for (unsigned i = 1; i <= last; i++) {
        uint32_t frequency = states[i].frequency;
        sum += frequency;
        if (at >= sum)
            continue;
        range_take(range, sum - frequency, frequency);
        model->found = &states[i];
        *ret_symbol = states[i].symbol;
        learn_other(model);
        return ASSAY_OK;
    }
    if (at >= context->total)
        return ASSAY_ERR_CORRUPT;
    range_take(range, sum, context->total - sum);
    *ret_mask = (struct mask){{false}};
    for (unsigned i = 0; i <= last; i++)
        ret_mask->has[states[i].symbol] = true;
    return ASSAY_END;
}

/* The probability that a context's only symbol follows. */
static uint16_t *binary_of(struct ppmd_model *model, const struct ppmd_context *context)
{
    unsigned others = ppmd_suffix(model, context)->last;
    unsigned column = others < 2 ? 2 * others : others < 11 ? 4 : 6;
    column += model->is_expected;
    column += context->flags;
    column += model->run_length >> 31 != 0 ? 32U : 0;
    uint8_t frequency = (uint8_t)(context->only.frequency - 1);
    return &model->binary[model->row_of[frequency]][column % PPMD_BINARY_COLUMNS];
}

static status decode_only(struct ppmd_model *model, struct ppmd_range *range, struct mask *ret_mask,
                          uint8_t *ret_symbol)
{
    static const uint8_t escapes[16] = {25, 14, 9, 7, 5, 5, 4, 4, 4, 3, 3, 3, 2, 2, 2, 2};
    struct ppmd_state *only = &model->shortest->only;
    uint16_t *binary = binary_of(model, model->shortest);
    uint32_t whole = 1U << PPMD_BINARY_BITS, part = *binary;
    uint32_t change = (part + (1U << (PPMD_RATE - 2))) >> PPMD_RATE;
    if (range_find(range, whole) < part) {
        range_take(range, 0, part);
        *binary = (uint16_t)(part + (1U << PPMD_RATE) - change);
        model->found = only;
        *ret_symbol = only->symbol;
        learn_only(model);
        return ASSAY_OK;
    }
    range_take(range, part, whole - part);
    *binary = (uint16_t)(part - change);
    model->first_escape = escapes[*binary >> (PPMD_BINARY_BITS - 4)];
    model->is_expected = false;
    *ret_mask = (struct mask){{false}};
    ret_mask->has[only->symbol] = true;
    return ASSAY_END;
}

/* ---- shorter contexts -------------------------------------------------------------------- */

/* How likely one more escape is, after one from a context with `masked` symbols. */
static struct ppmd_escape *escape_of(struct ppmd_model *model, unsigned masked,
                                     uint32_t *ret_frequency)
{
    const struct ppmd_context *context = model->shortest;
    unsigned last = context->last;
    *ret_frequency = 1;
    if (last == 255)
        return &model->no_escape;
    unsigned column = context->total > 11 * (last + 1);
    if (2 * last < ppmd_suffix(model, context)->last + masked)
        column += 2;
    column += context->flags;
    unsigned row = model->row_of[last + 2] - 3U;
    struct ppmd_escape *escape = &model->escapes[row][column % PPMD_ESCAPE_COLUMNS];
    unsigned frequency = (unsigned)escape->sum >> escape->shift;
    escape->sum = (uint16_t)(escape->sum - frequency);
    if (frequency > 0)
        *ret_frequency = frequency;
    return escape;
}

/* No escape: the estimate was too high, and is followed more slowly the longer this goes on. */
static void lower_escape(struct ppmd_escape *escape)
{
    if (escape->shift >= PPMD_RATE || --escape->count != 0)
        return;
    escape->sum = (uint16_t)(escape->sum << 1);
    escape->count = (uint8_t)(3U << escape->shift);
    escape->shift++;
}

/* Goes to the next shorter context that has other symbols. ASSAY_END when there is none. */
static status shorten(struct ppmd_model *model)
{
    unsigned masked = model->shortest->last;
    do {
        model->order_fall++;
        if (model->shortest->suffix == 0)
            return ASSAY_END;
        model->shortest = ppmd_suffix(model, model->shortest);
    } while (model->shortest->last == masked);
    return model->shortest->last > masked ? ASSAY_OK : ASSAY_ERR_CORRUPT;
}

/* The states that are not masked, and the sum of their frequencies. */
static unsigned collect(struct ppmd_model *model, const struct mask *mask,
                        struct ppmd_state *ret_states[256], uint32_t *ret_sum)
{
    struct ppmd_state *states = ppmd_states(model, model->shortest);
    unsigned count = 0;
    uint32_t sum = 0;
    for (unsigned i = 0; i <= model->shortest->last; i++) {
        bool is_new = !mask->has[states[i].symbol];
        ret_states[count] = &states[i];
        sum += is_new ? states[i].frequency : 0;
        count += is_new;
    }
    *ret_sum = sum;
    return count;
}

static status decode_unmasked(struct ppmd_model *model, struct ppmd_range *range, unsigned masked,
                              struct mask *mask, uint8_t *ret_symbol)
{
    struct ppmd_state *states[256];
    uint32_t sum, frequency;
    unsigned count = collect(model, mask, states, &sum);
    struct ppmd_escape *escape = escape_of(model, masked, &frequency);
    frequency += sum;
    uint32_t at = range_find(range, frequency);
    if (at >= frequency)
        return ASSAY_ERR_CORRUPT;
    if (at >= sum) {
        range_take(range, sum, frequency - sum);
        escape->sum = (uint16_t)(escape->sum + frequency);
        for (unsigned i = 0; i < count; i++)
            mask->has[states[i]->symbol] = true;
        return ASSAY_END;
    }
    unsigned i = 0;
    for (sum = states[0]->frequency; sum <= at; sum += states[i]->frequency)
        i++;
    range_take(range, sum - states[i]->frequency, states[i]->frequency);
    lower_escape(escape);
    model->found = states[i];
    *ret_symbol = states[i]->symbol;
    learn_escaped(model);
    return ASSAY_OK;
}

/* ---- all together ------------------------------------------------------------------------ */

status ppmd_decode(struct ppmd_model *model, struct ppmd_range *range, uint8_t *ret_symbol)
{
    if (range->is_cut)
        return ASSAY_ERR_TRUNCATED;
    struct mask mask;
    status result = model->shortest->last != 0 ? decode_among(model, range, &mask, ret_symbol)
                                               : decode_only(model, range, &mask, ret_symbol);
    while (result == ASSAY_END) {
        if (range->is_cut)
            return ASSAY_ERR_TRUNCATED;
        unsigned masked = model->shortest->last;
        result = shorten(model);
        if (result != ASSAY_OK)
            break;
        result = decode_unmasked(model, range, masked, &mask, ret_symbol);
    }
    return model->memory.is_broken ? ASSAY_ERR_CORRUPT : result;
}
