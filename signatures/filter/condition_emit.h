/*
 * condition_emit: the program of one rule while it is written. Keeps count of the stack, ties jumps
 * that lead to other jumps to where they end, and joins operations that often follow each other. What
 * cannot be written makes the whole program give up: it is then "unknown".
 */
#ifndef FILTER_CONDITION_EMIT_H
#define FILTER_CONDITION_EMIT_H

#include "base/buffer.h"
#include "signatures/filter/condition_program.h"

/* Jumps of one kind that lead to the same place of libyara's code. Not yet written, each holds the
 * word of the one before, from the beginning of the program; 0 for none. */
struct emit_jumps {
    uint64_t target;
    uint32_t operation;
    uint32_t depth, loops;
    uint32_t last; /* a word, and 1 */
};

struct emit {
    struct buffer *words;
    size_t start; /* of this program, in bytes */
    uint32_t depth;
    uint32_t loops; /* open ones */
    bool gives_up;
    status status; /* ASSAY_ERR_NOMEM */
    /* The last two operations, when nothing leads between or behind them: words, and 1. */
    uint32_t recent[2];
    uint32_t jump_count;
    struct emit_jumps jumps[CONDITION_PENDING_MAX];
};

void emit_begin(struct emit *emit, struct buffer *words);
/* The program is complete. When it gave up, nothing else is left of it than that. */
CHECKED status emit_end(struct emit *emit);

void emit_operation(struct emit *emit, uint32_t operation, uint32_t operand);
void emit_integer(struct emit *emit, uint64_t integer);
/* A word behind the last operation. */
void emit_word(struct emit *emit, uint32_t word);
/* Takes back the integer that was written last; false when it is something else. */
bool emit_take_integer(struct emit *emit, uint32_t *ret_integer);
void emit_give_up(struct emit *emit);

/* Before anything else at a place of libyara's code, to which jumps may lead: checks that the
 * operation before it, `operation`, is what they jump over. Then either emit_settle, or emit_jump when
 * it is itself a jump, which those that jump to it for the same reason join. */
void emit_arrive(struct emit *emit, uint64_t place, uint32_t operation);
void emit_settle(struct emit *emit, uint64_t place);
void emit_jump(struct emit *emit, uint32_t operation, uint64_t place, uint64_t target);

/* Words of this program so far. */
uint32_t emit_at(const struct emit *emit);
/* Writes over a word. */
void emit_patch(struct emit *emit, uint32_t at, uint32_t word);
/* Nothing before is joined with what follows. */
void emit_bar(struct emit *emit);

#endif
