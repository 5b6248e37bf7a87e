#include "walk/idset.h"

#include <stdlib.h>
#include <string.h>

#include "walk/hash.h"

#define FIRST_SLOTS 64

/* No padding: compared and hashed as bytes. */
struct file_id {
    uint64_t device;
    uint64_t inode;
    uint64_t size;
    uint64_t mtime_seconds;
    uint64_t ctime_seconds;
    uint32_t mtime_nanoseconds;
    uint32_t ctime_nanoseconds;
};

static struct file_id id_of(const struct stat *stat)
{
    return (struct file_id){
        .device = stat->st_dev,
        .inode = stat->st_ino,
        .size = (uint64_t)stat->st_size,
        .mtime_seconds = (uint64_t)stat->st_mtim.tv_sec,
        .ctime_seconds = (uint64_t)stat->st_ctim.tv_sec,
        .mtime_nanoseconds = (uint32_t)stat->st_mtim.tv_nsec,
        .ctime_nanoseconds = (uint32_t)stat->st_ctim.tv_nsec,
    };
}

static size_t hash_of(const struct file_id *id, uint64_t seed)
{
    uint64_t hash = hash_mix(seed, id->device);
    hash = hash_mix(hash, id->inode);
    hash = hash_mix(hash, id->size);
    hash = hash_mix(hash, id->mtime_seconds);
    hash = hash_mix(hash, id->ctime_seconds);
    return (size_t)hash_mix(hash, (uint64_t)id->mtime_nanoseconds << 32 | id->ctime_nanoseconds);
}

/* The slot that holds the file, or the free one where it belongs. There always is a free one. */
static size_t find_slot(const struct idset *set, const struct file_id *id)
{
    size_t mask = set->slot_count - 1;
    size_t slot = hash_of(id, set->seed) & mask;
    while (set->slots[slot] && memcmp(&set->ids[set->slots[slot] - 1], id, sizeof(*id)) != 0)
        slot = (slot + 1) & mask;
    return slot;
}

/* Doubles the slots; ids holds half as many files as there are slots. */
static status grow(struct idset *set)
{
    size_t slot_count = set->slot_count ? set->slot_count * 2 : FIRST_SLOTS;
    if (slot_count / 2 > UINT32_MAX)
        return ASSAY_ERR_NOMEM;
    struct file_id *ids = reallocarray(set->ids, slot_count / 2, sizeof(*ids));
    if (!ids)
        return ASSAY_ERR_NOMEM;
    set->ids = ids;
    uint32_t *slots = calloc(slot_count, sizeof(*slots));
    if (!slots)
        return ASSAY_ERR_NOMEM;
    free(set->slots);
    set->slots = slots;
    set->slot_count = slot_count;
    for (size_t i = 0; i < set->count; i++)
        slots[find_slot(set, &ids[i])] = (uint32_t)i + 1;
    return ASSAY_OK;
}

bool idset_has(const struct idset *set, const struct stat *stat)
{
    if (set->count == 0)
        return false;
    struct file_id id = id_of(stat);
    return set->slots[find_slot(set, &id)] != 0;
}

status idset_add(struct idset *set, const struct stat *stat)
{
    if (set->count == set->slot_count / 2)
        TRY(grow(set));
    struct file_id id = id_of(stat);
    size_t slot = find_slot(set, &id);
    if (set->slots[slot])
        return ASSAY_OK;
    set->ids[set->count++] = id;
    set->slots[slot] = (uint32_t)set->count;
    return ASSAY_OK;
}

void idset_release(struct idset *set)
{
    free(set->ids);
    free(set->slots);
    *set = (struct idset){.seed = set->seed};
}
