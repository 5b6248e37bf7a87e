#include "signatures/filter/condition_machine.h"
#include "signatures/filter/condition_objects.h"

/* Words that the loops of one rule may go back together. */
#define BUDGET 16384

static struct view text_view(const char *text)
{
    return (struct view){(const uint8_t *)text, strlen(text)};
}

static void learn(struct machine *machine, const struct condition_facts *facts)
{
    const struct matcher_variables *variables = facts->variables;
    machine->view = facts->view;
    machine->absent = facts->absent;
    machine->variables[VARIABLE_FILENAME] = text_view(variables->filename);
    machine->variables[VARIABLE_FILEPATH] = text_view(variables->filepath);
    machine->variables[VARIABLE_EXTENSION] = text_view(variables->extension);
    machine->variables[VARIABLE_FILETYPE] = text_view(variables->filetype);
    machine->variables[VARIABLE_OWNER] = text_view(variables->owner);
    machine->is_other[MODULE_PE] = !condition_is_portable(facts->view);
    machine->is_other[MODULE_DOTNET] = machine->is_other[MODULE_PE];
    machine->is_other[MODULE_ELF] = !condition_is_linkable(facts->view);
    machine->is_unsigned = condition_is_unsigned(facts->view);
}

void machine_begin(struct machine *machine, const struct condition_tables *tables,
                   const struct condition_facts *facts, const uint8_t *truths)
{
    machine->tables = *tables;
    machine->truths = truths;
    machine->is_known = facts != NULL;
    machine->absent = NULL;
    machine->is_unsigned = false;
    memset(machine->is_other, 0, sizeof(machine->is_other));
    if (facts != NULL)
        learn(machine, facts);
}

enum truth machine_run(struct machine *machine, uint32_t program)
{
    machine->next = program;
    machine->depth = 0;
    machine->budget = BUDGET;
    machine->gives_up = false;
    do {
        machine->at = machine->next;
        uint32_t word = condition_word(machine->tables.words, machine->at);
        const struct operation_form *form = &operation_forms[word & 0xff];
        machine->next = machine->at + (uint32_t)operation_size(form, word >> 8);
        form->run(machine, word >> 8);
    } while (machine->next != machine->at && !machine->gives_up);
    return machine->gives_up ? TRUTH_UNKNOWN : value_truth_of(machine_top(machine));
}

static void mark_list(const uint8_t *list, uint32_t count, uint8_t *truths)
{
    for (uint32_t i = 0; i < count; i++)
        truths[condition_word(list, i)] = TRUTH_UNKNOWN;
}

/* Unknown for now: the rules that one has to look at. */
static void mark_candidates(const struct machine *machine, uint8_t *truths)
{
    const struct condition_tables *tables = &machine->tables;
    memset(truths, TRUTH_FALSE, tables->header.rules);
    mark_list(tables->always, tables->header.always, truths);
    if (!machine->is_other[MODULE_PE])
        mark_list(tables->portable, tables->header.portable, truths);
    for (uint32_t first = 0; first < tables->header.strings; first += 64) {
        uint32_t left = tables->header.strings - first;
        uint64_t present = ~machine->absent[first / 64];
        if (left < 64)
            present &= (UINT64_C(1) << left) - 1;
        for (; present != 0; present &= present - 1) {
            uint32_t string = first + (uint32_t)__builtin_ctzll(present);
            truths[condition_word(tables->string_rules, string)] = TRUTH_UNKNOWN;
        }
    }
}

static uint8_t both(uint8_t left, uint8_t right)
{
    if (left == TRUTH_FALSE || right == TRUTH_FALSE)
        return TRUTH_FALSE;
    return left == TRUTH_TRUE ? right : TRUTH_UNKNOWN;
}

/* The rules of a namespace match only when all its global rules do; the first of these gathers it. */
static void apply_globals(const struct condition_tables *tables, uint8_t *truths)
{
    for (uint32_t i = 0; i < tables->header.globals; i++) {
        uint32_t rule = condition_word(tables->globals, i);
        uint32_t first = condition_rule_at(tables, rule).global;
        truths[first] = both(truths[first], truths[rule]);
    }
    for (uint32_t rule = 0; rule < tables->header.rules; rule++) {
        uint32_t first = condition_rule_at(tables, rule).global;
        if (first != CONDITION_NO_RULE)
            truths[rule] = both(truths[rule], truths[first]);
    }
}

/* The next rule from this one on that is not known to be false; the number of rules when there is
 * none. */
static uint32_t next_candidate(const uint8_t *truths, uint32_t rule, uint32_t rules)
{
    uint64_t eight;
    for (; rule < rules && rules - rule >= sizeof(eight); rule += (uint32_t)sizeof(eight)) {
        memcpy(&eight, truths + rule, sizeof(eight));
        if (eight != 0)
            break;
    }
    while (rule < rules && truths[rule] == TRUTH_FALSE)
        rule++;
    return rule;
}

static enum truth any_reported(const struct condition_tables *tables, const uint8_t *truths)
{
    enum truth any = TRUTH_FALSE;
    uint32_t rules = tables->header.rules;
    for (uint32_t rule = next_candidate(truths, 0, rules); rule < rules && any != TRUTH_TRUE;
         rule = next_candidate(truths, rule + 1, rules))
        if ((condition_rule_at(tables, rule).flags & CONDITION_RULE_PRIVATE) == 0)
            any = truths[rule];
    return any;
}

enum truth conditions_evaluate(const struct conditions *conditions,
                               const struct condition_facts *facts, uint8_t *ret_truths)
{
    struct condition_tables tables;
    if (!condition_tables_of(conditions->memory, &tables))
        return TRUTH_UNKNOWN; /* it was opened: this does not happen */
    struct machine machine;
    machine_begin(&machine, &tables, facts, ret_truths);
    mark_candidates(&machine, ret_truths);
    uint32_t rules = tables.header.rules;
    for (uint32_t rule = next_candidate(ret_truths, 0, rules); rule < rules;
         rule = next_candidate(ret_truths, rule + 1, rules))
        ret_truths[rule] = (uint8_t)machine_run(&machine, condition_rule_at(&tables, rule).program);
    if (tables.header.globals > 0)
        apply_globals(&tables, ret_truths);
    return any_reported(&tables, ret_truths);
}
