/* The operations on strings, of which it is only known that they stand nowhere, and on sets. */
#include "signatures/filter/condition_machine.h"

void run_found(struct machine *machine, uint32_t operand)
{
    (void)operand;
    struct value *top = machine_top(machine);
    bool is_absent = machine_knows_absent(machine, top);
    *top = is_absent ? value_truth(false) : value_either(top->kind != VALUE_STRING);
}

void run_found_string(struct machine *machine, uint32_t operand)
{
    machine_push(machine,
                 machine_is_absent(machine, operand) ? value_truth(false) : value_either(false));
}

/* Below the string: the offset. Nothing is found at an undefined one, and that is defined. */
void run_found_at(struct machine *machine, uint32_t operand)
{
    (void)operand;
    struct value string = machine_pop(machine);
    struct value *top = machine_top(machine);
    bool is_false = machine_knows_absent(machine, &string) || top->kind == VALUE_UNDEFINED;
    *top = is_false ? value_truth(false) : value_either(string.kind != VALUE_STRING);
}

/* Below the string: the first and the last offset. */
static struct value pop_range(struct machine *machine)
{
    struct value last = value_number(machine_pop(machine));
    struct value first = value_number(machine_pop(machine));
    if (first.kind == VALUE_UNDEFINED || last.kind == VALUE_UNDEFINED)
        return value_undefined();
    return value_range(0, 0, first.maybe_undefined || last.maybe_undefined);
}

void run_found_in(struct machine *machine, uint32_t operand)
{
    (void)operand;
    struct value string = machine_pop(machine);
    struct value found = pop_range(machine);
    if (found.kind != VALUE_UNDEFINED)
        found.high = !machine_knows_absent(machine, &string);
    machine_push(machine, found);
}

static struct value count_of(const struct machine *machine, const struct value *string)
{
    return value_range(0, machine_knows_absent(machine, string) ? 0 : INT32_MAX,
                       string->kind != VALUE_STRING);
}

void run_count(struct machine *machine, uint32_t operand)
{
    (void)operand;
    struct value *top = machine_top(machine);
    *top = count_of(machine, top);
}

void run_count_in(struct machine *machine, uint32_t operand)
{
    (void)operand;
    struct value string = machine_pop(machine);
    struct value count = pop_range(machine);
    if (count.kind != VALUE_UNDEFINED)
        count.high = count_of(machine, &string).high;
    machine_push(machine, count);
}

/* Below the string: which of its matches. Of one that is absent there is none. */
static void run_of_match(struct machine *machine)
{
    struct value string = machine_pop(machine);
    struct value *top = machine_top(machine);
    if (top->kind == VALUE_UNDEFINED || machine_knows_absent(machine, &string))
        *top = value_undefined();
    else
        *top = value_range(0, INT64_MAX, true);
}

void run_offset(struct machine *machine, uint32_t operand)
{
    (void)operand;
    run_of_match(machine);
}

void run_length(struct machine *machine, uint32_t operand)
{
    (void)operand;
    run_of_match(machine);
}

/* ---- sets ----------------------------------------------------------------------------------- */

struct set {
    int64_t size;
    int64_t least, most; /* how many of them are true */
};

static int64_t count_present(const struct machine *machine, uint64_t first, uint64_t count)
{
    int64_t present = 0;
    uint64_t end = first + count;
    if (machine->absent == NULL)
        return 0;
    while (first < end) {
        uint64_t shift = first % 64;
        uint64_t bits = ~machine->absent[first / 64] >> shift;
        uint64_t left = end - first, here = left < 64 - shift ? left : 64 - shift;
        if (here < 64)
            bits &= (UINT64_C(1) << here) - 1;
        present += __builtin_popcountll(bits);
        first += here;
    }
    return present;
}

static struct set strings_behind(const struct machine *machine, uint32_t ranges)
{
    struct set set = {0, 0, 0};
    for (uint32_t i = 0; i < ranges; i++) {
        uint32_t first = machine_word(machine, UINT64_C(2) * i);
        uint32_t count = machine_word(machine, UINT64_C(2) * i + 1);
        set.size += count;
        set.most += count_present(machine, first, count);
    }
    return set;
}

static struct set rules_behind(const struct machine *machine, uint32_t count)
{
    struct set set = {count, 0, 0};
    for (uint32_t i = 0; i < count; i++) {
        enum truth truth =
            machine->is_known ? machine->truths[machine_word(machine, i)] : TRUTH_UNKNOWN;
        set.least += truth == TRUTH_TRUE;
        set.most += truth != TRUTH_FALSE;
    }
    return set;
}

/* Whether so many are true. Undefined stands for all of them, and 0 for none. */
static enum truth of_integer(const struct set *set, int64_t wanted)
{
    int64_t least = wanted == 0 ? 0 : wanted, most = wanted == 0 ? 0 : INT64_MAX;
    if (set->most < least || set->least > most)
        return TRUTH_FALSE;
    return set->least >= least && set->most <= most ? TRUTH_TRUE : TRUTH_UNKNOWN;
}

static struct value of(const struct set *set, struct value wanted)
{
    int64_t integer;
    wanted = value_number(wanted);
    if (wanted.kind == VALUE_UNDEFINED)
        return value_of_truth(of_integer(set, set->size));
    if (value_known(&wanted, &integer))
        return value_of_truth(of_integer(set, integer));
    bool is_false = wanted.low > set->most && (!wanted.maybe_undefined || set->size > set->most);
    return is_false ? value_truth(false) : value_either(false);
}

/* libyara computes with doubles here: where it comes out even, nothing is said. */
static struct value of_percent(const struct set *set, struct value percent)
{
    percent = value_number(percent);
    if (percent.kind == VALUE_UNDEFINED)
        return percent;
    struct value result = value_either(percent.maybe_undefined);
    if (percent.low > 100 || (percent.low > 0 && set->most * 100 < percent.low * set->size))
        result.high = 0;
    else if (percent.high <= 100 && set->least * 100 > percent.high * set->size)
        result.low = 1;
    return result;
}

void run_of(struct machine *machine, uint32_t operand)
{
    struct value *top = machine_top(machine);
    struct set set = strings_behind(machine, operand);
    *top = of(&set, *top);
}

void run_of_percent(struct machine *machine, uint32_t operand)
{
    struct value *top = machine_top(machine);
    struct set set = strings_behind(machine, operand);
    *top = of_percent(&set, *top);
}

/* Above the quantifier: the first and the last offset. */
void run_of_in(struct machine *machine, uint32_t operand)
{
    struct value range = pop_range(machine);
    struct value *top = machine_top(machine);
    struct set set = strings_behind(machine, operand);
    if (range.kind == VALUE_UNDEFINED) {
        *top = value_undefined();
        return;
    }
    *top = of(&set, *top);
    top->maybe_undefined = range.maybe_undefined;
}

void run_of_rules(struct machine *machine, uint32_t operand)
{
    struct value *top = machine_top(machine);
    struct set set = rules_behind(machine, operand);
    *top = of(&set, *top);
}

void run_of_rules_percent(struct machine *machine, uint32_t operand)
{
    struct value *top = machine_top(machine);
    struct set set = rules_behind(machine, operand);
    *top = of_percent(&set, *top);
}
