#include "unpack/zip_format.h"

#include "base/bytes.h"

#define NO_SIZE      0xffffffffu /* the number is in the zip64 extra field */
#define NO_DISK      0xffffu
#define EXTRA_FIELDS 256

enum zip_signature zip_signature_at(struct view input, uint64_t offset)
{
    uint16_t kind;
    if (!view_starts(input, offset, "PK", 2) || !bytes_u16be(input, offset + 2, &kind))
        return ZIP_NONE;
    switch (kind) {
    case ZIP_CENTRAL:
    case ZIP_LOCAL:
    case ZIP_END:
    case ZIP_END64:
    case ZIP_LOCATOR64:
    case ZIP_SPANNED:
        return (enum zip_signature)kind;
    default:
        return ZIP_NONE;
    }
}

uint64_t zip_find_record(struct view input, uint64_t offset)
{
    while (view_has(input, offset, 4)) {
        const uint8_t *hit = memchr(input.data + offset, 'P', input.size - offset);
        if (!hit)
            break;
        offset = (uint64_t)(hit - input.data);
        if (zip_signature_at(input, offset) != ZIP_NONE)
            return offset;
        offset++;
    }
    return input.size;
}

/* The extra field with this id; empty when there is none among the first. Hostile headers lie upon
 * each other, and each may have thousands of fields. */
static struct view find_extra(struct view extra, uint16_t wanted)
{
    uint64_t at = 0;
    uint16_t id, size;
    for (unsigned i = 0;
         i < EXTRA_FIELDS && bytes_u16le(extra, at, &id) && bytes_u16le(extra, at + 2, &size);
         i++) {
        at += 4;
        if (id == wanted)
            return view_sub(extra, at, size);
        at += size;
    }
    return (struct view){NULL, 0};
}

/* Takes the next 64-bit number where the 32-bit one says that it is there. */
static void widen(struct view extra, uint64_t *at, uint64_t *number)
{
    if (*number == NO_SIZE && bytes_u64le(extra, *at, number))
        *at += 8;
}

static struct zip_aes_extra parse_aes(struct view extra)
{
    struct view field = find_extra(extra, 0x9901);
    struct zip_aes_extra aes = {0};
    uint8_t strength;
    if (view_starts(field, 2, "AE", 2) && bytes_u8(field, 4, &strength) && strength <= 3 &&
        bytes_u16le(field, 0, &aes.version) && bytes_u16le(field, 5, &aes.method))
        aes.strength = strength;
    return aes;
}

/* The fields that both kinds have in the same order: flags, method, time, date, CRC, sizes. */
static bool parse_common(struct view input, uint64_t offset, struct zip_record *record)
{
    uint32_t packed, unpacked;
    if (!bytes_u16le(input, offset, &record->flags) ||
        !bytes_u16le(input, offset + 2, &record->method) ||
        !bytes_u16le(input, offset + 4, &record->time) ||
        !bytes_u32le(input, offset + 8, &record->crc) ||
        !bytes_u32le(input, offset + 12, &packed) || !bytes_u32le(input, offset + 16, &unpacked))
        return false;
    record->packed = packed;
    record->unpacked = unpacked;
    return true;
}

bool zip_parse_local(struct view input, uint64_t offset, struct zip_record *ret_record)
{
    struct zip_record record = {.offset = offset};
    uint16_t name, extra;
    if (zip_signature_at(input, offset) != ZIP_LOCAL || !parse_common(input, offset + 6, &record) ||
        !bytes_u16le(input, offset + 26, &name) || !bytes_u16le(input, offset + 28, &extra) ||
        !view_has(input, offset, ZIP_LOCAL_SIZE + (uint64_t)name + extra))
        return false;
    record.name = (struct assay_bytes){input.data + offset + ZIP_LOCAL_SIZE, name};
    record.end = offset + ZIP_LOCAL_SIZE + name + extra;
    struct view fields = view_sub(input, record.end - extra, extra);
    struct view wide = find_extra(fields, 1);
    record.aes = parse_aes(fields);
    uint64_t at = 0;
    widen(wide, &at, &record.unpacked);
    widen(wide, &at, &record.packed);
    *ret_record = record;
    return true;
}

bool zip_parse_central(struct view input, uint64_t offset, struct zip_record *ret_record)
{
    struct zip_record record = {0};
    uint16_t name, extra, comment;
    uint32_t local;
    if (zip_signature_at(input, offset) != ZIP_CENTRAL ||
        !parse_common(input, offset + 8, &record) || !bytes_u16le(input, offset + 28, &name) ||
        !bytes_u16le(input, offset + 30, &extra) || !bytes_u16le(input, offset + 32, &comment) ||
        !bytes_u32le(input, offset + 42, &local) ||
        !view_has(input, offset, ZIP_CENTRAL_SIZE + (uint64_t)name + extra + comment))
        return false;
    record.offset = local;
    record.name = (struct assay_bytes){input.data + offset + ZIP_CENTRAL_SIZE, name};
    uint64_t extra_at = offset + ZIP_CENTRAL_SIZE + name;
    struct view fields = view_sub(input, extra_at, extra);
    struct view wide = find_extra(fields, 1);
    record.aes = parse_aes(fields);
    uint64_t at = 0;
    widen(wide, &at, &record.unpacked);
    widen(wide, &at, &record.packed);
    widen(wide, &at, &record.offset);
    record.end = extra_at + extra + comment;
    *ret_record = record;
    return true;
}

/* The zip64 record lies where its locator, right before the plain record, says; or, when something
 * was put before the archive, right before the locator. */
static void widen_end(struct view input, uint64_t locator, struct zip_end *end)
{
    uint64_t at;
    if (zip_signature_at(input, locator) != ZIP_LOCATOR64 || !bytes_u64le(input, locator + 8, &at))
        return;
    if (zip_signature_at(input, at) != ZIP_END64)
        at = locator >= 56 ? locator - 56 : 0;
    if (zip_signature_at(input, at) != ZIP_END64 || at >= locator ||
        !bytes_u64le(input, at + 40, &end->size) || !bytes_u64le(input, at + 48, &end->directory))
        return;
    end->front = at;
}

bool zip_parse_end(struct view input, uint64_t offset, struct zip_end *ret_end)
{
    uint16_t disk, first_disk;
    uint32_t size, directory;
    if (zip_signature_at(input, offset) != ZIP_END || !view_has(input, offset, ZIP_END_SIZE) ||
        !bytes_u16le(input, offset + 4, &disk) || !bytes_u16le(input, offset + 6, &first_disk) ||
        !bytes_u32le(input, offset + 12, &size) || !bytes_u32le(input, offset + 16, &directory))
        return false;
    struct zip_end end = {.directory = directory, .size = size, .front = offset};
    end.is_split = (disk != 0 && disk != NO_DISK) || (first_disk != 0 && first_disk != NO_DISK);
    if (offset >= 20)
        widen_end(input, offset - 20, &end);
    *ret_end = end;
    return true;
}

static const struct {
    uint16_t method;
    const char *name;
} methods[] = {
    {0, "stored"},   {1, "shrink"},  {2, "reduce"},  {3, "reduce"},    {4, "reduce"},
    {5, "reduce"},   {6, "implode"}, {8, "deflate"}, {9, "deflate64"}, {10, "dcl implode"},
    {12, "bzip2"},   {14, "lzma"},   {16, "cmpsc"},  {18, "terse"},    {19, "lz77"},
    {20, "zstd"},    {93, "zstd"},   {94, "mp3"},    {95, "xz"},       {96, "jpeg"},
    {97, "wavpack"}, {98, "ppmd"},   {99, "aes"},
};

const char *zip_method_name(uint16_t method)
{
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (methods[i].method == method)
            return methods[i].name;
    }
    return "unknown";
}

bool zip_method_is_known(uint16_t method)
{
    return strcmp(zip_method_name(method), "unknown") != 0;
}

/* Where one record ends, another begins, or the file ends. */
static bool is_boundary(struct view input, uint64_t offset)
{
    return offset == input.size || zip_signature_at(input, offset) != ZIP_NONE;
}

uint64_t zip_skip_descriptor(struct view input, uint64_t offset, bool *ret_found, uint32_t *ret_crc)
{
    /* CRC and two sizes of 4 or 8 bytes; the signature before them is customary, not required. */
    bool is_signed = zip_signature_at(input, offset) == ZIP_SPANNED;
    uint64_t front = offset + (is_signed ? 4 : 0);
    bool is_wide = !is_boundary(input, front + 12) && is_boundary(input, front + 20);
    *ret_found = (is_signed || is_wide || is_boundary(input, front + 12)) &&
                 view_has(input, front, is_wide ? 20 : 12) && bytes_u32le(input, front, ret_crc);
    return *ret_found ? front + (is_wide ? 20 : 12) : offset;
}
