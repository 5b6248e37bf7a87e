/*
 * ppmd_model: what a PPMd decoder expects. A context is the last few symbols; it knows which
 * symbols followed it and how often. Its suffix is the context one symbol shorter; of a symbol that
 * followed, the successor is the context one symbol longer, or, as long as there is none, the place
 * in the text behind that symbol.
 *
 * The compressor builds the same model from the same symbols. All of it, with the numbers, is the
 * format.
 *
 * Source: D. Shkarin's PPMd variant I, revision 1 (2002), as PKWARE APPNOTE 5.10 has it.
 */
#ifndef UNPACK_PPMD_MODEL_H
#define UNPACK_PPMD_MODEL_H

#include "unpack/ppmd_allocator.h"

#define PPMD_ORDER_MIN      2
#define PPMD_ORDER_MAX      16
#define PPMD_FREQUENCY_MAX  124
#define PPMD_BINARY_BITS    14 /* of a probability that the only symbol follows */
#define PPMD_RATE           7  /* probabilities change by 1 in 2^7 */
#define PPMD_BINARY_ROWS    27
#define PPMD_BINARY_COLUMNS 64
#define PPMD_ESCAPE_ROWS    24
#define PPMD_ESCAPE_COLUMNS 32

/* What to do when the memory is full. */
enum ppmd_restoration {
    PPMD_RESTART,
    PPMD_CUT_OFF,
    PPMD_FREEZE,
};

enum ppmd_flag {
    PPMD_RESCALED = 1 << 2,
    PPMD_HIGH = 1 << 3,        /* a symbol of this context is 0x40 or more */
    PPMD_BEFORE_HIGH = 1 << 4, /* the symbol before */
};

struct ppmd_place {
    uint16_t low;
    uint16_t high;
};

struct ppmd_state {
    uint8_t symbol;
    uint8_t frequency;
    struct ppmd_place successor;
};

struct ppmd_context {
    uint8_t last;  /* index of the last state; 0: there is only one */
    uint8_t flags; /* enum ppmd_flag */
    union {
        struct ppmd_state only;
        struct {
            uint16_t total; /* of the frequencies, and that of an escape */
            struct ppmd_place states;
        };
    };
    uint32_t suffix; /* place of a context; 0 for that of order 0 */
};

/* How likely an escape is: of contexts that are alike. */
struct ppmd_escape {
    uint16_t sum;
    uint8_t shift;
    uint8_t count;
};

struct ppmd_model {
    struct ppmd_allocator memory;
    unsigned order; /* the longest context */
    enum ppmd_restoration restoration;

    struct ppmd_context *shortest; /* where the last symbol was found */
    struct ppmd_context *longest;  /* where it was looked for first */
    struct ppmd_state *found;      /* of the last symbol, in the shortest context */
    unsigned order_fall;           /* orders the shortest context is below the longest possible */
    unsigned first_escape;         /* frequency for contexts that get a second symbol */
    bool is_expected;              /* the last symbol was the most likely one */
    uint32_t run_length;           /* of symbols that were, from run_start on */
    uint32_t run_start;            /* below 0, modulo 2^32 */

    struct ppmd_escape escapes[PPMD_ESCAPE_ROWS][PPMD_ESCAPE_COLUMNS];
    struct ppmd_escape no_escape; /* for the context of order 0 */
    uint16_t binary[PPMD_BINARY_ROWS][PPMD_BINARY_COLUMNS];
    uint8_t row_of[260]; /* rows of both tables, by frequency or number of symbols */
};

/* Starts with nothing known. False when there is no memory for an arena of `size` bytes. */
bool ppmd_model_start(struct ppmd_model *model, unsigned order, uint32_t size,
                      enum ppmd_restoration restoration);
void ppmd_model_stop(struct ppmd_model *model);
/* Forgets everything. */
void ppmd_model_restart(struct ppmd_model *model);

/* Halves the frequencies of the shortest context. */
void ppmd_model_rescale(struct ppmd_model *model);
/* Learns that the symbol of `found` came; the next is looked for in the longest context. */
void ppmd_model_learn(struct ppmd_model *model);
/* Makes room, after learning failed at that context on the way from the longest to the shortest. */
void ppmd_model_restore(struct ppmd_model *model, struct ppmd_context *failed);

static inline uint32_t ppmd_get(struct ppmd_place place)
{
    return place.low | (uint32_t)place.high << 16;
}

static inline struct ppmd_place ppmd_put(uint32_t place)
{
    return (struct ppmd_place){(uint16_t)place, (uint16_t)(place >> 16)};
}

/* True for the place of a context; others lead into the text, or nowhere. */
static inline bool ppmd_is_context(const struct ppmd_model *model, uint32_t place)
{
    return place >= model->memory.units;
}

static inline struct ppmd_context *ppmd_context_at(struct ppmd_model *model, uint32_t place)
{
    if (__builtin_expect(!ppmd_is_context(model, place), 0))
        return ppmd_nowhere(&model->memory);
    return ppmd_at(&model->memory, place, sizeof(struct ppmd_context));
}

static inline struct ppmd_context *ppmd_suffix(struct ppmd_model *model,
                                               const struct ppmd_context *context)
{
    return ppmd_context_at(model, context->suffix);
}

/* The first of its states, when there are several. */
static inline struct ppmd_state *ppmd_states(struct ppmd_model *model,
                                             const struct ppmd_context *context)
{
    uint32_t bytes = (context->last + 1U) * (uint32_t)sizeof(struct ppmd_state);
    return ppmd_at(&model->memory, ppmd_get(context->states), bytes);
}

/* Units that hold the states of a context with this index of the last. */
static inline unsigned ppmd_state_units(unsigned last)
{
    return (last + 2) / 2;
}

static inline unsigned ppmd_flag_if_high(enum ppmd_flag flag, uint8_t symbol)
{
    return symbol >= 0x40 ? flag : 0;
}

static inline void ppmd_swap(struct ppmd_state *a, struct ppmd_state *b)
{
    struct ppmd_state other = *a;
    *a = *b;
    *b = other;
}

#endif
