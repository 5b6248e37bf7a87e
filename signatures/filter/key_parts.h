/*
 * key_parts: the keys of one of libyara's strings by itself, which may be a part of a chain.
 */
#ifndef FILTER_KEY_PARTS_H
#define FILTER_KEY_PARTS_H

#include "signatures/filter/key_spots.h"

#define KEY_PART_KEYS     64  /* more than these are not worth it */
#define KEY_PART_XOR_KEYS 512 /* but for strings that are combined with any byte */

/* Where in a match one of a string's atoms is: the code that matches from there on, and the code that
 * matches backwards what is before. Offsets in the section of such code. */
struct key_place {
    uint32_t string, forward, backward;
};

#define KEY_PLACE_NONE UINT32_MAX

struct key_places {
    struct key_place *places; /* by string; no doubles */
    size_t count;
};

/* Errors: ASSAY_ERR_NOMEM. */
CHECKED status key_places_find(const YR_RULES *rules, struct key_places *ret_places);
void key_places_release(struct key_places *places);

struct key_part {
    size_t count;   /* no keys: it may be anywhere */
    uint32_t value; /* of the worst of them, as key_spots_choose tells it */
    struct string_key keys[KEY_PART_XOR_KEYS];
};

/* Adds the best key of the spots, if it is new. False when there is none, or no room. */
CHECKED bool key_part_add(struct key_part *part, const struct key_spots *spots);

/* The keys of a string whose text is in the compiled rules. */
void key_part_of_literal(const YR_STRING *string, struct key_part *ret_part);

/* Those of one with the modifier xor: up to KEY_PART_XOR_KEYS. */
void key_part_of_xor(const YR_RULES *rules, const YR_STRING *string, struct key_part *ret_part);

/* Those of any other string. The places are its own. */
void key_part_of_code(const YR_RULES *rules, const YR_STRING *string,
                      const struct key_place *places, size_t count, struct key_part *ret_part);

#endif
