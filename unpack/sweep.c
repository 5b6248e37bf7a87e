#include "unpack/sweep.h"

/* Of each magic three bytes in a row are its key. Going through the input two bytes at a time, one
 * of the key's two pairs is met in any case, so that half the places need not be looked at. */
#define PAIRS    65536u
#define KEYS_MAX 128

struct key {
    const struct unpacker *reader;
    const struct unpack_magic *magic;
};

struct sweep_keys {
    uint64_t pairs[PAIRS / 64]; /* a bit for each pair that some key has */
    struct key keys[KEYS_MAX];  /* ordered by the first byte of their magic */
    uint8_t first[257];         /* keys[first[b]] to keys[first[b + 1]] begin with byte b */
};

/* The pair of bytes at an address, the same number on every machine. */
static unsigned pair_at(const uint8_t *bytes)
{
    return (unsigned)bytes[0] | (unsigned)bytes[1] << 8;
}

static void mark_pair(struct sweep_keys *keys, const char *bytes)
{
    unsigned pair = pair_at((const uint8_t *)bytes);
    keys->pairs[pair / 64] |= UINT64_C(1) << pair % 64;
}

static bool has_pair(const struct sweep_keys *keys, const uint8_t *bytes)
{
    unsigned pair = pair_at(bytes);
    return keys->pairs[pair / 64] >> pair % 64 & 1;
}

/* Adds the magics that begin with this byte. */
static size_t add_keys(struct sweep_keys *keys, size_t count, uint8_t first)
{
    size_t readers;
    const struct unpacker *const *registry = unpack_registry(&readers);
    for (size_t i = 0; i < readers; i++) {
        for (size_t j = 0; j < UNPACK_MAGICS_MAX && registry[i]->magics[j].bytes; j++) {
            const struct unpack_magic *magic = &registry[i]->magics[j];
            if ((uint8_t)magic->bytes[0] != first || count == KEYS_MAX)
                continue;
            keys->keys[count++] = (struct key){registry[i], magic};
            mark_pair(keys, magic->bytes);
            mark_pair(keys, magic->bytes + 1);
        }
    }
    return count;
}

status sweep_keys_new(struct sweep_keys **ret_keys)
{
    struct sweep_keys *keys = calloc(1, sizeof(*keys));
    if (!keys)
        return ASSAY_ERR_NOMEM;
    size_t count = 0;
    for (unsigned byte = 0; byte < 256; byte++) {
        keys->first[byte] = (uint8_t)count;
        count = add_keys(keys, count, (uint8_t)byte);
    }
    keys->first[256] = (uint8_t)count;
    *ret_keys = keys;
    return ASSAY_OK;
}

void sweep_keys_free(struct sweep_keys *keys)
{
    free(keys);
}

/* ---- searching ------------------------------------------------------------------------------- */

struct search {
    const struct sweep_keys *keys;
    struct view input;
    uint64_t from; /* nothing that begins before is wanted */
    uint64_t to;   /* nor from here on */
    uint64_t *tries;
};

/* Asks about each magic that stands at `place`. The container may begin before it. */
static status try_place(struct search *search, uint64_t place, struct sweep_hit *ret_hit)
{
    uint8_t byte = search->input.data[place];
    for (size_t i = search->keys->first[byte]; i < search->keys->first[byte + 1]; i++) {
        const struct key *key = &search->keys->keys[i];
        uint64_t begin = place - key->magic->offset;
        if (place < key->magic->offset || begin < search->from || begin >= search->to ||
            !view_starts(search->input, place, key->magic->bytes, key->magic->size))
            continue;
        if (*search->tries == 0)
            return ASSAY_ERR_LIMIT;
        if (key->reader->is_genuine(view_sub(search->input, begin, UINT64_MAX))) {
            *ret_hit = (struct sweep_hit){key->reader, begin};
            return ASSAY_OK;
        }
        --*search->tries;
    }
    return ASSAY_END;
}

/* The next even step from `place` on whose pair some key has; a place of less than two bytes before
 * `end` when there is none. */
static uint64_t skip_dull(const struct search *search, uint64_t place, uint64_t end)
{
    const uint8_t *data = search->input.data;
    while (end - place >= 2 && !has_pair(search->keys, data + place))
        place += 2;
    return place;
}

status sweep_next(const struct sweep_keys *keys, struct view input, uint64_t *at, uint64_t to,
                  uint64_t *tries, struct sweep_hit *ret_hit)
{
    struct search search = {keys, input, *at, to, tries};
    /* Magics may stand some way behind the beginning, and so behind `to`. */
    enum { OFFSET_MAX = 512 };
    uint64_t end = input.size - to > OFFSET_MAX ? to + OFFSET_MAX : input.size;
    uint64_t place = *at;
    while (place < end && (place = skip_dull(&search, place, end)) + 2 <= end) {
        status tried = place > *at ? try_place(&search, place - 1, ret_hit) : ASSAY_END;
        if (tried == ASSAY_END)
            tried = try_place(&search, place, ret_hit);
        if (tried != ASSAY_END) {
            *at = tried == ASSAY_OK ? ret_hit->offset : place;
            return tried;
        }
        place += 2;
    }
    *at = to;
    return ASSAY_END;
}
