#include "signatures/filter/literal_windows.h"

#include "base/cleanup.h"

/* How often bytes follow each other, as far as the texts tell, and guesses of the weight of a few
 * dozen bytes where they do not. */
struct model {
    uint32_t bytes[256];
    uint32_t pairs[256][256];
    uint32_t total;
};

#define GUESS_WEIGHT 50

static uint8_t fold(uint8_t byte)
{
    return (uint8_t)literal_fold(byte);
}

static void learn(struct model *model, const struct literal_text *text)
{
    for (size_t i = 0; i + 1 < text->size; i++) {
        uint8_t byte = fold(text->bytes[i]);
        model->bytes[byte]++;
        model->pairs[byte][fold(text->bytes[i + 1])]++;
        model->total++;
    }
}

static double guess(uint8_t byte)
{
    if (byte == 0)
        return 0.2;
    return byte >= 'A' && byte <= 'Z' ? 0.03 : 0.002;
}

/* Data is full of runs, texts are not. */
static double guess_run(uint8_t byte)
{
    if (byte == 0 || byte == 0xff)
        return 0.9;
    return byte == ' ' ? 0.8 : 0.3;
}

static double chance_of_next(const struct model *model, uint8_t byte, uint8_t next)
{
    double chance = (model->pairs[byte][next] + GUESS_WEIGHT * guess(next)) /
                    (model->bytes[byte] + GUESS_WEIGHT);
    double run = byte == next ? guess_run(byte) : 0;
    return chance > run ? chance : run;
}

static double chance_of_window(const struct model *model, const uint8_t *bytes, size_t width)
{
    uint8_t byte = fold(bytes[0]);
    double chance =
        (model->bytes[byte] + GUESS_WEIGHT * guess(byte)) / (model->total + GUESS_WEIGHT);
    for (size_t i = 1; i < width; i++)
        chance *= chance_of_next(model, fold(bytes[i - 1]), fold(bytes[i]));
    return chance;
}

/* Of the windows at `offset` and behind, on the average: that much of the data will look alike. */
static double chance_at(const struct model *model, const uint8_t *bytes,
                        const struct literal_class *class)
{
    double sum = 0;
    for (size_t i = 0; i < class->stride; i++)
        sum += chance_of_window(model, bytes + i, class->width);
    return sum / class->stride;
}

struct choice {
    double chance;
    size_t class, offset;
};

static void consider(const struct model *model, const struct literal_text *text, size_t class,
                     struct choice *best)
{
    const struct literal_class *row = &literal_classes[class];
    for (size_t offset = 0; offset + row->size <= text->size; offset++) {
        double chance = chance_at(model, text->bytes + offset, row);
        if (chance < best->chance)
            *best = (struct choice){chance, class, offset};
    }
}

/* The class of the shortest is only for texts that can have no other: with nothing in it, nobody has
 * to look for its windows. */
static struct choice choose(const struct model *model, const struct literal_text *text)
{
    struct choice best = {2, LITERAL_CLASSES - 1, 0};
    for (size_t i = 0; i < LITERAL_CLASSES; i++)
        if (i < LITERAL_CLASSES - 1 || best.chance > 1)
            consider(model, text, i, &best);
    return best;
}

static void add(const struct literal_text *text, uint32_t number, struct choice choice,
                struct literal_window *ret_windows)
{
    const struct literal_class *class = &literal_classes[choice.class];
    for (uint8_t i = 0; i < class->stride; i++) {
        uint8_t offset = (uint8_t)(choice.offset + i), eight[8] = {0};
        for (size_t j = 0; j < class->width; j++)
            eight[j] = fold(text->bytes[offset + j]);
        ret_windows[i] = (struct literal_window){
            literal_hash(eight, class), number, (uint8_t)choice.class, offset, text->any_case,
        };
    }
}

status literal_windows_choose(const struct literal_text *texts, size_t count,
                              struct literal_window *ret_windows, size_t *ret_count)
{
    cleanup(free_cleanup) struct model *model = calloc(1, sizeof(*model));
    if (model == NULL)
        return ASSAY_ERR_NOMEM;
    for (size_t i = 0; i < count; i++)
        learn(model, &texts[i]);
    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct choice choice = choose(model, &texts[i]);
        add(&texts[i], (uint32_t)i, choice, ret_windows + *ret_count);
        *ret_count += literal_classes[choice.class].stride;
    }
    return ASSAY_OK;
}
