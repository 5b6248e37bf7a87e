/*
 * string_keys: for each string of compiled rules, literals of which one stands in whatever the string
 * matches: where none of them stands, the string is absent. Taken from what libyara compiled (the
 * bytes of literal strings; for hexadecimal strings and regular expressions the code around each of
 * their atoms), so that it holds for every way of writing a string, and for rules whose source is not
 * there.
 *
 * Sound in one direction only: a string that has no keys may be anywhere.
 */
#ifndef FILTER_STRING_KEYS_H
#define FILTER_STRING_KEYS_H

#include <yara.h>

#include "base/buffer.h"
#include "base/cleanup.h"

#define STRING_KEY_MAX 32 /* bytes of one; longer literals are cut where they are rarest */

struct string_key {
    uint32_t string;               /* index in libyara's table of strings; of a chain, its head */
    uint8_t size;                  /* at least 2 */
    bool any_case;                 /* ASCII letters in either case */
    uint8_t bytes[STRING_KEY_MAX]; /* in lower case when any_case */
};

struct string_keys {
    struct string_key *keys; /* by string; no doubles */
    size_t count;
    bool *always;   /* for each string: it has no keys and has to be looked for by libyara; so it is
                       for parts of a chain but the head, which conditions never refer to */
    size_t strings; /* how many there are */
};

/* Errors: ASSAY_ERR_NOMEM. */
CHECKED status string_keys_find(const YR_RULES *rules, struct string_keys *ret_keys);
void string_keys_release(struct string_keys *keys);

/* How rare a byte is in files of all kinds: bits, from 0 to 255 for an eighth of a bit each. A key is
 * chosen by the sum over its bytes. */
uint8_t string_key_rarity(uint8_t byte);

#endif
