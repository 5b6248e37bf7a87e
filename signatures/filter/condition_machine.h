/*
 * condition_machine: the state of evaluating conditions about one object, and the operations, each a
 * function that finds its operand and the words behind it. Programs have been checked
 * (condition_check), so that these functions check no depth of the stack and no index; of what kind a
 * value is, is never taken for granted.
 */
#ifndef FILTER_CONDITION_MACHINE_H
#define FILTER_CONDITION_MACHINE_H

#include "signatures/filter/condition.h"
#include "signatures/filter/condition_program.h"
#include "signatures/filter/condition_value.h"

struct machine;
typedef void operation_fn(struct machine *machine, uint32_t operand);

/* What an operation looks like and does. */
struct operation_form {
    operation_fn *run;
    uint8_t pops, pushes;
    uint8_t words;   /* behind it */
    uint8_t each;    /* words for each of the items that the operand counts */
    uint8_t shift;   /* where in the operand that count begins */
    uint8_t operand; /* an enum operand_kind */
    bool pops_items;
};

enum operand_kind {
    OPERAND_NONE,
    OPERAND_FREE,
    OPERAND_TEXT,
    OPERAND_VARIABLE,
    OPERAND_STRING,
    OPERAND_RULE,
    OPERAND_LOCAL,
    OPERAND_MODULE,
    OPERAND_READING,
    OPERAND_DEPTH,
    OPERAND_JUMP,
    OPERAND_RANGES,
    OPERAND_RULES,
    OPERAND_LOOP,
    OPERAND_LOOP_RANGES,
    OPERAND_LOOP_NEXT,
};

extern const struct operation_form operation_forms[OPERATION_COUNT_OF];

static inline uint32_t operation_items(const struct operation_form *form, uint32_t operand)
{
    return operand >> form->shift;
}

/* How many words it has, itself among them. */
static inline uint64_t operation_size(const struct operation_form *form, uint32_t operand)
{
    return UINT64_C(1) + form->words + (uint64_t)form->each * operation_items(form, operand);
}

/* A loop that runs. */
struct machine_loop {
    struct value locals[CONDITION_LOCALS_MAX];
    struct value quantifier;
    struct value count;   /* what its body has come to so far, added up */
    int64_t done, rounds; /* how often */
    bool is_blurred;      /* the body runs once for any number of rounds */
    bool may_be_empty;    /* of a blurred one: for no round at all */
    bool stops_early;     /* as soon as the quantifier is reached */
    bool has_negative;    /* then the count does not only grow */
    uint32_t words;       /* where its items are, if it has any */
    uint32_t item, left;  /* a string, and how many of this range are left with it */
    struct value items[CONDITION_STACK_MAX];
};

struct machine {
    struct condition_tables tables;
    /* The object. */
    bool is_known; /* false: any object at all */
    struct view view;
    const uint64_t *absent; /* NULL: every string is absent */
    struct view variables[VARIABLE_COUNT];
    bool is_other[MODULE_COUNT]; /* it is not of the module's format */
    bool is_unsigned;
    const uint8_t *truths; /* of the rules before */
    /* The program. */
    uint32_t at, next; /* words */
    uint32_t budget;   /* words that loops may still go back */
    bool gives_up;
    uint32_t depth;
    struct value stack[CONDITION_STACK_MAX];
    struct machine_loop loops[CONDITION_LOOPS_MAX];
};

/* `facts` NULL: whatever object, and every string is absent. */
void machine_begin(struct machine *machine, const struct condition_tables *tables,
                   const struct condition_facts *facts, const uint8_t *truths);
enum truth machine_run(struct machine *machine, uint32_t program);

static inline struct value *machine_top(struct machine *machine)
{
    return &machine->stack[machine->depth - 1];
}

static inline void machine_push(struct machine *machine, struct value value)
{
    machine->stack[machine->depth++] = value;
}

static inline struct value machine_pop(struct machine *machine)
{
    return machine->stack[--machine->depth];
}

/* A word behind the operation, from 0. */
static inline uint32_t machine_word(const struct machine *machine, uint64_t index)
{
    return condition_word(machine->tables.words, machine->at + 1 + index);
}

static inline bool machine_is_absent(const struct machine *machine, uint64_t string)
{
    return machine->absent == NULL || (machine->absent[string / 64] >> string % 64 & 1) != 0;
}

/* Whether the string is absent; of something that is no known string it is not known. */
static inline bool machine_knows_absent(const struct machine *machine, const struct value *string)
{
    return string->kind == VALUE_STRING && machine_is_absent(machine, (uint64_t)string->low);
}

operation_fn run_end, run_integer_24, run_integer, run_undefined, run_any, run_text, run_variable,
    run_string, run_rule, run_local, run_filesize, run_entrypoint, run_drop;
operation_fn run_module, run_forget, run_field, run_signatures, run_signature_count;
operation_fn run_and, run_or, run_not, run_defined, run_jump_false, run_jump_true;
operation_fn run_unary, run_arithmetic, run_compare, run_read, run_read_at, run_read_at_equal;
operation_fn run_to_double, run_double_minus, run_double_arithmetic, run_double_compare;
operation_fn run_text_order, run_text_pair, run_matches, run_is_text;
operation_fn run_found, run_found_string, run_found_at, run_found_in, run_count, run_count_in,
    run_offset, run_length;
operation_fn run_of, run_of_percent, run_of_in, run_of_rules, run_of_rules_percent;
operation_fn run_loop_range, run_loop_list, run_loop_strings, run_loop_objects, run_loop_next;

#endif
