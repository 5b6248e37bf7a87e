#include "signatures/filter/key_code.h"

#include "base/bytes.h"

#include <yara/re.h>

#define STEPS_MAX 8192

enum kind {
    KIND_UNKNOWN,
    KIND_END,
    KIND_LITERAL,
    KIND_MASKED,
    KIND_CLASS,
    KIND_ANY,  /* consumes what is not known */
    KIND_NONE, /* consumes nothing */
    KIND_BRANCH,
    KIND_JUMP,
    KIND_REPEAT_START,
    KIND_REPEAT_END,
};

/* Of each opcode; `target` is where its own offset is, in `target_size` bytes. */
static const struct shape {
    uint8_t kind, size, target, target_size;
} shapes[256] = {
    [RE_OPCODE_ANY] = {KIND_ANY, 1, 0, 0},
    [RE_OPCODE_LITERAL] = {KIND_LITERAL, 2, 0, 0},
    [RE_OPCODE_MASKED_LITERAL] = {KIND_MASKED, 3, 0, 0},
    [RE_OPCODE_CLASS] = {KIND_CLASS, 34, 0, 0},
    [RE_OPCODE_WORD_CHAR] = {KIND_ANY, 1, 0, 0},
    [RE_OPCODE_NON_WORD_CHAR] = {KIND_ANY, 1, 0, 0},
    [RE_OPCODE_SPACE] = {KIND_ANY, 1, 0, 0},
    [RE_OPCODE_NON_SPACE] = {KIND_ANY, 1, 0, 0},
    [RE_OPCODE_DIGIT] = {KIND_ANY, 1, 0, 0},
    [RE_OPCODE_NON_DIGIT] = {KIND_ANY, 1, 0, 0},
    [RE_OPCODE_MATCH] = {KIND_END, 1, 0, 0},
    [RE_OPCODE_MATCH_AT_END] = {KIND_NONE, 1, 0, 0},
    [RE_OPCODE_MATCH_AT_START] = {KIND_NONE, 1, 0, 0},
    [RE_OPCODE_WORD_BOUNDARY] = {KIND_NONE, 1, 0, 0},
    [RE_OPCODE_NON_WORD_BOUNDARY] = {KIND_NONE, 1, 0, 0},
    [RE_OPCODE_REPEAT_ANY_GREEDY] = {KIND_ANY, 5, 0, 0},
    [RE_OPCODE_REPEAT_ANY_UNGREEDY] = {KIND_ANY, 5, 0, 0},
    [RE_OPCODE_SPLIT_A] = {KIND_BRANCH, 4, 2, 2},
    [RE_OPCODE_SPLIT_B] = {KIND_BRANCH, 4, 2, 2},
    [RE_OPCODE_JUMP] = {KIND_JUMP, 3, 1, 2},
    [RE_OPCODE_REPEAT_START_GREEDY] = {KIND_REPEAT_START, 9, 5, 4},
    [RE_OPCODE_REPEAT_START_UNGREEDY] = {KIND_REPEAT_START, 9, 5, 4},
    [RE_OPCODE_REPEAT_END_GREEDY] = {KIND_REPEAT_END, 9, 5, 4},
    [RE_OPCODE_REPEAT_END_UNGREEDY] = {KIND_REPEAT_END, 9, 5, 4},
};

struct instruction {
    enum kind kind;
    uint64_t next;   /* the instruction behind it */
    uint64_t target; /* where it may go instead; `next` when it goes nowhere else */
    struct view operands;
};

static bool read_instruction(struct view code, uint64_t at, struct instruction *ret_instruction)
{
    uint8_t opcode;
    if (!bytes_u8(code, at, &opcode))
        return false;
    const struct shape *shape = &shapes[opcode];
    if (shape->kind == KIND_UNKNOWN || !view_has(code, at, shape->size))
        return false;
    struct instruction result = {(enum kind)shape->kind, at + shape->size, at + shape->size,
                                 view_sub(code, at + 1, shape->size - 1U)};
    uint16_t narrow;
    uint32_t far;
    if (shape->target_size == 2 && bytes_u16le(code, at + shape->target, &narrow))
        result.target = at + (uint64_t)(int64_t)(int16_t)narrow;
    else if (shape->target_size == 4 && bytes_u32le(code, at + shape->target, &far))
        result.target = at + (uint64_t)(int64_t)(int32_t)far;
    *ret_instruction = result;
    return result.target < code.size;
}

/* ---- the way through -------------------------------------------------------------------------- */

/*
 * The walk goes over the code in the order it lies in. Every way that has not yet come past an instruction
 * has used only branches from before it; when none of these leads beyond it, all ways come to it. `beyond`
 * is the farthest that one leads. Branches back are those of repetitions, which may begin before the start;
 * but no branch inside of a repetition leads beyond its end, where the branch back is.
 */
struct walk {
    struct view code;
    uint64_t at, beyond;
    uint64_t resume; /* where a jump leads that all ways take; before that is nobody */
    unsigned steps;
    bool any_case;
    struct key_spots *spots;
};

/* ---- what is met on it ------------------------------------------------------------------------ */

static void put_byte(struct walk *walk, uint8_t byte)
{
    if (walk->any_case)
        key_spots_put_any_case(walk->spots, byte);
    else
        key_spots_put(walk->spots, SPOT_BYTE, byte);
}

static void put_class(struct walk *walk, const uint8_t operands[33])
{
    const uint8_t *bitmap = operands + 1;
    unsigned count = 0, first = 0, last = 0;
    for (unsigned byte = 0; byte < 256; byte++) {
        if (!(bitmap[byte / 8] >> byte % 8 & 1))
            continue;
        first = count++ == 0 ? byte : first;
        last = byte;
    }
    bool is_pair = count == 2 && last == (first | 0x20) && first >= 'A' && first <= 'Z';
    if (operands[0] == 0 && count == 1)
        put_byte(walk, (uint8_t)first);
    else if (operands[0] == 0 && is_pair)
        key_spots_put(walk->spots, SPOT_LETTER, (uint8_t)last);
    else
        key_spots_put(walk->spots, SPOT_GAP, 0);
}

static void put_consumed(struct walk *walk, const struct instruction *instruction)
{
    const uint8_t *operands = instruction->operands.data;
    bool is_byte = instruction->kind == KIND_LITERAL ||
                   (instruction->kind == KIND_MASKED && operands[1] == 0xff);
    if (is_byte)
        put_byte(walk, operands[0]);
    else if (instruction->kind == KIND_CLASS)
        put_class(walk, operands);
    else if (instruction->kind != KIND_NONE)
        key_spots_put(walk->spots, SPOT_GAP, 0);
}

/* A repetition that has to be done at least once is gone into by all ways. */
static bool goes_on(const struct instruction *instruction)
{
    uint16_t least;
    return instruction->kind == KIND_REPEAT_START &&
           bytes_u16le(instruction->operands, 0, &least) && least > 0;
}

static bool step(struct walk *walk)
{
    struct instruction instruction;
    if (walk->steps-- == 0 || !read_instruction(walk->code, walk->at, &instruction) ||
        instruction.kind == KIND_END)
        return false;
    bool is_certain = walk->at >= walk->beyond && walk->at >= walk->resume;
    bool is_taken = is_certain && instruction.kind == KIND_JUMP && instruction.target > walk->at;
    if (is_taken)
        walk->resume = instruction.target;
    else if (!is_certain && walk->at >= walk->resume)
        key_spots_put(walk->spots, SPOT_GAP, 0);
    if (is_certain && instruction.kind < KIND_BRANCH)
        put_consumed(walk, &instruction);
    if (instruction.kind >= KIND_BRANCH && !is_taken && !goes_on(&instruction)) {
        if (is_certain)
            key_spots_put(walk->spots, SPOT_GAP, 0);
        if (instruction.target > walk->beyond)
            walk->beyond = instruction.target;
    }
    walk->at = instruction.next;
    return true;
}

void key_code_walk(struct view code, uint64_t start, bool any_case, struct key_spots *spots)
{
    struct walk walk = {code, start, start, start, STEPS_MAX, any_case, spots};
    while (step(&walk))
        continue;
}
