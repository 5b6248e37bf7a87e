#include "unpack/tar_header.h"

#include "unpack/residue.h"

#define FIELD_NAME     0
#define FIELD_SIZE     124
#define FIELD_CHECKSUM 148
#define FIELD_TYPE     156
#define FIELD_MAGIC    257
#define FIELD_PREFIX   345
#define GNU_EXTENDED   482
#define STAR_MAGIC     508

#define EXTENSION_TYPES "DKLMNSVXgx" /* GNU's and those of pax */

struct view tar_block(struct view input, uint64_t offset)
{
    return view_has(input, offset, TAR_BLOCK) ? view_sub(input, offset, TAR_BLOCK)
                                              : (struct view){NULL, 0};
}

bool tar_has_magic(struct view block)
{
    return view_starts(block, FIELD_MAGIC, "ustar", 5);
}

/* Base 256, GNU: big-endian behind the top bit; the next bit is the sign. */
static uint64_t parse_binary(struct view field)
{
    uint64_t value = field.data[0] & 0x3f;
    if (field.data[0] & 0x40)
        return UINT64_MAX;
    for (uint64_t i = 1; i < field.size; i++) {
        if (value >> 56)
            return UINT64_MAX;
        value = value << 8 | field.data[i];
    }
    return value;
}

/* Octal digits, blanks before, a blank or NUL behind unless the field is full. At most 12 digits,
 * so the value cannot overflow. */
static bool parse_number(struct view field, uint64_t *ret_value)
{
    if (field.data[0] & 0x80) {
        *ret_value = parse_binary(field);
        return true;
    }
    uint64_t i = 0;
    while (i < field.size && field.data[i] == ' ')
        i++;
    uint64_t value = 0;
    uint64_t first = i;
    for (; i < field.size && field.data[i] >= '0' && field.data[i] <= '7'; i++)
        value = value << 3 | (uint64_t)(field.data[i] - '0');
    if (i == first || (i < field.size && field.data[i] != ' ' && field.data[i] != 0))
        return false;
    *ret_value = value;
    return true;
}

bool tar_checks(struct view block)
{
    uint64_t expected;
    if (block.size != TAR_BLOCK || !parse_number(view_sub(block, FIELD_CHECKSUM, 8), &expected))
        return false;
    int64_t plain = 0;
    int64_t with_sign = 0;
    for (uint64_t i = 0; i < TAR_BLOCK; i++) {
        bool own_field = i >= FIELD_CHECKSUM && i < FIELD_CHECKSUM + 8;
        uint8_t byte = own_field ? ' ' : block.data[i];
        plain += byte;
        with_sign += (int8_t)byte;
    }
    return expected == (uint64_t)plain || expected == (uint64_t)with_sign;
}

/* The numbers every header has: mode, owner, group, size, time. A field that a program did not
 * know may be left empty. */
static bool has_sane_fields(struct view block)
{
    static const struct {
        uint64_t offset, size;
    } fields[] = {{100, 8}, {108, 8}, {116, 8}, {FIELD_SIZE, 12}, {136, 12}};
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        struct view field = view_sub(block, fields[i].offset, fields[i].size);
        uint64_t value;
        if (!parse_number(field, &value) && !bytes_are_zero(field))
            return false;
    }
    return true;
}

static struct assay_bytes text_field(struct view block, uint64_t offset, size_t size)
{
    const uint8_t *text = block.data + offset;
    return (struct assay_bytes){text, strnlen((const char *)text, size)};
}

unsigned tar_strength(struct view block)
{
    if (block.size != TAR_BLOCK)
        return 0;
    bool magic = tar_has_magic(block);
    if (!tar_checks(block))
        return magic ? 40 : 0;
    if (magic)
        return 40 + 17;
    /* The name may be anything: to extractors, too. */
    uint8_t type = block.data[FIELD_TYPE];
    bool known = type == 0 || strchr("01234567" EXTENSION_TYPES, type);
    return known && has_sane_fields(block) ? 17 + 40 : 0;
}

/* Where ustar has a prefix GNU has times, and star keeps the last bytes for itself. */
static size_t prefix_room(struct view block)
{
    if (!view_starts(block, FIELD_MAGIC, "ustar\0", 6))
        return 0;
    return view_starts(block, STAR_MAGIC, "tar\0", 4) ? 131 : 155;
}

void tar_header_parse(struct view block, struct tar_header *ret_header)
{
    struct tar_header header = {.type = block.data[FIELD_TYPE],
                                .is_extended = block.data[GNU_EXTENDED] != 0};
    header.has_size = parse_number(view_sub(block, FIELD_SIZE, 12), &header.size);
    struct assay_bytes prefix = text_field(block, FIELD_PREFIX, prefix_room(block));
    if (prefix.size > 0) {
        memcpy(header.name, prefix.data, prefix.size);
        header.name[prefix.size] = '/';
        header.name_size = prefix.size + 1;
    }
    struct assay_bytes name = text_field(block, FIELD_NAME, 100);
    memcpy(header.name + header.name_size, name.data, name.size);
    header.name_size += name.size;
    *ret_header = header;
}
