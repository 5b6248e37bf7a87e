/* Programs are checked once, each word of them, so that running them needs no checks. */
#include "signatures/filter/condition_machine.h"

/* A place that jumps lead to. What holds where they begin must hold there. */
struct pending {
    uint64_t target;
    uint32_t depth, loops;
};

struct checked_loop {
    uint64_t body, end; /* words */
    uint32_t depth;     /* behind its end */
    uint32_t variables;
};

struct check {
    const struct condition_tables *tables;
    uint32_t rule;
    uint64_t at, next;
    uint32_t depth;
    uint32_t loop_count;
    struct checked_loop loops[CONDITION_LOOPS_MAX];
    uint32_t pending_count;
    struct pending pending[CONDITION_PENDING_MAX];
};

typedef bool operand_fn(struct check *check, uint32_t operand);

static uint32_t word_at(const struct check *check, uint64_t index)
{
    return condition_word(check->tables->words, index);
}

static bool is_free(struct check *check, uint32_t operand)
{
    (void)check;
    (void)operand;
    return true;
}

static bool is_none(struct check *check, uint32_t operand)
{
    (void)check;
    return operand == 0;
}

static bool is_text(struct check *check, uint32_t operand)
{
    uint32_t texts = check->tables->header.texts;
    return operand <= texts && word_at(check, check->at + 1) <= texts - operand;
}

static bool is_variable(struct check *check, uint32_t operand)
{
    (void)check;
    return operand < VARIABLE_COUNT;
}

static bool is_string(struct check *check, uint32_t operand)
{
    return operand < check->tables->header.strings;
}

static bool is_rule(struct check *check, uint32_t operand)
{
    return operand < check->rule;
}

static bool is_local(struct check *check, uint32_t operand)
{
    uint32_t loop = operand & 0xff;
    return loop < check->loop_count && operand >> 8 < check->loops[loop].variables;
}

static bool is_module(struct check *check, uint32_t operand)
{
    (void)check;
    return operand < MODULE_COUNT;
}

static bool is_reading(struct check *check, uint32_t operand)
{
    (void)check;
    return operand < READING_COUNT;
}

static bool is_depth(struct check *check, uint32_t operand)
{
    return operand > 0 && operand <= check->depth;
}

static bool is_jump(struct check *check, uint32_t operand)
{
    const struct pending pending = {check->at + operand, check->depth, check->loop_count};
    if (pending.target < check->next)
        return false;
    for (uint32_t i = 0; i < check->pending_count; i++)
        if (check->pending[i].target == pending.target)
            return check->pending[i].depth == pending.depth &&
                   check->pending[i].loops == pending.loops;
    if (check->pending_count == CONDITION_PENDING_MAX)
        return false;
    check->pending[check->pending_count++] = pending;
    return true;
}

static bool are_ranges(struct check *check, uint64_t at, uint32_t ranges)
{
    uint32_t strings = check->tables->header.strings;
    for (uint32_t i = 0; i < ranges; i++) {
        uint32_t first = word_at(check, at + UINT64_C(2) * i);
        uint32_t count = word_at(check, at + UINT64_C(2) * i + 1);
        if (count == 0 || first > strings || count > strings - first)
            return false;
    }
    return ranges > 0;
}

static bool is_set(struct check *check, uint32_t operand)
{
    return are_ranges(check, check->at + 1, operand);
}

static bool is_rule_set(struct check *check, uint32_t operand)
{
    for (uint32_t i = 0; i < operand; i++)
        if (!is_rule(check, word_at(check, check->at + 1 + i)))
            return false;
    return true;
}

/* The operation has taken from the stack what it takes. */
static bool is_loop(struct check *check, uint32_t operand)
{
    uint32_t items = operand >> 8, variables = 1;
    if ((word_at(check, check->at) & 0xff) == OPERATION_LOOP_OBJECTS)
        variables = items;
    if ((operand & 0xff) != check->loop_count || check->loop_count == CONDITION_LOOPS_MAX ||
        items == 0 || variables > CONDITION_LOCALS_MAX)
        return false;
    check->loops[check->loop_count++] = (struct checked_loop){
        .body = check->next,
        .end = check->at + word_at(check, check->at + 1),
        .depth = check->depth + 1,
        .variables = variables,
    };
    return true;
}

static bool is_loop_of_strings(struct check *check, uint32_t operand)
{
    return are_ranges(check, check->at + 2, operand >> 8) && is_loop(check, operand);
}

/* Its body has left one value. */
static bool is_loop_next(struct check *check, uint32_t operand)
{
    if (check->loop_count == 0 || operand != check->loop_count - 1)
        return false;
    const struct checked_loop *loop = &check->loops[--check->loop_count];
    return loop->end == check->next && loop->depth == check->depth &&
           check->at - loop->body == word_at(check, check->at + 1);
}

static operand_fn *const operands[] = {
    [OPERAND_NONE] = is_none,
    [OPERAND_FREE] = is_free,
    [OPERAND_TEXT] = is_text,
    [OPERAND_VARIABLE] = is_variable,
    [OPERAND_STRING] = is_string,
    [OPERAND_RULE] = is_rule,
    [OPERAND_LOCAL] = is_local,
    [OPERAND_MODULE] = is_module,
    [OPERAND_READING] = is_reading,
    [OPERAND_DEPTH] = is_depth,
    [OPERAND_JUMP] = is_jump,
    [OPERAND_RANGES] = is_set,
    [OPERAND_RULES] = is_rule_set,
    [OPERAND_LOOP] = is_loop,
    [OPERAND_LOOP_RANGES] = is_loop_of_strings,
    [OPERAND_LOOP_NEXT] = is_loop_next,
};

/* Jumps that lead here. */
static bool arrive(struct check *check)
{
    for (uint32_t i = 0; i < check->pending_count;) {
        const struct pending pending = check->pending[i];
        if (pending.target > check->at) {
            i++;
            continue;
        }
        if (pending.target < check->at || pending.depth != check->depth ||
            pending.loops != check->loop_count)
            return false;
        check->pending[i] = check->pending[--check->pending_count];
    }
    return true;
}

static bool check_operation(struct check *check, uint32_t word)
{
    if ((word & 0xff) >= OPERATION_COUNT_OF)
        return false;
    const struct operation_form *form = &operation_forms[word & 0xff];
    uint32_t operand = word >> 8;
    check->next = check->at + operation_size(form, operand);
    if (check->next > check->tables->header.words)
        return false;
    uint64_t pops = form->pops;
    if (form->pops_items)
        pops += operation_items(form, operand);
    if (pops > check->depth)
        return false;
    check->depth = (uint32_t)(check->depth - pops);
    /* What jumps and what ends a round is checked as it leaves the stack. */
    check->depth += form->pushes;
    return check->depth <= CONDITION_STACK_MAX && operands[form->operand](check, operand);
}

/* Checks the program of a rule, which ends with its first OPERATION_END. */
static bool check_program(struct check *check)
{
    uint32_t word = OPERATION_COUNT_OF;
    check->depth = check->loop_count = check->pending_count = 0;
    while (word != OPERATION_END) {
        if (check->at >= check->tables->header.words || !arrive(check))
            return false;
        word = word_at(check, check->at);
        if (word == OPERATION_END && (check->depth != 1 || check->loop_count > 0))
            return false;
        if (!check_operation(check, word))
            return false;
        check->at = check->next;
    }
    return check->pending_count == 0;
}

static bool check_list(const uint8_t *list, uint32_t count, uint32_t rules)
{
    for (uint32_t i = 0; i < count; i++)
        if (condition_word(list, i) >= rules)
            return false;
    return true;
}

static bool check_rules(const struct condition_tables *tables)
{
    struct check check = {.tables = tables};
    uint32_t rules = tables->header.rules;
    for (check.rule = 0; check.rule < rules; check.rule++) {
        struct condition_rule rule = condition_rule_at(tables, check.rule);
        bool has_global = rule.global != CONDITION_NO_RULE;
        if (rule.program != check.at || (has_global && rule.global >= rules) ||
            !check_program(&check))
            return false;
    }
    return check.at == tables->header.words;
}

/* Each of them hangs on a global rule, be it itself. */
static bool check_globals(const struct condition_tables *tables)
{
    for (uint32_t i = 0; i < tables->header.globals; i++) {
        uint32_t rule = condition_word(tables->globals, i);
        if (condition_rule_at(tables, rule).global == CONDITION_NO_RULE)
            return false;
    }
    return true;
}

status conditions_open(struct view memory, struct conditions *ret_conditions)
{
    struct condition_tables tables;
    if (!condition_tables_of(memory, &tables) || tables.header.magic != CONDITION_MAGIC)
        return ASSAY_ERR_CORRUPT;
    const struct condition_header *header = &tables.header;
    if (header->words > INT32_MAX || header->always > header->rules ||
        header->portable > header->rules || header->globals > header->rules ||
        !check_list(tables.string_rules, header->strings, header->rules) ||
        !check_list(tables.always, header->always, header->rules) ||
        !check_list(tables.portable, header->portable, header->rules) ||
        !check_list(tables.globals, header->globals, header->rules) || !check_rules(&tables) ||
        !check_globals(&tables))
        return ASSAY_ERR_CORRUPT;
    *ret_conditions = (struct conditions){memory, header->rules, header->strings};
    return ASSAY_OK;
}
