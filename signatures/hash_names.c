#include "signatures/hash_names.h"

#include <string.h>

#define SLOTS 8192 /* a power of two */

struct slot {
    uint64_t place;
    uint8_t size; /* 0: empty */
    uint8_t text[HASH_NAME_MAX];
};

struct hash_names {
    uint64_t size;
    struct slot slots[SLOTS];
};

status hash_names_new(struct hash_names **ret_names)
{
    *ret_names = calloc(1, sizeof(**ret_names));
    return *ret_names != NULL ? ASSAY_OK : ASSAY_ERR_NOMEM;
}

void hash_names_free(struct hash_names *names)
{
    free(names);
}

void hash_names_reset(struct hash_names *names)
{
    memset(names, 0, sizeof(*names));
}

/* FNV-1a. Who chooses names that meet only makes the index larger. */
static struct slot *slot_of(struct hash_names *names, struct assay_bytes name)
{
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < name.size; i++)
        hash = (hash ^ name.data[i]) * 16777619U;
    return &names->slots[(hash ^ hash >> 16) & (SLOTS - 1)];
}

uint64_t hash_names_place(struct hash_names *names, struct assay_bytes name, bool *ret_is_new)
{
    struct slot *slot = slot_of(names, name);
    *ret_is_new =
        slot->size == 0 || slot->size != name.size || memcmp(slot->text, name.data, name.size) != 0;
    if (*ret_is_new) {
        slot->place = names->size;
        slot->size = (uint8_t)name.size;
        memcpy(slot->text, name.data, name.size);
        names->size += 1 + name.size;
    }
    return slot->place;
}

uint64_t hash_names_size(const struct hash_names *names)
{
    return names->size;
}
