/*
 * condition_grammar: sources of rules out of arbitrary bytes, each of which is one choice; where the
 * bytes end, the simplest is chosen. Conditions go over the whole language. What libyara does not
 * survive (INT64_MIN / -1) is left out, and loops are kept short.
 */
#ifndef TESTS_CONDITION_GRAMMAR_H
#define TESTS_CONDITION_GRAMMAR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define GRAMMAR_TEXT_MAX 16384
#define GRAMMAR_STRINGS  5

struct grammar {
    const uint8_t *data;
    size_t size;
    unsigned loops;  /* around the place that is being written */
    bool has_string; /* inside of a loop over strings */
    unsigned rule;   /* its number */
    unsigned used;   /* its strings, a bit for each */
    char *text;      /* GRAMMAR_TEXT_MAX */
    size_t length;
};

/* What each choice among so many is. */
static unsigned choose(struct grammar *grammar, unsigned choices)
{
    if (grammar->size == 0)
        return 0;
    grammar->size--;
    return *grammar->data++ % choices;
}

__attribute__((format(printf, 2, 3))) static void say(struct grammar *grammar, const char *format,
                                                      ...)
{
    va_list arguments;
    va_start(arguments, format);
    size_t left = GRAMMAR_TEXT_MAX - grammar->length;
    int length = vsnprintf(grammar->text + grammar->length, left, format, arguments);
    va_end(arguments);
    if (length > 0 && (size_t)length < left)
        grammar->length += (size_t)length;
    else
        grammar->size = 0; /* full: it will not compile, and that is all right */
}

#define SAY_ONE(grammar, words)                                                                    \
    say(grammar, "%s", (words)[choose(grammar, sizeof(words) / sizeof((words)[0]))])

static void write_integer(struct grammar *grammar, unsigned depth);
static void write_truth(struct grammar *grammar, unsigned depth);

/* The letter behind $, #, @ or !. */
static const char *a_string(struct grammar *grammar)
{
    static const char *const names[GRAMMAR_STRINGS] = {"a", "b", "c", "d", "e"};
    if (grammar->has_string && choose(grammar, 2) == 1)
        return "";
    unsigned string = choose(grammar, GRAMMAR_STRINGS);
    grammar->used |= 1U << string;
    return names[string];
}

static void write_range(struct grammar *grammar, unsigned depth)
{
    say(grammar, "(");
    write_integer(grammar, depth);
    say(grammar, "..");
    write_integer(grammar, depth);
    say(grammar, ")");
}

static void write_literal(struct grammar *grammar)
{
    static const char *const words[] = {
        "0",
        "1",
        "2",
        "3",
        "7",
        "63",
        "64",
        "100",
        "255",
        "0x5A4D",
        "1KB",
        "0x464C457F",
        "65",
        "0xFFFFFFFF",
        "0x80000000",
        "(-1)",
        "8388607",
        "8388608",
        "9223372036854775807",
        "(-9223372036854775807 - 1)",
        "(-1483400188077313)",
        "(-1483400188077312)",
        "0x100000000",
        "(-8388608)",
        "(-8388609)",
    };
    SAY_ONE(grammar, words);
}

static void write_leaf(struct grammar *grammar)
{
    static const char *const fields[] = {
        "pe.number_of_sections",
        "pe.number_of_signatures",
        "pe.machine",
        "pe.MACHINE_I386",
        "elf.type",
        "elf.ET_EXEC",
        "pe.is_pe",
        "dotnet.number_of_streams",
        "pe.sections[0].raw_data_size",
        "pe.is_dll()",
        "pe.exports(\"x\")",
        "pe.rich_signature.toolid(1, 2)",
        "math.max(1, 2)",
        "pe.imports(\"a\", \"b\")",
        "elf.sections[0].size",
        "pe.rva_to_offset(1)",
        "pe.section_index(\"x\")",
        "entrypoint",
    };
    switch (choose(grammar, 7)) {
    case 0:
        say(grammar, "filesize");
        return;
    case 1:
        say(grammar, "#%s", a_string(grammar));
        return;
    case 2:
        say(grammar, "uint8(filesize)"); /* undefined */
        return;
    case 3:
        if (grammar->loops == 0)
            break;
        say(grammar, "i%u", choose(grammar, grammar->loops));
        return;
    case 4:
        SAY_ONE(grammar, fields);
        return;
    default:
        break;
    }
    write_literal(grammar);
}

/* What can be divided by. */
static void write_divisor(struct grammar *grammar, unsigned depth)
{
    bool negative = choose(grammar, 4) == 1;
    say(grammar, negative ? "(-(2 + (" : "((");
    write_integer(grammar, depth);
    say(grammar, negative ? " & 7)))" : " & 7))");
}

static void write_integer(struct grammar *grammar, unsigned depth)
{
    static const char *const readers[] = {
        "uint8",   "uint16",   "uint32",   "int8",   "int16",   "int32",
        "uint8be", "uint16be", "uint32be", "int8be", "int16be", "int32be",
    };
    static const char *const operations[] = {"+", "-", "*", "&", "|", "^", "<<", ">>"};
    unsigned choice = depth == 0 ? 0 : choose(grammar, 9);
    switch (choice) {
    case 1:
        SAY_ONE(grammar, readers);
        say(grammar, "(");
        write_integer(grammar, depth - 1);
        say(grammar, ")");
        return;
    case 2:
    case 3:
        say(grammar, "(");
        write_integer(grammar, depth - 1);
        say(grammar, " ");
        SAY_ONE(grammar, operations);
        say(grammar, " ");
        write_integer(grammar, depth - 1);
        say(grammar, ")");
        return;
    case 4:
        say(grammar, "(");
        write_integer(grammar, depth - 1);
        say(grammar, choose(grammar, 2) == 0 ? " \\ " : " %% ");
        write_divisor(grammar, depth - 1);
        say(grammar, ")");
        return;
    case 5:
        say(grammar, choose(grammar, 2) == 0 ? "(-(" : "(~(");
        write_integer(grammar, depth - 1);
        say(grammar, "))");
        return;
    case 6:
        say(grammar, "%s%s[", choose(grammar, 2) == 0 ? "@" : "!", a_string(grammar));
        write_integer(grammar, depth - 1);
        say(grammar, "]");
        return;
    case 7:
        say(grammar, "(#%s in ", a_string(grammar));
        write_range(grammar, depth - 1);
        say(grammar, ")");
        return;
    default:
        write_leaf(grammar);
    }
}

static void write_double(struct grammar *grammar, unsigned depth)
{
    static const char *const words[] = {"0.0", "1.5", "2.0", "100.25", "0.001"};
    static const char *const operations[] = {"+", "-", "*", "\\"};
    if (depth == 0 || choose(grammar, 3) == 0) {
        SAY_ONE(grammar, words);
        return;
    }
    say(grammar, choose(grammar, 4) == 1 ? "-(" : "(");
    write_double(grammar, depth - 1);
    say(grammar, " ");
    SAY_ONE(grammar, operations);
    say(grammar, " ");
    if (choose(grammar, 2) == 0)
        write_double(grammar, depth - 1);
    else
        write_integer(grammar, depth - 1);
    say(grammar, ")");
}

static void write_text(struct grammar *grammar)
{
    static const char *const words[] = {
        "filename",
        "filepath",
        "extension",
        "filetype",
        "owner",
        "\"\"",
        "\"lsass\"",
        "\".EXE\"",
        "\"EXE\"",
        "\"a\\x00b\"",
        "\"\\xe9x\"",
        "pe.sections[0].name",
        "pe.version_info[\"x\"]",
        "pe.imphash()",
        "pe.dll_name",
        "dotnet.version",
        "hash.md5(0, 2)",
        "\"/srv\"",
    };
    SAY_ONE(grammar, words);
}

static void write_text_test(struct grammar *grammar)
{
    static const char *const operations[] = {
        "==",       "!=",        "contains", "icontains", "startswith", "istartswith",
        "endswith", "iendswith", "iequals",  "<",         ">=",
    };
    static const char *const expressions[] = {
        " matches /^l.*s/i",    " matches /lsass/",     " matches /SASS\\.EXE$/i",
        " matches /(x|l)s/",    " matches /x?lsa/",     " matches /x*lsa/",
        " matches /x{0,2}lsa/", " matches /(ls){1,2}/", " matches /x|lsa/",
        " matches /\\bls/",     " matches /[xl]sa/",    " matches /.sa/",
        " matches /^$/",        " matches /(ls|x)*e/",  " matches /\\xe9/",
    };
    write_text(grammar);
    if (choose(grammar, 6) == 1) {
        SAY_ONE(grammar, expressions);
        return;
    }
    say(grammar, " ");
    SAY_ONE(grammar, operations);
    say(grammar, " ");
    write_text(grammar);
}

static void write_quantifier(struct grammar *grammar, unsigned depth)
{
    static const char *const words[] = {"any", "all", "none", "1", "2", "3"};
    if (depth > 0 && choose(grammar, 5) == 1)
        write_integer(grammar, depth - 1);
    else
        SAY_ONE(grammar, words);
}

static void write_set(struct grammar *grammar)
{
    if (choose(grammar, 3) == 0) {
        grammar->used |= 1;
        say(grammar, "them");
        return;
    }
    say(grammar, "(");
    for (unsigned more = 1; more != 0; more = choose(grammar, 2)) {
        unsigned string = choose(grammar, GRAMMAR_STRINGS);
        grammar->used |= 1U << string;
        say(grammar, "$%c%s,", 'a' + (int)string, choose(grammar, 3) == 1 ? "*" : "");
    }
    grammar->length--;
    say(grammar, ")");
}

static void write_of(struct grammar *grammar, unsigned depth)
{
    unsigned choice = choose(grammar, 3);
    if (choice == 1) {
        say(grammar, "(");
        write_integer(grammar, depth - 1);
        say(grammar, ")%% of ");
    } else {
        write_quantifier(grammar, depth);
        say(grammar, " of ");
    }
    write_set(grammar);
    if (choice == 2) {
        say(grammar, " in ");
        write_range(grammar, depth - 1);
    }
}

static void write_of_rules(struct grammar *grammar, unsigned depth)
{
    if (choose(grammar, 2) == 0) {
        write_quantifier(grammar, depth);
    } else {
        say(grammar, "(");
        write_integer(grammar, depth - 1);
        say(grammar, ")%%");
    }
    say(grammar, " of (r%u", choose(grammar, grammar->rule));
    while (choose(grammar, 2) == 1)
        say(grammar, ",r%u", choose(grammar, grammar->rule));
    say(grammar, ")");
}

/* Two or so integers, or from one to one a little larger. */
static void write_iterator(struct grammar *grammar, unsigned depth)
{
    say(grammar, "(");
    if (choose(grammar, 3) == 1) {
        for (unsigned more = 1; more != 0; more = choose(grammar, 2)) {
            write_integer(grammar, depth - 1);
            say(grammar, ",");
        }
        write_integer(grammar, depth - 1);
    } else {
        say(grammar, "(");
        write_integer(grammar, depth - 1);
        say(grammar, " & 15)..(");
        write_integer(grammar, depth - 1);
        say(grammar, " & %d)", grammar->loops == 0 ? 127 : 15);
    }
    say(grammar, ")");
}

static void write_object_loop(struct grammar *grammar, unsigned depth)
{
    static const char *const heads[] = {
        "s in pe.sections : (s.raw_data_size > 0 and ",
        "k, v in pe.version_info : (k == v or ",
        "s in elf.sections : (s.name == \"x\" or ",
        "s in pe.signatures : (s.serial != \"\" or ",
        "s in dotnet.streams : (s.size < 3 and ",
    };
    SAY_ONE(grammar, heads);
    bool has_string = grammar->has_string;
    write_truth(grammar, depth - 1);
    grammar->has_string = has_string;
}

static void write_loop(struct grammar *grammar, unsigned depth)
{
    bool has_string = grammar->has_string;
    unsigned loops = grammar->loops, choice = choose(grammar, 4);
    say(grammar, "for ");
    write_quantifier(grammar, depth);
    say(grammar, " ");
    if (choice == 1) {
        say(grammar, "of ");
        write_set(grammar);
        say(grammar, " : (");
        grammar->has_string = true;
        write_truth(grammar, depth - 1);
    } else if (choice == 2) {
        write_object_loop(grammar, depth);
    } else {
        say(grammar, "i%u in ", loops);
        write_iterator(grammar, depth);
        say(grammar, " : (");
        grammar->loops++;
        write_truth(grammar, depth - 1);
    }
    say(grammar, ")");
    grammar->loops = loops;
    grammar->has_string = has_string;
}

static void write_pair(struct grammar *grammar, unsigned depth)
{
    say(grammar, "(");
    write_truth(grammar, depth - 1);
    do {
        say(grammar, choose(grammar, 2) == 0 ? " and " : " or ");
        write_truth(grammar, depth - 1);
    } while (choose(grammar, 3) == 1);
    say(grammar, ")");
}

static void write_comparison(struct grammar *grammar, unsigned depth)
{
    static const char *const operations[] = {"==", "!=", "<", ">", "<=", ">="};
    bool is_double = choose(grammar, 6) == 1;
    if (is_double)
        write_double(grammar, depth - 1);
    else
        write_integer(grammar, depth - 1);
    say(grammar, " ");
    SAY_ONE(grammar, operations);
    say(grammar, " ");
    if (is_double && choose(grammar, 2) == 1)
        write_double(grammar, depth - 1);
    else
        write_integer(grammar, depth - 1);
}

static void write_place(struct grammar *grammar, unsigned depth)
{
    bool in = choose(grammar, 2) == 1;
    say(grammar, "$%s %s ", a_string(grammar), in ? "in" : "at");
    if (in)
        write_range(grammar, depth - 1);
    else
        write_integer(grammar, depth - 1);
}

static void write_prefix(struct grammar *grammar, unsigned depth)
{
    say(grammar, choose(grammar, 2) == 0 ? "not " : "defined ");
    say(grammar, "(");
    if (choose(grammar, 4) == 1)
        write_integer(grammar, depth - 1);
    else
        write_truth(grammar, depth - 1);
    say(grammar, ")");
}

static void write_signatures(struct grammar *grammar)
{
    static const char *const words[] = {
        "for any i in (0..pe.number_of_signatures) : (pe.signatures[i].subject contains \"x\")",
        "for all i in (0..pe.number_of_signatures - 1) : (pe.signatures[i].not_after > 3)",
        "pe.number_of_signatures > 0",
        "pe.number_of_signatures == 0",
        "defined pe.signatures[0].serial",
        "uint16(0) == 0x5A4D and pe.number_of_signatures < 1",
    };
    SAY_ONE(grammar, words);
}

static void write_truth(struct grammar *grammar, unsigned depth)
{
    switch (depth == 0 ? choose(grammar, 3) : choose(grammar, 16)) {
    case 0:
        say(grammar, "$%s", a_string(grammar));
        return;
    case 1:
        say(grammar, choose(grammar, 2) == 0 ? "true" : "false");
        return;
    case 3:
    case 4:
        write_pair(grammar, depth);
        return;
    case 5:
        write_prefix(grammar, depth);
        return;
    case 6:
        write_place(grammar, depth);
        return;
    case 7:
    case 8:
        write_of(grammar, depth);
        return;
    case 9:
    case 10:
        write_loop(grammar, depth);
        return;
    case 11:
        if (grammar->rule > 0 && choose(grammar, 2) == 0)
            write_of_rules(grammar, depth);
        else if (grammar->rule > 0)
            say(grammar, "r%u", choose(grammar, grammar->rule));
        else
            say(grammar, "true");
        return;
    case 12:
        write_text_test(grammar);
        return;
    case 13:
        write_text(grammar); /* true unless it is empty */
        return;
    case 14:
        write_integer(grammar, depth - 1);
        return;
    case 15:
        write_signatures(grammar);
        return;
    default:
        write_integer(grammar, depth > 0 ? depth - 1 : 0);
        say(grammar, " > ");
        write_literal(grammar);
        return;
    case 2:
        write_comparison(grammar, depth > 0 ? depth : 1);
    }
}

static void write_strings(struct grammar *grammar, unsigned used)
{
    static const char *const strings[GRAMMAR_STRINGS] = {
        "$a = \"ab\"", "$b = \"xyz\" nocase",      "$c = { 01 02 [250-300] 03 04 }",
        "$d = /q+r/",  "$e = \"wide\" wide ascii",
    };
    if (used != 0)
        say(grammar, "strings: ");
    for (unsigned i = 0; i < GRAMMAR_STRINGS; i++)
        if ((used >> i & 1) != 0)
            say(grammar, "%s ", strings[i]);
}

/* Writes one to four rules into `text`, terminated. */
static void write_rules(struct grammar *grammar)
{
    static const char *const kinds[] = {"", "", "", "", "private ", "global ", "global private "};
    static char condition[GRAMMAR_TEXT_MAX];
    char *text = grammar->text;
    size_t length = 0;
    text[0] = '\0';
    say(grammar,
        "import \"pe\" import \"elf\" import \"dotnet\" import \"math\" import \"hash\"\n");
    for (grammar->rule = 0; grammar->rule < 4; grammar->rule++) {
        length = grammar->length;
        grammar->text = condition;
        grammar->length = 0;
        grammar->used = grammar->loops = 0;
        grammar->has_string = false;
        condition[0] = '\0';
        write_truth(grammar, 4);
        grammar->text = text;
        grammar->length = length;
        SAY_ONE(grammar, kinds);
        say(grammar, "rule r%u { ", grammar->rule);
        write_strings(grammar, grammar->used);
        say(grammar, "condition: %s }\n", condition);
        if (choose(grammar, 3) == 0)
            break;
    }
}

#endif
