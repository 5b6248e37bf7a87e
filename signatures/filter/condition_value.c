#include "signatures/filter/condition_value.h"

#include <yara.h>

#include "signatures/filter/condition_program.h"

#define UNDEFINED_PATTERN ((int64_t)YR_UNDEFINED)

struct value value_range(int64_t low, int64_t high, bool maybe_undefined)
{
    bool has_pattern = low <= UNDEFINED_PATTERN && UNDEFINED_PATTERN <= high;
    if (has_pattern && low == high)
        return value_undefined();
    return (struct value){.kind = VALUE_NUMBER,
                          .maybe_undefined = maybe_undefined || has_pattern,
                          .low = low,
                          .high = high};
}

static struct value any_number(void)
{
    return value_range(INT64_MIN, INT64_MAX, true);
}

struct value value_number(struct value value)
{
    if (value.kind == VALUE_NUMBER || value.kind == VALUE_UNDEFINED)
        return value;
    return any_number();
}

bool value_known(const struct value *value, int64_t *ret_integer)
{
    if (value->kind != VALUE_NUMBER || value->maybe_undefined || value->low != value->high)
        return false;
    *ret_integer = value->low;
    return true;
}

enum truth value_is_defined(const struct value *value)
{
    if (value->kind == VALUE_UNDEFINED)
        return TRUTH_FALSE;
    if (value->kind == VALUE_TEXT || (value->kind == VALUE_NUMBER && !value->maybe_undefined))
        return TRUTH_TRUE;
    return TRUTH_UNKNOWN;
}

/* ---- integers: they wrap around ------------------------------------------------------------- */

struct value value_unary(uint32_t operation, struct value value)
{
    value = value_number(value);
    if (value.kind == VALUE_UNDEFINED)
        return value;
    if (operation == OPERATION_COMPLEMENT)
        return value_range(~value.high, ~value.low, value.maybe_undefined);
    if (value.low > INT64_MIN)
        return value_range(-value.high, -value.low, value.maybe_undefined);
    return value.high == INT64_MIN ? value : any_number();
}

/* Of two integers. False when the result is undefined or libyara cannot do it. */
static bool compute(uint32_t operation, int64_t left, int64_t right, struct value *ret_value)
{
    uint64_t a = (uint64_t)left, b = (uint64_t)right, result = 0;
    bool divides = operation == OPERATION_DIVIDE || operation == OPERATION_REMAINDER;
    bool shifts = operation == OPERATION_SHIFT_LEFT || operation == OPERATION_SHIFT_RIGHT;
    *ret_value = value_undefined();
    if ((divides && right == 0) || (shifts && right < 0))
        return false;
    *ret_value = any_number();
    if (divides && left == INT64_MIN && right == -1)
        return false; /* libyara dies of it */
    switch (operation) {
    case OPERATION_ADD:
        result = a + b;
        break;
    case OPERATION_SUBTRACT:
        result = a - b;
        break;
    case OPERATION_MULTIPLY:
        result = a * b;
        break;
    case OPERATION_DIVIDE:
        result = (uint64_t)(left / right);
        break;
    case OPERATION_REMAINDER:
        result = (uint64_t)(left % right);
        break;
    case OPERATION_SHIFT_LEFT:
        result = right < 64 ? a << (b & 63) : 0;
        break;
    case OPERATION_SHIFT_RIGHT:
        result = right < 64 ? (uint64_t)(left >> (b & 63)) : 0;
        break;
    case OPERATION_BIT_AND:
        result = a & b;
        break;
    case OPERATION_BIT_OR:
        result = a | b;
        break;
    default:
        result = a ^ b;
        break;
    }
    *ret_value = value_integer((int64_t)result);
    return true;
}

/* Of ranges, where it is simple; false when nothing can be said. Operations on ranges that may wrap
 * around are left alone. */
static bool compute_ranges(uint32_t operation, const struct value *left, const struct value *right,
                           int64_t *ret_low, int64_t *ret_high)
{
    bool positive = left->low >= 0 && right->low >= 0;
    switch (operation) {
    case OPERATION_ADD:
        return !__builtin_add_overflow(left->low, right->low, ret_low) &&
               !__builtin_add_overflow(left->high, right->high, ret_high);
    case OPERATION_SUBTRACT:
        return !__builtin_sub_overflow(left->low, right->high, ret_low) &&
               !__builtin_sub_overflow(left->high, right->low, ret_high);
    case OPERATION_MULTIPLY:
        return positive && !__builtin_mul_overflow(left->low, right->low, ret_low) &&
               !__builtin_mul_overflow(left->high, right->high, ret_high);
    case OPERATION_DIVIDE:
        if (!positive || right->low == 0)
            return false;
        *ret_low = left->low / right->high;
        *ret_high = left->high / right->low;
        return true;
    case OPERATION_BIT_AND:
        *ret_low = 0;
        *ret_high = left->high < right->high ? left->high : right->high;
        return positive;
    default:
        return false;
    }
}

struct value value_arithmetic(uint32_t operation, struct value left, struct value right)
{
    left = value_number(left);
    right = value_number(right);
    if (left.kind == VALUE_UNDEFINED || right.kind == VALUE_UNDEFINED)
        return value_undefined();
    bool maybe_undefined = left.maybe_undefined || right.maybe_undefined;
    int64_t low, high;
    if (left.low == left.high && right.low == right.high) {
        struct value result;
        if (compute(operation, left.low, right.low, &result) && result.kind == VALUE_NUMBER)
            result.maybe_undefined = maybe_undefined;
        return result;
    }
    if (compute_ranges(operation, &left, &right, &low, &high))
        return value_range(low, high, maybe_undefined);
    return any_number();
}

static enum truth less(const struct value *left, const struct value *right)
{
    if (left->high < right->low)
        return TRUTH_TRUE;
    return left->low >= right->high ? TRUTH_FALSE : TRUTH_UNKNOWN;
}

static enum truth equal(const struct value *left, const struct value *right)
{
    if (left->high < right->low || right->high < left->low)
        return TRUTH_FALSE;
    bool known = left->low == left->high && right->low == right->high;
    return known ? TRUTH_TRUE : TRUTH_UNKNOWN;
}

static enum truth opposite(enum truth truth)
{
    return truth == TRUTH_UNKNOWN ? truth : truth == TRUTH_FALSE;
}

static enum truth compare(uint32_t operation, const struct value *left, const struct value *right)
{
    switch (operation) {
    case OPERATION_EQUAL:
        return equal(left, right);
    case OPERATION_UNEQUAL:
        return opposite(equal(left, right));
    case OPERATION_LESS:
        return less(left, right);
    case OPERATION_GREATER:
        return less(right, left);
    case OPERATION_AT_MOST:
        return opposite(less(right, left));
    default:
        return opposite(less(left, right));
    }
}

struct value value_compare(uint32_t operation, struct value left, struct value right)
{
    left = value_number(left);
    right = value_number(right);
    if (left.kind == VALUE_UNDEFINED || right.kind == VALUE_UNDEFINED)
        return value_undefined();
    struct value result = value_of_truth(compare(operation, &left, &right));
    result.maybe_undefined = left.maybe_undefined || right.maybe_undefined;
    return result;
}

/* ---- doubles: known ones only --------------------------------------------------------------- */

struct value value_double(double number)
{
    int64_t bits;
    memcpy(&bits, &number, sizeof(bits));
    /* Which of its patterns an operation that makes one chooses is the processor's. */
    return number == number ? value_integer(bits) : value_any();
}

static bool known_double(const struct value *value, double *ret_number)
{
    int64_t bits;
    if (!value_known(value, &bits))
        return false;
    memcpy(ret_number, &bits, sizeof(bits));
    return *ret_number == *ret_number;
}

struct value value_to_double(struct value value)
{
    int64_t integer;
    if (value.kind == VALUE_UNDEFINED)
        return value;
    return value_known(&value, &integer) ? value_double((double)integer) : value_any();
}

struct value value_double_minus(struct value value)
{
    double number;
    if (value.kind == VALUE_UNDEFINED)
        return value;
    return known_double(&value, &number) ? value_double(-number) : value_any();
}

struct value value_double_arithmetic(uint32_t operation, struct value left, struct value right)
{
    double a, b;
    if (left.kind == VALUE_UNDEFINED || right.kind == VALUE_UNDEFINED)
        return value_undefined();
    if (!known_double(&left, &a) || !known_double(&right, &b))
        return value_any();
    switch (operation) {
    case OPERATION_DOUBLE_ADD:
        return value_double(a + b);
    case OPERATION_DOUBLE_SUBTRACT:
        return value_double(a - b);
    case OPERATION_DOUBLE_MULTIPLY:
        return value_double(a * b);
    default:
        return b != 0 ? value_double(a / b) : value_any();
    }
}

/* False, and defined, when one of them is undefined. Whether two are equal is not for us to say:
 * libyara has a notion of its own of that. */
struct value value_double_compare(uint32_t operation, struct value left, struct value right)
{
    double a, b;
    if (left.kind == VALUE_UNDEFINED || right.kind == VALUE_UNDEFINED)
        return value_range(0, 0, true);
    if (!known_double(&left, &a) || !known_double(&right, &b))
        return value_either(true);
    if (operation == OPERATION_DOUBLE_EQUAL || operation == OPERATION_DOUBLE_UNEQUAL || a == b)
        return value_either(false);
    bool is_less = operation == OPERATION_DOUBLE_LESS || operation == OPERATION_DOUBLE_AT_MOST;
    return value_truth(is_less == (a < b));
}
