/*
 * condition_value: what is known about a value of a condition, and what libyara's operations make of
 * it. An integer that is not known lies in a range; "undefined" is libyara's, which has one bit
 * pattern for it, so that an integer that happens to have it is undefined too.
 */
#ifndef FILTER_CONDITION_VALUE_H
#define FILTER_CONDITION_VALUE_H

#include <stdint.h>

#include "base/view.h"
#include "signatures/filter/truth.h"

enum value_kind {
    VALUE_ANY, /* of whatever kind, or undefined */
    VALUE_UNDEFINED,
    VALUE_NUMBER, /* from low to high; a double is its bits, and known or VALUE_ANY */
    VALUE_TEXT,
    VALUE_STRING,  /* low: its index */
    VALUE_NOTHING, /* a part of a module that has nothing to tell: its values are undefined */
};

struct value {
    uint8_t kind;         /* an enum value_kind */
    bool maybe_undefined; /* of a number */
    union {
        struct {
            int64_t low, high;
        };
        struct view text;
    };
};

struct value value_range(int64_t low, int64_t high, bool maybe_undefined);
struct value value_double(double number);

static inline struct value value_integer(int64_t integer)
{
    return value_range(integer, integer, false);
}

static inline struct value value_truth(bool truth)
{
    return (struct value){.kind = VALUE_NUMBER, .low = truth, .high = truth};
}

/* True or false. */
static inline struct value value_either(bool maybe_undefined)
{
    return (struct value){
        .kind = VALUE_NUMBER, .maybe_undefined = maybe_undefined, .low = 0, .high = 1};
}

static inline struct value value_undefined(void)
{
    return (struct value){.kind = VALUE_UNDEFINED};
}

static inline struct value value_any(void)
{
    return (struct value){.kind = VALUE_ANY};
}

/* Whether it counts as true, as it does when it is defined and not 0. */
static inline enum truth value_truth_of(const struct value *value)
{
    if (value->kind == VALUE_UNDEFINED)
        return TRUTH_FALSE;
    if (value->kind != VALUE_NUMBER)
        return TRUTH_UNKNOWN;
    if (value->low == 0 && value->high == 0)
        return TRUTH_FALSE;
    bool has_zero = value->low <= 0 && value->high >= 0;
    return has_zero || value->maybe_undefined ? TRUTH_UNKNOWN : TRUTH_TRUE;
}

static inline struct value value_of_truth(enum truth truth)
{
    return truth == TRUTH_UNKNOWN ? value_either(false) : value_truth(truth == TRUTH_TRUE);
}

/* As a number: undefined, or a range. */
struct value value_number(struct value value);
/* False when it is not known. */
bool value_known(const struct value *value, int64_t *ret_integer);
enum truth value_is_defined(const struct value *value);

/* libyara's operations on integers and on doubles, by an enum condition_operation. */
struct value value_unary(uint32_t operation, struct value value);
struct value value_arithmetic(uint32_t operation, struct value left, struct value right);
struct value value_compare(uint32_t operation, struct value left, struct value right);
struct value value_to_double(struct value value);
struct value value_double_minus(struct value value);
struct value value_double_arithmetic(uint32_t operation, struct value left, struct value right);
struct value value_double_compare(uint32_t operation, struct value left, struct value right);

#endif
