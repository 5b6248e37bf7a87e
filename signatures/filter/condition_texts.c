/* The operations on texts: the external variables, and what is written in rules. */
#include "signatures/filter/condition_machine.h"

/* What of either length is compared without a word said about how long it takes. */
#define ANY_CASE_MAX (UINT64_C(1) << 20)

static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + 'a' - 'A') : byte;
}

static bool equal(const uint8_t *left, const uint8_t *right, uint64_t size, bool any_case)
{
    if (!any_case)
        return size == 0 || memcmp(left, right, (size_t)size) == 0;
    uint64_t i = 0;
    while (i < size && lower(left[i]) == lower(right[i]))
        i++;
    return i == size;
}

static bool contains(struct view text, struct view part, bool any_case)
{
    if (part.size == 0)
        return true;
    if (!any_case)
        return text.size > 0 &&
               memmem(text.data, (size_t)text.size, part.data, (size_t)part.size) != NULL;
    for (uint64_t at = 0; view_has(text, at, part.size); at++)
        if (equal(text.data + at, part.data, part.size, true))
            return true;
    return false;
}

enum place {
    WHOLE,
    ANYWHERE,
    FIRST,
    LAST,
};

static bool stands(struct view text, struct view part, enum place place, bool any_case)
{
    if (place == ANYWHERE)
        return contains(text, part, any_case);
    if (text.size < part.size || (place == WHOLE && text.size != part.size))
        return false;
    uint64_t at = place == LAST ? text.size - part.size : 0;
    return part.size == 0 || equal(text.data + at, part.data, part.size, any_case);
}

static struct value compare(uint32_t operation, struct view text, struct view part)
{
    static const struct {
        enum place place;
        bool any_case, is_not;
    } ways[OPERATION_COUNT_OF] = {
        [OPERATION_TEXT_EQUAL] = {WHOLE, false, false},
        [OPERATION_TEXT_UNEQUAL] = {WHOLE, false, true},
        [OPERATION_CONTAINS] = {ANYWHERE, false, false},
        [OPERATION_ICONTAINS] = {ANYWHERE, true, false},
        [OPERATION_STARTS] = {FIRST, false, false},
        [OPERATION_ISTARTS] = {FIRST, true, false},
        [OPERATION_ENDS] = {LAST, false, false},
        [OPERATION_IENDS] = {LAST, true, false},
        [OPERATION_IEQUALS] = {WHOLE, true, false},
    };
    bool is_slow =
        ways[operation].any_case && part.size > 0 && text.size > ANY_CASE_MAX / part.size;
    if (is_slow)
        return value_either(false);
    bool found = stands(text, part, ways[operation].place, ways[operation].any_case);
    return value_truth(found != ways[operation].is_not);
}

/* Undefined when one of them is; true or false in an order that is not known when both are texts. */
static struct value unknown_pair(const struct value *left, const struct value *right)
{
    if (left->kind == VALUE_UNDEFINED || right->kind == VALUE_UNDEFINED)
        return value_undefined();
    return value_either(left->kind != VALUE_TEXT || right->kind != VALUE_TEXT);
}

void run_text_pair(struct machine *machine, uint32_t operand)
{
    (void)operand;
    uint32_t operation = condition_word(machine->tables.words, machine->at) & 0xff;
    struct value right = machine_pop(machine);
    struct value *left = machine_top(machine);
    if (left->kind == VALUE_TEXT && right.kind == VALUE_TEXT)
        *left = compare(operation, left->text, right.text);
    else
        *left = unknown_pair(left, &right);
}

void run_text_order(struct machine *machine, uint32_t operand)
{
    (void)operand;
    struct value right = machine_pop(machine);
    struct value *left = machine_top(machine);
    *left = unknown_pair(left, &right);
}

/* The right one is what all that a regular expression matches begins with, in whatever case. */
void run_matches(struct machine *machine, uint32_t operand)
{
    (void)operand;
    struct value prefix = machine_pop(machine);
    struct value *left = machine_top(machine);
    if (left->kind == VALUE_UNDEFINED)
        return;
    bool is_known = left->kind == VALUE_TEXT && prefix.kind == VALUE_TEXT;
    struct value has_prefix = value_either(left->kind != VALUE_TEXT);
    if (is_known)
        has_prefix = compare(OPERATION_ICONTAINS, left->text, prefix.text);
    if (value_truth_of(&has_prefix) != TRUTH_FALSE)
        has_prefix = value_either(!is_known);
    *left = has_prefix;
}

void run_is_text(struct machine *machine, uint32_t operand)
{
    (void)operand;
    struct value *top = machine_top(machine);
    if (top->kind == VALUE_TEXT)
        *top = value_truth(top->text.size > 0);
    else if (top->kind != VALUE_UNDEFINED)
        *top = value_either(true);
}
