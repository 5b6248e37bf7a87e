#include "signatures/database/text_set.h"

#include <search.h>
#include <stdlib.h>

/* libyara takes identifiers of up to 128 bytes; a number may follow. */
#define RULE_NAME_MAX 100

struct text_entry {
    int64_t number;
    uint64_t size;
    uint8_t text[];
};

static int compare(const void *left, const void *right)
{
    const struct text_entry *a = left, *b = right;
    uint64_t shorter = a->size < b->size ? a->size : b->size;
    int order = memcmp(a->text, b->text, (size_t)shorter);
    return order != 0 ? order : (a->size > b->size) - (a->size < b->size);
}

status text_set_enter(struct text_set *set, struct view text, int64_t number, int64_t **ret_number,
                      bool *ret_new)
{
    cleanup(free_cleanup) struct text_entry *entry = malloc(sizeof(*entry) + text.size);
    if (!entry)
        return ASSAY_ERR_NOMEM;
    entry->number = number;
    entry->size = text.size;
    if (text.size > 0)
        memcpy(entry->text, text.data, (size_t)text.size);
    struct text_entry **found = tsearch(entry, &set->root, compare);
    if (!found)
        return ASSAY_ERR_NOMEM;
    *ret_new = *found == entry;
    *ret_number = &(*found)->number;
    if (*ret_new)
        entry = NULL;
    return ASSAY_OK;
}

void text_set_release(struct text_set *set)
{
    tdestroy(set->root, free);
    set->root = NULL;
}

static bool is_word(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static status append_words(struct buffer *out, struct view text, size_t most)
{
    for (uint64_t i = 0; i < text.size && out->size < most; i++) {
        bool word = is_word(text.data[i]);
        if (word || (out->size > 0 && out->data[out->size - 1] != '_'))
            TRY(buffer_append(out, word ? &text.data[i] : (const uint8_t *)"_", 1));
    }
    while (out->size > 0 && out->data[out->size - 1] == '_')
        out->size--;
    return ASSAY_OK;
}

status text_set_rule_name(struct text_set *set, const char *prefix, struct view text,
                          struct buffer *out)
{
    cleanup(buffer_release) struct buffer name = {NULL, 0, 0};
    TRY(buffer_append_text(&name, prefix));
    TRY(append_words(&name, text, RULE_NAME_MAX));
    size_t words = name.size;
    int64_t *uses, *ignored;
    bool is_new;
    TRY(text_set_enter(set, buffer_view(&name), 1, &uses, &is_new));
    /* The number is remembered, so that a thousand of a name are not a million questions. */
    while (!is_new) {
        name.size = words;
        TRY(buffer_append_format(&name, "_%lld", (long long)++*uses));
        TRY(text_set_enter(set, buffer_view(&name), 1, &ignored, &is_new));
    }
    return buffer_append(out, name.data, name.size);
}
