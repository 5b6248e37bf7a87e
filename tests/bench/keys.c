/* bench-keys RULES...: how many strings of the rules have keys, of which kind and length, which ones have
 * none, and what finding them takes. Rules that do not compile are left out. Not a test: build it with the
 * release preset. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "signatures/filter/string_keys.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

enum {
    KINDS = 10,
    SIZES = STRING_KEY_MAX + 1,
};

static const char *const kinds[KINDS] = {
    "text",         "text, any case", "text, xor",        "base64",       "hexadecimal",
    "hex of bytes", "regexp",         "regexp, any case", "chain (head)", "part of a chain"};

static size_t kind_of(const YR_STRING *string)
{
    if (string->chained_to != NULL)
        return 9;
    if (STRING_IS_CHAIN_PART(string))
        return 8;
    if (STRING_IS_XOR(string))
        return 2;
    if (STRING_IS_BASE64(string) || STRING_IS_BASE64_WIDE(string))
        return 3;
    if (STRING_IS_HEX(string))
        return STRING_IS_LITERAL(string) ? 5 : 4;
    if (STRING_IS_REGEXP(string) && !STRING_IS_LITERAL(string))
        return STRING_IS_NO_CASE(string) ? 7 : 6;
    return STRING_IS_NO_CASE(string) ? 1 : 0;
}

static YR_COMPILER *new_compiler(void)
{
    static const char *const variables[] = {"filename", "filepath", "extension", "filetype",
                                            "owner"};
    YR_COMPILER *compiler;
    if (yr_compiler_create(&compiler) != ERROR_SUCCESS)
        exit(1);
    for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++)
        yr_compiler_define_string_variable(compiler, variables[i], "");
    return compiler;
}

static bool add(YR_COMPILER *compiler, const char *path)
{
    FILE *file = fopen(path, "re");
    int errors = file == NULL ? 1 : yr_compiler_add_file(compiler, file, path, path);
    if (file != NULL)
        (void)fclose(file);
    return errors == 0;
}

/* After an error a compiler is of no use any more. */
static YR_RULES *compile(char **paths, int count)
{
    YR_RULES *rules = NULL;
    YR_COMPILER *compiler = new_compiler();
    for (int i = 0; i < count; i++) {
        YR_COMPILER *trial = new_compiler();
        if (add(trial, paths[i]) && !add(compiler, paths[i]))
            exit(1);
        yr_compiler_destroy(trial);
    }
    if (yr_compiler_get_rules(compiler, &rules) != ERROR_SUCCESS)
        exit(1);
    yr_compiler_destroy(compiler);
    return rules;
}

static void say_strings(const YR_RULES *rules, const struct string_keys *keys)
{
    size_t with[KINDS] = {0}, without[KINDS] = {0}, of[KINDS] = {0}, sizes[SIZES] = {0};
    for (size_t i = 0; i < keys->strings; i++)
        (keys->always[i] ? without : with)[kind_of(&rules->strings_table[i])]++;
    for (size_t i = 0; i < keys->count; i++) {
        of[kind_of(&rules->strings_table[keys->keys[i].string])]++;
        sizes[keys->keys[i].size]++;
    }
    printf("%-18s %8s %8s %8s\n", "strings", "keys", "always", "of keys");
    for (size_t i = 0; i < KINDS; i++)
        printf("%-18s %8zu %8zu %8zu\n", kinds[i], with[i], without[i], of[i]);
    for (size_t i = 2; i < SIZES; i++)
        printf("%zu bytes: %zu\n", i, sizes[i]);
}

static void say_always(const YR_RULES *rules, const struct string_keys *keys)
{
    for (size_t i = 0; i < keys->strings; i++) {
        const YR_STRING *string = &rules->strings_table[i];
        if (keys->always[i] && string->chained_to == NULL)
            printf("always: %s: %s %s\n", kinds[kind_of(string)],
                   rules->rules_table[string->rule_idx].identifier, string->identifier);
    }
}

int main(int count, char **arguments)
{
    if (count < 2 || yr_initialize() != ERROR_SUCCESS)
        return EXIT_FAILURE;
    YR_RULES *rules = compile(arguments + 1, count - 1);
    struct string_keys keys;
    uint64_t start = clock_nanoseconds();
    if (string_keys_find(rules, &keys) < 0)
        return EXIT_FAILURE;
    printf("%u rules, %zu strings, %zu keys in %.3f s\n", rules->num_rules, keys.strings,
           keys.count, (double)(clock_nanoseconds() - start) / CLOCK_SECOND);
    say_strings(rules, &keys);
    say_always(rules, &keys);
    string_keys_release(&keys);
    yr_rules_destroy(rules);
    return EXIT_SUCCESS;
}
