/*
 * The keys of a string that may be combined with any byte of a range, which is not kept in compiled rules:
 * only the atoms tell it. A byte is possible when libyara's automaton finds an atom of the string in what
 * becomes of its text.
 */
#include "signatures/filter/key_parts.h"

#include "signatures/filter/key_spots.h"

#include <yara/ahocorasick.h>

#define SHORTEST 6 /* so many keys of fewer bytes stand in too many files */

struct automaton {
    const YR_AC_TRANSITION *transitions;
    const uint32_t
        *first_matches; /* of each state: an index in matches, and one more; 0 for none */
    const YR_AC_MATCH *matches;
    size_t transition_count, state_count, match_count;
};

static struct automaton automaton_of(const YR_RULES *rules)
{
    const YR_ARENA_BUFFER *sections = rules->arena->buffers;
    return (struct automaton){
        rules->ac_transition_table,
        rules->ac_match_table,
        rules->ac_match_pool,
        sections[YR_AC_TRANSITION_TABLE].used / sizeof(YR_AC_TRANSITION),
        sections[YR_AC_STATE_MATCHES_TABLE].used / sizeof(uint32_t),
        sections[YR_AC_STATE_MATCHES_POOL].used / sizeof(YR_AC_MATCH),
    };
}

/* The first entry of a state leads to that of the longest ending of what was read; those behind it, one
 * for each byte, may belong to another state, and say which byte they are for. */
static uint32_t next_state(const struct automaton *automaton, uint32_t state, uint8_t byte)
{
    uint32_t slot = byte + 1U;
    for (size_t steps = 0; steps <= STRING_KEY_MAX && state < automaton->transition_count;
         steps++) {
        if (slot < automaton->transition_count - state) {
            YR_AC_TRANSITION transition = automaton->transitions[state + slot];
            if (!YR_AC_INVALID_TRANSITION(transition, slot))
                return YR_AC_NEXT_STATE(transition);
        }
        if (state == YR_AC_ROOT_STATE)
            break;
        state = YR_AC_NEXT_STATE(automaton->transitions[state]);
    }
    return YR_AC_ROOT_STATE;
}

static bool has_match(const struct automaton *automaton, uint32_t state, uint32_t string)
{
    if (state >= automaton->state_count)
        return true;
    uint32_t first = automaton->first_matches[state];
    if (first == 0 || first > automaton->match_count)
        return false;
    const YR_AC_MATCH *match = &automaton->matches[first - 1];
    for (size_t i = 0; match != NULL && i < automaton->match_count; i++, match = match->next)
        if (match->string->idx == string)
            return true;
    return false;
}

static bool finds_atom(const struct automaton *automaton, uint32_t string,
                       const struct key_spots *spots)
{
    uint32_t state = YR_AC_ROOT_STATE;
    for (size_t i = 0; i < spots->count; i++) {
        state = next_state(automaton, state, spots->spots[i].byte);
        if (has_match(automaton, state, string))
            return true;
    }
    return false;
}

static void put_text(const YR_STRING *string, bool wide, uint8_t byte, struct key_spots *ret_spots)
{
    ret_spots->count = 0;
    for (int32_t i = 0; i < string->length; i++) {
        key_spots_put(ret_spots, SPOT_BYTE, string->string[i] ^ byte);
        if (wide)
            key_spots_put(ret_spots, SPOT_BYTE, byte);
    }
}

static bool add_width(const YR_RULES *rules, const YR_STRING *string, bool wide,
                      struct key_part *part)
{
    struct automaton automaton = automaton_of(rules);
    struct key_spots spots;
    for (unsigned byte = 0; byte < 256; byte++) {
        put_text(string, wide, (uint8_t)byte, &spots);
        if (finds_atom(&automaton, string->idx, &spots) && !key_part_add(part, &spots))
            return false;
    }
    return true;
}

void key_part_of_xor(const YR_RULES *rules, const YR_STRING *string, struct key_part *ret_part)
{
    bool wide = STRING_IS_WIDE(string), narrow = !wide || STRING_IS_ASCII(string);
    ret_part->count = 0;
    if (string->string == NULL || string->length < SHORTEST || string->length > KEY_SPOTS_MAX / 2)
        return;
    bool has_all = (!narrow || add_width(rules, string, false, ret_part)) &&
                   (!wide || add_width(rules, string, true, ret_part));
    if (!has_all)
        ret_part->count = 0;
}
