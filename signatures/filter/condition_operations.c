#include "signatures/filter/condition_machine.h"

#define BINARY(function)                                                                           \
    {                                                                                              \
        .run = (function), .pops = 2, .pushes = 1                                                  \
    }
#define UNARY(function)                                                                            \
    {                                                                                              \
        .run = (function), .pops = 1, .pushes = 1                                                  \
    }
#define RANGES(function, popped)                                                                   \
    {                                                                                              \
        .run = (function), .pops = (popped), .pushes = 1, .each = 2, .operand = OPERAND_RANGES     \
    }
#define RULES(function)                                                                            \
    {                                                                                              \
        .run = (function), .pops = 1, .pushes = 1, .each = 1, .operand = OPERAND_RULES             \
    }
/* A loop takes its quantifier and its iterator when it begins; its end leaves the result for what
 * its body left. */
#define LOOP(function, popped)                                                                     \
    .run = (function), .pops = (popped), .words = 1, .shift = 8, .operand = OPERAND_LOOP

const struct operation_form operation_forms[OPERATION_COUNT_OF] = {
    [OPERATION_END] = {.run = run_end, .pops = 1},

    [OPERATION_INTEGER_24] = {.run = run_integer_24, .pushes = 1, .operand = OPERAND_FREE},
    [OPERATION_INTEGER] = {.run = run_integer, .pushes = 1, .words = 2},
    [OPERATION_UNDEFINED] = {.run = run_undefined, .pushes = 1},
    [OPERATION_ANY] = {.run = run_any, .pushes = 1},
    [OPERATION_TEXT] = {.run = run_text, .pushes = 1, .words = 1, .operand = OPERAND_TEXT},
    [OPERATION_VARIABLE] = {.run = run_variable, .pushes = 1, .operand = OPERAND_VARIABLE},
    [OPERATION_STRING] = {.run = run_string, .pushes = 1, .operand = OPERAND_STRING},
    [OPERATION_RULE] = {.run = run_rule, .pushes = 1, .operand = OPERAND_RULE},
    [OPERATION_LOCAL] = {.run = run_local, .pushes = 1, .operand = OPERAND_LOCAL},
    [OPERATION_FILESIZE] = {.run = run_filesize, .pushes = 1},
    [OPERATION_ENTRYPOINT] = {.run = run_entrypoint, .pushes = 1},
    [OPERATION_DROP] = {.run = run_drop, .pops_items = true, .operand = OPERAND_FREE},

    [OPERATION_MODULE] = {.run = run_module, .pushes = 1, .operand = OPERAND_MODULE},
    [OPERATION_FORGET] = UNARY(run_forget),
    [OPERATION_FIELD] = UNARY(run_field),
    [OPERATION_SIGNATURES] = {.run = run_signatures, .pushes = 1},
    [OPERATION_SIGNATURE_COUNT] = {.run = run_signature_count, .pushes = 1},

    [OPERATION_AND] = BINARY(run_and),
    [OPERATION_OR] = BINARY(run_or),
    [OPERATION_NOT] = UNARY(run_not),
    [OPERATION_DEFINED] = UNARY(run_defined),
    [OPERATION_JUMP_FALSE] = {.run = run_jump_false,
                              .pops = 1,
                              .pushes = 1,
                              .operand = OPERAND_JUMP},
    [OPERATION_JUMP_TRUE] = {.run = run_jump_true, .pops = 1, .pushes = 1, .operand = OPERAND_JUMP},

    [OPERATION_MINUS] = UNARY(run_unary),
    [OPERATION_COMPLEMENT] = UNARY(run_unary),
    [OPERATION_ADD] = BINARY(run_arithmetic),
    [OPERATION_SUBTRACT] = BINARY(run_arithmetic),
    [OPERATION_MULTIPLY] = BINARY(run_arithmetic),
    [OPERATION_DIVIDE] = BINARY(run_arithmetic),
    [OPERATION_REMAINDER] = BINARY(run_arithmetic),
    [OPERATION_SHIFT_LEFT] = BINARY(run_arithmetic),
    [OPERATION_SHIFT_RIGHT] = BINARY(run_arithmetic),
    [OPERATION_BIT_AND] = BINARY(run_arithmetic),
    [OPERATION_BIT_OR] = BINARY(run_arithmetic),
    [OPERATION_BIT_XOR] = BINARY(run_arithmetic),
    [OPERATION_EQUAL] = BINARY(run_compare),
    [OPERATION_UNEQUAL] = BINARY(run_compare),
    [OPERATION_LESS] = BINARY(run_compare),
    [OPERATION_GREATER] = BINARY(run_compare),
    [OPERATION_AT_MOST] = BINARY(run_compare),
    [OPERATION_AT_LEAST] = BINARY(run_compare),
    [OPERATION_READ] = {.run = run_read, .pops = 1, .pushes = 1, .operand = OPERAND_READING},
    [OPERATION_READ_AT] = {.run = run_read_at, .pushes = 1, .words = 1, .operand = OPERAND_READING},
    [OPERATION_READ_AT_EQUAL] = {.run = run_read_at_equal,
                                 .pushes = 1,
                                 .words = 2,
                                 .operand = OPERAND_READING},

    [OPERATION_TO_DOUBLE] = {.run = run_to_double, .operand = OPERAND_DEPTH},
    [OPERATION_DOUBLE_MINUS] = UNARY(run_double_minus),
    [OPERATION_DOUBLE_ADD] = BINARY(run_double_arithmetic),
    [OPERATION_DOUBLE_SUBTRACT] = BINARY(run_double_arithmetic),
    [OPERATION_DOUBLE_MULTIPLY] = BINARY(run_double_arithmetic),
    [OPERATION_DOUBLE_DIVIDE] = BINARY(run_double_arithmetic),
    [OPERATION_DOUBLE_EQUAL] = BINARY(run_double_compare),
    [OPERATION_DOUBLE_UNEQUAL] = BINARY(run_double_compare),
    [OPERATION_DOUBLE_LESS] = BINARY(run_double_compare),
    [OPERATION_DOUBLE_GREATER] = BINARY(run_double_compare),
    [OPERATION_DOUBLE_AT_MOST] = BINARY(run_double_compare),
    [OPERATION_DOUBLE_AT_LEAST] = BINARY(run_double_compare),

    [OPERATION_TEXT_EQUAL] = BINARY(run_text_pair),
    [OPERATION_TEXT_UNEQUAL] = BINARY(run_text_pair),
    [OPERATION_TEXT_ORDER] = BINARY(run_text_order),
    [OPERATION_CONTAINS] = BINARY(run_text_pair),
    [OPERATION_ICONTAINS] = BINARY(run_text_pair),
    [OPERATION_STARTS] = BINARY(run_text_pair),
    [OPERATION_ISTARTS] = BINARY(run_text_pair),
    [OPERATION_ENDS] = BINARY(run_text_pair),
    [OPERATION_IENDS] = BINARY(run_text_pair),
    [OPERATION_IEQUALS] = BINARY(run_text_pair),
    [OPERATION_MATCHES] = BINARY(run_matches),
    [OPERATION_IS_TEXT] = UNARY(run_is_text),

    [OPERATION_FOUND] = UNARY(run_found),
    [OPERATION_FOUND_STRING] = {.run = run_found_string, .pushes = 1, .operand = OPERAND_STRING},
    [OPERATION_FOUND_AT] = BINARY(run_found_at),
    [OPERATION_FOUND_IN] = {.run = run_found_in, .pops = 3, .pushes = 1},
    [OPERATION_COUNT] = UNARY(run_count),
    [OPERATION_COUNT_IN] = {.run = run_count_in, .pops = 3, .pushes = 1},
    [OPERATION_OFFSET] = BINARY(run_offset),
    [OPERATION_LENGTH] = BINARY(run_length),

    [OPERATION_OF] = RANGES(run_of, 1),
    [OPERATION_OF_PERCENT] = RANGES(run_of_percent, 1),
    [OPERATION_OF_IN] = RANGES(run_of_in, 3),
    [OPERATION_OF_RULES] = RULES(run_of_rules),
    [OPERATION_OF_RULES_PERCENT] = RULES(run_of_rules_percent),

    [OPERATION_LOOP_RANGE] = {LOOP(run_loop_range, 3)},
    [OPERATION_LOOP_LIST] = {LOOP(run_loop_list, 1), .pops_items = true},
    [OPERATION_LOOP_STRINGS] = {.run = run_loop_strings,
                                .pops = 1,
                                .words = 1,
                                .each = 2,
                                .shift = 8,
                                .operand = OPERAND_LOOP_RANGES},
    [OPERATION_LOOP_OBJECTS] = {LOOP(run_loop_objects, 2)},
    [OPERATION_LOOP_NEXT] =
        {.run = run_loop_next, .pops = 1, .pushes = 1, .words = 1, .operand = OPERAND_LOOP_NEXT},
};
