#include "signatures/file_out.h"

#include "base/write.h"

#include <endian.h>
#include <string.h>

status file_out_flush(struct file_out *out)
{
    TRY(write_all(out->fd, (struct view){out->room, out->waiting}));
    out->waiting = 0;
    return ASSAY_OK;
}

status file_out_put(struct file_out *out, const void *bytes, size_t size)
{
    const uint8_t *from = bytes;
    out->size += size;
    while (size > 0) {
        if (out->waiting == sizeof(out->room))
            TRY(file_out_flush(out));
        size_t free_room = sizeof(out->room) - out->waiting;
        size_t part = size < free_room ? size : free_room;
        memcpy(out->room + out->waiting, from, part);
        out->waiting += part;
        from += part;
        size -= part;
    }
    return ASSAY_OK;
}

status file_out_put_u32(struct file_out *out, uint32_t number)
{
    number = htole32(number);
    return file_out_put(out, &number, sizeof(number));
}

status file_out_put_u64(struct file_out *out, uint64_t number)
{
    number = htole64(number);
    return file_out_put(out, &number, sizeof(number));
}

status file_out_pad(struct file_out *out, uint64_t align)
{
    static const uint8_t zero = 0;
    while (out->size % align != 0)
        TRY(file_out_put(out, &zero, 1));
    return ASSAY_OK;
}
