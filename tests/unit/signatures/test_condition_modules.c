/* What is said about modules without asking them is true of the modules of the installed libyara. */
#include "condition_tested.h"

#include <math.h>

static bool tells_nothing(const YR_OBJECT *object)
{
    switch (object->type) {
    case OBJECT_TYPE_INTEGER:
        return IS_UNDEFINED(object->value.i);
    case OBJECT_TYPE_FLOAT:
        return isnan(object->value.d);
    case OBJECT_TYPE_STRING:
        return object->value.ss == NULL;
    case OBJECT_TYPE_ARRAY: {
        const YR_ARRAY_ITEMS *items = object_as_array(object)->items;
        return items == NULL || items->length == 0;
    }
    case OBJECT_TYPE_DICTIONARY: {
        const YR_DICTIONARY_ITEMS *items = object_as_dictionary(object)->items;
        return items == NULL || items->used == 0;
    }
    case OBJECT_TYPE_STRUCTURE: {
        const YR_STRUCTURE_MEMBER *member = object_as_structure(object)->members;
        while (member != NULL && tells_nothing(member->object))
            member = member->next;
        return member == NULL;
    }
    default:
        return true; /* functions: see below */
    }
}

static int on_module(YR_SCAN_CONTEXT *context, int message, void *data, void *user)
{
    (void)context;
    if (message != CALLBACK_MSG_MODULE_IMPORTED)
        return CALLBACK_CONTINUE;
    const YR_OBJECT_STRUCTURE *module = data;
    const YR_STRUCTURE_MEMBER *member = module->members;
    for (; member != NULL; member = member->next) {
        const char *name = member->object->identifier;
        bool tells = (name[0] >= 'A' && name[0] <= 'Z') || strcmp(name, "is_pe") == 0;
        ck_assert_msg(tells || tells_nothing(member->object), "%s.%s", module->identifier, name);
        (*(size_t *)user)++;
    }
    return CALLBACK_CONTINUE;
}

/* Every field that the installed libyara has, of what is surely of no format. */
START_TEST(fields_are_undefined)
{
    static const struct {
        const char *bytes;
        size_t size;
    } objects[] = {
        {"", 0},        {"M", 1},      {"x", 1},         {"\177EL", 3},
        {"ZM\2200", 4}, {"\0MZ\0", 4}, {"PE\0\0L\1", 6}, {tested_text, sizeof(tested_text) - 1}};
    ck_assert_int_eq(yr_initialize(), ERROR_SUCCESS);
    YR_RULES *rules = fixture_rules(
        "import \"pe\" import \"elf\" import \"dotnet\" rule r { condition: true }", stderr);
    for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
        size_t seen = 0;
        ck_assert_int_eq(yr_rules_scan_mem(rules, (const uint8_t *)objects[i].bytes,
                                           objects[i].size, SCAN_FLAGS_NO_TRYCATCH, on_module,
                                           &seen, 0),
                         ERROR_SUCCESS);
        ck_assert_uint_gt(seen, 100);
    }
    yr_rules_destroy(rules);
    yr_finalize();
}
END_TEST

/* Every function of theirs, in each of its forms. */
START_TEST(functions_are_undefined)
{
    static const char *const calls[] = {
        "pe.rva_to_offset(1)",
        "pe.is_64bit()",
        "pe.is_32bit()",
        "pe.is_dll()",
        "pe.language(9)",
        "pe.locale(9)",
        "pe.imports(\"a\", \"b\")",
        "pe.imports(\"a\", 1)",
        "pe.imports(\"a\")",
        "pe.imports(/a/, /b/)",
        "pe.imports(1, \"a\", \"b\")",
        "pe.imports(1, \"a\", 1)",
        "pe.imports(1, \"a\")",
        "pe.imports(1, /a/, /b/)",
        "pe.exports_index(\"a\")",
        "pe.exports_index(1)",
        "pe.exports_index(/a/)",
        "pe.exports(\"a\")",
        "pe.exports(/a/)",
        "pe.exports(1)",
        "pe.section_index(\"a\")",
        "pe.section_index(1)",
        "pe.imphash()",
        "pe.calculate_checksum()",
        "pe.rich_signature.version(1)",
        "pe.rich_signature.version(1, 2)",
        "pe.rich_signature.toolid(1)",
        "pe.rich_signature.toolid(1, 2)",
    };
    const struct view view = tested_view();
    ck_assert_int_eq(yr_initialize(), ERROR_SUCCESS);
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        char condition[256];
        snprintf(condition, sizeof(condition), "not defined %s", calls[i]);
        YR_RULES *rules = compile(condition);
        ck_assert_msg(rules != NULL, "%s does not compile", calls[i]);
        ck_assert_msg(evaluate(rules, view, condition) == TRUE, "%s", calls[i]);
        yr_rules_destroy(rules);
    }
    yr_finalize();
}
END_TEST

/* Headers with any one byte changed: whether there are signatures is libyara's to say. */
START_TEST(broken_executables)
{
    ck_assert_int_eq(yr_initialize(), ERROR_SUCCESS);
    YR_RULES *rules = compile("pe.number_of_signatures > 0 or defined pe.signatures[0].serial or "
                              "for any i in (0..pe.number_of_signatures - 1) : (true)");
    ck_assert(rules != NULL);
    for (size_t at = 0; at < 0x200; at++) {
        uint8_t bytes[0x200];
        make_portable(bytes);
        bytes[at] ^= 0x55;
        enum truth truth = evaluate(rules, (struct view){bytes, sizeof(bytes)}, "signatures");
        bool is_table = at >= 0x40 + 24 + 112 + 32 && at < 0x40 + 24 + 112 + 36;
        ck_assert_msg(truth != FALSE || !is_table, "byte %zu", at);
        ck_assert_msg(truth == FALSE || is_table || (at >= 0x3c && at < 0x40) || at < 0x5a,
                      "byte %zu", at);
    }
    yr_rules_destroy(rules);
    yr_finalize();
}
END_TEST

UNIT_MAIN("condition_modules", fields_are_undefined, functions_are_undefined, broken_executables)
