#include "unpack/extents.h"

#include <stdlib.h>

status extents_add(struct extents *extents, uint64_t from, uint64_t to)
{
    if (from >= to)
        return ASSAY_OK;
    if (extents->count == extents->allocated) {
        size_t wanted = extents->allocated + extents->allocated / 2 + 16;
        struct extent *all = reallocarray(extents->all, wanted, sizeof(*all));
        if (!all)
            return ASSAY_ERR_NOMEM;
        extents->all = all;
        extents->allocated = wanted;
    }
    extents->all[extents->count++] = (struct extent){from, to};
    return ASSAY_OK;
}

static int compare_extents(const void *a, const void *b)
{
    const struct extent *x = a, *y = b;
    return x->from < y->from ? -1 : x->from > y->from;
}

bool extents_next_gap(struct extents *extents, struct view input, struct unpack_member *ret_member)
{
    if (!extents->is_sorted && extents->count > 1)
        qsort(extents->all, extents->count, sizeof(*extents->all), compare_extents);
    extents->is_sorted = true;
    while (extents->reached < input.size) {
        uint64_t from = extents->reached, to = input.size;
        if (extents->cursor < extents->count) {
            const struct extent *next = &extents->all[extents->cursor++];
            to = next->from < to ? next->from : to;
            if (next->to > extents->reached)
                extents->reached = next->to;
        } else {
            extents->reached = input.size;
        }
        while (from < to && input.data[from] == 0)
            from++;
        if (from < to && residue_give(&extents->residue, input, from, to, ret_member))
            return true;
    }
    return false;
}

void extents_release(struct extents *extents)
{
    free(extents->all);
    *extents = (struct extents){.all = NULL};
}
