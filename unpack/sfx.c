#include "unpack/sfx.h"

#include "base/bytes.h"

enum {
    SEARCHED = 64 * 1024, /* bytes behind the program */
    PE_SECTION_SIZE = 40,
    PE_SECTIONS_MAX = 96,
};

static uint64_t pe_end(struct view input)
{
    uint32_t pe;
    uint16_t sections, optional_size;
    if (!view_starts(input, 0, "MZ", 2) || !bytes_u32le(input, 0x3c, &pe) ||
        !view_starts(input, pe, "PE\0\0", 4) || !bytes_u16le(input, pe + UINT64_C(6), &sections) ||
        !bytes_u16le(input, pe + UINT64_C(20), &optional_size))
        return 0;
    uint64_t end = 0, at = pe + UINT64_C(24) + optional_size;
    for (unsigned i = 0; i < sections && i < PE_SECTIONS_MAX; i++, at += PE_SECTION_SIZE) {
        uint32_t size, offset;
        if (!bytes_u32le(input, at + 16, &size) || !bytes_u32le(input, at + 20, &offset))
            return 0;
        if (size > 0 && (uint64_t)offset + size > end)
            end = (uint64_t)offset + size;
    }
    return end;
}

/* Little-endian ELF, of either word size: the section table stands last. */
static uint64_t elf_end(struct view input)
{
    uint64_t offset = 0, end;
    uint32_t offset32;
    uint16_t size, count;
    if (view_starts(input, 0,
                    "\x7f"
                    "ELF\2\1",
                    6)) {
        if (!bytes_u64le(input, 0x28, &offset) || !bytes_u16le(input, 0x3a, &size) ||
            !bytes_u16le(input, 0x3c, &count))
            return 0;
    } else if (view_starts(input, 0,
                           "\x7f"
                           "ELF\1\1",
                           6)) {
        if (!bytes_u32le(input, 0x20, &offset32) || !bytes_u16le(input, 0x2e, &size) ||
            !bytes_u16le(input, 0x30, &count))
            return 0;
        offset = offset32;
    } else {
        return 0;
    }
    if (__builtin_add_overflow(offset, (uint64_t)size * count, &end))
        return 0;
    return end;
}

uint64_t sfx_program_end(struct view input)
{
    uint64_t end = view_starts(input, 0, "MZ", 2) ? pe_end(input) : elf_end(input);
    return end < input.size ? end : 0;
}

struct view sfx_find(struct view input, const char *magic, size_t magic_size)
{
    struct view none = {NULL, 0};
    uint64_t end = sfx_program_end(input);
    if (end == 0)
        return none;
    struct view searched = view_sub(input, end, SEARCHED);
    const uint8_t *found = memmem(searched.data, searched.size, magic, magic_size);
    return found ? view_sub(input, (uint64_t)(found - input.data), UINT64_MAX) : none;
}
