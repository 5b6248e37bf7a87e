/*
 * key_spots: what is known of the bytes of a string's matches, in their order, and the key that is chosen
 * from it.
 */
#ifndef FILTER_KEY_SPOTS_H
#define FILTER_KEY_SPOTS_H

#include "signatures/filter/string_keys.h"

#define KEY_SPOTS_MAX 1024

enum key_spot_kind {
    SPOT_GAP,    /* nothing is known, not even how many bytes these are */
    SPOT_BYTE,   /* this byte */
    SPOT_LETTER, /* this letter (in lower case) in either case */
};

struct key_spots {
    size_t count;
    struct key_spot {
        uint8_t kind, byte;
    } spots[KEY_SPOTS_MAX];
};

/* Appends. What there is no room for is left out, which is sound: a key may come from any part. */
void key_spots_put(struct key_spots *spots, enum key_spot_kind kind, uint8_t byte);

/* A byte as a string without regard to case has it: a letter in either case, or itself. */
void key_spots_put_any_case(struct key_spots *spots, uint8_t byte);

/* The spots of the first in reversed order, then those of the second, each byte with a NUL behind it if
 * `wide`. */
void key_spots_join(const struct key_spots *before, const struct key_spots *behind, bool wide,
                    struct key_spots *ret_joined);

/* The best key of them, without its string, and how good it is; 0 when there is none. */
uint32_t key_spots_choose(const struct key_spots *spots, struct string_key *ret_key);

#endif
