/* byte_set: which bytes one place of a regular expression takes. */
#ifndef DATABASE_BYTE_SET_H
#define DATABASE_BYTE_SET_H

#include <stdbool.h>
#include <stdint.h>

struct byte_set {
    uint64_t bits[4];
};

static inline void byte_set_add(struct byte_set *set, unsigned first, unsigned last)
{
    for (unsigned b = first; b <= last && b < 256; b++)
        set->bits[b / 64] |= UINT64_C(1) << b % 64;
}

static inline bool byte_set_has(const struct byte_set *set, unsigned b)
{
    return set->bits[b / 64] >> b % 64 & 1;
}

static inline void byte_set_join(struct byte_set *set, const struct byte_set *more)
{
    for (int i = 0; i < 4; i++)
        set->bits[i] |= more->bits[i];
}

static inline void byte_set_negate(struct byte_set *set)
{
    for (int i = 0; i < 4; i++)
        set->bits[i] = ~set->bits[i];
}

static inline unsigned byte_set_count(const struct byte_set *set)
{
    unsigned count = 0;
    for (int i = 0; i < 4; i++)
        count += (unsigned)__builtin_popcountll(set->bits[i]);
    return count;
}

/* Each letter brings its other case. */
static inline void byte_set_fold(struct byte_set *set)
{
    for (unsigned b = 'A'; b <= 'Z'; b++) {
        if (byte_set_has(set, b) || byte_set_has(set, b + 32)) {
            byte_set_add(set, b, b);
            byte_set_add(set, b + 32, b + 32);
        }
    }
}

/* The words of \w, \d and \s in upper or lower case; false when the letter is none of them. */
static inline bool byte_set_of_escape(char letter, struct byte_set *ret_set)
{
    struct byte_set set = {{0}};
    if ((letter | 32) == 'w') {
        byte_set_add(&set, '0', '9');
        byte_set_add(&set, 'A', 'Z');
        byte_set_add(&set, 'a', 'z');
        byte_set_add(&set, '_', '_');
    } else if ((letter | 32) == 'd') {
        byte_set_add(&set, '0', '9');
    } else if ((letter | 32) == 's') {
        byte_set_add(&set, '\t', '\r');
        byte_set_add(&set, ' ', ' ');
    } else {
        return false;
    }
    if (letter < 'a')
        byte_set_negate(&set);
    *ret_set = set;
    return true;
}

#endif
