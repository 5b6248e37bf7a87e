/* The operations that put values on the stack, and those of truth and numbers. */
#include "base/bytes.h"
#include "signatures/filter/condition_machine.h"

static uint32_t operation_of(const struct machine *machine)
{
    return condition_word(machine->tables.words, machine->at) & 0xff;
}

static int64_t integer_behind(const struct machine *machine)
{
    return (int64_t)(machine_word(machine, 0) | (uint64_t)machine_word(machine, 1) << 32);
}

void run_end(struct machine *machine, uint32_t operand)
{
    (void)operand;
    machine->next = machine->at;
}

void run_integer_24(struct machine *machine, uint32_t operand)
{
    machine_push(machine, value_integer((int32_t)(operand << 8) >> 8));
}

void run_integer(struct machine *machine, uint32_t operand)
{
    (void)operand;
    machine_push(machine, value_integer(integer_behind(machine)));
}

void run_undefined(struct machine *machine, uint32_t operand)
{
    (void)operand;
    machine_push(machine, value_undefined());
}

void run_any(struct machine *machine, uint32_t operand)
{
    (void)operand;
    machine_push(machine, value_any());
}

void run_text(struct machine *machine, uint32_t operand)
{
    const struct view text = {machine->tables.texts + operand, machine_word(machine, 0)};
    machine_push(machine, (struct value){.kind = VALUE_TEXT, .text = text});
}

void run_variable(struct machine *machine, uint32_t operand)
{
    if (machine->is_known)
        machine_push(machine,
                     (struct value){.kind = VALUE_TEXT, .text = machine->variables[operand]});
    else
        machine_push(machine, value_any());
}

void run_string(struct machine *machine, uint32_t operand)
{
    machine_push(machine, (struct value){.kind = VALUE_STRING, .low = operand, .high = operand});
}

void run_rule(struct machine *machine, uint32_t operand)
{
    enum truth truth = machine->is_known ? machine->truths[operand] : TRUTH_UNKNOWN;
    machine_push(machine, value_of_truth(truth));
}

void run_local(struct machine *machine, uint32_t operand)
{
    machine_push(machine, machine->loops[operand & 0xff].locals[operand >> 8]);
}

void run_filesize(struct machine *machine, uint32_t operand)
{
    (void)operand;
    machine_push(machine, machine->is_known ? value_integer((int64_t)machine->view.size)
                                            : value_range(0, INT64_MAX, false));
}

void run_drop(struct machine *machine, uint32_t operand)
{
    machine->depth -= operand;
}

/* ---- truth ---------------------------------------------------------------------------------- */

void run_and(struct machine *machine, uint32_t operand)
{
    (void)operand;
    struct value right = machine_pop(machine);
    struct value *left = machine_top(machine);
    enum truth a = value_truth_of(left), b = value_truth_of(&right);
    if (a == TRUTH_FALSE || b == TRUTH_FALSE)
        *left = value_truth(false);
    else
        *left = value_of_truth(a == TRUTH_TRUE ? b : TRUTH_UNKNOWN);
}

/* When the left one is true it is the result, whatever number it is: a loop adds it up. */
void run_or(struct machine *machine, uint32_t operand)
{
    (void)operand;
    struct value right = machine_pop(machine);
    struct value *left = machine_top(machine);
    enum truth a = value_truth_of(left), b = value_truth_of(&right);
    if (a == TRUTH_FALSE) {
        *left = value_of_truth(b);
        return;
    }
    struct value number = value_number(*left);
    int64_t least = b == TRUTH_TRUE || a == TRUTH_TRUE ? 1 : 0;
    *left =
        value_range(number.low < 0 ? number.low : least, number.high > 1 ? number.high : 1, false);
    left->maybe_undefined = false;
}

void run_not(struct machine *machine, uint32_t operand)
{
    (void)operand;
    struct value *top = machine_top(machine);
    if (top->kind == VALUE_UNDEFINED)
        return;
    bool maybe_undefined = top->kind != VALUE_NUMBER || top->maybe_undefined;
    struct value defined = *top;
    defined.maybe_undefined = false;
    enum truth truth = value_truth_of(&defined);
    *top = truth == TRUTH_UNKNOWN ? value_either(false) : value_truth(truth == TRUTH_FALSE);
    top->maybe_undefined = maybe_undefined;
}

void run_defined(struct machine *machine, uint32_t operand)
{
    (void)operand;
    struct value *top = machine_top(machine);
    *top = value_of_truth(value_is_defined(top));
}

/* What is jumped over ends in an operation that the value decides alone. */
void run_jump_false(struct machine *machine, uint32_t operand)
{
    struct value *top = machine_top(machine);
    if (value_truth_of(top) != TRUTH_FALSE)
        return;
    *top = value_truth(false);
    machine->next = machine->at + operand;
}

void run_jump_true(struct machine *machine, uint32_t operand)
{
    if (value_truth_of(machine_top(machine)) == TRUTH_TRUE)
        machine->next = machine->at + operand;
}

/* ---- numbers -------------------------------------------------------------------------------- */

void run_unary(struct machine *machine, uint32_t operand)
{
    (void)operand;
    struct value *top = machine_top(machine);
    *top = value_unary(operation_of(machine), *top);
}

#define BINARY_OPERATION(name, function)                                                           \
    void name(struct machine *machine, uint32_t operand)                                           \
    {                                                                                              \
        (void)operand;                                                                             \
        struct value right = machine_pop(machine);                                                 \
        struct value *left = machine_top(machine);                                                 \
        *left = function(operation_of(machine), *left, right);                                     \
    }

BINARY_OPERATION(run_arithmetic, value_arithmetic)
BINARY_OPERATION(run_compare, value_compare)
BINARY_OPERATION(run_double_arithmetic, value_double_arithmetic)
BINARY_OPERATION(run_double_compare, value_double_compare)

void run_double_minus(struct machine *machine, uint32_t operand)
{
    (void)operand;
    struct value *top = machine_top(machine);
    *top = value_double_minus(*top);
}

void run_to_double(struct machine *machine, uint32_t operand)
{
    struct value *value = &machine->stack[machine->depth - operand];
    *value = value_to_double(*value);
}

/* ---- reading -------------------------------------------------------------------------------- */

static const struct {
    uint8_t size;
    bool is_signed, is_big;
} readings[READING_COUNT] = {
    [READING_INT8] = {1, true, false},     [READING_INT16] = {2, true, false},
    [READING_INT32] = {4, true, false},    [READING_UINT8] = {1, false, false},
    [READING_UINT16] = {2, false, false},  [READING_UINT32] = {4, false, false},
    [READING_INT8BE] = {1, true, true},    [READING_INT16BE] = {2, true, true},
    [READING_INT32BE] = {4, true, true},   [READING_UINT8BE] = {1, false, true},
    [READING_UINT16BE] = {2, false, true}, [READING_UINT32BE] = {4, false, true},
};

static int64_t half_of(uint32_t reading)
{
    return (INT64_C(1) << readings[reading].size * 8U) / 2;
}

/* Whatever it may be. */
static struct value any_reading(uint32_t reading)
{
    int64_t half = half_of(reading);
    return readings[reading].is_signed ? value_range(-half, half - 1, true)
                                       : value_range(0, 2 * half - 1, true);
}

/* Undefined where it does not lie inside the object. */
static struct value read_at(const struct machine *machine, uint32_t reading, int64_t offset)
{
    uint64_t size = readings[reading].size, number = 0;
    if (offset < 0)
        return value_undefined();
    if (!machine->is_known)
        return any_reading(reading);
    if (!view_has(machine->view, (uint64_t)offset, size))
        return value_undefined();
    const uint8_t *bytes = machine->view.data + offset;
    for (uint64_t i = 0; i < size; i++)
        number = number << 8 | bytes[readings[reading].is_big ? i : size - 1 - i];
    int64_t half = half_of(reading);
    bool is_negative = readings[reading].is_signed && (int64_t)number >= half;
    return value_integer((int64_t)number - (is_negative ? 2 * half : 0));
}

void run_read(struct machine *machine, uint32_t operand)
{
    int64_t offset;
    struct value *top = machine_top(machine);
    if (value_known(top, &offset))
        *top = read_at(machine, operand, offset);
    else if (top->kind != VALUE_UNDEFINED)
        *top = any_reading(operand);
}

void run_read_at(struct machine *machine, uint32_t operand)
{
    machine_push(machine, read_at(machine, operand, machine_word(machine, 0)));
}

/* Of an object of which only that is known that it is no executable of Windows. */
static bool is_surely_unequal(const struct machine *machine, uint32_t reading)
{
    return !machine->is_known && machine->is_other[MODULE_PE] && reading == READING_UINT16 &&
           machine_word(machine, 0) == 0 && machine_word(machine, 1) == CONDITION_PORTABLE;
}

void run_read_at_equal(struct machine *machine, uint32_t operand)
{
    if (is_surely_unequal(machine, operand)) {
        machine_push(machine, value_range(0, 0, true));
        return;
    }
    struct value read = read_at(machine, operand, machine_word(machine, 0));
    machine_push(machine,
                 value_compare(OPERATION_EQUAL, read, value_integer(machine_word(machine, 1))));
}
