#include "unpack/chm_format.h"

#include "base/bytes.h"

#include <stdlib.h>

enum { DIRECTORY_HEADER_SIZE = 0x54, CHUNK_HEADER_SIZE = 20, CHUNK_COUNT_SIZE = 2 };

bool chm_starts(struct view input)
{
    uint32_t version;
    return view_starts(input, 0, "ITSF", 4) && bytes_u32le(input, 4, &version) && version >= 1 &&
           version <= 4;
}

/* There are two; not every program knows that the second one differs, by a bit. */
bool chm_has_guids(struct view input)
{
    enum { FIRST = 0x18, SECOND = 0x28, SIZE = 16 };
    static const char guid[] = "\x10\xfd\x01\x7c\xaa\x7b\xd0\x11\x9e\x0c\0\xa0\xc9\x22\xe6\xec";
    return view_starts(input, FIRST, guid, SIZE) &&
           view_starts(input, SECOND + 1, guid + 1, SIZE - 1);
}

static bool parse_directory_header(struct view input, struct chm_header *header)
{
    uint32_t count;
    if (!view_starts(input, header->directory, "ITSP", 4) ||
        !bytes_u32le(input, header->directory + 0x10, &header->chunk_size) ||
        !bytes_u32le(input, header->directory + 0x2c, &count))
        return false;
    header->chunks = header->directory + DIRECTORY_HEADER_SIZE; /* what was found leaves room */
    if (__builtin_add_overflow(header->chunks, (uint64_t)count * header->chunk_size,
                               &header->chunks_end))
        header->chunks_end = UINT64_MAX;
    return header->chunk_size > CHUNK_HEADER_SIZE + CHUNK_COUNT_SIZE;
}

status chm_parse_header(struct view input, struct error *error, struct chm_header *ret_header)
{
    enum { SIZE_2 = 0x58, SIZE_3 = 0x60 };
    struct chm_header header = {.size = SIZE_2};
    uint32_t version;
    if (!bytes_u32le(input, 4, &version) || !bytes_u64le(input, 0x38, &header.facts) ||
        !bytes_u64le(input, 0x40, &header.facts_size) ||
        !bytes_u64le(input, 0x48, &header.directory) || !view_has(input, 0, SIZE_2))
        return error_set(error, ASSAY_ERR_TRUNCATED, "the header is cut short");
    if (header.directory > input.size)
        return error_set(error, ASSAY_ERR_TRUNCATED, "the directory is cut off");
    if (!parse_directory_header(input, &header))
        return error_set(error, ASSAY_ERR_CORRUPT, "there is no directory where it should be");
    header.content = header.chunks_end;
    if (version >= 3) {
        header.size = SIZE_3;
        if (!bytes_u64le(input, SIZE_2, &header.content))
            return error_set(error, ASSAY_ERR_TRUNCATED, "the header is cut short");
    }
    if (header.facts > input.size || !bytes_u64le(input, header.facts + 8, &header.length))
        header.length = input.size;
    *ret_header = header;
    return ASSAY_OK;
}

/* ---- the directory -------------------------------------------------------------------------- */

void chm_directory_release(struct chm_directory *directory)
{
    free(directory->files);
    *directory = (struct chm_directory){.files = NULL};
}

/* Seven bits a byte, the highest first. */
static bool parse_number(struct view bytes, uint64_t *offset, uint64_t *ret_number)
{
    enum { BYTES_MAX = 9 };
    uint64_t number = 0;
    uint8_t byte = 0x80;
    for (int i = 0; i < BYTES_MAX && (byte & 0x80); i++) {
        if (!bytes_u8(bytes, (*offset)++, &byte))
            return false;
        number = number << 7 | (byte & 0x7f);
    }
    *ret_number = number;
    return !(byte & 0x80);
}

static bool parse_entry(struct view chunk, uint64_t *offset, struct solid_file *ret_file)
{
    struct solid_file file = {.ended = ASSAY_OK};
    uint64_t name_size, section;
    if (!parse_number(chunk, offset, &name_size) || !view_has(chunk, *offset, name_size))
        return false;
    file.name = (struct assay_bytes){chunk.data + *offset, (size_t)name_size};
    *offset += name_size;
    if (!parse_number(chunk, offset, &section) || !parse_number(chunk, offset, &file.offset) ||
        !parse_number(chunk, offset, &file.size))
        return false;
    file.stream = section > CHM_COMPRESSED ? CHM_COMPRESSED + 1 : (uint32_t)section;
    *ret_file = file;
    return true;
}

struct view chm_stored(struct view input, const struct chm_header *header,
                       const struct solid_file *file)
{
    struct view section = view_sub(input, header->content, UINT64_MAX);
    return view_sub(section, file->offset, file->size);
}

static void remember_storage(struct chm_storage *storage, const struct solid_file *file,
                             struct view bytes)
{
    const struct {
        const char *name;
        struct view *bytes;
    } parts[] = {
        {CHM_CONTENT_NAME, &storage->content},
        {CHM_CONTROL_NAME, &storage->control},
        {CHM_SPAN_NAME, &storage->span},
        {CHM_TABLE_NAME, &storage->table},
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (file->name.size == strlen(parts[i].name) &&
            memcmp(file->name.data, parts[i].name, file->name.size) == 0)
            *parts[i].bytes = bytes;
}

static status append_file(struct chm_directory *directory, uint64_t memory, struct error *error,
                          const struct solid_file *file)
{
    if (directory->count == directory->allocated) {
        size_t wanted = directory->allocated + directory->allocated / 2 + 64;
        if (wanted > memory / sizeof(*file))
            return error_set(error, ASSAY_ERR_CODEC_MEMORY, "a directory of more than %zu files",
                             directory->count);
        struct solid_file *files = reallocarray(directory->files, wanted, sizeof(*files));
        if (!files)
            return error_set(error, ASSAY_ERR_NOMEM, "no memory for a directory");
        directory->files = files;
        directory->allocated = wanted;
    }
    directory->files[directory->count++] = *file;
    return ASSAY_OK;
}

/* One chunk that lists files; those that index such chunks are not needed. */
static status load_chunk(struct view input, const struct chm_header *header, struct view chunk,
                         uint64_t memory, struct error *error, struct chm_directory *directory)
{
    uint16_t count = UINT16_MAX;
    bool is_whole = bytes_u16le(chunk, header->chunk_size - CHUNK_COUNT_SIZE, &count);
    struct view entries = view_sub(chunk, 0, is_whole ? chunk.size - CHUNK_COUNT_SIZE : chunk.size);
    uint64_t at = CHUNK_HEADER_SIZE;
    for (; count > 0; count--) {
        struct solid_file file;
        if (!parse_entry(entries, &at, &file)) {
            directory->is_damaged = true;
            break;
        }
        if (file.size == 0)
            continue;
        if (file.stream == CHM_STORED)
            remember_storage(&directory->storage, &file, chm_stored(input, header, &file));
        directory->has_unknown = directory->has_unknown || file.stream > CHM_COMPRESSED;
        TRY(append_file(directory, memory, error, &file));
    }
    return ASSAY_OK;
}

status chm_directory_load(struct view input, const struct chm_header *header, uint64_t memory,
                          struct error *error, struct chm_directory *directory)
{
    struct view chunks = view_sub(input, header->chunks, header->chunks_end - header->chunks);
    status loaded = ASSAY_OK;
    for (uint64_t at = 0; at < chunks.size && loaded == ASSAY_OK; at += header->chunk_size) {
        struct view chunk = view_sub(chunks, at, header->chunk_size);
        if (view_starts(chunk, 0, "PMGL", 4))
            loaded = load_chunk(input, header, chunk, memory, error, directory);
    }
    solid_sort(directory->files, directory->count);
    return loaded;
}
