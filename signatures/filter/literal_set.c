#include "signatures/filter/literal_set.h"

#include "signatures/filter/literal_format.h"

_Static_assert(sizeof(((struct literal_set *)NULL)->tables) / sizeof(void *) == LITERAL_TABLES,
               "a set has all tables");

static const uint64_t entry_sizes[LITERAL_TABLES] = {
    [0 ... LITERAL_BUCKETS] = sizeof(uint32_t), [LITERAL_PLACES] = sizeof(struct literal_place),
    [LITERAL_MEMBERS] = sizeof(uint32_t),       [LITERAL_TEXTS] = sizeof(struct literal_text),
    [LITERAL_NUMBERS] = sizeof(uint32_t),
};

static uint64_t align(uint64_t size)
{
    return size + -size % LITERAL_ALIGN;
}

static bool is_power_of_two(uint64_t count)
{
    return count != 0 && (count & (count - 1)) == 0 && count <= UINT64_C(1) << 31;
}

static bool take_tables(struct view memory, const struct literal_header *header,
                        struct literal_set *set)
{
    uint64_t at = align(sizeof(*header));
    for (size_t i = 0; i < LITERAL_TABLES; i++) {
        uint64_t size = header->sizes[i];
        if (at > memory.size || size % entry_sizes[i] != 0 || !view_has(memory, at, size))
            return false;
        set->tables[i] = memory.data + at;
        set->sizes[i] = size / entry_sizes[i];
        at += align(size);
    }
    return true;
}

/* Indexes that come from hashes are not compared with sizes any more. */
static bool are_powers(const struct literal_set *set)
{
    bool are = set->sizes[LITERAL_BUCKETS] > 0 && is_power_of_two(set->sizes[LITERAL_BUCKETS] - 1);
    for (size_t i = 0; i < LITERAL_CLASSES; i++)
        are = are && (set->sizes[i] == 0 || is_power_of_two(set->sizes[i]));
    return are;
}

status literal_set_open(struct view memory, struct literal_set *ret_set)
{
    struct literal_header header;
    struct literal_set set = {.memory = memory};
    if (!view_has(memory, 0, align(sizeof(header))) || (uintptr_t)memory.data % 8 != 0)
        return ASSAY_ERR_CORRUPT;
    memcpy(&header, memory.data, sizeof(header));
    if (header.magic != LITERAL_MAGIC || header.count >= LITERAL_NONE ||
        !take_tables(memory, &header, &set) || !are_powers(&set))
        return ASSAY_ERR_CORRUPT;
    set.count = (uint32_t)header.count;
    *ret_set = set;
    return ASSAY_OK;
}
