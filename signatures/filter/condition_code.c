#include "signatures/filter/condition_code.h"

#include <yara/re.h>

#include "base/bytes.h"

/* Bytes of the argument, and 1: no opcode has 0 then. */
static const uint8_t sizes[256] = {
    [OP_HALT] = 1,
    [OP_NOP] = 1,
    [OP_AND] = 1,
    [OP_OR] = 1,
    [OP_NOT] = 1,
    [OP_BITWISE_NOT] = 1,
    [OP_BITWISE_AND] = 1,
    [OP_BITWISE_OR] = 1,
    [OP_BITWISE_XOR] = 1,
    [OP_SHL] = 1,
    [OP_SHR] = 1,
    [OP_MOD] = 1,
    [OP_INT_TO_DBL] = 9,
    [OP_STR_TO_BOOL] = 1,
    [OP_PUSH] = 9,
    [OP_POP] = 1,
    [OP_CALL] = 9,
    [OP_OBJ_LOAD] = 9,
    [OP_OBJ_VALUE] = 1,
    [OP_OBJ_FIELD] = 9,
    [OP_INDEX_ARRAY] = 1,
    [OP_COUNT] = 1,
    [OP_LENGTH] = 1,
    [OP_FOUND] = 1,
    [OP_FOUND_AT] = 1,
    [OP_FOUND_IN] = 1,
    [OP_OFFSET] = 1,
    [OP_OF] = 9,
    [OP_PUSH_RULE] = 9,
    [OP_INIT_RULE] = 9,
    [OP_MATCH_RULE] = 9,
    [OP_INCR_M] = 9,
    [OP_CLEAR_M] = 9,
    [OP_ADD_M] = 9,
    [OP_POP_M] = 9,
    [OP_PUSH_M] = 9,
    [OP_SET_M] = 9,
    [OP_SWAPUNDEF] = 9,
    [OP_FILESIZE] = 1,
    [OP_ENTRYPOINT] = 1,
    [OP_MATCHES] = 1,
    [OP_IMPORT] = 9,
    [OP_LOOKUP_DICT] = 1,
    [OP_JUNDEF_P] = 5,
    [OP_JNUNDEF] = 5,
    [OP_JFALSE] = 5,
    [OP_JTRUE] = 5,
    [OP_JTRUE_P] = 5,
    [OP_JL_P] = 5,
    [OP_ITER_NEXT] = 1,
    [OP_ITER_START_ARRAY] = 1,
    [OP_ITER_START_DICT] = 1,
    [OP_ITER_START_INT_RANGE] = 1,
    [OP_ITER_START_INT_ENUM] = 1,
    [OP_JZ] = 5,
    [OP_PUSH_8] = 2,
    [OP_PUSH_16] = 3,
    [OP_PUSH_32] = 5,
    [OP_PUSH_U] = 1,
    [OP_CONTAINS] = 1,
    [OP_STARTSWITH] = 1,
    [OP_ENDSWITH] = 1,
    [OP_ICONTAINS] = 1,
    [OP_ISTARTSWITH] = 1,
    [OP_IENDSWITH] = 1,
    [OP_IEQUALS] = 1,
    [OP_OF_PERCENT] = 9,
    [OP_OF_FOUND_IN] = 1,
    [OP_COUNT_IN] = 1,
    [OP_DEFINED] = 1,
    [OP_INT_EQ] = 1,
    [OP_INT_NEQ] = 1,
    [OP_INT_LT] = 1,
    [OP_INT_GT] = 1,
    [OP_INT_LE] = 1,
    [OP_INT_GE] = 1,
    [OP_INT_ADD] = 1,
    [OP_INT_SUB] = 1,
    [OP_INT_MUL] = 1,
    [OP_INT_DIV] = 1,
    [OP_INT_MINUS] = 1,
    [OP_DBL_EQ] = 1,
    [OP_DBL_NEQ] = 1,
    [OP_DBL_LT] = 1,
    [OP_DBL_GT] = 1,
    [OP_DBL_LE] = 1,
    [OP_DBL_GE] = 1,
    [OP_DBL_ADD] = 1,
    [OP_DBL_SUB] = 1,
    [OP_DBL_MUL] = 1,
    [OP_DBL_DIV] = 1,
    [OP_DBL_MINUS] = 1,
    [OP_STR_EQ] = 1,
    [OP_STR_NEQ] = 1,
    [OP_STR_LT] = 1,
    [OP_STR_GT] = 1,
    [OP_STR_LE] = 1,
    [OP_STR_GE] = 1,
    [OP_INT8] = 1,
    [OP_INT16] = 1,
    [OP_INT32] = 1,
    [OP_UINT8] = 1,
    [OP_UINT16] = 1,
    [OP_UINT32] = 1,
    [OP_INT8BE] = 1,
    [OP_INT16BE] = 1,
    [OP_INT32BE] = 1,
    [OP_UINT8BE] = 1,
    [OP_UINT16BE] = 1,
    [OP_UINT32BE] = 1,
};

static struct view table_of(const YR_RULES *rules, uint32_t table)
{
    const YR_ARENA_BUFFER *buffer = &rules->arena->buffers[table];
    return (struct view){buffer->data, buffer->used};
}

struct condition_code condition_code_of(const YR_RULES *rules)
{
    return (struct condition_code){rules, table_of(rules, YR_CODE_SECTION)};
}

/* Native integers, as libyara itself reads them. */
static uint64_t argument_at(const uint8_t *bytes, size_t size)
{
    uint64_t argument = 0;
    memcpy(&argument, bytes, size); /* on a little-endian processor, as libyara's files demand */
    return argument;
}

bool code_read(const struct condition_code *code, uint64_t at, struct code_instruction *ret)
{
    uint8_t opcode;
    if (!bytes_u8(code->bytes, at, &opcode) || sizes[opcode] == 0 ||
        !view_has(code->bytes, at, sizes[opcode]))
        return false;
    size_t size = (size_t)sizes[opcode] - 1;
    uint64_t argument = argument_at(code->bytes.data + at + 1, size);
    /* What begins a rule says first, in four bytes, where it ends. */
    *ret = (struct code_instruction){
        .opcode = opcode,
        .argument = argument,
        .target = (int64_t)at + (int32_t)(uint32_t)argument,
        .at = at,
        .next = at + sizes[opcode],
    };
    return true;
}

static bool offset_in(struct view table, uint64_t pointer, uint64_t *ret_offset)
{
    uint64_t begin = (uint64_t)(uintptr_t)table.data;
    if (table.data == NULL || pointer < begin || pointer - begin >= table.size)
        return false;
    *ret_offset = pointer - begin;
    return true;
}

bool code_string(const struct condition_code *code, uint64_t pointer, uint32_t *ret_index)
{
    uint64_t offset;
    const struct view strings = {(const uint8_t *)code->rules->strings_table,
                                 (uint64_t)code->rules->num_strings * sizeof(YR_STRING)};
    if (!offset_in(strings, pointer, &offset) || offset % sizeof(YR_STRING) != 0)
        return false;
    *ret_index = (uint32_t)(offset / sizeof(YR_STRING));
    return true;
}

/* The code of an expression begins behind its flags (struct RE), with what stands first in it. Where
 * there is a choice, or a repetition that may be none, it says so before. */
bool code_expression(const struct condition_code *code, uint64_t pointer,
                     uint8_t ret_prefix[CODE_PREFIX_MAX], size_t *ret_size)
{
    uint64_t at;
    size_t size = 0;
    struct view pool = table_of(code->rules, YR_RE_CODE_SECTION);
    if (!offset_in(pool, pointer, &at))
        return false;
    at += offsetof(RE, code);
    if (view_has(pool, at, 1) && pool.data[at] == RE_OPCODE_MATCH_AT_START)
        at++;
    for (; size < CODE_PREFIX_MAX && view_has(pool, at, 2); at += 2) {
        if (pool.data[at] != RE_OPCODE_LITERAL)
            break;
        ret_prefix[size++] = pool.data[at + 1];
    }
    *ret_size = size;
    return true;
}

bool code_text(const struct condition_code *code, uint64_t pointer, struct view *ret_text)
{
    uint64_t offset;
    SIZED_STRING text;
    const size_t head = offsetof(SIZED_STRING, c_string);
    struct view pool = table_of(code->rules, YR_SZ_POOL);
    if (!offset_in(pool, pointer, &offset) || !view_has(pool, offset, head))
        return false;
    memcpy(&text, pool.data + offset, head);
    if (!view_has(pool, offset + head, text.length))
        return false;
    *ret_text = (struct view){pool.data + offset + head, text.length};
    return true;
}

const char *code_name(const struct condition_code *code, uint64_t pointer)
{
    uint64_t offset;
    struct view pool = table_of(code->rules, YR_SZ_POOL);
    if (!offset_in(pool, pointer, &offset) ||
        memchr(pool.data + offset, '\0', (size_t)(pool.size - offset)) == NULL)
        return NULL;
    return (const char *)pool.data + offset;
}
