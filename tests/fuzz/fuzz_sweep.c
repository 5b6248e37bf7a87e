/* The search for archives in the middle of other data: it goes forward, stays inside, and what it
 * finds is what a front to back look at every offset finds first. */
#include "unpack/sweep.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool kept)
{
    if (!kept)
        abort();
}

/* True when a reader with a magic there calls it genuine, whatever the sweep thinks. */
static bool is_one(const struct unpacker *reader, struct view input, uint64_t offset)
{
    struct view rest = view_sub(input, offset, UINT64_MAX);
    for (size_t i = 0; i < UNPACK_MAGICS_MAX && reader->magics[i].bytes; i++) {
        const struct unpack_magic *magic = &reader->magics[i];
        if (view_starts(rest, magic->offset, magic->bytes, magic->size) && reader->is_genuine(rest))
            return true;
    }
    return false;
}

/* Asks everybody at every offset before `to`: nothing may be there, since the sweep went past. */
static void check_nothing(struct view input, uint64_t from, uint64_t to)
{
    size_t count;
    const struct unpacker *const *readers = unpack_registry(&count);
    for (uint64_t offset = from; offset < to; offset++)
        for (size_t i = 0; i < count; i++)
            require(!is_one(readers[i], input, offset));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct sweep_keys *keys;
    if (!keys && sweep_keys_new(&keys) < 0)
        abort();
    struct view input = {data, size};
    uint64_t at = 0, tries = 200;
    for (;;) {
        uint64_t from = at;
        struct sweep_hit hit = {NULL, 0};
        status found = sweep_next(keys, input, &at, size, &tries, &hit);
        require(at >= from && at <= size);
        if (found == ASSAY_END)
            check_nothing(input, from, size);
        if (found != ASSAY_OK)
            return 0;
        require(hit.offset == at && is_one(hit.reader, input, at));
        at++;
    }
}
