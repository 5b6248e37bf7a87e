#include "signatures/filter/string_keys.h"

#include "signatures/filter/key_parts.h"

/* ---- of each string by itself ----------------------------------------------------------------- */

/* Of all strings with the modifier xor together, so that they do not crowd out the others. */
#define XOR_KEYS_MAX 8192

/* The keys of a string as they lie in the buffer of all. */
struct range {
    size_t first, count;
    uint32_t value;
};

struct finder {
    const YR_RULES *rules;
    struct key_places places;
    size_t next_place;
    size_t xor_keys;
    struct buffer keys;   /* struct string_key */
    struct range *ranges; /* one for each string */
};

static void finder_release(struct finder *finder)
{
    key_places_release(&finder->places);
    buffer_release(&finder->keys);
    free(finder->ranges);
}

static size_t places_of(struct finder *finder, uint32_t string, size_t *ret_first)
{
    const struct key_places *places = &finder->places;
    size_t at = finder->next_place;
    while (at < places->count && places->places[at].string < string)
        at++;
    *ret_first = at;
    while (at < places->count && places->places[at].string == string)
        at++;
    finder->next_place = at;
    return at - *ret_first;
}

static status find_part(struct finder *finder, uint32_t index)
{
    const YR_STRING *string = &finder->rules->strings_table[index];
    struct key_part part;
    size_t first, count = places_of(finder, index, &first);
    if (STRING_IS_XOR(string) && finder->xor_keys > XOR_KEYS_MAX - KEY_PART_XOR_KEYS)
        part.count = 0;
    else if (STRING_IS_XOR(string))
        key_part_of_xor(finder->rules, string, &part);
    else if (STRING_IS_LITERAL(string))
        key_part_of_literal(string, &part);
    else
        key_part_of_code(finder->rules, string, finder->places.places + first, count, &part);
    finder->xor_keys += STRING_IS_XOR(string) ? part.count : 0;
    finder->ranges[index] = (struct range){finder->keys.size / sizeof(part.keys[0]), part.count,
                                           part.count == 0 ? 0 : part.value};
    return buffer_append(&finder->keys, part.keys, part.count * sizeof(part.keys[0]));
}

/* ---- of what conditions refer to -------------------------------------------------------------- */

/* A string with a long gap is kept in parts that follow each other, each of which names the one before
 * it. Conditions know the first, which matches only where all the others do: the part with the best keys
 * answers for all. */
static void choose_part(struct finder *finder, uint32_t index)
{
    const YR_STRING *strings = finder->rules->strings_table;
    uint32_t head = index;
    for (uint32_t i = 0; i <= index && strings[head].chained_to != NULL; i++)
        head = strings[head].chained_to->idx;
    if (finder->ranges[index].value > finder->ranges[head].value)
        finder->ranges[head] = finder->ranges[index];
    finder->ranges[index] = (struct range){0, 0, 0};
}

static void gather(const struct finder *finder, struct string_keys *keys)
{
    const struct string_key *found = (const struct string_key *)(const void *)finder->keys.data;
    for (uint32_t index = 0; index < finder->rules->num_strings; index++) {
        struct range range = finder->ranges[index];
        keys->always[index] = range.count == 0;
        for (size_t i = 0; i < range.count; i++) {
            keys->keys[keys->count] = found[range.first + i];
            keys->keys[keys->count++].string = index;
        }
    }
}

static status find(struct finder *finder, struct string_keys *ret_keys)
{
    uint32_t strings = finder->rules->num_strings;
    TRY(key_places_find(finder->rules, &finder->places));
    finder->ranges = calloc((size_t)strings + 1, sizeof(*finder->ranges));
    if (finder->ranges == NULL)
        return ASSAY_ERR_NOMEM;
    for (uint32_t i = 0; i < strings; i++)
        TRY(find_part(finder, i));
    for (uint32_t i = 0; i < strings; i++)
        if (finder->rules->strings_table[i].chained_to != NULL)
            choose_part(finder, i);

    cleanup(string_keys_release) struct string_keys result = {
        .keys = malloc(finder->keys.size + sizeof(*result.keys)),
        .always = calloc((size_t)strings + 1, sizeof(*result.always)),
        .strings = strings,
    };
    if (result.keys == NULL || result.always == NULL)
        return ASSAY_ERR_NOMEM;
    gather(finder, &result);
    *ret_keys = result;
    result = (struct string_keys){NULL, 0, NULL, 0};
    return ASSAY_OK;
}

status string_keys_find(const YR_RULES *rules, struct string_keys *ret_keys)
{
    cleanup(finder_release) struct finder finder = {.rules = rules};
    return find(&finder, ret_keys);
}

void string_keys_release(struct string_keys *keys)
{
    free(keys->keys);
    free(keys->always);
    *keys = (struct string_keys){NULL, 0, NULL, 0};
}
