#include "unpack/frames.h"

#include "base/bytes.h"

enum {
    SKIPPABLE_HEAD_SIZE = 8,
    WINDOW_MIN_LOG = 10,
    SINGLE_SEGMENT =
        1 << 5, /* in the descriptor of a frame: no window is given, the content is it */
};

uint64_t frames_skippable_size(struct view input, uint64_t offset)
{
    uint32_t magic, size;
    if (!bytes_u32le(input, offset, &magic) || (magic & 0xfffffff0) != 0x184d2a50)
        return 0;
    if (!bytes_u32le(input, offset + 4, &size))
        return 0;
    return SKIPPABLE_HEAD_SIZE + (uint64_t)size;
}

uint64_t frames_skip(struct view input, uint64_t offset, unsigned most)
{
    for (unsigned i = 0; i < most; i++) {
        uint64_t size = frames_skippable_size(input, offset);
        if (size == 0 || !view_has(input, offset, size))
            break;
        offset += size;
    }
    return offset;
}

bool zstd_is_legacy(struct view input)
{
    uint32_t magic;
    if (!bytes_u32le(input, 0, &magic))
        return false;
    return magic == 0x1eb52ffd || (magic >= 0xfd2fb522 && magic <= 0xfd2fb527);
}

/* The size of the content of a single-segment frame, 1 to 8 bytes long as the descriptor says. */
static bool single_segment_size(struct view input, uint8_t descriptor, uint64_t *ret_size)
{
    static const uint64_t dictionary_id_size[] = {0, 1, 2, 4};
    static const unsigned size_size[] = {1, 2, 4, 8};
    uint64_t offset = 5 + dictionary_id_size[descriptor & 3];
    unsigned bytes = size_size[descriptor >> 6];
    if (!view_has(input, offset, bytes))
        return false;
    uint64_t size = bytes == 2 ? 256 : 0;
    for (unsigned i = 0; i < bytes; i++)
        size += (uint64_t)input.data[offset + i] << 8 * i;
    *ret_size = size;
    return true;
}

bool zstd_window(struct view input, uint64_t *ret_window)
{
    uint32_t magic;
    uint8_t descriptor, window;
    if (!bytes_u32le(input, 0, &magic) || magic != 0xfd2fb528)
        return false;
    if (!bytes_u8(input, 4, &descriptor))
        return false;
    if (descriptor & SINGLE_SEGMENT)
        return single_segment_size(input, descriptor, ret_window);
    if (!bytes_u8(input, 5, &window))
        return false;
    uint64_t base = UINT64_C(1) << (WINDOW_MIN_LOG + (window >> 3));
    *ret_window = base + base / 8 * (window & 7);
    return true;
}
