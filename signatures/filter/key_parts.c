#include "signatures/filter/key_parts.h"

#include "signatures/filter/key_code.h"

#define PLACES_MAX 256 /* different places often have the same key */

static const struct key_spots nothing = {.count = 0};

static bool is_equal(const struct string_key *left, const struct string_key *right)
{
    return left->size == right->size && left->any_case == right->any_case &&
           memcmp(left->bytes, right->bytes, left->size) == 0;
}

bool key_part_add(struct key_part *part, const struct key_spots *spots)
{
    struct string_key key;
    uint32_t value = key_spots_choose(spots, &key);
    if (value == 0)
        return false;
    for (size_t i = 0; i < part->count; i++)
        if (is_equal(&part->keys[i], &key))
            return true;
    if (part->count == KEY_PART_XOR_KEYS)
        return false;
    part->value = part->count == 0 || value < part->value ? value : part->value;
    part->keys[part->count++] = key;
    return true;
}

/* Once as it is, and once for each other way in which the string may be written. */
static bool add_forms(const YR_STRING *string, const struct key_spots *before,
                      const struct key_spots *behind, struct key_part *part)
{
    /* Base64 is written out in the code, wide or not; the flags are those of the text inside. */
    bool is_encoded = STRING_IS_BASE64(string) || STRING_IS_BASE64_WIDE(string);
    bool is_wide = STRING_IS_WIDE(string) && !is_encoded;
    struct key_spots joined;
    if (!is_wide || STRING_IS_ASCII(string)) {
        key_spots_join(before, behind, false, &joined);
        if (!key_part_add(part, &joined))
            return false;
    }
    if (!is_wide)
        return true;
    key_spots_join(before, behind, true, &joined);
    return key_part_add(part, &joined);
}

void key_part_of_literal(const YR_STRING *string, struct key_part *ret_part)
{
    struct key_spots spots = {.count = 0};
    ret_part->count = 0;
    if (string->string == NULL)
        return;
    for (int32_t i = 0; i < string->length && i < KEY_SPOTS_MAX; i++) {
        if (STRING_IS_NO_CASE(string))
            key_spots_put_any_case(&spots, string->string[i]);
        else
            key_spots_put(&spots, SPOT_BYTE, string->string[i]);
    }
    if (!add_forms(string, &nothing, &spots, ret_part))
        ret_part->count = 0;
}

static bool add_place(const YR_RULES *rules, const YR_STRING *string, const struct key_place *place,
                      struct key_part *part)
{
    const YR_ARENA_BUFFER *section = &rules->arena->buffers[YR_RE_CODE_SECTION];
    const struct view code = {section->data, section->used};
    bool any_case = STRING_IS_NO_CASE(string);
    struct key_spots before = {.count = 0}, behind = {.count = 0};
    if (place->forward == KEY_PLACE_NONE)
        return false;
    key_code_walk(code, place->forward, any_case, &behind);
    if (place->backward != KEY_PLACE_NONE)
        key_code_walk(code, place->backward, any_case, &before);
    return add_forms(string, &before, &behind, part);
}

void key_part_of_code(const YR_RULES *rules, const YR_STRING *string,
                      const struct key_place *places, size_t count, struct key_part *ret_part)
{
    bool has_all = count > 0 && count <= PLACES_MAX;
    ret_part->count = 0;
    for (size_t i = 0; i < count && has_all; i++)
        has_all =
            add_place(rules, string, &places[i], ret_part) && ret_part->count <= KEY_PART_KEYS;
    if (!has_all)
        ret_part->count = 0;
}
