/* The containers that libarchive reads: how each is known, what its head tells of other volumes and
 * of encryption (which libarchive does not say clearly), where it ends, and its row. */
#include "base/bytes.h"
#include "unpack/libarchive.h"
#include "unpack/sfx.h"

#include <archive.h>
#include <zlib.h>

static void note_volume(struct unpack_env *env)
{
    env->note(env->note_context, ASSAY_ERR_MISSING_VOLUME, "one of several volumes");
}

static status check_nothing(struct view input, struct unpack_env *env)
{
    (void)input;
    (void)env;
    return ASSAY_OK;
}

static void note_cut(struct unpack_env *env)
{
    env->note(env->note_context, ASSAY_ERR_TRUNCATED, "the archive is cut short");
}

/* ---- 7z, 7zFormat.txt ---------------------------------------------------------------------- */

static bool is_7z(struct view input)
{
    return view_starts(input, 0, "7z\xbc\xaf\x27\x1c", 6);
}

/* Behind the header at the end, whose place and size stand at the front. */
static uint64_t end_of_7z(struct view input, uint64_t reached, struct unpack_env *env)
{
    enum { FRONT_SIZE = 32 };
    uint64_t offset, size, end;
    (void)env;
    if (!bytes_u64le(input, 12, &offset) || !bytes_u64le(input, 20, &size) ||
        __builtin_add_overflow(offset, size, &end) || __builtin_add_overflow(end, FRONT_SIZE, &end))
        return reached;
    return end;
}

/* ---- RAR to 4: signature, then the main header: CRC (2), type, flags (2) ------------------- */

static bool is_rar(struct view input)
{
    return view_starts(input, 0, "Rar!\x1a\x07\x00", 7);
}

static status check_rar(struct view input, struct unpack_env *env)
{
    enum { MAIN_HEADER = 0x73, VOLUME = 0x0001, HEADERS_ENCRYPTED = 0x0080 };
    uint8_t type;
    uint16_t flags;
    if (!bytes_u8(input, 9, &type) || !bytes_u16le(input, 10, &flags) || type != MAIN_HEADER)
        return ASSAY_OK;
    if (flags & HEADERS_ENCRYPTED)
        return error_set(&env->error, ASSAY_ERR_ENCRYPTED, "RAR headers are encrypted");
    if (flags & VOLUME)
        note_volume(env);
    return ASSAY_OK;
}

/* The end block has 7 to 20 bytes, its size in the last two of seven. RAR before 3.0 wrote none. */
static uint64_t end_of_rar(struct view input, uint64_t reached, struct unpack_env *env)
{
    enum { END_BLOCK = 0x7b, SIZE_MIN = 7, SIZE_MOST = 20 };
    bool has_end = false;
    for (uint64_t size = SIZE_MIN; size <= SIZE_MOST && size <= reached; size++) {
        uint8_t type;
        uint16_t said;
        has_end = has_end || (bytes_u8(input, reached - size + 2, &type) && type == END_BLOCK &&
                              bytes_u16le(input, reached - size + 5, &said) && said == size);
    }
    if (!has_end && reached < input.size)
        note_cut(env);
    return reached;
}

/* ---- RAR 5: signature, CRC (4), then numbers of 7 bits a byte ------------------------------ */

static bool is_rar5(struct view input)
{
    return view_starts(input, 0, "Rar!\x1a\x07\x01\x00", 8);
}

static bool read_number(struct view input, uint64_t *offset, uint64_t *ret_number)
{
    uint64_t number = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
        uint8_t byte;
        if (!bytes_u8(input, (*offset)++, &byte))
            return false;
        number |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            *ret_number = number;
            return true;
        }
    }
    return false;
}

static status check_rar5(struct view input, struct unpack_env *env)
{
    enum { ENCRYPTION_HEADER = 4, MAIN_HEADER = 1, HAS_EXTRA = 1, VOLUME = 1 };
    uint64_t offset = 12, size, type, flags, extra, archive_flags;
    if (!read_number(input, &offset, &size) || !read_number(input, &offset, &type))
        return ASSAY_OK;
    if (type == ENCRYPTION_HEADER)
        return error_set(&env->error, ASSAY_ERR_ENCRYPTED, "RAR headers are encrypted");
    if (type != MAIN_HEADER || !read_number(input, &offset, &flags))
        return ASSAY_OK;
    if ((flags & HAS_EXTRA) && !read_number(input, &offset, &extra))
        return ASSAY_OK;
    if (read_number(input, &offset, &archive_flags) && (archive_flags & VOLUME))
        note_volume(env);
    return ASSAY_OK;
}

/* The end block is the last thing that libarchive looks at, and it does not read all of it: CRC, a
 * size of one byte, then that many bytes, of which the first is the type. */
static uint64_t end_of_rar5(struct view input, uint64_t reached, struct unpack_env *env)
{
    enum { END_BLOCK = 5, SEARCHED = 64, HEAD_SIZE = 5 };
    for (uint64_t at = reached > SEARCHED ? reached - SEARCHED : 0; at < reached; at++) {
        uint32_t crc;
        uint8_t size, type;
        if (bytes_u32le(input, at, &crc) && bytes_u8(input, at + 4, &size) &&
            bytes_u8(input, at + HEAD_SIZE, &type) && type == END_BLOCK &&
            view_has(input, at + HEAD_SIZE, size) &&
            crc32_z(0, input.data + at + 4, size + 1u) == crc)
            return at + HEAD_SIZE + size;
    }
    note_cut(env);
    return reached;
}

/* ---- Microsoft cabinet, MS-CAB: version 1.3, flags ----------------------------------------- */

/* The reserved fields are 0, but other programs do not look; libarchive does, and says so. */
static bool is_cab(struct view input)
{
    return view_starts(input, 0, "MSCF", 4) && view_starts(input, 24, "\x03\x01", 2);
}

static status check_cab(struct view input, struct unpack_env *env)
{
    enum { FROM_PREVIOUS = 1, INTO_NEXT = 2 };
    uint16_t flags;
    if (bytes_u16le(input, 30, &flags) && (flags & (FROM_PREVIOUS | INTO_NEXT)))
        note_volume(env);
    return ASSAY_OK;
}

/* The size that the head tells may lie, so that what it covers need not have been looked at. */
static uint64_t end_of_cab(struct view input, uint64_t reached, struct unpack_env *env)
{
    uint32_t size;
    if (bytes_u32le(input, 8, &size) && size > input.size)
        note_cut(env);
    return reached;
}

/* ---- LHA: the method at 2, the level of the header at 20 ----------------------------------- */

static bool is_lha(struct view input)
{
    uint8_t method, level;
    if (!bytes_u8(input, 5, &method) || !bytes_u8(input, 20, &level) || level > 3)
        return false;
    if (!view_starts(input, 6, "-", 1))
        return false;
    return (view_starts(input, 2, "-lh", 3) && strchr("01234567dx", method) && method) ||
           (view_starts(input, 2, "-lz", 3) && strchr("s45", method) && method);
}

/* A zero stands where the next header would. */
static uint64_t end_of_lha(struct view input, uint64_t reached, struct unpack_env *env)
{
    if (reached >= input.size)
        note_cut(env);
    return reached;
}

/* ---- rows ---------------------------------------------------------------------------------- */

/* Where the container begins: at the front, or behind the program that would unpack it. Empty when
 * it is nowhere. */
static struct view locate(struct view input, bool (*is_format)(struct view), const char *magic,
                          size_t magic_size)
{
    struct view none = {NULL, 0};
    if (is_format(input))
        return input;
    struct view behind = magic_size > 0 ? sfx_find(input, magic, magic_size) : none;
    return is_format(behind) ? behind : none;
}

/* unpack_NAME, known by is_NAME with so many bits; CHECK looks at the head before libarchive does,
 * END at the end after it. MAGIC is looked for behind programs; "" for formats that do not extract
 * themselves. */
#define ROW(NAME, FORMAT, BITS, CHECK, END, MAGIC)                                                 \
    static const struct libarchive_format format_##NAME = {archive_read_support_format_##FORMAT,   \
                                                           END};                                   \
    static struct view locate_##NAME(struct view input) {                                          \
        return locate(input, is_##NAME, MAGIC, sizeof(MAGIC) - 1);                                 \
    } static unsigned identify_##NAME(struct view input)                                           \
    {                                                                                              \
        return locate_##NAME(input).size > 0 ? (BITS) : 0;                                         \
    }                                                                                              \
    static status open_##NAME(struct view input, struct unpack_env *env,                           \
                              struct unpack_stream **ret_stream)                                   \
    {                                                                                              \
        struct view container = locate_##NAME(input);                                              \
        TRY(CHECK(container, env));                                                                \
        return libarchive_open(&format_##NAME, input, input.size - container.size, env,            \
                               ret_stream);                                                        \
    }                                                                                              \
    extern const struct unpacker unpack_##NAME;                                                    \
    const struct unpacker unpack_##NAME = {.name = #NAME,                                          \
                                           .identify = identify_##NAME,                            \
                                           .open = open_##NAME,                                    \
                                           .next = libarchive_next,                                \
                                           .read = libarchive_read,                                \
                                           .close = libarchive_close};

ROW(7z, 7zip, 48, check_nothing, end_of_7z, "7z\xbc\xaf\x27\x1c")
ROW(rar, rar, 56, check_rar, end_of_rar, "Rar!\x1a\x07\x00")
ROW(rar5, rar5, 64, check_rar5, end_of_rar5, "Rar!\x1a\x07\x01\x00")
ROW(cab, cab, 48, check_cab, end_of_cab, "MSCF\0\0\0\0")
ROW(lha, lha, 48, check_nothing, end_of_lha, "")
