#include "unpack/residue.h"

#include <stdio.h>

#define RESIDUE_MIN 4

bool bytes_are_zero(struct view bytes)
{
    if (bytes.size == 0 || bytes.data[0] != 0)
        return bytes.size == 0;
    return memcmp(bytes.data, bytes.data + 1, bytes.size - 1) == 0;
}

bool residue_give(struct residue *residue, struct view input, uint64_t from, uint64_t to,
                  struct unpack_member *ret_member)
{
    struct view bytes = view_sub(input, from, to - from);
    if (bytes.size < RESIDUE_MIN || bytes_are_zero(bytes))
        return false;
    int length =
        snprintf(residue->name, sizeof(residue->name), "<residue@%llu>", (unsigned long long)from);
    *ret_member = (struct unpack_member){
        .name = {(const uint8_t *)residue->name, (size_t)length},
        .is_stored = true,
        .stored = bytes,
    };
    return true;
}
