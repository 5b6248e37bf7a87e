#include "unpack/chm_section.h"

#include "base/bytes.h"

enum { FRAME = 32768 }; /* LZX decodes, and writes, so many bytes at a time */

/* ---- what describes it ---------------------------------------------------------------------- */

/* Two versions of it: numbers are in bytes, or in frames. */
static bool parse_control(struct view control, struct chm_section *section)
{
    enum { CONTROL_SIZE = 28, WINDOW_MIN = 1 << 15, WINDOW_MAX = 1 << 21 };
    enum { INTERVAL_MAX = 1 << 30 };
    uint32_t version, interval, window;
    if (!view_starts(control, 4, "LZXC", 4) || !bytes_u32le(control, 8, &version) ||
        !bytes_u32le(control, 12, &interval) || !bytes_u32le(control, 16, &window) ||
        control.size != CONTROL_SIZE || version < 1 || version > 2)
        return false;
    uint64_t unit = version == 2 ? FRAME : 1;
    section->interval = interval * unit;
    section->window = window * unit;
    bool is_power = (section->window & (section->window - 1)) == 0;
    return is_power && section->window >= WINDOW_MIN && section->window <= WINDOW_MAX &&
           section->interval > 0 && section->interval <= INTERVAL_MAX &&
           section->interval % FRAME == 0;
}

static void parse_table(struct view table, struct chm_section *section)
{
    uint32_t count, entry_size, at;
    uint64_t length, frame;
    if (!bytes_u32le(table, 4, &count) || !bytes_u32le(table, 8, &entry_size) ||
        !bytes_u32le(table, 12, &at) || !bytes_u64le(table, 16, &length) ||
        !bytes_u64le(table, 32, &frame) || frame != FRAME || (entry_size != 4 && entry_size != 8))
        return;
    section->table_at = at;
    section->table_count = count;
    section->entry_size = entry_size;
    if (length > section->length)
        section->length = length;
}

status chm_section_prepare(struct chm_section *section)
{
    const struct chm_storage *storage = section->storage;
    struct error *error = &section->env->error;
    if (storage->content.size == 0 || !parse_control(storage->control, section))
        return error_set(error, ASSAY_ERR_CORRUPT, "how files are compressed is not told");
    if (!bytes_u64le(storage->span, 0, &section->length))
        section->length = 0;
    parse_table(storage->table, section);
    if (section->length == 0 || section->length > INT64_MAX / 2)
        return error_set(error, ASSAY_ERR_CORRUPT, "how much is compressed is not told");
    section->padded = ((section->length - 1) / FRAME + 1) * FRAME;
    uint64_t needed = section->window + LIBMSPACK_STATE_MAX;
    if (needed > section->env->codec_memory)
        return error_set(error, ASSAY_ERR_CODEC_MEMORY, "a decoder needs %llu bytes",
                         (unsigned long long)needed);
    return ASSAY_OK;
}

/* Where in the content the frame at `at` begins. False when the table does not tell. */
static bool find_frame(const struct chm_section *section, uint64_t at, uint64_t *ret_offset)
{
    uint64_t index = at / FRAME, offset = 0;
    uint32_t small = 0;
    if (index == 0) {
        *ret_offset = 0;
        return true;
    }
    if (index >= section->table_count)
        return false;
    uint64_t entry = section->table_at + index * section->entry_size;
    bool is_there = section->entry_size == 8 ? bytes_u64le(section->storage->table, entry, &offset)
                                             : bytes_u32le(section->storage->table, entry, &small);
    *ret_offset = section->entry_size == 8 ? offset : small;
    return is_there && *ret_offset > 0 && *ret_offset < section->storage->content.size;
}

/* ---- libmspack at work ---------------------------------------------------------------------- */

void chm_section_stop(struct chm_section *section)
{
    if (section->chm)
        section->decompressor->close(section->decompressor, section->chm);
    mspack_destroy_chm_decompressor(section->decompressor);
    section->chm = NULL;
    section->decompressor = NULL;
    libmspack_release(&section->io);
}

static void put_entry(struct libmspack *io, const char *name, uint64_t offset, uint64_t size)
{
    libmspack_put(io, &(uint8_t){(uint8_t)strlen(name)}, 1);
    libmspack_put(io, name, strlen(name));
    libmspack_put(io, "", 1); /* section 0 */
    libmspack_put(io, &(uint8_t){(uint8_t)offset}, 1);
    uint8_t number[9];
    for (int i = 0; i < 9; i++)
        number[i] = (uint8_t)((size >> (56 - 7 * i) & 0x7f) | (i < 8 ? 0x80 : 0));
    libmspack_put(io, number, sizeof(number));
}

/* A help file of one chunk, which lists no more than what describes the compressed section. That
 * ends with the head: behind the chunk stand control data and length, then the content. There is a
 * table of no bytes, so that the library does not look for one. */
static void put_head(struct chm_section *section, struct view content, uint64_t length)
{
    enum { FACTS_AT = 0x60, DIRECTORY_AT = 0x78, CHUNK_AT = 0xcc, CHUNK_SIZE = 320 };
    enum { SECTION_AT = CHUNK_AT + CHUNK_SIZE, CONTROL_SIZE = 28, SPAN_SIZE = 8 };
    struct libmspack *io = &section->io;
    libmspack_put(io, "ITSF\3\0\0\0\x60\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0", 24);
    libmspack_put(io, "\x10\xfd\x01\x7c\xaa\x7b\xd0\x11\x9e\x0c\0\xa0\xc9\x22\xe6\xec", 16);
    libmspack_put(io, "\x11\xfd\x01\x7c\xaa\x7b\xd0\x11\x9e\x0c\0\xa0\xc9\x22\xe6\xec", 16);
    libmspack_put64(io, FACTS_AT);
    libmspack_put64(io, DIRECTORY_AT - FACTS_AT);
    libmspack_put64(io, DIRECTORY_AT);
    libmspack_put64(io, SECTION_AT - DIRECTORY_AT);
    libmspack_put64(io, SECTION_AT);
    libmspack_put64(io, 0x1fe);
    libmspack_put64(io, SECTION_AT + CONTROL_SIZE + SPAN_SIZE + content.size);
    libmspack_put64(io, 0);
    libmspack_put(io, "ITSP\1\0\0\0\x54\0\0\0\x0a\0\0\0", 16);
    libmspack_put32(io, CHUNK_SIZE);
    libmspack_put(io, "\2\0\0\0\1\0\0\0\xff\xff\xff\xff\0\0\0\0\0\0\0\0\xff\xff\xff\xff", 24);
    libmspack_put32(io, 1); /* chunks */
    io->head_size = CHUNK_AT;
    libmspack_put(io, "PMGL\2\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", 20);
    put_entry(io, CHM_CONTROL_NAME, 0, CONTROL_SIZE);
    put_entry(io, CHM_SPAN_NAME, CONTROL_SIZE, SPAN_SIZE);
    put_entry(io, CHM_CONTENT_NAME, CONTROL_SIZE + SPAN_SIZE, content.size);
    put_entry(io, CHM_TABLE_NAME, 0, 0);
    io->head_size = SECTION_AT - 2;
    libmspack_put16(io, 4); /* entries */
    libmspack_put(io, section->storage->control.data, CONTROL_SIZE);
    libmspack_put64(io, length);
    io->body = content;
    io->allowance = section->allowance;
}

static status start_library(struct chm_section *section, uint64_t at, uint64_t end)
{
    chm_section_stop(section);
    section->begun = section->at = at;
    section->end = end;
    section->failure = ASSAY_OK;
    uint64_t offset = 0;
    if (at >= end || !find_frame(section, at, &offset))
        return ASSAY_END;
    libmspack_init(&section->io);
    put_head(section, view_sub(section->storage->content, offset, UINT64_MAX), end - at);
    section->decompressor = mspack_create_chm_decompressor(&section->io.system);
    if (!section->decompressor)
        return error_set(&section->env->error, ASSAY_ERR_NOMEM, "no memory for a decoder");
    section->chm = section->decompressor->open(section->decompressor, "");
    if (!section->chm)
        return libmspack_explain(section->decompressor->last_error(section->decompressor),
                                 &section->env->error);
    return ASSAY_OK;
}

/* The library goes on where it stopped when it is asked for a file that begins there. */
static void decode_frame(struct chm_section *section)
{
    uint64_t left = section->end - section->at;
    uint64_t wanted = left < FRAME ? left : FRAME;
    libmspack_expect(&section->io, wanted);
    if (wanted == 0 || section->failure != ASSAY_OK)
        return;
    struct mschmd_file file = {
        .section = &section->chm->sec1.base,
        .offset = (off_t)(section->at - section->begun),
        .length = (off_t)wanted,
    };
    int failure = section->decompressor->extract(section->decompressor, &file, "");
    if (failure != MSPACK_ERR_OK)
        section->failure = libmspack_explain(failure, &section->reason);
}

/* ---- the decoder ---------------------------------------------------------------------------- */

static uint64_t find_start(const void *context, uint64_t at)
{
    const struct chm_section *section = context;
    uint64_t start = at - at % section->interval, offset;
    return start < section->padded && find_frame(section, start, &offset) ? start : 0;
}

static status start(void *context, uint64_t at)
{
    struct chm_section *section = context;
    return start_library(section, at, section->padded);
}

static status next_piece(void *context, struct solid_piece *ret_piece)
{
    struct chm_section *section = context;
    struct libmspack *io = &section->io;
    decode_frame(section);
    if (io->out.size == 0 && section->at == section->end)
        return ASSAY_END;
    if (io->out.size == 0) {
        section->env->error = section->reason;
        return section->failure;
    }
    section->at += io->out.size;
    *ret_piece = (struct solid_piece){.bytes = buffer_view(&io->out), .damage = ASSAY_OK};
    return ASSAY_OK;
}

const struct solid_decoder chm_decoder = {find_start, start, next_piece};
