/* The containers that libarchive reads: how each is known, what its head tells of other volumes and
 * of encryption (which libarchive does not say clearly), where it ends, and its row. */
#include "base/bytes.h"
#include "unpack/libarchive.h"
#include "unpack/rar_survey.h"

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

/* The front says where the header is, with a check sum over that. */
static bool is_genuine_7z(struct view input)
{
    enum { CHECKED_FROM = 12, CHECKED_SIZE = 20 };
    uint32_t crc;
    return is_7z(input) && bytes_u32le(input, 8, &crc) &&
           view_has(input, CHECKED_FROM, CHECKED_SIZE) &&
           crc32_z(0, input.data + CHECKED_FROM, CHECKED_SIZE) == crc;
}

/* Behind the header at the end, whose place and size stand at the front. */
static uint64_t told_end_of_7z(struct view input)
{
    enum { FRONT_SIZE = 32 };
    uint64_t offset, size, end;
    if (!bytes_u64le(input, 12, &offset) || !bytes_u64le(input, 20, &size) ||
        __builtin_add_overflow(offset, size, &end) || __builtin_add_overflow(end, FRONT_SIZE, &end))
        return UINT64_MAX;
    return end;
}

/* Without its header nothing of it can be read. */
static status check_7z(struct view input, struct unpack_env *env)
{
    if (told_end_of_7z(input) > input.size)
        return error_set(&env->error, ASSAY_ERR_TRUNCATED,
                         "the archive is cut short, or the first of several volumes");
    return ASSAY_OK;
}

static uint64_t end_of_7z(struct view input, uint64_t reached, struct unpack_env *env)
{
    (void)reached;
    (void)env;
    return told_end_of_7z(input);
}

/* ---- RAR to 4: signature, then the main header: CRC (2), type, flags (2) ------------------- */

static bool is_rar(struct view input)
{
    return view_starts(input, 0, "Rar!\x1a\x07\x00", 7);
}

/* The main header has a check sum: 16 bits of a CRC over all of it but that. */
static bool is_genuine_rar(struct view input)
{
    enum { BLOCK = 7, SIZE_MIN = 13, SIZE_MAX_USUAL = 1024 };
    uint16_t crc, size;
    return is_rar(input) && bytes_u16le(input, BLOCK, &crc) &&
           bytes_u16le(input, BLOCK + 5, &size) && size >= SIZE_MIN && size <= SIZE_MAX_USUAL &&
           view_has(input, BLOCK, size) &&
           (uint16_t)crc32_z(0, input.data + BLOCK + 2, size - 2u) == crc;
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
    rar4_survey(input, env);
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

/* The first header has a check sum over all of it, its size included. */
static bool is_genuine_rar5(struct view input)
{
    enum { BLOCK = 8, SIZE_MAX_USUAL = 4096 };
    uint64_t at = BLOCK + 4, size;
    uint32_t crc;
    return is_rar5(input) && bytes_u32le(input, BLOCK, &crc) &&
           rar5_read_number(input, &at, &size) && size <= SIZE_MAX_USUAL &&
           view_has(input, at, size) &&
           crc32_z(0, input.data + BLOCK + 4, at + size - BLOCK - 4) == crc;
}

static status check_rar5(struct view input, struct unpack_env *env)
{
    enum { ENCRYPTION_HEADER = 4, MAIN_HEADER = 1, HAS_EXTRA = 1, VOLUME = 1 };
    uint64_t offset = 12, size, type, flags, extra, archive_flags;
    if (!rar5_read_number(input, &offset, &size) || !rar5_read_number(input, &offset, &type))
        return ASSAY_OK;
    if (type == ENCRYPTION_HEADER)
        return error_set(&env->error, ASSAY_ERR_ENCRYPTED, "RAR headers are encrypted");
    if (type != MAIN_HEADER || !rar5_read_number(input, &offset, &flags))
        return ASSAY_OK;
    if ((flags & HAS_EXTRA) && !rar5_read_number(input, &offset, &extra))
        return ASSAY_OK;
    if (rar5_read_number(input, &offset, &archive_flags) && (archive_flags & VOLUME))
        note_volume(env);
    rar5_survey(input, env);
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

/* Levels 0 and 1 have a check sum over the header; of level 2 the reserved byte and the size are
 * looked at. */
static bool is_genuine_lha(struct view input)
{
    enum { RESERVED_AT = 19, RESERVED = 0x20, LEVEL_AT = 20, SIZE_MIN = 21, LEVEL_2_SIZE_MIN = 26 };
    uint8_t size, sum, reserved, level;
    uint16_t long_size;
    if (!is_lha(input) || !bytes_u8(input, 0, &size) || !bytes_u8(input, 1, &sum) ||
        !bytes_u8(input, RESERVED_AT, &reserved) || !bytes_u8(input, LEVEL_AT, &level) ||
        !bytes_u16le(input, 0, &long_size))
        return false;
    if (level >= 2)
        return level == 2 && reserved == RESERVED && long_size >= LEVEL_2_SIZE_MIN &&
               view_has(input, 0, long_size);
    if (size < SIZE_MIN || !view_has(input, 2, size))
        return false;
    uint8_t added = 0;
    for (uint64_t i = 0; i < size; i++)
        added = (uint8_t)(added + input.data[2 + i]);
    return added == sum;
}

/* A zero stands where the next header would. */
static uint64_t end_of_lha(struct view input, uint64_t reached, struct unpack_env *env)
{
    if (reached >= input.size)
        note_cut(env);
    return reached;
}

/* ---- rows ---------------------------------------------------------------------------------- */

/* unpack_NAME, known by is_NAME with so many bits; CHECK looks at the head before libarchive does,
 * END at the end after it. MAGIC at AT is what the sweep looks for, GENUINE what it asks then. */
#define ROW(NAME, FORMAT, BITS, CHECK, END, MAGIC, AT, GENUINE)                                    \
    static const struct libarchive_format format_##NAME = {archive_read_support_format_##FORMAT,   \
                                                           END};                                   \
    static unsigned identify_##NAME(struct view input)                                             \
    {                                                                                              \
        return is_##NAME(input) ? (BITS) : 0;                                                      \
    }                                                                                              \
    static status open_##NAME(struct view input, struct unpack_env *env,                           \
                              struct unpack_stream **ret_stream)                                   \
    {                                                                                              \
        TRY(CHECK(input, env));                                                                    \
        return libarchive_open(&format_##NAME, input, env, ret_stream);                            \
    }                                                                                              \
    extern const struct unpacker unpack_##NAME;                                                    \
    const struct unpacker unpack_##NAME = {.name = #NAME,                                          \
                                           .identify = identify_##NAME,                            \
                                           .open = open_##NAME,                                    \
                                           .next = libarchive_next,                                \
                                           .read = libarchive_read,                                \
                                           .close = libarchive_close,                              \
                                           .magics = {UNPACK_MAGIC(MAGIC, AT)},                    \
                                           .is_genuine = GENUINE};

ROW(7z, 7zip, 48, check_7z, end_of_7z, "7z\xbc\xaf\x27\x1c", 0, is_genuine_7z)
ROW(rar, rar, 56, check_rar, end_of_rar, "Rar!\x1a\x07\x00", 0, is_genuine_rar)
ROW(rar5, rar5, 64, check_rar5, end_of_rar5, "Rar!\x1a\x07\x01\x00", 0, is_genuine_rar5)
ROW(lha, lha, 48, check_nothing, end_of_lha, "-lh", 2, is_genuine_lha)
