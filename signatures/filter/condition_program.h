/*
 * condition_program: the form in which conditions are kept. A header; for each rule where its program
 * begins and what it hangs on; for each string its rule; lists of rules; the programs; texts.
 *
 * A program is for a machine with a stack, like libyara's, of 32-bit words: an operation in the low
 * byte, its operand in the upper 24 bits, and words that belong to it behind. Jumps lead forward and
 * are counted in words from the word that jumps; only loops lead back, and they are bounded.
 */
#ifndef FILTER_CONDITION_PROGRAM_H
#define FILTER_CONDITION_PROGRAM_H

#include <string.h>

#include "base/view.h"

#define CONDITION_STACK_MAX   64 /* values at once */
#define CONDITION_LOOPS_MAX   4  /* inside of each other, as libyara has it */
#define CONDITION_LOCALS_MAX  2  /* variables of a loop */
#define CONDITION_PENDING_MAX 64 /* places that jumps under way lead to */
#define CONDITION_OPERAND_MAX ((1U << 24) - 1)

enum condition_operation {
    OPERATION_END, /* the value on the stack is the rule's */
    /* values */
    OPERATION_INTEGER_24, /* operand, signed */
    OPERATION_INTEGER,    /* two words; doubles too, which only their use tells apart */
    OPERATION_UNDEFINED,
    OPERATION_ANY,      /* nothing is known, not even whether it is defined */
    OPERATION_TEXT,     /* operand: offset in the texts; a word: its size */
    OPERATION_VARIABLE, /* operand: an enum condition_variable */
    OPERATION_STRING,   /* operand: libyara's index */
    OPERATION_RULE,     /* operand: libyara's index, of an earlier rule */
    OPERATION_LOCAL,    /* operand: loop, and << 8 which of its variables */
    OPERATION_FILESIZE,
    OPERATION_ENTRYPOINT,
    OPERATION_DROP, /* operand: how many values */
    /* what modules know */
    OPERATION_MODULE,          /* operand: an enum condition_module */
    OPERATION_FORGET,          /* a part of it that is defined whatever the object is */
    OPERATION_FIELD,           /* the value of it */
    OPERATION_SIGNATURES,      /* the array of them */
    OPERATION_SIGNATURE_COUNT, /* the value */
    /* truth */
    OPERATION_AND,
    OPERATION_OR,
    OPERATION_NOT,
    OPERATION_DEFINED,
    OPERATION_JUMP_FALSE, /* operand: how far; the value stays */
    OPERATION_JUMP_TRUE,
    /* integers */
    OPERATION_MINUS,
    OPERATION_COMPLEMENT,
    OPERATION_ADD,
    OPERATION_SUBTRACT,
    OPERATION_MULTIPLY,
    OPERATION_DIVIDE,
    OPERATION_REMAINDER,
    OPERATION_SHIFT_LEFT,
    OPERATION_SHIFT_RIGHT,
    OPERATION_BIT_AND,
    OPERATION_BIT_OR,
    OPERATION_BIT_XOR,
    OPERATION_EQUAL,
    OPERATION_UNEQUAL,
    OPERATION_LESS,
    OPERATION_GREATER,
    OPERATION_AT_MOST,
    OPERATION_AT_LEAST,
    OPERATION_READ,          /* operand: an enum condition_reading */
    OPERATION_READ_AT,       /* the same; a word: the offset */
    OPERATION_READ_AT_EQUAL, /* the same; another word: what it is compared with */
    /* doubles */
    OPERATION_TO_DOUBLE, /* operand: how far below the top, from 1 */
    OPERATION_DOUBLE_MINUS,
    OPERATION_DOUBLE_ADD,
    OPERATION_DOUBLE_SUBTRACT,
    OPERATION_DOUBLE_MULTIPLY,
    OPERATION_DOUBLE_DIVIDE,
    OPERATION_DOUBLE_EQUAL,
    OPERATION_DOUBLE_UNEQUAL,
    OPERATION_DOUBLE_LESS,
    OPERATION_DOUBLE_GREATER,
    OPERATION_DOUBLE_AT_MOST,
    OPERATION_DOUBLE_AT_LEAST,
    /* texts */
    OPERATION_TEXT_EQUAL,
    OPERATION_TEXT_UNEQUAL,
    OPERATION_TEXT_ORDER, /* which comes first is not known */
    OPERATION_CONTAINS,
    OPERATION_ICONTAINS,
    OPERATION_STARTS,
    OPERATION_ISTARTS,
    OPERATION_ENDS,
    OPERATION_IENDS,
    OPERATION_IEQUALS,
    OPERATION_MATCHES,
    OPERATION_IS_TEXT, /* true unless it is empty */
    /* strings */
    OPERATION_FOUND,
    OPERATION_FOUND_STRING, /* operand: libyara's index */
    OPERATION_FOUND_AT,
    OPERATION_FOUND_IN,
    OPERATION_COUNT,
    OPERATION_COUNT_IN,
    OPERATION_OFFSET,
    OPERATION_LENGTH,
    /* sets; operand: how many ranges, or rules; words: for each range the first and how many, or the
     * rules */
    OPERATION_OF,
    OPERATION_OF_PERCENT,
    OPERATION_OF_IN,
    OPERATION_OF_RULES,
    OPERATION_OF_RULES_PERCENT,
    /* loops; operand: its number, and << 8 what follows; a word: how far it is to behind its end.
     * Below all else on the stack is how often its body must be true. */
    OPERATION_LOOP_RANGE,   /* two integers */
    OPERATION_LOOP_LIST,    /* so many values */
    OPERATION_LOOP_STRINGS, /* so many ranges, in words as those of sets */
    OPERATION_LOOP_OBJECTS, /* so many variables; the object */
    OPERATION_LOOP_NEXT,    /* a word: how far back the body begins */
    OPERATION_COUNT_OF,
};

/* The external variables that rules may ask for: struct matcher_variables in its order. */
enum condition_variable {
    VARIABLE_FILENAME,
    VARIABLE_FILEPATH,
    VARIABLE_EXTENSION,
    VARIABLE_FILETYPE,
    VARIABLE_OWNER,
    VARIABLE_COUNT,
};

/* The modules that tell nothing when the object is not of their format. */
enum condition_module {
    MODULE_PE,
    MODULE_ELF,
    MODULE_DOTNET,
    MODULE_COUNT,
};

/* In the order of libyara's opcodes. */
enum condition_reading {
    READING_INT8,
    READING_INT16,
    READING_INT32,
    READING_UINT8,
    READING_UINT16,
    READING_UINT32,
    READING_INT8BE,
    READING_INT16BE,
    READING_INT32BE,
    READING_UINT8BE,
    READING_UINT16BE,
    READING_UINT32BE,
    READING_COUNT,
};

#define CONDITION_MAGIC UINT32_C(0x31444e43) /* "CND1" */

#define CONDITION_PORTABLE 0x5a4dU /* what Windows' executables begin with, little-endian */

struct condition_header {
    uint32_t magic;
    uint32_t rules, strings;
    /* How many rules can be true when none of their strings is there: of any object, and only of one
     * that begins as Windows' executables do. */
    uint32_t always, portable;
    uint32_t globals; /* how many rules are global */
    uint32_t words;   /* of programs */
    uint32_t texts;   /* bytes */
};

#define CONDITION_RULE_PRIVATE 1U
#define CONDITION_NO_RULE      UINT32_MAX

struct condition_rule {
    uint32_t program; /* in words; where the one before ends */
    uint32_t global;  /* the first global rule of its namespace, or CONDITION_NO_RULE */
    uint32_t flags;
};

/* Where the tables behind the header begin. */
struct condition_tables {
    struct condition_header header;
    const uint8_t *rules, *string_rules, *always, *portable, *globals, *words, *texts;
};

/* The memory need not be aligned. */
static inline uint32_t condition_word(const uint8_t *words, uint64_t index)
{
    uint32_t word;
    memcpy(&word, words + index * sizeof(word), sizeof(word));
    return word;
}

static inline struct condition_rule condition_rule_at(const struct condition_tables *tables,
                                                      uint64_t index)
{
    struct condition_rule rule;
    memcpy(&rule, tables->rules + index * sizeof(rule), sizeof(rule));
    return rule;
}

/* False when the memory is too small. */
static inline bool condition_tables_of(struct view memory, struct condition_tables *ret)
{
    struct condition_tables tables;
    if (memory.size < sizeof(tables.header))
        return false;
    memcpy(&tables.header, memory.data, sizeof(tables.header));
    const struct condition_header *header = &tables.header;
    uint64_t at = sizeof(*header);
    const struct {
        const uint8_t **table;
        uint64_t size;
    } rows[] = {
        {&tables.rules, (uint64_t)header->rules * sizeof(struct condition_rule)},
        {&tables.string_rules, (uint64_t)header->strings * sizeof(uint32_t)},
        {&tables.always, (uint64_t)header->always * sizeof(uint32_t)},
        {&tables.portable, (uint64_t)header->portable * sizeof(uint32_t)},
        {&tables.globals, (uint64_t)header->globals * sizeof(uint32_t)},
        {&tables.words, (uint64_t)header->words * sizeof(uint32_t)},
        {&tables.texts, header->texts},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (!view_has(memory, at, rows[i].size))
            return false;
        *rows[i].table = memory.data + at;
        at += rows[i].size;
    }
    *ret = tables;
    return true;
}

#endif
