#include "base/cleanup.h"
#include "signatures/filter/condition_machine.h"
#include "signatures/filter/condition_translate.h"

/* Where the code of a rule is; nowhere: both 0. */
struct place {
    uint64_t begin, end;
};

struct writer {
    const YR_RULES *rules;
    struct place *places; /* by rule */
    struct buffer starts; /* struct condition_rule, by rule */
    struct buffer string_rules, always, portable, globals;
    struct buffer words, texts, items;
};

static void release(struct writer *writer)
{
    free(writer->places);
    struct buffer *const buffers[] = {
        &writer->starts,  &writer->string_rules, &writer->always, &writer->portable,
        &writer->globals, &writer->words,        &writer->texts,  &writer->items,
    };
    for (size_t i = 0; i < sizeof(buffers) / sizeof(buffers[0]); i++)
        buffer_release(buffers[i]);
}

/* Each rule says where the next begins; the instruction that ends it stands before that. */
static void find_places(struct writer *writer, const struct condition_code *code)
{
    struct code_instruction now;
    for (uint64_t at = 0; code_read(code, at, &now) && now.opcode != OP_HALT; at = now.next) {
        uint64_t rule = now.argument >> 32;
        if (now.opcode != OP_INIT_RULE || rule >= writer->rules->num_rules)
            continue;
        const uint64_t size = 9; /* of what ends it */
        struct code_instruction last;
        uint64_t end = (uint64_t)now.target - size;
        if (now.target < (int64_t)(now.next + size) || !code_read(code, end, &last) ||
            last.opcode != OP_MATCH_RULE || last.argument != rule)
            return;
        writer->places[rule] = (struct place){now.next, end};
        now.next = last.next;
    }
}

static status write_programs(struct writer *writer)
{
    struct translation translation = {
        .code = condition_code_of(writer->rules), .texts = &writer->texts, .items = &writer->items};
    find_places(writer, &translation.code);
    for (uint32_t rule = 0; rule < writer->rules->num_rules; rule++) {
        struct place place = writer->places[rule];
        bool is_private = RULE_IS_PRIVATE(&writer->rules->rules_table[rule]) != 0;
        /* One that was turned off may be turned on again. */
        if (RULE_IS_DISABLED(&writer->rules->rules_table[rule]))
            place.end = place.begin = 0;
        const struct condition_rule start = {
            .program = (uint32_t)(writer->words.size / sizeof(uint32_t)),
            .global = CONDITION_NO_RULE,
            .flags = is_private ? CONDITION_RULE_PRIVATE : 0,
        };
        translation.rule = rule;
        TRY(buffer_append(&writer->starts, &start, sizeof(start)));
        TRY(translate_rule(&translation, place.begin, place.end, &writer->words));
    }
    return ASSAY_OK;
}

static struct condition_rule *start_of(const struct writer *writer, uint32_t rule)
{
    return &((struct condition_rule *)(void *)writer->starts.data)[rule];
}

/* The first global rule of each namespace, and who hangs on it. */
static status write_globals(struct writer *writer)
{
    const YR_RULES *rules = writer->rules;
    cleanup(free_cleanup) uint32_t *first = malloc((rules->num_namespaces + 1) * sizeof(*first));
    if (first == NULL)
        return ASSAY_ERR_NOMEM;
    memset(first, 0xff, (rules->num_namespaces + 1) * sizeof(*first));
    for (uint32_t rule = 0; rule < rules->num_rules; rule++) {
        const YR_RULE *yara = &rules->rules_table[rule];
        if (!RULE_IS_GLOBAL(yara) || yara->ns->idx >= rules->num_namespaces)
            continue;
        if (first[yara->ns->idx] == CONDITION_NO_RULE)
            first[yara->ns->idx] = rule;
        TRY(buffer_append(&writer->globals, &rule, sizeof(rule)));
    }
    for (uint32_t rule = 0; rule < rules->num_rules; rule++) {
        uint32_t name_space = rules->rules_table[rule].ns->idx;
        if (name_space < rules->num_namespaces)
            start_of(writer, rule)->global = first[name_space];
    }
    return ASSAY_OK;
}

/* The rules that can be true of some object though none of their strings is in it. */
static status write_always(struct writer *writer)
{
    const struct condition_tables tables = {.words = writer->words.data,
                                            .texts = writer->texts.data};
    cleanup(free_cleanup) struct machine *machine = malloc(sizeof(*machine));
    if (machine == NULL)
        return ASSAY_ERR_NOMEM;
    machine_begin(machine, &tables, NULL, NULL);
    for (uint32_t rule = 0; rule < writer->rules->num_rules; rule++) {
        uint32_t program = start_of(writer, rule)->program;
        machine->is_other[MODULE_PE] = machine->is_other[MODULE_DOTNET] = false;
        if (machine_run(machine, program) == TRUTH_FALSE)
            continue;
        machine->is_other[MODULE_PE] = machine->is_other[MODULE_DOTNET] = true;
        bool is_portable = machine_run(machine, program) == TRUTH_FALSE;
        TRY(buffer_append(is_portable ? &writer->portable : &writer->always, &rule, sizeof(rule)));
    }
    return ASSAY_OK;
}

static status write_string_rules(struct writer *writer)
{
    for (uint32_t string = 0; string < writer->rules->num_strings; string++) {
        uint32_t rule = writer->rules->strings_table[string].rule_idx;
        TRY(buffer_append(&writer->string_rules, &rule, sizeof(rule)));
    }
    return ASSAY_OK;
}

static status write_all(struct writer *writer, struct buffer *out)
{
    const struct condition_header header = {
        .magic = CONDITION_MAGIC,
        .rules = writer->rules->num_rules,
        .strings = writer->rules->num_strings,
        .always = (uint32_t)(writer->always.size / sizeof(uint32_t)),
        .portable = (uint32_t)(writer->portable.size / sizeof(uint32_t)),
        .globals = (uint32_t)(writer->globals.size / sizeof(uint32_t)),
        .words = (uint32_t)(writer->words.size / sizeof(uint32_t)),
        .texts = (uint32_t)writer->texts.size,
    };
    const struct buffer *const parts[] = {
        &writer->starts,  &writer->string_rules, &writer->always, &writer->portable,
        &writer->globals, &writer->words,        &writer->texts,
    };
    size_t size = out->size;
    status result = buffer_append(out, &header, sizeof(header));
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && result >= 0; i++)
        if (parts[i]->size > 0)
            result = buffer_append(out, parts[i]->data, parts[i]->size);
    if (result < 0)
        out->size = size;
    return result;
}

status conditions_write(const YR_RULES *rules, struct buffer *out)
{
    cleanup(release) struct writer writer = {.rules = rules};
    writer.places = calloc((size_t)rules->num_rules + 1, sizeof(*writer.places));
    if (writer.places == NULL)
        return ASSAY_ERR_NOMEM;
    /* So that there is somewhere that the empty text lies. */
    TRY(buffer_reserve(&writer.texts, 1));
    TRY(write_programs(&writer));
    TRY(write_globals(&writer));
    TRY(write_string_rules(&writer));
    TRY(write_always(&writer));
    return write_all(&writer, out);
}
