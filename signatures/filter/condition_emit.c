#include "signatures/filter/condition_emit.h"

#include "signatures/filter/condition_machine.h"

void emit_begin(struct emit *emit, struct buffer *words)
{
    *emit = (struct emit){.words = words, .start = words->size, .status = ASSAY_OK};
}

void emit_give_up(struct emit *emit)
{
    emit->gives_up = true;
}

uint32_t emit_at(const struct emit *emit)
{
    return (uint32_t)((emit->words->size - emit->start) / sizeof(uint32_t));
}

static uint8_t *word_at(const struct emit *emit, uint32_t at)
{
    return emit->words->data + emit->start + (size_t)at * sizeof(uint32_t);
}

static uint32_t get(const struct emit *emit, uint32_t at)
{
    return condition_word(word_at(emit, at), 0);
}

void emit_patch(struct emit *emit, uint32_t at, uint32_t word)
{
    memcpy(word_at(emit, at), &word, sizeof(word));
}

static void cut(struct emit *emit, uint32_t at)
{
    emit->words->size = emit->start + (size_t)at * sizeof(uint32_t);
}

void emit_bar(struct emit *emit)
{
    emit->recent[0] = emit->recent[1] = 0;
}

void emit_word(struct emit *emit, uint32_t word)
{
    /* Distances are counted in operands. */
    if (emit_at(emit) >= CONDITION_OPERAND_MAX)
        emit->gives_up = true;
    if (emit->gives_up || emit->status < 0)
        return;
    emit->status = buffer_append(emit->words, &word, sizeof(word));
    if (emit->status < 0)
        emit->gives_up = true;
}

static uint32_t word_of(uint32_t operation, uint32_t operand)
{
    return operation | operand << 8;
}

/* ---- operations that often follow each other ------------------------------------------------ */

static bool is_recent(const struct emit *emit, uint32_t which, uint32_t operation)
{
    return emit->recent[which] != 0 && (get(emit, emit->recent[which] - 1) & 0xff) == operation;
}

/* An integer written as operation `which` from the end, from 0 to 2^32 - 1. */
static bool recent_integer(const struct emit *emit, uint32_t which, uint32_t *ret_integer)
{
    if (emit->recent[which] == 0)
        return false;
    uint32_t at = emit->recent[which] - 1, word = get(emit, at);
    if ((word & 0xff) == OPERATION_INTEGER_24) {
        *ret_integer = word >> 8;
        return (word >> 31) == 0;
    }
    if ((word & 0xff) != OPERATION_INTEGER || get(emit, at + 2) != 0)
        return false;
    *ret_integer = get(emit, at + 1);
    return true;
}

static bool join_found(struct emit *emit)
{
    if (!is_recent(emit, 0, OPERATION_STRING))
        return false;
    uint32_t at = emit->recent[0] - 1;
    emit_patch(emit, at, word_of(OPERATION_FOUND_STRING, get(emit, at) >> 8));
    return true;
}

static bool join_read(struct emit *emit, uint32_t reading)
{
    uint32_t offset;
    if (!recent_integer(emit, 0, &offset))
        return false;
    uint32_t at = emit->recent[0] - 1;
    cut(emit, at + 1);
    emit_patch(emit, at, word_of(OPERATION_READ_AT, reading));
    emit_word(emit, offset);
    return true;
}

static bool join_equal(struct emit *emit)
{
    uint32_t integer;
    if (!is_recent(emit, 1, OPERATION_READ_AT) || !recent_integer(emit, 0, &integer))
        return false;
    uint32_t at = emit->recent[1] - 1;
    cut(emit, emit->recent[0] - 1);
    emit_patch(emit, at, word_of(OPERATION_READ_AT_EQUAL, get(emit, at) >> 8));
    emit_word(emit, integer);
    emit->recent[0] = emit->recent[1];
    emit->recent[1] = 0;
    emit->depth--;
    return true;
}

static bool join(struct emit *emit, uint32_t operation, uint32_t operand)
{
    switch (operation) {
    case OPERATION_FOUND:
        return join_found(emit);
    case OPERATION_READ:
        return join_read(emit, operand);
    case OPERATION_EQUAL:
        return join_equal(emit);
    default:
        return false;
    }
}

/* ---- operations ----------------------------------------------------------------------------- */

void emit_operation(struct emit *emit, uint32_t operation, uint32_t operand)
{
    const struct operation_form *form = &operation_forms[operation];
    uint32_t pops = form->pops + (form->pops_items ? operation_items(form, operand) : 0);
    if (emit->gives_up || join(emit, operation, operand))
        return;
    if (operand > CONDITION_OPERAND_MAX || pops > emit->depth ||
        emit->depth - pops + form->pushes > CONDITION_STACK_MAX) {
        emit->gives_up = true;
        return;
    }
    emit->depth = emit->depth - pops + form->pushes;
    emit->recent[1] = emit->recent[0];
    emit->recent[0] = emit_at(emit) + 1;
    emit_word(emit, word_of(operation, operand));
}

void emit_integer(struct emit *emit, uint64_t integer)
{
    int64_t value = (int64_t)integer;
    if (value >= -(1 << 23) && value < 1 << 23) {
        emit_operation(emit, OPERATION_INTEGER_24, (uint32_t)integer & CONDITION_OPERAND_MAX);
        return;
    }
    emit_operation(emit, OPERATION_INTEGER, 0);
    emit_word(emit, (uint32_t)integer);
    emit_word(emit, (uint32_t)(integer >> 32));
}

bool emit_take_integer(struct emit *emit, uint32_t *ret_integer)
{
    if (emit->gives_up || !recent_integer(emit, 0, ret_integer))
        return false;
    cut(emit, emit->recent[0] - 1);
    emit->depth--;
    emit_bar(emit);
    return true;
}

/* ---- jumps ---------------------------------------------------------------------------------- */

/* All of them lead to here. */
static void tie(struct emit *emit, const struct emit_jumps *jumps)
{
    uint32_t here = emit_at(emit);
    if (emit->depth != jumps->depth || emit->loops != jumps->loops)
        emit->gives_up = true;
    for (uint32_t jump = jumps->last; jump != 0 && !emit->gives_up;) {
        uint32_t at = jump - 1, before = get(emit, at) >> 8;
        emit_patch(emit, at, word_of(jumps->operation, here - at));
        jump = before;
    }
    emit_bar(emit);
}

/* A value that decides alone is what the operation before makes of it; what follows does not care
 * which of the two it was. */
void emit_arrive(struct emit *emit, uint64_t place, uint32_t operation)
{
    for (uint32_t i = 0; i < emit->jump_count; i++) {
        const struct emit_jumps *jumps = &emit->jumps[i];
        uint32_t decided = jumps->operation == OPERATION_JUMP_FALSE ? OPERATION_AND : OPERATION_OR;
        if (jumps->target < place || (jumps->target == place && operation != decided))
            emit->gives_up = true;
    }
}

void emit_settle(struct emit *emit, uint64_t place)
{
    for (uint32_t i = 0; i < emit->jump_count;) {
        if (emit->jumps[i].target != place) {
            i++;
            continue;
        }
        tie(emit, &emit->jumps[i]);
        emit->jumps[i] = emit->jumps[--emit->jump_count];
    }
}

static struct emit_jumps *jumps_to(struct emit *emit, uint32_t operation, uint64_t target)
{
    for (uint32_t i = 0; i < emit->jump_count; i++)
        if (emit->jumps[i].target == target && emit->jumps[i].operation == operation)
            return &emit->jumps[i];
    if (emit->jump_count == CONDITION_PENDING_MAX) {
        emit->gives_up = true;
        return NULL;
    }
    emit->jumps[emit->jump_count] = (struct emit_jumps){
        .target = target, .operation = operation, .depth = emit->depth, .loops = emit->loops};
    return &emit->jumps[emit->jump_count++];
}

void emit_jump(struct emit *emit, uint32_t operation, uint64_t place, uint64_t target)
{
    if (target <= place)
        emit->gives_up = true;
    for (uint32_t i = 0; i < emit->jump_count; i++)
        if (emit->jumps[i].target == place && emit->jumps[i].operation == operation)
            emit->jumps[i].target = target;
    struct emit_jumps *jumps = jumps_to(emit, operation, target);
    if (jumps == NULL || jumps->depth != emit->depth || jumps->loops != emit->loops)
        emit->gives_up = true;
    if (emit->gives_up)
        return;
    uint32_t at = emit_at(emit);
    emit_operation(emit, operation, jumps->last);
    jumps->last = at + 1;
    emit_bar(emit);
    emit_settle(emit, place);
}

status emit_end(struct emit *emit)
{
    emit_operation(emit, OPERATION_END, 0);
    if (emit->depth > 0 || emit->loops > 0 || emit->jump_count > 0)
        emit->gives_up = true;
    TRY(emit->status);
    if (!emit->gives_up)
        return ASSAY_OK;
    const uint32_t unknown[] = {OPERATION_ANY, OPERATION_END};
    emit->words->size = emit->start;
    return buffer_append(emit->words, unknown, sizeof(unknown));
}
