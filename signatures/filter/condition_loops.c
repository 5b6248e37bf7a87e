/*
 * Loops. libyara counts how often the body is true and stops as soon as that is enough; here the count
 * is a range. A loop of many rounds, or of a number that is not known, goes once through its body
 * with a variable that is a range itself: what is true or false then is so in every round.
 */
#include "signatures/filter/condition_machine.h"

#define ROUNDS_MAX 64

static struct machine_loop *begin(struct machine *machine, uint32_t operand, int64_t rounds)
{
    struct machine_loop *loop = &machine->loops[operand & 0xff];
    loop->quantifier = machine_pop(machine);
    loop->count = value_integer(0);
    loop->done = 0;
    loop->rounds = rounds;
    loop->is_blurred = loop->has_negative = false;
    loop->stops_early = true;
    loop->left = 0;
    return loop;
}

/* A loop without a round is false, whatever is asked of it. */
static void skip(struct machine *machine)
{
    (void)machine_pop(machine);
    machine_push(machine, value_truth(false));
    machine->next = machine->at + machine_word(machine, 0);
}

void run_loop_range(struct machine *machine, uint32_t operand)
{
    struct value last = value_number(machine_pop(machine));
    struct value first = value_number(machine_pop(machine));
    int64_t from, to;
    if (first.kind == VALUE_UNDEFINED || last.kind == VALUE_UNDEFINED || first.low > last.high) {
        skip(machine);
        return;
    }
    if (value_known(&first, &from) && value_known(&last, &to) &&
        (uint64_t)to - (uint64_t)from < ROUNDS_MAX) {
        struct machine_loop *loop = begin(machine, operand, to - from + 1);
        for (int64_t i = 0; i < loop->rounds; i++)
            loop->items[i] = value_integer(from + i);
        loop->locals[0] = loop->items[0];
        return;
    }
    bool may_be_empty = first.maybe_undefined || last.maybe_undefined || first.high > last.low;
    struct machine_loop *loop = begin(machine, operand, may_be_empty ? 0 : 1);
    loop->is_blurred = true;
    loop->locals[0] = value_range(first.low, last.high, false);
}

void run_loop_list(struct machine *machine, uint32_t operand)
{
    uint32_t count = operand >> 8;
    machine->depth -= count;
    const struct value *items = &machine->stack[machine->depth];
    struct machine_loop *loop = begin(machine, operand, count);
    memcpy(loop->items, items, count * sizeof(*items));
    loop->locals[0] = loop->items[0];
}

void run_loop_objects(struct machine *machine, uint32_t operand)
{
    struct value object = machine_pop(machine);
    if (object.kind == VALUE_NOTHING) {
        skip(machine);
        return;
    }
    struct machine_loop *loop = begin(machine, operand, 0);
    loop->is_blurred = true;
    loop->locals[0] = loop->locals[1] = value_any();
}

/* The next of the strings in the words from loop->words on: ranges of a first and a number. */
static void take_string(const struct machine *machine, struct machine_loop *loop)
{
    const uint8_t *words = machine->tables.words;
    if (loop->left == 0) {
        loop->item = condition_word(words, loop->words);
        loop->left = condition_word(words, loop->words + 1);
        loop->words += 2;
    }
    loop->locals[0] = (struct value){.kind = VALUE_STRING, .low = loop->item, .high = loop->item};
    loop->item++;
    loop->left--;
}

void run_loop_strings(struct machine *machine, uint32_t operand)
{
    struct machine_loop *loop = begin(machine, operand, 0);
    for (uint32_t i = 0; i < operand >> 8; i++)
        loop->rounds += machine_word(machine, 2 * i + 2);
    loop->stops_early = false;
    loop->words = machine->at + 2;
    take_string(machine, loop);
}

/* ---- the end of a round --------------------------------------------------------------------- */

static void add_up(struct machine_loop *loop, struct value body)
{
    body = value_number(body);
    loop->done++;
    if (body.kind == VALUE_UNDEFINED)
        return; /* it is not counted */
    if (body.maybe_undefined) {
        body = value_range(body.low < 0 ? body.low : 0, body.high > 0 ? body.high : 0, false);
        body.maybe_undefined = false;
    }
    loop->count = value_number(value_arithmetic(OPERATION_ADD, loop->count, body));
    /* Bodies are nearly always true or false. */
    if (body.low < 0 || loop->count.kind == VALUE_UNDEFINED || loop->count.maybe_undefined)
        loop->has_negative = true;
}

/* Whether the count is enough, of a loop whose rounds were all gone through. */
static enum truth reached(const struct machine_loop *loop)
{
    int64_t wanted = loop->done;
    if (loop->quantifier.kind != VALUE_UNDEFINED && !value_known(&loop->quantifier, &wanted))
        return TRUTH_UNKNOWN;
    if (loop->count.low >= wanted)
        return TRUTH_TRUE;
    return loop->count.high < wanted ? TRUTH_FALSE : TRUTH_UNKNOWN;
}

/* The same of a loop whose body stands for at least `rounds` rounds. */
static enum truth reached_blurred(const struct machine_loop *loop)
{
    int64_t wanted = 1;
    bool all = loop->quantifier.kind == VALUE_UNDEFINED;
    if (!all && !value_known(&loop->quantifier, &wanted))
        return TRUTH_UNKNOWN;
    if (wanted > 0 && loop->count.high == 0)
        return TRUTH_FALSE;
    bool enough = wanted <= 0 || (loop->count.low > 0 && (all || loop->rounds >= wanted));
    return loop->rounds > 0 && enough ? TRUTH_TRUE : TRUTH_UNKNOWN;
}

/* True when libyara has stopped here, or before. */
static bool has_stopped(const struct machine_loop *loop)
{
    int64_t wanted;
    return loop->stops_early && !loop->is_blurred && !loop->has_negative &&
           value_known(&loop->quantifier, &wanted) && loop->count.low >= wanted;
}

static bool has_ended(const struct machine_loop *loop)
{
    return loop->is_blurred || loop->done >= loop->rounds || has_stopped(loop);
}

static enum truth conclude(const struct machine_loop *loop)
{
    if (loop->has_negative)
        return TRUTH_UNKNOWN;
    return loop->is_blurred ? reached_blurred(loop) : reached(loop);
}

void run_loop_next(struct machine *machine, uint32_t operand)
{
    struct machine_loop *loop = &machine->loops[operand];
    uint32_t back = machine_word(machine, 0);
    add_up(loop, machine_pop(machine));
    if (has_ended(loop)) {
        machine_push(machine, value_of_truth(conclude(loop)));
        return;
    }
    if (back > machine->budget) {
        machine->gives_up = true;
        return;
    }
    machine->budget -= back;
    machine->next = machine->at - back;
    if (loop->stops_early)
        loop->locals[0] = loop->items[loop->done];
    else
        take_string(machine, loop);
}
