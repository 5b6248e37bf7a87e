#include "unpack/frames.h"

#include "base/bytes.h"

enum {
    SKIPPABLE_HEAD_SIZE = 8,
    WINDOW_MIN_LOG = 10,
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

/* A number of 1 to 8 bytes; 256 is added to those of two. */
static bool content_size(struct view input, uint64_t offset, unsigned bytes, uint64_t *ret_size)
{
    if (!view_has(input, offset, bytes))
        return false;
    uint64_t size = bytes == 2 ? 256 : 0;
    for (unsigned i = 0; i < bytes; i++)
        size += (uint64_t)input.data[offset + i] << 8 * i;
    *ret_size = size;
    return true;
}

uint64_t zstd_window_of(uint8_t byte)
{
    uint64_t base = UINT64_C(1) << (WINDOW_MIN_LOG + (byte >> 3));
    return base + base / 8 * (byte & 7);
}

bool zstd_parse_head(struct view input, struct zstd_head *ret_head)
{
    static const uint8_t dictionary_bytes[] = {0, 1, 2, 4};
    static const uint8_t content_bytes[] = {0, 2, 4, 8};
    uint32_t magic;
    uint8_t descriptor, window = 0;
    if (!bytes_u32le(input, 0, &magic) || magic != 0xfd2fb528 || !bytes_u8(input, 4, &descriptor))
        return false;
    bool is_single = descriptor & ZSTD_SINGLE_SEGMENT;
    struct zstd_head head = {.descriptor = descriptor, .dictionary = is_single ? 5 : 6};
    head.dictionary_size = dictionary_bytes[descriptor & 3];
    unsigned bytes = content_bytes[descriptor >> 6];
    if (is_single && bytes == 0)
        bytes = 1;
    head.has_content = bytes > 0;
    head.size = head.dictionary + head.dictionary_size + bytes;
    if (!view_has(input, 0, head.size) || (!is_single && !bytes_u8(input, 5, &window)) ||
        !content_size(input, head.size - bytes, bytes, &head.content))
        return false;
    head.window = is_single ? head.content : zstd_window_of(window);
    *ret_head = head;
    return true;
}

uint8_t zstd_window_byte(uint64_t window, uint64_t most)
{
    uint8_t byte = 0;
    while (byte < UINT8_MAX && zstd_window_of(byte) < window &&
           zstd_window_of((uint8_t)(byte + 1)) <= most)
        byte++;
    return byte;
}
