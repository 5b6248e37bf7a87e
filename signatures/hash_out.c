#include "signatures/hash_out.h"

#include "base/write.h"

#include <endian.h>
#include <string.h>

status hash_out_flush(struct hash_out *out)
{
    TRY(write_all(out->fd, (struct view){out->room, out->waiting}));
    out->waiting = 0;
    return ASSAY_OK;
}

status hash_out_put(struct hash_out *out, const void *bytes, size_t size)
{
    const uint8_t *from = bytes;
    out->size += size;
    while (size > 0) {
        if (out->waiting == sizeof(out->room))
            TRY(hash_out_flush(out));
        size_t free_room = sizeof(out->room) - out->waiting;
        size_t part = size < free_room ? size : free_room;
        memcpy(out->room + out->waiting, from, part);
        out->waiting += part;
        from += part;
        size -= part;
    }
    return ASSAY_OK;
}

status hash_out_put_u32(struct hash_out *out, uint32_t number)
{
    number = htole32(number);
    return hash_out_put(out, &number, sizeof(number));
}

status hash_out_put_u64(struct hash_out *out, uint64_t number)
{
    number = htole64(number);
    return hash_out_put(out, &number, sizeof(number));
}

status hash_out_pad(struct hash_out *out, uint64_t align)
{
    static const uint8_t zero = 0;
    while (out->size % align != 0)
        TRY(hash_out_put(out, &zero, 1));
    return ASSAY_OK;
}
