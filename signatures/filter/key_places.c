#include "signatures/filter/key_parts.h"

#include <stdlib.h>

static uint32_t offset_in(const YR_ARENA_BUFFER *section, const uint8_t *pointer)
{
    size_t offset = (size_t)((uintptr_t)pointer - (uintptr_t)section->data);
    if (pointer == NULL || offset >= section->used || offset >= KEY_PLACE_NONE)
        return KEY_PLACE_NONE;
    return (uint32_t)offset;
}

static int compare(const void *left, const void *right)
{
    const struct key_place *a = left, *b = right;
    if (a->string != b->string)
        return a->string < b->string ? -1 : 1;
    if (a->forward != b->forward)
        return a->forward < b->forward ? -1 : 1;
    return (a->backward > b->backward) - (a->backward < b->backward);
}

/* An atom that is written in many ways (either case, a nibble that is open) has one place. */
static void sort(struct key_places *places)
{
    size_t kept = 0;
    qsort(places->places, places->count, sizeof(*places->places), compare);
    for (size_t i = 0; i < places->count; i++)
        if (kept == 0 || compare(&places->places[kept - 1], &places->places[i]) != 0)
            places->places[kept++] = places->places[i];
    places->count = kept;
}

status key_places_find(const YR_RULES *rules, struct key_places *ret_places)
{
    const YR_ARENA_BUFFER *code = &rules->arena->buffers[YR_RE_CODE_SECTION];
    const YR_ARENA_BUFFER *pool = &rules->arena->buffers[YR_AC_STATE_MATCHES_POOL];
    const YR_AC_MATCH *matches = (const YR_AC_MATCH *)(const void *)pool->data;
    size_t count = pool->used / sizeof(*matches);
    struct key_places result = {calloc(count + 1, sizeof(*result.places)), 0};
    if (result.places == NULL)
        return ASSAY_ERR_NOMEM;
    for (size_t i = 0; i < count; i++) {
        const YR_AC_MATCH *match = &matches[i];
        if (match->string == NULL || STRING_IS_LITERAL(match->string))
            continue;
        result.places[result.count++] =
            (struct key_place){match->string->idx, offset_in(code, match->forward_code),
                               offset_in(code, match->backward_code)};
    }
    sort(&result);
    *ret_places = result;
    return ASSAY_OK;
}

void key_places_release(struct key_places *places)
{
    free(places->places);
    *places = (struct key_places){NULL, 0};
}
