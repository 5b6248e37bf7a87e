#include "inspect/member_names.h"

#include <stdlib.h>

struct member_name_slot {
    uint64_t hash; /* 0: free */
    uint32_t count;
};

#define FIRST_CAPACITY 64

/* FNV-1a, then a finishing step so that the low bits depend on all. Two names with one hash are
 * told apart one too many times in a label; nothing else depends on it. */
static uint64_t hash_name(struct assay_bytes name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < name.size; i++)
        hash = (hash ^ name.data[i]) * UINT64_C(0x100000001b3);
    hash ^= hash >> 32;
    hash *= UINT64_C(0x9e3779b97f4a7c15);
    hash ^= hash >> 29;
    return hash ? hash : 1;
}

static struct member_name_slot *find(struct member_name_slot *slots, size_t capacity, uint64_t hash)
{
    size_t at = (size_t)hash & (capacity - 1);
    while (slots[at].hash && slots[at].hash != hash)
        at = (at + 1) & (capacity - 1);
    return &slots[at];
}

static status grow(struct member_names *names)
{
    size_t capacity = names->capacity ? names->capacity * 2 : FIRST_CAPACITY;
    struct member_name_slot *slots = calloc(capacity, sizeof(*slots));
    if (!slots)
        return ASSAY_ERR_NOMEM;
    for (size_t i = 0; i < names->capacity; i++) {
        if (names->slots[i].hash)
            *find(slots, capacity, names->slots[i].hash) = names->slots[i];
    }
    free(names->slots);
    names->slots = slots;
    names->capacity = capacity;
    return ASSAY_OK;
}

status member_names_count(struct member_names *names, struct assay_bytes name,
                          uint32_t *ret_occurrence)
{
    if (names->used * 2 >= names->capacity)
        TRY(grow(names));
    uint64_t hash = hash_name(name);
    struct member_name_slot *slot = find(names->slots, names->capacity, hash);
    if (!slot->hash) {
        slot->hash = hash;
        names->used++;
    }
    *ret_occurrence = ++slot->count;
    return ASSAY_OK;
}

void member_names_release(struct member_names *names)
{
    free(names->slots);
    *names = (struct member_names){NULL, 0, 0};
}
