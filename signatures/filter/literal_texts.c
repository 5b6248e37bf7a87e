#include "signatures/filter/literal_texts.h"

#include "base/cleanup.h"

struct numbered {
    const struct literal *literal;
    uint32_t number;
};

static int compare(const struct literal *left, const struct literal *right)
{
    uint64_t sizes[] = {left->bytes.size, right->bytes.size};
    if (left->any_case != right->any_case)
        return left->any_case ? 1 : -1;
    int order =
        memcmp(left->bytes.data, right->bytes.data, sizes[0] < sizes[1] ? sizes[0] : sizes[1]);
    return order != 0 ? order : (sizes[0] > sizes[1]) - (sizes[0] < sizes[1]);
}

static int compare_numbered(const void *left, const void *right)
{
    const struct numbered *a = left, *b = right;
    int order = compare(a->literal, b->literal);
    return order != 0 ? order : (a->number > b->number) - (a->number < b->number);
}

static bool begins_with(const struct literal_text *text, const struct literal_text *prefix)
{
    return text->any_case == prefix->any_case && text->size > prefix->size &&
           memcmp(text->bytes, prefix->bytes, prefix->size) == 0;
}

/* Whatever a text begins with, the one before it in the order is, or begins with too. */
static uint32_t find_prefix(const struct literal_texts *texts, const struct literal_text *text)
{
    uint32_t prefix = texts->count > 0 ? (uint32_t)texts->count - 1 : LITERAL_NONE;
    while (prefix != LITERAL_NONE && !begins_with(text, &texts->texts[prefix]))
        prefix = texts->texts[prefix].prefix;
    return prefix;
}

static void add(struct literal_texts *texts, const struct numbered *numbered, uint32_t first)
{
    const struct view bytes = numbered->literal->bytes;
    struct literal_text *text = &texts->texts[texts->count];
    memcpy(text->bytes, bytes.data, bytes.size);
    text->number = numbered->number;
    text->first = first;
    text->count = 1;
    text->size = (uint8_t)bytes.size;
    text->any_case = numbered->literal->any_case;
    text->prefix = find_prefix(texts, text);
    texts->count++;
}

static status check(const struct literal *literals, size_t count)
{
    if (count >= LITERAL_NONE)
        return ASSAY_ERR_ARGUMENT;
    for (size_t i = 0; i < count; i++)
        if (literals[i].bytes.size < LITERAL_MIN || literals[i].bytes.size > LITERAL_MAX)
            return ASSAY_ERR_ARGUMENT;
    return ASSAY_OK;
}

status literal_texts_make(const struct literal *literals, size_t count,
                          struct literal_texts *ret_texts)
{
    TRY(check(literals, count));
    cleanup(free_cleanup) struct numbered *sorted = calloc(count + 1, sizeof(*sorted));
    cleanup(literal_texts_release) struct literal_texts texts = {
        calloc(count + 1, sizeof(*texts.texts)), 0, calloc(count + 1, sizeof(*texts.numbers))};
    if (sorted == NULL || texts.texts == NULL || texts.numbers == NULL)
        return ASSAY_ERR_NOMEM;
    for (size_t i = 0; i < count; i++)
        sorted[i] = (struct numbered){&literals[i], (uint32_t)i};
    qsort(sorted, count, sizeof(*sorted), compare_numbered);
    for (size_t i = 0; i < count; i++) {
        texts.numbers[i] = sorted[i].number;
        if (i > 0 && compare(sorted[i - 1].literal, sorted[i].literal) == 0)
            texts.texts[texts.count - 1].count++;
        else
            add(&texts, &sorted[i], (uint32_t)i);
    }
    *ret_texts = texts;
    texts = (struct literal_texts){NULL, 0, NULL};
    return ASSAY_OK;
}

void literal_texts_release(struct literal_texts *texts)
{
    free(texts->texts);
    free(texts->numbers);
}
