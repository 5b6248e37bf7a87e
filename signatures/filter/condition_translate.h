/* condition_translate: libyara's code of one rule made into our program. */
#ifndef FILTER_CONDITION_TRANSLATE_H
#define FILTER_CONDITION_TRANSLATE_H

#include "signatures/filter/condition_code.h"
#include "signatures/filter/condition_emit.h"

#define TRANSLATION_SETS_MAX 8

/* Strings or rules that libyara has pushed and not used yet. */
struct translation_set {
    size_t first; /* in `items` */
    bool of_rules;
};

/* A loop that was begun and has not ended. */
struct translation_loop {
    uint64_t slot;  /* the first of libyara's variables that it uses */
    uint64_t start; /* where its rounds begin, in libyara's code */
    uint64_t out;   /* where it goes when there is no further one */
    uint64_t variable;
    uint32_t variables;
    uint32_t at, body; /* our words that begin it, and its rounds */
    bool is_open;
    bool of_strings;
};

struct translation {
    struct condition_code code;
    struct code_instruction now;
    uint32_t before; /* our operation for what stood before; OPERATION_COUNT_OF: something else */
    uint32_t rule;
    struct emit emit;
    struct buffer *texts;
    struct buffer *items; /* uint32_t: what the sets hold; emptied for each rule */
    uint32_t set_count;
    struct translation_set sets[TRANSLATION_SETS_MAX];
    uint32_t loop_count;
    struct translation_loop loops[CONDITION_LOOPS_MAX];
};

/* Translates from `at`, behind what begins the rule, to the instruction at `end`, which ends it.
 * Errors: ASSAY_ERR_NOMEM. */
CHECKED status translate_rule(struct translation *translation, uint64_t at, uint64_t end,
                              struct buffer *words);

/* Handles the instruction translation->now; what belongs to it behind it is skipped. */
typedef void translate_fn(struct translation *translation);
translate_fn translate_undefined, translate_of, translate_loop, translate_iterator, translate_local,
    translate_round;

/* Goes on to the next instruction; gives up where there is none. */
void translate_skip(struct translation *translation);

#endif
