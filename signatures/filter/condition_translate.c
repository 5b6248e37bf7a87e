#include "signatures/filter/condition_translate.h"

#include "signatures/filter/condition_objects.h"

void translate_skip(struct translation *translation)
{
    if (!code_read(&translation->code, translation->now.next, &translation->now))
        emit_give_up(&translation->emit);
}

static bool next_is(const struct translation *translation, uint8_t opcode,
                    struct code_instruction *ret)
{
    return code_read(&translation->code, translation->now.next, ret) && ret->opcode == opcode;
}

static void translate_small(struct translation *translation)
{
    emit_integer(&translation->emit, translation->now.argument);
}

static void emit_text(struct translation *translation, struct view text)
{
    struct emit *emit = &translation->emit;
    size_t offset = translation->texts->size;
    if (emit->gives_up || text.size > CONDITION_OPERAND_MAX || offset > CONDITION_OPERAND_MAX) {
        emit_operation(emit, OPERATION_ANY, 0);
        return;
    }
    emit->status = buffer_append(translation->texts, text.data, (size_t)text.size);
    if (emit->status < 0)
        emit_give_up(emit);
    emit_operation(emit, OPERATION_TEXT, (uint32_t)offset);
    emit_word(emit, (uint32_t)text.size);
}

/* Eight bytes may be anything: what they point into tells. */
static void translate_push(struct translation *translation)
{
    struct emit *emit = &translation->emit;
    uint64_t argument = translation->now.argument;
    uint32_t string;
    struct view text;
    uint8_t prefix[CODE_PREFIX_MAX];
    size_t size;
    if (code_string(&translation->code, argument, &string))
        emit_operation(emit, OPERATION_STRING, string);
    else if (code_expression(&translation->code, argument, prefix, &size))
        emit_text(translation, (struct view){prefix, size});
    else if (code_text(&translation->code, argument, &text))
        emit_text(translation, text);
    else
        emit_integer(emit, argument);
}

static void translate_rule_reference(struct translation *translation)
{
    if (translation->now.argument >= translation->rule)
        emit_give_up(&translation->emit);
    emit_operation(&translation->emit, OPERATION_RULE, (uint32_t)translation->now.argument);
}

/* ---- objects -------------------------------------------------------------------------------- */

static bool is_text_variable(const YR_RULES *rules, const char *name)
{
    const YR_EXTERNAL_VARIABLE *variable = rules->ext_vars_table;
    for (; !EXTERNAL_VARIABLE_IS_NULL(variable); variable++)
        if (strcmp(variable->identifier, name) == 0)
            return variable->type == EXTERNAL_VARIABLE_TYPE_STRING ||
                   variable->type == EXTERNAL_VARIABLE_TYPE_MALLOC_STRING;
    return false;
}

static bool find_variable(const YR_RULES *rules, const char *name, uint32_t *ret_variable)
{
    static const char *const names[VARIABLE_COUNT] = {
        [VARIABLE_FILENAME] = "filename",   [VARIABLE_FILEPATH] = "filepath",
        [VARIABLE_EXTENSION] = "extension", [VARIABLE_FILETYPE] = "filetype",
        [VARIABLE_OWNER] = "owner",
    };
    for (uint32_t i = 0; i < VARIABLE_COUNT; i++) {
        if (strcmp(name, names[i]) == 0) {
            *ret_variable = i;
            return is_text_variable(rules, name);
        }
    }
    return false;
}

/* True when what follows is this field; *ret is it then. */
static bool takes_field(const struct translation *translation, const char *field,
                        struct code_instruction *ret)
{
    if (!next_is(translation, OP_OBJ_FIELD, ret))
        return false;
    const char *name = code_name(&translation->code, ret->argument);
    return name != NULL && strcmp(name, field) == 0;
}

/* What is known of signatures, whatever else an executable is. */
static bool translate_signatures(struct translation *translation)
{
    struct code_instruction next;
    if (takes_field(translation, "signatures", &next)) {
        emit_operation(&translation->emit, OPERATION_SIGNATURES, 0);
        translate_skip(translation);
        return true;
    }
    if (takes_field(translation, "number_of_signatures", &next) &&
        code_read(&translation->code, next.next, &next) && next.opcode == OP_OBJ_VALUE) {
        emit_operation(&translation->emit, OPERATION_SIGNATURE_COUNT, 0);
        translate_skip(translation);
        translate_skip(translation);
        return true;
    }
    return false;
}

static void translate_load(struct translation *translation)
{
    struct emit *emit = &translation->emit;
    struct code_instruction next;
    uint32_t number;
    const char *name = code_name(&translation->code, translation->now.argument);
    if (name == NULL) {
        emit_give_up(emit);
    } else if (find_variable(translation->code.rules, name, &number) &&
               next_is(translation, OP_OBJ_VALUE, &next)) {
        emit_operation(emit, OPERATION_VARIABLE, number);
        translate_skip(translation);
    } else if (!condition_module_find(name, &number)) {
        emit_operation(emit, OPERATION_ANY, 0);
    } else if (number != MODULE_PE || !translate_signatures(translation)) {
        emit_operation(emit, OPERATION_MODULE, number);
    }
}

static void translate_field(struct translation *translation)
{
    const char *name = code_name(&translation->code, translation->now.argument);
    if (name == NULL || condition_module_tells(name))
        emit_operation(&translation->emit, OPERATION_FORGET, 0);
}

/* Below the index: what it is an index of, and what is known about that is known about its parts. */
static void translate_index(struct translation *translation)
{
    emit_operation(&translation->emit, OPERATION_DROP, 1);
}

/* A letter for each argument. */
static void translate_call(struct translation *translation)
{
    const char *letters = code_name(&translation->code, translation->now.argument);
    if (letters == NULL)
        emit_give_up(&translation->emit);
    else if (letters[0] != '\0')
        emit_operation(&translation->emit, OPERATION_DROP, (uint32_t)strlen(letters));
}

/* ---- the table ------------------------------------------------------------------------------ */

static void translate_jump(struct translation *translation)
{
    const struct code_instruction *now = &translation->now;
    if (now->target < 0)
        emit_give_up(&translation->emit);
    emit_jump(&translation->emit,
              now->opcode == OP_JFALSE ? OPERATION_JUMP_FALSE : OPERATION_JUMP_TRUE, now->at,
              (uint64_t)now->target);
}

static void translate_to_double(struct translation *translation)
{
    struct emit *emit = &translation->emit;
    if (translation->now.argument == 0 || translation->now.argument > emit->depth)
        emit_give_up(emit);
    emit_operation(emit, OPERATION_TO_DOUBLE, (uint32_t)translation->now.argument);
}

static void translate_read(struct translation *translation)
{
    emit_operation(&translation->emit, OPERATION_READ,
                   (uint32_t)(translation->now.opcode - OP_READ_INT));
}

/* A function of its own, or the operation that it is. */
static const struct {
    translate_fn *translate;
    uint32_t operation;
} rows[256] = {
    [OP_AND] = {NULL, OPERATION_AND},
    [OP_OR] = {NULL, OPERATION_OR},
    [OP_NOT] = {NULL, OPERATION_NOT},
    [OP_DEFINED] = {NULL, OPERATION_DEFINED},
    [OP_JFALSE] = {translate_jump, 0},
    [OP_JTRUE] = {translate_jump, 0},
    [OP_PUSH] = {translate_push, 0},
    [OP_PUSH_8] = {translate_small, 0},
    [OP_PUSH_16] = {translate_small, 0},
    [OP_PUSH_32] = {translate_small, 0},
    [OP_PUSH_U] = {translate_undefined, 0},
    [OP_PUSH_RULE] = {translate_rule_reference, 0},
    [OP_FILESIZE] = {NULL, OPERATION_FILESIZE},
    [OP_ENTRYPOINT] = {NULL, OPERATION_ENTRYPOINT},
    [OP_INT_MINUS] = {NULL, OPERATION_MINUS},
    [OP_BITWISE_NOT] = {NULL, OPERATION_COMPLEMENT},
    [OP_INT_ADD] = {NULL, OPERATION_ADD},
    [OP_INT_SUB] = {NULL, OPERATION_SUBTRACT},
    [OP_INT_MUL] = {NULL, OPERATION_MULTIPLY},
    [OP_INT_DIV] = {NULL, OPERATION_DIVIDE},
    [OP_MOD] = {NULL, OPERATION_REMAINDER},
    [OP_SHL] = {NULL, OPERATION_SHIFT_LEFT},
    [OP_SHR] = {NULL, OPERATION_SHIFT_RIGHT},
    [OP_BITWISE_AND] = {NULL, OPERATION_BIT_AND},
    [OP_BITWISE_OR] = {NULL, OPERATION_BIT_OR},
    [OP_BITWISE_XOR] = {NULL, OPERATION_BIT_XOR},
    [OP_INT_EQ] = {NULL, OPERATION_EQUAL},
    [OP_INT_NEQ] = {NULL, OPERATION_UNEQUAL},
    [OP_INT_LT] = {NULL, OPERATION_LESS},
    [OP_INT_GT] = {NULL, OPERATION_GREATER},
    [OP_INT_LE] = {NULL, OPERATION_AT_MOST},
    [OP_INT_GE] = {NULL, OPERATION_AT_LEAST},
    [OP_INT8] = {translate_read, 0},
    [OP_INT16] = {translate_read, 0},
    [OP_INT32] = {translate_read, 0},
    [OP_UINT8] = {translate_read, 0},
    [OP_UINT16] = {translate_read, 0},
    [OP_UINT32] = {translate_read, 0},
    [OP_INT8BE] = {translate_read, 0},
    [OP_INT16BE] = {translate_read, 0},
    [OP_INT32BE] = {translate_read, 0},
    [OP_UINT8BE] = {translate_read, 0},
    [OP_UINT16BE] = {translate_read, 0},
    [OP_UINT32BE] = {translate_read, 0},
    [OP_INT_TO_DBL] = {translate_to_double, 0},
    [OP_DBL_MINUS] = {NULL, OPERATION_DOUBLE_MINUS},
    [OP_DBL_ADD] = {NULL, OPERATION_DOUBLE_ADD},
    [OP_DBL_SUB] = {NULL, OPERATION_DOUBLE_SUBTRACT},
    [OP_DBL_MUL] = {NULL, OPERATION_DOUBLE_MULTIPLY},
    [OP_DBL_DIV] = {NULL, OPERATION_DOUBLE_DIVIDE},
    [OP_DBL_EQ] = {NULL, OPERATION_DOUBLE_EQUAL},
    [OP_DBL_NEQ] = {NULL, OPERATION_DOUBLE_UNEQUAL},
    [OP_DBL_LT] = {NULL, OPERATION_DOUBLE_LESS},
    [OP_DBL_GT] = {NULL, OPERATION_DOUBLE_GREATER},
    [OP_DBL_LE] = {NULL, OPERATION_DOUBLE_AT_MOST},
    [OP_DBL_GE] = {NULL, OPERATION_DOUBLE_AT_LEAST},
    [OP_STR_EQ] = {NULL, OPERATION_TEXT_EQUAL},
    [OP_STR_NEQ] = {NULL, OPERATION_TEXT_UNEQUAL},
    [OP_STR_LT] = {NULL, OPERATION_TEXT_ORDER},
    [OP_STR_GT] = {NULL, OPERATION_TEXT_ORDER},
    [OP_STR_LE] = {NULL, OPERATION_TEXT_ORDER},
    [OP_STR_GE] = {NULL, OPERATION_TEXT_ORDER},
    [OP_CONTAINS] = {NULL, OPERATION_CONTAINS},
    [OP_ICONTAINS] = {NULL, OPERATION_ICONTAINS},
    [OP_STARTSWITH] = {NULL, OPERATION_STARTS},
    [OP_ISTARTSWITH] = {NULL, OPERATION_ISTARTS},
    [OP_ENDSWITH] = {NULL, OPERATION_ENDS},
    [OP_IENDSWITH] = {NULL, OPERATION_IENDS},
    [OP_IEQUALS] = {NULL, OPERATION_IEQUALS},
    [OP_MATCHES] = {NULL, OPERATION_MATCHES},
    [OP_STR_TO_BOOL] = {NULL, OPERATION_IS_TEXT},
    [OP_OBJ_LOAD] = {translate_load, 0},
    [OP_OBJ_FIELD] = {translate_field, 0},
    [OP_OBJ_VALUE] = {NULL, OPERATION_FIELD},
    [OP_INDEX_ARRAY] = {translate_index, 0},
    [OP_LOOKUP_DICT] = {translate_index, 0},
    [OP_CALL] = {translate_call, 0},
    [OP_FOUND] = {NULL, OPERATION_FOUND},
    [OP_FOUND_AT] = {NULL, OPERATION_FOUND_AT},
    [OP_FOUND_IN] = {NULL, OPERATION_FOUND_IN},
    [OP_COUNT] = {NULL, OPERATION_COUNT},
    [OP_COUNT_IN] = {NULL, OPERATION_COUNT_IN},
    [OP_OFFSET] = {NULL, OPERATION_OFFSET},
    [OP_LENGTH] = {NULL, OPERATION_LENGTH},
    [OP_OF] = {translate_of, 0},
    [OP_OF_PERCENT] = {translate_of, 0},
    [OP_OF_FOUND_IN] = {translate_of, 0},
    [OP_CLEAR_M] = {translate_loop, 0},
    [OP_ITER_START_ARRAY] = {translate_iterator, 0},
    [OP_ITER_START_DICT] = {translate_iterator, 0},
    [OP_ITER_START_INT_RANGE] = {translate_iterator, 0},
    [OP_ITER_START_INT_ENUM] = {translate_iterator, 0},
    [OP_PUSH_M] = {translate_local, 0},
    [OP_ADD_M] = {translate_round, 0},
};

static void translate_one(struct translation *translation)
{
    struct emit *emit = &translation->emit;
    uint8_t opcode = translation->now.opcode;
    uint32_t operation = rows[opcode].operation;
    emit_arrive(emit, translation->now.at, translation->before);
    if (opcode != OP_JFALSE && opcode != OP_JTRUE)
        emit_settle(emit, translation->now.at);
    translation->before = operation != 0 ? operation : OPERATION_COUNT_OF;
    if (rows[opcode].translate != NULL)
        rows[opcode].translate(translation);
    else if (operation != 0)
        emit_operation(emit, operation, 0);
    else
        emit_give_up(emit);
}

status translate_rule(struct translation *translation, uint64_t at, uint64_t end,
                      struct buffer *words)
{
    struct emit *emit = &translation->emit;
    emit_begin(emit, words);
    translation->before = OPERATION_COUNT_OF;
    translation->set_count = translation->loop_count = 0;
    translation->items->size = 0;
    translation->now.next = at;
    while (!emit->gives_up && translation->now.next < end) {
        translate_skip(translation);
        if (!emit->gives_up)
            translate_one(translation);
    }
    if (translation->now.next != end || translation->set_count > 0)
        emit_give_up(emit);
    emit_arrive(emit, end, translation->before);
    emit_settle(emit, end);
    return emit_end(emit);
}
