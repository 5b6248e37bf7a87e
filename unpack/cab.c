/*
 * cab: Microsoft cabinets. Folder by folder, each decoded once as far as its files allow it; then
 * what of the cabinet neither an entry nor a folder accounts for.
 */
#include "base/bytes.h"
#include "base/cleanup.h"
#include "unpack/cab_directory.h"
#include "unpack/cab_folder.h"
#include "unpack/extents.h"

#include <stdio.h>
#include <stdlib.h>

/* Bytes that may be decoded to no end, heads looked at again and the like: about a second's work,
 * and more for what is larger. */
#define ALLOWANCE          (256u << 20)
#define ALLOWANCE_PER_BYTE 64

struct unpack_stream {
    struct view input;
    struct unpack_env *env;
    uint64_t allowance;
    struct cab_directory directory;
    struct extents extents; /* of entries and folders */
    size_t folder;          /* the next one */
    size_t file;            /* the first in it */
    struct cab_source source;
    struct solid solid;
    bool in_folder;
};

/* ---- what is one ---------------------------------------------------------------------------- */

/* The reserved fields are 0, but programs do not look. */
static unsigned cab_identify(struct view input)
{
    return view_starts(input, 0, "MSCF", 4) && view_starts(input, 24, "\x03\x01", 2) ? 48 : 0;
}

static bool cab_is_genuine(struct view input)
{
    struct cab_header header;
    struct cab_folder folder;
    if (!view_starts(input, 0, "MSCF\0\0\0\0", 8) || !view_starts(input, 12, "\0\0\0\0", 4) ||
        !view_starts(input, 20, "\0\0\0\0\x03\x01", 6) || !cab_parse_header(input, &header) ||
        !cab_parse_folder(input, header.folders, &folder))
        return false;
    return header.folder_count > 0 && header.file_count > 0 && header.flags <= 7 &&
           header.files >= header.folders && header.files < header.size &&
           folder.data > header.files && folder.data < header.size;
}

/* ---- opening -------------------------------------------------------------------------------- */

static void cab_close(struct unpack_stream *stream)
{
    if (!stream)
        return;
    cab_source_stop(&stream->source);
    cab_directory_release(&stream->directory);
    extents_release(&stream->extents);
    free(stream);
}

DEFINE_CLEANUP(struct unpack_stream, cab_close);

static void note(struct unpack_stream *stream, status why, const char *detail)
{
    stream->env->note(stream->env->note_context, why, detail);
}

/* The entries. Reserved bytes behind the header are part of it: signatures are kept there. */
static status account_for_entries(struct unpack_stream *stream)
{
    const struct cab_directory *directory = &stream->directory;
    TRY(extents_add(&stream->extents, 0, directory->folders_end));
    return extents_add(&stream->extents, directory->header.files, directory->files_end);
}

static status cab_open(struct view input, struct unpack_env *env, struct unpack_stream **ret_stream)
{
    cleanup(cab_close_cleanup) struct unpack_stream *stream = calloc(1, sizeof(*stream));
    if (!stream)
        return error_set(&env->error, ASSAY_ERR_NOMEM, "no memory for a cabinet");
    uint32_t size = 0;
    if (env->is_embedded && bytes_u32le(input, 8, &size)) {
        input = view_sub(input, 0, size);
        env->covers_to = input.size;
    }
    stream->input = input;
    stream->env = env;
    stream->allowance = ALLOWANCE + ALLOWANCE_PER_BYTE * input.size;
    TRY(cab_directory_load(input, env, &stream->directory));
    const struct cab_header *header = &stream->directory.header;
    if (header->flags & (CAB_FROM_PREVIOUS | CAB_INTO_NEXT))
        note(stream, ASSAY_ERR_MISSING_VOLUME, "one of several volumes");
    if (header->size > input.size)
        note(stream, ASSAY_ERR_TRUNCATED, "the cabinet is cut short");
    if (account_for_entries(stream) != ASSAY_OK)
        return error_set(&env->error, ASSAY_ERR_NOMEM, "no memory for a cabinet");
    *ret_stream = steal_pointer(stream);
    return ASSAY_OK;
}

/* ---- folders -------------------------------------------------------------------------------- */

/* The files of a folder that began in the cabinet before: their offsets count from there. Where the
 * folder's last file ends is where the last block does, if it is in this one. */
static void move_files(struct solid_file *files, size_t count, uint64_t here)
{
    uint64_t end = here;
    for (size_t i = 0; i < count; i++)
        if (files[i].offset + files[i].size > end)
            end = files[i].offset + files[i].size;
    uint64_t before = end - here;
    for (size_t i = 0; i < count; i++) {
        struct solid_file *file = &files[i];
        uint64_t lost = file->offset < before ? before - file->offset : 0;
        file->size -= lost < file->size ? lost : file->size;
        file->offset = file->offset < before ? 0 : file->offset - before;
        if (lost > 0)
            file->ended = ASSAY_ERR_MISSING_VOLUME;
    }
}

/* Without what came before, only what is stored can be read, and only if it does not go on. */
static bool has_beginning(struct unpack_stream *stream, struct solid_file *files, size_t *count)
{
    const struct cab_source *source = &stream->source;
    if (!source->folder.from_previous)
        return true;
    if (cab_method_of(&source->folder) != CAB_STORED)
        return false;
    if (source->folder.into_next)
        *count = 0;
    move_files(files, *count, source->survey.packed);
    return true;
}

static void note_damage(struct unpack_stream *stream, size_t index)
{
    const struct cab_survey *survey = &stream->source.survey;
    char detail[96];
    snprintf(detail, sizeof(detail), "folder %zu: %u of %u blocks have a wrong check sum", index,
             survey->damaged, survey->block_count);
    if (survey->damaged > 0)
        note(stream, ASSAY_ERR_CORRUPT, detail);
}

static status begin_folder(struct unpack_stream *stream)
{
    const struct cab_directory *directory = &stream->directory;
    size_t index = stream->folder++, count = 0;
    struct solid_file *files = directory->files + stream->file;
    while (stream->file < directory->file_count && directory->files[stream->file].stream == index) {
        stream->file++;
        count++;
    }
    stream->source = (struct cab_source){
        .input = stream->input,
        .env = stream->env,
        .allowance = &stream->allowance,
        .reserved = directory->header.data_reserved,
        .folder = directory->folders[index],
    };
    TRY(cab_source_survey(&stream->source));
    note_damage(stream, index);
    if (!has_beginning(stream, files, &count)) {
        note(stream, ASSAY_ERR_MISSING_VOLUME, "files that begin in the volume before");
        return ASSAY_OK;
    }
    TRY(cab_source_check(&stream->source));
    stream->solid = (struct solid){
        .decoder = &cab_decoder,
        .context = &stream->source,
        .env = stream->env,
        .allowance = &stream->allowance,
        .files = files,
        .count = count,
    };
    snprintf(stream->solid.rest, sizeof(stream->solid.rest), "folder-%zu", index);
    stream->in_folder = true;
    const struct cab_survey *survey = &stream->source.survey;
    return extents_add(&stream->extents, directory->folders[index].data, survey->end);
}

/* ---- members -------------------------------------------------------------------------------- */

static status cab_next(struct unpack_stream *stream, struct unpack_member *ret_member)
{
    for (;;) {
        if (stream->in_folder && solid_next(&stream->solid, ret_member) == ASSAY_OK)
            return ASSAY_OK;
        cab_source_stop(&stream->source);
        stream->in_folder = false;
        if (stream->folder == stream->directory.folder_count)
            break;
        status begun = begin_folder(stream);
        if (begun == ASSAY_ERR_NOMEM)
            return begun;
        if (begun < 0)
            note(stream, begun, stream->env->error.text);
    }
    return extents_next_gap(&stream->extents, stream->input, ret_member) ? ASSAY_OK : ASSAY_END;
}

static status cab_read(struct unpack_stream *stream, uint8_t *bytes, size_t size, size_t *ret_size)
{
    return solid_read(&stream->solid, bytes, size, ret_size);
}

extern const struct unpacker unpack_cab;
const struct unpacker unpack_cab = {
    .name = "cab",
    .identify = cab_identify,
    .open = cab_open,
    .next = cab_next,
    .read = cab_read,
    .close = cab_close,
    .magics = {UNPACK_MAGIC("MSCF\0\0\0\0", 0)},
    .is_genuine = cab_is_genuine,
};
