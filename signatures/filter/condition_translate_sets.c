/*
 * Sets and loops. libyara writes each loop in the same way, around its body: variables are cleared,
 * what is asked for is put aside, the iterator is made; behind the body the count grows, and it is
 * compared. These frames are recognised whole, instruction for instruction; anything else is not.
 */
#include "signatures/filter/condition_translate.h"

static bool is_consumer(uint8_t opcode)
{
    return opcode == OP_FOUND || opcode == OP_FOUND_AT || opcode == OP_FOUND_IN ||
           opcode == OP_COUNT || opcode == OP_COUNT_IN || opcode == OP_OFFSET ||
           opcode == OP_LENGTH;
}

/* One more string, or rule, of a set: pushed, and not for its own sake. */
static bool next_item(const struct translation *translation, bool *ret_of_rules, uint32_t *ret_item)
{
    struct code_instruction push, next;
    const struct condition_code *code = &translation->code;
    if (!code_read(code, translation->now.next, &push) || !code_read(code, push.next, &next) ||
        is_consumer(next.opcode))
        return false;
    *ret_of_rules = push.opcode == OP_PUSH_RULE;
    *ret_item = (uint32_t)push.argument;
    if (push.opcode == OP_PUSH_RULE)
        return push.argument < translation->rule;
    return push.opcode == OP_PUSH && code_string(code, push.argument, ret_item);
}

/* "Undefined" stands for itself, or below the items of a set. */
void translate_undefined(struct translation *translation)
{
    struct emit *emit = &translation->emit;
    bool of_rules, also;
    uint32_t item;
    if (!next_item(translation, &of_rules, &item)) {
        emit_operation(emit, OPERATION_UNDEFINED, 0);
        return;
    }
    if (translation->set_count == TRANSLATION_SETS_MAX) {
        emit_give_up(emit);
        return;
    }
    translation->sets[translation->set_count++] =
        (struct translation_set){translation->items->size, of_rules};
    while (emit->status >= 0 && next_item(translation, &also, &item) && also == of_rules) {
        emit->status = buffer_append(translation->items, &item, sizeof(item));
        translate_skip(translation);
    }
    if (emit->status < 0)
        emit_give_up(emit);
    emit_bar(emit);
}

/* ---- sets ----------------------------------------------------------------------------------- */

/* The items of the set that was pushed last, which is used up. */
static struct view take_items(struct translation *translation)
{
    struct buffer *items = translation->items;
    size_t first = translation->sets[--translation->set_count].first;
    struct view view = {items->data + first, items->size - first};
    items->size = first;
    return view;
}

/* Strings that follow each other make one range. */
static uint64_t range_at(struct view items, uint64_t at)
{
    uint64_t count = items.size / sizeof(uint32_t), end = at + 1;
    while (end < count &&
           condition_word(items.data, end) == condition_word(items.data, end - 1) + 1)
        end++;
    return end - at;
}

static uint32_t count_ranges(struct view items)
{
    uint32_t ranges = 0;
    for (uint64_t at = 0; at < items.size / sizeof(uint32_t); at += range_at(items, at))
        ranges++;
    return ranges;
}

static void emit_ranges(struct emit *emit, struct view items)
{
    for (uint64_t at = 0, next; at < items.size / sizeof(uint32_t); at = next) {
        next = at + range_at(items, at);
        emit_word(emit, condition_word(items.data, at));
        emit_word(emit, (uint32_t)(next - at));
    }
}

static void emit_items(struct emit *emit, struct view items)
{
    for (uint64_t i = 0; i < items.size / sizeof(uint32_t); i++)
        emit_word(emit, condition_word(items.data, i));
}

void translate_of(struct translation *translation)
{
    struct emit *emit = &translation->emit;
    uint8_t opcode = translation->now.opcode;
    bool asks_rules = opcode != OP_OF_FOUND_IN && translation->now.argument == OF_RULE_SET;
    if (translation->set_count == 0 ||
        translation->sets[translation->set_count - 1].of_rules != asks_rules) {
        emit_give_up(emit);
        return;
    }
    struct view items = take_items(translation);
    if (asks_rules) {
        emit_operation(emit, opcode == OP_OF ? OPERATION_OF_RULES : OPERATION_OF_RULES_PERCENT,
                       (uint32_t)(items.size / sizeof(uint32_t)));
        emit_items(emit, items);
        return;
    }
    uint32_t operation = opcode == OP_OF           ? OPERATION_OF
                         : opcode == OP_OF_PERCENT ? OPERATION_OF_PERCENT
                                                   : OPERATION_OF_IN;
    emit_operation(emit, operation, count_ranges(items));
    emit_ranges(emit, items);
}

/* ---- loops ---------------------------------------------------------------------------------- */

/* The next instruction is this one; an argument of -1 may be any. */
static bool take(struct translation *translation, uint8_t opcode, uint64_t argument)
{
    translate_skip(translation);
    return !translation->emit.gives_up && translation->now.opcode == opcode &&
           (argument == UINT64_MAX || translation->now.argument == argument);
}

static bool take_jump(struct translation *translation, uint8_t opcode, uint64_t target)
{
    return take(translation, opcode, UINT64_MAX) && translation->now.target >= 0 &&
           (uint64_t)translation->now.target == target;
}

static struct translation_loop *last_loop(struct translation *translation)
{
    uint32_t count = translation->loop_count;
    return count > 0 ? &translation->loops[count - 1] : NULL;
}

/* Writes what begins a loop; it is open from here on. */
static void open_loop(struct translation *translation, struct translation_loop *loop,
                      uint32_t operation, uint32_t items)
{
    struct emit *emit = &translation->emit;
    if (emit->loops == CONDITION_LOOPS_MAX || items == 0) {
        emit_give_up(emit);
        return;
    }
    loop->at = emit_at(emit);
    loop->is_open = true;
    emit_operation(emit, operation, emit->loops | items << 8);
    emit_word(emit, 0);
    loop->body = emit_at(emit);
    emit->loops++;
    emit_bar(emit);
}

static void open_loop_of_strings(struct translation *translation, struct translation_loop *loop)
{
    struct view items = take_items(translation);
    loop->of_strings = true;
    loop->start = translation->now.at;
    open_loop(translation, loop, OPERATION_LOOP_STRINGS, count_ranges(items));
    emit_ranges(&translation->emit, items);
    loop->body = emit_at(&translation->emit);
}

/* Two variables are cleared, and then either what is asked for is put aside, and the iterator comes;
 * or a set was pushed, and its first string is taken. */
void translate_loop(struct translation *translation)
{
    uint64_t first = translation->now.argument;
    bool ok = translation->loop_count < CONDITION_LOOPS_MAX &&
              take(translation, OP_CLEAR_M, first + 1) && take(translation, OP_POP_M, UINT64_MAX);
    if (!ok) {
        emit_give_up(&translation->emit);
        return;
    }
    struct translation_loop *loop = &translation->loops[translation->loop_count++];
    bool has_strings =
        translation->set_count > 0 && !translation->sets[translation->set_count - 1].of_rules;
    uint64_t popped = translation->now.argument;
    if (popped == first + 2) {
        *loop = (struct translation_loop){.slot = first, .variable = first + 3, .variables = 1};
    } else if (popped + 1 == first && has_strings) {
        *loop = (struct translation_loop){.slot = first, .variable = popped, .variables = 1};
        open_loop_of_strings(translation, loop);
    } else {
        emit_give_up(&translation->emit);
    }
    emit_bar(&translation->emit);
}

/* What the iterator is made of is on the stack. */
void translate_iterator(struct translation *translation)
{
    static const struct {
        uint8_t opcode;
        uint32_t operation, variables;
    } kinds[] = {
        {OP_ITER_START_INT_RANGE, OPERATION_LOOP_RANGE, 1},
        {OP_ITER_START_INT_ENUM, OPERATION_LOOP_LIST, 1},
        {OP_ITER_START_ARRAY, OPERATION_LOOP_OBJECTS, 1},
        {OP_ITER_START_DICT, OPERATION_LOOP_OBJECTS, 2},
    };
    struct emit *emit = &translation->emit;
    uint8_t opcode = translation->now.opcode;
    size_t kind = 0;
    while (kinds[kind].opcode != opcode)
        kind++;
    uint32_t items = kinds[kind].variables;
    struct translation_loop *loop = last_loop(translation);
    bool ok = loop != NULL && !loop->is_open &&
              (opcode != OP_ITER_START_INT_ENUM || emit_take_integer(emit, &items)) &&
              take(translation, OP_ITER_NEXT, UINT64_MAX);
    if (ok)
        loop->start = translation->now.at;
    for (uint32_t i = 0; ok && i < kinds[kind].variables; i++)
        ok = take(translation, OP_POP_M, loop->variable + i);
    ok = ok && take(translation, OP_JTRUE_P, UINT64_MAX) && translation->now.target >= 0;
    if (!ok) {
        emit_give_up(emit);
        return;
    }
    loop->variables = kinds[kind].variables;
    loop->out = (uint64_t)translation->now.target;
    open_loop(translation, loop, kinds[kind].operation, items);
}

void translate_local(struct translation *translation)
{
    uint32_t number = 0;
    for (uint32_t i = 0; i < translation->loop_count; i++) {
        const struct translation_loop *loop = &translation->loops[i];
        uint64_t variable = translation->now.argument - loop->variable;
        if (loop->is_open && variable < loop->variables) {
            emit_operation(&translation->emit, OPERATION_LOCAL, number | (uint32_t)variable << 8);
            return;
        }
        number += loop->is_open;
    }
    emit_give_up(&translation->emit);
}

static bool take_end_of_strings(struct translation *translation,
                                const struct translation_loop *loop)
{
    uint64_t count = loop->slot, rounds = loop->slot + 1;
    return translation->now.argument == count && take(translation, OP_INCR_M, rounds) &&
           take_jump(translation, OP_JNUNDEF, loop->start) &&
           take(translation, OP_POP, UINT64_MAX) && take(translation, OP_SWAPUNDEF, rounds) &&
           take(translation, OP_PUSH_M, count) && take(translation, OP_INT_LE, UINT64_MAX);
}

static bool take_end_of_iterator(struct translation *translation,
                                 const struct translation_loop *loop)
{
    uint64_t count = loop->slot, rounds = loop->slot + 1, wanted = loop->slot + 2;
    bool ok = translation->now.argument == count && take(translation, OP_INCR_M, rounds) &&
              take(translation, OP_PUSH_M, wanted) &&
              take_jump(translation, OP_JUNDEF_P, loop->start) &&
              take(translation, OP_PUSH_M, count) && take(translation, OP_PUSH_M, wanted) &&
              take_jump(translation, OP_JL_P, loop->start) &&
              take(translation, OP_POP, UINT64_MAX) && translation->now.at == loop->out &&
              take(translation, OP_PUSH_M, rounds) && take(translation, OP_JZ, UINT64_MAX);
    int64_t end = translation->now.target;
    return ok && take(translation, OP_POP, UINT64_MAX) && take(translation, OP_PUSH_M, count) &&
           take(translation, OP_PUSH_M, wanted) && take(translation, OP_SWAPUNDEF, rounds) &&
           take(translation, OP_INT_GE, UINT64_MAX) && end >= 0 &&
           (uint64_t)end == translation->now.next;
}

/* The body has left its value, which is counted. */
void translate_round(struct translation *translation)
{
    struct emit *emit = &translation->emit;
    const struct translation_loop *loop = last_loop(translation);
    bool ok = loop != NULL && loop->is_open &&
              (loop->of_strings ? take_end_of_strings(translation, loop)
                                : take_end_of_iterator(translation, loop));
    if (!ok) {
        emit_give_up(emit);
        return;
    }
    translation->loop_count--;
    uint32_t at = emit_at(emit);
    emit_operation(emit, OPERATION_LOOP_NEXT, --emit->loops);
    emit_word(emit, at - loop->body);
    if (!emit->gives_up)
        emit_patch(emit, loop->at + 1, emit_at(emit) - loop->at);
    emit_bar(emit);
}
