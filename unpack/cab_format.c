#include "unpack/cab_format.h"

#include "base/bytes.h"

enum { HEADER_SIZE = 36, FOLDER_SIZE = 8, FILE_SIZE = 16, BLOCK_SIZE = 8, NAME_MAX_SIZE = 256 };

/* A string and its NUL. False when there is no NUL where one must be. */
static bool parse_string(struct view input, uint64_t *offset, struct assay_bytes *ret_string)
{
    struct view most = view_sub(input, *offset, NAME_MAX_SIZE + 1);
    const uint8_t *nul = most.size > 0 ? memchr(most.data, 0, most.size) : NULL;
    if (!nul)
        return false;
    *ret_string = (struct assay_bytes){most.data, (size_t)(nul - most.data)};
    *offset += ret_string->size + 1;
    return true;
}

bool cab_parse_header(struct view input, struct cab_header *ret_header)
{
    struct cab_header header = {.folders = HEADER_SIZE};
    if (!bytes_u32le(input, 8, &header.size) || !bytes_u32le(input, 16, &header.files) ||
        !bytes_u16le(input, 26, &header.folder_count) ||
        !bytes_u16le(input, 28, &header.file_count) || !bytes_u16le(input, 30, &header.flags) ||
        !view_has(input, 0, HEADER_SIZE))
        return false;
    if (header.flags & CAB_HAS_RESERVED) {
        uint16_t reserved;
        if (!bytes_u16le(input, HEADER_SIZE, &reserved) ||
            !bytes_u8(input, HEADER_SIZE + 2, &header.folder_reserved) ||
            !bytes_u8(input, HEADER_SIZE + 3, &header.data_reserved))
            return false;
        header.folders += 4u + reserved;
    }
    /* Names of the cabinets before and behind this one, and of the disks they are on. */
    unsigned strings =
        (header.flags & CAB_FROM_PREVIOUS ? 2u : 0u) + (header.flags & CAB_INTO_NEXT ? 2u : 0u);
    for (; strings > 0; strings--) {
        struct assay_bytes name;
        if (!parse_string(input, &header.folders, &name))
            return false;
    }
    *ret_header = header;
    return true;
}

bool cab_parse_folder(struct view input, uint64_t offset, struct cab_folder *ret_folder)
{
    struct cab_folder folder = {.from_previous = false};
    if (!bytes_u32le(input, offset, &folder.data) ||
        !bytes_u16le(input, offset + 4, &folder.block_count) ||
        !bytes_u16le(input, offset + 6, &folder.type))
        return false;
    *ret_folder = folder;
    return true;
}

enum cab_method cab_method_of(const struct cab_folder *folder)
{
    return (enum cab_method)(folder->type & 0x000f);
}

unsigned cab_window_bits(const struct cab_folder *folder)
{
    return folder->type >> 8 & 0x1f;
}

bool cab_parse_file(struct view input, uint64_t *offset, struct solid_file *ret_file)
{
    uint32_t size, at;
    uint16_t folder;
    if (!bytes_u32le(input, *offset, &size) || !bytes_u32le(input, *offset + 4, &at) ||
        !bytes_u16le(input, *offset + 8, &folder))
        return false;
    struct assay_bytes name;
    uint64_t end = *offset + FILE_SIZE;
    if (!parse_string(input, &end, &name))
        return false;
    *offset = end;
    *ret_file = (struct solid_file){.stream = folder, .offset = at, .size = size, .name = name};
    return true;
}

/* 32-bit words, exclusive or; what is left of less than a word is in the opposite order. */
static uint32_t check_sum(struct view bytes, uint32_t sum)
{
    uint64_t at = 0;
    uint32_t word;
    for (; bytes_u32le(bytes, at, &word); at += 4)
        sum ^= word;
    word = 0;
    for (; at < bytes.size; at++)
        word = word << 8 | bytes.data[at];
    return sum ^ word;
}

/* Programs do not agree on whether the reserved bytes are part of it. */
bool cab_parse_block(struct view input, uint8_t reserved, uint64_t *offset,
                     struct cab_block *ret_block)
{
    uint32_t sum;
    uint16_t packed;
    struct cab_block block = {.is_sound = true};
    if (!bytes_u32le(input, *offset, &sum) || !bytes_u16le(input, *offset + 4, &packed) ||
        !bytes_u16le(input, *offset + 6, &block.decoded))
        return false;
    uint64_t data = *offset + BLOCK_SIZE + reserved;
    block.data = view_sub(input, data, packed);
    block.missing = (uint32_t)(packed - block.data.size);
    if (sum != 0 && block.missing == 0) {
        uint32_t data_sum = check_sum(block.data, 0);
        block.is_sound = check_sum(view_sub(input, *offset + 4, 4), data_sum) == sum ||
                         check_sum(view_sub(input, *offset + 4, 4u + reserved), data_sum) == sum;
    }
    *offset = data + block.data.size;
    *ret_block = block;
    return true;
}
