#include "signatures/filter/key_spots.h"

/* A key is looked for by a few of its bytes, and then as a whole. Beyond these bounds, in eighths of a
 * bit, no more is won: a few bytes that are rare enough, and a whole that chance does not make. */
enum {
    GRAM = 4,
    GRAM_ENOUGH = 28 * 8,
    GRAM_WEIGHT = 2,
    WHOLE_ENOUGH = 80 * 8,
    REPEATED = 4,   /* a byte like the one before it: files are full of runs */
    LEAST = 14 * 8, /* what stands in every other file of some size is no key */
};

static bool is_letter(uint8_t byte)
{
    uint8_t lower = byte | 0x20;
    return lower >= 'a' && lower <= 'z';
}

void key_spots_put(struct key_spots *spots, enum key_spot_kind kind, uint8_t byte)
{
    bool is_gap = kind == SPOT_GAP;
    if (is_gap && spots->count > 0 && spots->spots[spots->count - 1].kind == SPOT_GAP)
        return;
    if (spots->count < KEY_SPOTS_MAX)
        spots->spots[spots->count++] = (struct key_spot){(uint8_t)kind, byte};
}

void key_spots_put_any_case(struct key_spots *spots, uint8_t byte)
{
    bool letter = is_letter(byte);
    key_spots_put(spots, letter ? SPOT_LETTER : SPOT_BYTE, letter ? byte | 0x20 : byte);
}

static void put_wide(struct key_spots *spots, struct key_spot spot, bool wide)
{
    key_spots_put(spots, spot.kind, spot.byte);
    if (wide && spot.kind != SPOT_GAP)
        key_spots_put(spots, SPOT_BYTE, 0);
}

void key_spots_join(const struct key_spots *before, const struct key_spots *behind, bool wide,
                    struct key_spots *ret_joined)
{
    /* What is far from the place where both meet is left out when there is no room. */
    size_t most = KEY_SPOTS_MAX / (wide ? 4U : 2U);
    size_t count = before->count < most ? before->count : most;
    ret_joined->count = 0;
    for (size_t i = count; i > 0; i--)
        put_wide(ret_joined, before->spots[i - 1], wide);
    for (size_t i = 0; i < behind->count; i++)
        put_wide(ret_joined, behind->spots[i], wide);
}

/* ---- choosing --------------------------------------------------------------------------------- */

static uint32_t rarity(struct key_spot spot)
{
    uint8_t lower = string_key_rarity(spot.byte);
    if (spot.kind != SPOT_LETTER)
        return lower;
    uint8_t upper = string_key_rarity(spot.byte & 0xdf);
    return lower < upper ? lower : upper;
}

static uint32_t at_most(uint32_t value, uint32_t most)
{
    return value < most ? value : most;
}

/* One letter in either case makes all letters of a key so. */
static bool has_letter(const struct key_spot *spots, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (spots[i].kind == SPOT_LETTER)
            return true;
    return false;
}

static uint32_t value_of(const struct key_spot *spots, size_t size)
{
    bool any_case = has_letter(spots, size);
    uint32_t whole = 0, gram = 0, bits[STRING_KEY_MAX];
    for (size_t i = 0; i < size; i++) {
        struct key_spot spot = spots[i];
        if (any_case && is_letter(spot.byte))
            spot = (struct key_spot){SPOT_LETTER, spot.byte | 0x20};
        bits[i] = rarity(spot);
        if (i > 0 && spots[i].byte == spots[i - 1].byte)
            bits[i] = at_most(bits[i], REPEATED);
        whole += bits[i];
        uint32_t sum = 0;
        for (size_t k = 0; k < GRAM && k <= i; k++)
            sum += bits[i - k];
        gram = sum > gram ? sum : gram;
    }
    if (whole < LEAST)
        return 0;
    return at_most(whole, WHOLE_ENOUGH) + GRAM_WEIGHT * at_most(gram, GRAM_ENOUGH);
}

static void take(const struct key_spot *spots, size_t size, struct string_key *ret_key)
{
    *ret_key = (struct string_key){.size = (uint8_t)size, .any_case = has_letter(spots, size)};
    for (size_t i = 0; i < size; i++) {
        bool lower = ret_key->any_case && is_letter(spots[i].byte);
        ret_key->bytes[i] = lower ? spots[i].byte | 0x20 : spots[i].byte;
    }
}

/* How many spots from here on are bytes, at most as many as a key has. */
static size_t run_at(const struct key_spots *spots, size_t at)
{
    size_t size = 0;
    while (size < STRING_KEY_MAX && at + size < spots->count &&
           spots->spots[at + size].kind != SPOT_GAP)
        size++;
    return size;
}

uint32_t key_spots_choose(const struct key_spots *spots, struct string_key *ret_key)
{
    uint32_t best = 0;
    for (size_t at = 0; at < spots->count; at++) {
        size_t size = run_at(spots, at);
        uint32_t value = size < 2 ? 0 : value_of(spots->spots + at, size);
        if (value <= best)
            continue;
        best = value;
        take(spots->spots + at, size, ret_key);
    }
    return best;
}
