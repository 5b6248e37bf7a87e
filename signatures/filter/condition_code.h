/*
 * condition_code: libyara's compiled conditions, read as libyara 4.2 writes them: an opcode
 * (yara/exec.h) and an argument of 0, 1, 2, 4 or 8 bytes behind it. Jumps are counted from the opcode
 * that jumps; arguments of 8 bytes may be pointers into the tables of the rules.
 */
#ifndef FILTER_CONDITION_CODE_H
#define FILTER_CONDITION_CODE_H

#include <yara.h>

#include "base/view.h"

#define CODE_PREFIX_MAX 32

struct condition_code {
    const YR_RULES *rules;
    struct view bytes; /* of all rules */
};

struct code_instruction {
    uint8_t opcode;
    uint64_t argument;
    int64_t target; /* of a jump: an offset in the code */
    uint64_t at, next;
};

struct condition_code condition_code_of(const YR_RULES *rules);

/* False at the end, and where something stands that is not understood. */
bool code_read(const struct condition_code *code, uint64_t at, struct code_instruction *ret);

/* What a pointer among the arguments points at. */
bool code_string(const struct condition_code *code, uint64_t pointer, uint32_t *ret_index);
/* A regular expression; *ret_size bytes begin whatever it matches, perhaps none. */
bool code_expression(const struct condition_code *code, uint64_t pointer,
                     uint8_t ret_prefix[CODE_PREFIX_MAX], size_t *ret_size);
bool code_text(const struct condition_code *code, uint64_t pointer, struct view *ret_text);
/* NULL when it is no name. */
const char *code_name(const struct condition_code *code, uint64_t pointer);

#endif
