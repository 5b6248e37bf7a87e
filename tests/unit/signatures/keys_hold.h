/* keys_hold: whether there is a key in whatever libyara says that a string matches. */
#ifndef TESTS_KEYS_HOLD_H
#define TESTS_KEYS_HOLD_H

#include "signatures/filter/string_keys.h"

#include "base/view.h"

#include <ctype.h>
#include <stdio.h>

struct keys_hold {
    const struct string_keys *keys;
    struct view data;
    size_t matches; /* that were looked into */
    bool fails;
    char words[256];
};

static inline bool key_is_at(const struct string_key *key, const uint8_t *data)
{
    for (size_t i = 0; i < key->size; i++) {
        uint8_t byte = data[i];
        if (key->any_case && byte >= 'A' && byte <= 'Z')
            byte |= 0x20;
        if (byte != key->bytes[i])
            return false;
    }
    return true;
}

static inline bool key_stands_in(const struct string_key *key, struct view data)
{
    for (uint64_t at = 0; view_has(data, at, key->size); at++)
        if (key_is_at(key, data.data + at))
            return true;
    return false;
}

/* The first key of a string; they are in the order of strings. */
static inline size_t keys_first(const struct string_keys *keys, uint32_t string)
{
    size_t low = 0, high = keys->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (keys->keys[middle].string < string)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static inline bool keys_some_stands_in(const struct string_keys *keys, uint32_t string,
                                       struct view data)
{
    for (size_t i = keys_first(keys, string); i < keys->count && keys->keys[i].string == string;
         i++)
        if (key_stands_in(&keys->keys[i], data))
            return true;
    return false;
}

static inline int keys_hold_on(YR_SCAN_CONTEXT *context, int message, void *message_data,
                               void *user)
{
    struct keys_hold *hold = user;
    YR_STRING *string;
    YR_MATCH *match;
    if (message != CALLBACK_MSG_RULE_MATCHING && message != CALLBACK_MSG_RULE_NOT_MATCHING)
        return CALLBACK_CONTINUE;
    const YR_RULE *rule = message_data;
    yr_rule_strings_foreach(rule, string)
    {
        yr_string_matches_foreach(context, string, match)
        {
            if (hold->keys->always[string->idx])
                break;
            uint64_t offset = (uint64_t)(match->base + match->offset);
            struct view part = view_sub(hold->data, offset, (uint64_t)match->match_length);
            hold->matches++;
            if (keys_some_stands_in(hold->keys, string->idx, part))
                continue;
            hold->fails = true;
            snprintf(hold->words, sizeof(hold->words),
                     "no key of %s %s (string %u) in %d bytes at %llu", rule->identifier,
                     string->identifier, string->idx, match->match_length,
                     (unsigned long long)offset);
        }
    }
    return CALLBACK_CONTINUE;
}

/* Scans the data. What stopped libyara early (too many matches, time) is no failure. */
static inline void keys_hold_scan(YR_RULES *rules, struct keys_hold *hold)
{
    yr_rules_scan_mem(rules, hold->data.data, hold->data.size, SCAN_FLAGS_NO_TRYCATCH, keys_hold_on,
                      hold, 10);
}

#endif
