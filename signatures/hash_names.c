#include "signatures/hash_names.h"

#include <string.h>

#define SLOTS  131072 /* a power of two */
#define PROBES 8

/* 16 MiB of these. Longer names are not remembered. */
struct slot {
    uint64_t place;
    uint8_t size; /* 0: empty */
    uint8_t text[119];
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

static bool has_name(const struct slot *slot, struct assay_bytes name)
{
    return slot->size == name.size && memcmp(slot->text, name.data, name.size) == 0;
}

/* The slot that has the name, or the one that it may have: an empty one, or that of another name. Who
 * chooses names that meet (the hash is FNV-1a) only makes the index larger. */
static struct slot *slot_of(struct hash_names *names, struct assay_bytes name)
{
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < name.size; i++)
        hash = (hash ^ name.data[i]) * 16777619U;
    for (uint32_t i = 0; i < PROBES; i++) {
        struct slot *slot = &names->slots[(hash + i) % SLOTS];
        if (slot->size == 0 || has_name(slot, name))
            return slot;
    }
    return &names->slots[(hash + (hash >> 17) % PROBES) % SLOTS];
}

uint64_t hash_names_place(struct hash_names *names, struct assay_bytes name, bool *ret_is_new)
{
    uint64_t place = names->size;
    *ret_is_new = true;
    if (name.size <= sizeof(names->slots[0].text)) {
        struct slot *slot = slot_of(names, name);
        *ret_is_new = !has_name(slot, name);
        if (!*ret_is_new)
            return slot->place;
        slot->place = place;
        slot->size = (uint8_t)name.size;
        memcpy(slot->text, name.data, name.size);
    }
    names->size += 1 + name.size;
    return place;
}

uint64_t hash_names_size(const struct hash_names *names)
{
    return names->size;
}
