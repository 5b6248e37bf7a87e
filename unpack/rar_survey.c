#include "unpack/rar_survey.h"

#include "base/bytes.h"

#include <zlib.h>

/* What a block says, of either version. */
struct block {
    bool is_file;
    bool is_end;
    bool is_encrypted;
    bool is_split; /* this is not all of the file */
    bool is_stored;
    bool has_crc;
    bool tells_end; /* who wrote it also writes an end */
    uint32_t crc;
    struct view name; /* version 4 only: of 5 libarchive reads all files */
    struct view data; /* all there is of it */
    bool is_cut;      /* which is not all */
    uint64_t end;     /* offset behind the data */
};

enum finding { ENCRYPTED, WRONG_CRC, ONE_NAME, NO_END, FINDINGS };

struct survey {
    struct unpack_env *env;
    bool said[FINDINGS];
    struct view last_name;
    bool has_end;
    bool wants_end;
};

static void say(struct survey *survey, enum finding finding)
{
    static const struct {
        status why;
        const char *detail;
    } words[FINDINGS] = {
        [ENCRYPTED] = {ASSAY_ERR_ENCRYPTED, "a file is encrypted"},
        [WRONG_CRC] = {ASSAY_ERR_CORRUPT, "a stored file has the wrong CRC"},
        [ONE_NAME] = {ASSAY_ERR_CORRUPT, "of files with one name only the first is opened"},
        [NO_END] = {ASSAY_ERR_TRUNCATED, "the archive has no mark of its end"},
    };
    if (!survey->said[finding])
        survey->env->note(survey->env->note_context, words[finding].why, words[finding].detail);
    survey->said[finding] = true;
}

static void look_at(struct survey *survey, const struct block *block)
{
    survey->has_end = block->is_end;
    survey->wants_end |= block->tells_end;
    if (!block->is_file)
        return;
    if (block->is_encrypted)
        say(survey, ENCRYPTED);
    bool is_whole = !block->is_split && !block->is_cut;
    if (is_whole && block->is_stored && !block->is_encrypted && block->has_crc &&
        crc32_z(0, block->data.data, block->data.size) != block->crc)
        say(survey, WRONG_CRC);
    struct view last = survey->last_name;
    if (!block->is_split && block->name.size > 0 && last.size == block->name.size &&
        memcmp(last.data, block->name.data, last.size) == 0)
        say(survey, ONE_NAME);
    survey->last_name = block->name;
}

static void take_data(struct view archive, uint64_t offset, uint64_t size, struct block *block)
{
    block->data = view_sub(archive, offset, size);
    block->is_cut = block->data.size < size;
    block->end = offset + block->data.size;
}

static void survey_blocks(struct view archive, uint64_t offset, struct unpack_env *env,
                          bool (*parse)(struct view, uint64_t, struct block *))
{
    struct survey survey = {.env = env};
    struct block block = {.end = offset};
    while (!survey.has_end && parse(archive, block.end, &block))
        look_at(&survey, &block);
    if (survey.wants_end && !survey.has_end)
        say(&survey, NO_END);
}

/* ---- version 4: CRC (2), type, flags (2), size (2), size of the data (4) if there are ------ */

enum rar4 {
    RAR4_MARK_SIZE = 7,
    RAR4_HEAD_SIZE = 7,
    RAR4_FILE_SIZE = 32, /* without the name */
    RAR4_FILE = 0x74,
    RAR4_END = 0x7b,
    RAR4_HAS_DATA = 0x8000,
    RAR4_SPLIT_BEFORE = 1,
    RAR4_SPLIT_AFTER = 2,
    RAR4_IS_ENCRYPTED = 4,
    RAR4_IS_LARGE = 0x100,
    RAR4_IS_STORED = 0x30,
    RAR4_VERSION_3 = 29, /* from here on an end is written */
};

/* Behind the size of the data: size (4), system, CRC (4), time (4), version, method, size of the
 * name (2), attributes (4), upper halves of the sizes (8) if the file is large, name. */
static bool parse_file4(struct view head, uint16_t flags, struct block *block)
{
    uint16_t name_size;
    uint8_t version, method;
    if (!bytes_u32le(head, 16, &block->crc) || !bytes_u8(head, 24, &version) ||
        !bytes_u8(head, 25, &method) || !bytes_u16le(head, 26, &name_size))
        return false;
    block->is_file = block->has_crc = true;
    block->is_encrypted = flags & RAR4_IS_ENCRYPTED;
    block->is_split = flags & (RAR4_SPLIT_BEFORE | RAR4_SPLIT_AFTER);
    block->is_stored = method == RAR4_IS_STORED;
    block->tells_end = version >= RAR4_VERSION_3;
    block->name = view_sub(head, RAR4_FILE_SIZE + (flags & RAR4_IS_LARGE ? 8u : 0), name_size);
    return true;
}

static bool parse_block4(struct view archive, uint64_t offset, struct block *ret_block)
{
    uint8_t type;
    uint16_t flags, size;
    uint32_t low = 0, high = 0;
    struct block block = {.is_file = false};
    if (!bytes_u8(archive, offset + 2, &type) || !bytes_u16le(archive, offset + 3, &flags) ||
        !bytes_u16le(archive, offset + 5, &size) || size < RAR4_HEAD_SIZE ||
        !view_has(archive, offset, size))
        return false;
    struct view head = view_sub(archive, offset, size);
    block.is_end = type == RAR4_END;
    bool has_data = (flags & RAR4_HAS_DATA) || type == RAR4_FILE;
    if (has_data && !bytes_u32le(head, RAR4_HEAD_SIZE, &low))
        return false;
    if (type == RAR4_FILE && (!parse_file4(head, flags, &block) ||
                              ((flags & RAR4_IS_LARGE) && !bytes_u32le(head, 32, &high))))
        return false;
    take_data(archive, offset + size, (uint64_t)high << 32 | low, &block);
    *ret_block = block;
    return true;
}

void rar4_survey(struct view archive, struct unpack_env *env)
{
    survey_blocks(archive, RAR4_MARK_SIZE, env, parse_block4);
}

/* ---- version 5: CRC (4), size of what follows, type, flags, sizes of extra and data -------- */

enum rar5 {
    RAR5_MARK_SIZE = 8,
    RAR5_FILE = 2,
    RAR5_END = 5,
    RAR5_HAS_EXTRA = 1,
    RAR5_HAS_DATA = 2,
    RAR5_SPLIT = 0x08 | 0x10,
    RAR5_FILE_HAS_TIME = 2,
    RAR5_FILE_HAS_CRC = 4,
    RAR5_METHOD = 7 << 7, /* 0: stored */
    RAR5_ENCRYPTION = 1,
    RAR5_EXTRAS_MAX = 64,
};

bool rar5_read_number(struct view input, uint64_t *offset, uint64_t *ret_number)
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

/* Records of a size, a type and more. */
static bool has_encryption(struct view extra)
{
    uint64_t at = 0, size, type;
    for (unsigned i = 0; i < RAR5_EXTRAS_MAX && rar5_read_number(extra, &at, &size); i++) {
        uint64_t begin = at;
        if (!rar5_read_number(extra, &at, &type))
            return false;
        if (type == RAR5_ENCRYPTION)
            return true;
        if (!view_has(extra, begin, size))
            return false;
        at = begin + size;
    }
    return false;
}

/* Flags, size, attributes, time (4), CRC (4), method, and more. */
static bool parse_file5(struct view head, uint64_t at, struct block *block)
{
    uint64_t flags, number, method;
    if (!rar5_read_number(head, &at, &flags) || !rar5_read_number(head, &at, &number) ||
        !rar5_read_number(head, &at, &number))
        return false;
    if (flags & RAR5_FILE_HAS_TIME)
        at += 4;
    block->has_crc = flags & RAR5_FILE_HAS_CRC;
    if (block->has_crc && !bytes_u32le(head, at, &block->crc))
        return false;
    at += block->has_crc ? 4 : 0;
    if (!rar5_read_number(head, &at, &method))
        return false;
    block->is_stored = !(method & RAR5_METHOD);
    return true;
}

static bool parse_block5(struct view archive, uint64_t offset, struct block *ret_block)
{
    uint64_t at = offset + 4, size, type, flags, extra_size = 0, data_size = 0;
    struct block block = {.is_file = false};
    if (!rar5_read_number(archive, &at, &size) || !view_has(archive, at, size))
        return false;
    uint64_t behind = at + size;
    struct view head = view_sub(archive, 0, behind);
    if (!rar5_read_number(head, &at, &type) || !rar5_read_number(head, &at, &flags))
        return false;
    if ((flags & RAR5_HAS_EXTRA) && !rar5_read_number(head, &at, &extra_size))
        return false;
    if ((flags & RAR5_HAS_DATA) && !rar5_read_number(head, &at, &data_size))
        return false;
    block.is_end = type == RAR5_END;
    block.is_split = flags & RAR5_SPLIT;
    block.is_file = type == RAR5_FILE;
    if (block.is_file && !parse_file5(head, at, &block))
        return false;
    if (block.is_file && extra_size <= size)
        block.is_encrypted = has_encryption(view_sub(head, behind - extra_size, extra_size));
    take_data(archive, behind, data_size, &block);
    *ret_block = block;
    return true;
}

void rar5_survey(struct view archive, struct unpack_env *env)
{
    survey_blocks(archive, RAR5_MARK_SIZE, env, parse_block5);
}
