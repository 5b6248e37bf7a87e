/*
 * chm: Microsoft's compiled help files, which carry web pages and their scripts. The files that are
 * stored come first, those that describe the compressed section among them; then those that are
 * compressed; then what of the help file nothing accounts for.
 */
#include "base/cleanup.h"
#include "unpack/chm_section.h"
#include "unpack/extents.h"

#include <stdlib.h>

/* As for cabinets. */
#define ALLOWANCE          (256u << 20)
#define ALLOWANCE_PER_BYTE 64

struct unpack_stream {
    struct view input;
    struct unpack_env *env;
    uint64_t allowance;
    struct chm_header header;
    struct chm_directory directory;
    struct extents extents;
    size_t stored; /* the next file that is */
    size_t stored_count;
    struct chm_section section;
    struct solid solid;
    bool has_section;
};

static unsigned chm_identify(struct view input)
{
    return chm_starts(input) ? 61 : 0;
}

static bool chm_is_genuine(struct view input)
{
    struct chm_header header;
    return chm_starts(input) && chm_has_guids(input) &&
           chm_parse_header(input, NULL, &header) == ASSAY_OK &&
           view_starts(input, header.chunks, "PMG", 3);
}

static void chm_close(struct unpack_stream *stream)
{
    if (!stream)
        return;
    chm_section_stop(&stream->section);
    chm_directory_release(&stream->directory);
    extents_release(&stream->extents);
    free(stream);
}

DEFINE_CLEANUP(struct unpack_stream, chm_close);

static void note(struct unpack_stream *stream, status why, const char *detail)
{
    stream->env->note(stream->env->note_context, why, detail);
}

static status load_directory(struct unpack_stream *stream)
{
    struct chm_directory *directory = &stream->directory;
    struct unpack_env *env = stream->env;
    status loaded = chm_directory_load(stream->input, &stream->header, env->codec_memory,
                                       &env->error, directory);
    if (loaded == ASSAY_ERR_CODEC_MEMORY)
        note(stream, loaded, env->error.text);
    else if (loaded != ASSAY_OK)
        return loaded;
    if (stream->header.chunks_end > stream->input.size ||
        stream->header.length > stream->input.size)
        note(stream, ASSAY_ERR_TRUNCATED, "the help file is cut short");
    if (directory->is_damaged)
        note(stream, ASSAY_ERR_CORRUPT, "the directory is damaged");
    if (directory->has_unknown)
        note(stream, ASSAY_ERR_UNSUPPORTED, "files in a section that is not known");
    while (stream->stored_count < directory->count &&
           directory->files[stream->stored_count].stream == CHM_STORED)
        stream->stored_count++;
    return ASSAY_OK;
}

static void prepare_section(struct unpack_stream *stream)
{
    const struct chm_directory *directory = &stream->directory;
    if (directory->count == 0)
        return;
    size_t end = stream->stored_count;
    while (end < directory->count && directory->files[end].stream == CHM_COMPRESSED)
        end++;
    stream->section = (struct chm_section){
        .storage = &directory->storage,
        .env = stream->env,
        .allowance = &stream->allowance,
    };
    stream->solid = (struct solid){
        .decoder = &chm_decoder,
        .context = &stream->section,
        .env = stream->env,
        .allowance = &stream->allowance,
        .files = directory->files + stream->stored_count,
        .count = end - stream->stored_count,
        .rest = "MSCompressed",
    };
    if (stream->solid.count == 0 && directory->storage.content.size == 0)
        return;
    status prepared = chm_section_prepare(&stream->section);
    if (prepared != ASSAY_OK)
        note(stream, prepared, stream->env->error.text);
    stream->has_section = prepared == ASSAY_OK;
}

static status account_for_headers(struct unpack_stream *stream)
{
    const struct chm_header *header = &stream->header;
    uint64_t facts_end;
    if (__builtin_add_overflow(header->facts, header->facts_size, &facts_end) ||
        header->facts_size > stream->header.size)
        facts_end = header->facts;
    TRY(extents_add(&stream->extents, 0, header->size));
    TRY(extents_add(&stream->extents, header->facts, facts_end));
    return extents_add(&stream->extents, header->directory, header->chunks_end);
}

static status chm_open(struct view input, struct unpack_env *env, struct unpack_stream **ret_stream)
{
    cleanup(chm_close_cleanup) struct unpack_stream *stream = calloc(1, sizeof(*stream));
    if (!stream)
        return error_set(&env->error, ASSAY_ERR_NOMEM, "no memory for a help file");
    stream->input = input;
    stream->env = env;
    stream->allowance = ALLOWANCE + ALLOWANCE_PER_BYTE * input.size;
    TRY(chm_parse_header(input, &env->error, &stream->header));
    if (env->is_embedded) {
        stream->input = view_sub(input, 0, stream->header.length);
        env->covers_to = stream->input.size;
    }
    TRY(load_directory(stream));
    if (account_for_headers(stream) != ASSAY_OK)
        return error_set(&env->error, ASSAY_ERR_NOMEM, "no memory for a help file");
    prepare_section(stream);
    *ret_stream = steal_pointer(stream);
    return ASSAY_OK;
}

static status give_stored(struct unpack_stream *stream, struct unpack_member *ret_member)
{
    const struct solid_file *file = &stream->directory.files[stream->stored++];
    struct view bytes = chm_stored(stream->input, &stream->header, file);
    *ret_member = (struct unpack_member){.name = file->name, .is_stored = true, .stored = bytes};
    if (bytes.size < file->size)
        ret_member->ended =
            error_set(&stream->env->error, ASSAY_ERR_TRUNCATED, "the file is cut short");
    if (bytes.size == 0)
        return ASSAY_OK;
    uint64_t from = (uint64_t)(bytes.data - stream->input.data);
    return extents_add(&stream->extents, from, from + bytes.size);
}

static status chm_next(struct unpack_stream *stream, struct unpack_member *ret_member)
{
    if (stream->stored < stream->stored_count)
        return give_stored(stream, ret_member);
    if (stream->has_section && solid_next(&stream->solid, ret_member) == ASSAY_OK)
        return ASSAY_OK;
    return extents_next_gap(&stream->extents, stream->input, ret_member) ? ASSAY_OK : ASSAY_END;
}

static status chm_read(struct unpack_stream *stream, uint8_t *bytes, size_t size, size_t *ret_size)
{
    return solid_read(&stream->solid, bytes, size, ret_size);
}

extern const struct unpacker unpack_chm;
const struct unpacker unpack_chm = {
    .name = "chm",
    .identify = chm_identify,
    .open = chm_open,
    .next = chm_next,
    .read = chm_read,
    .close = chm_close,
    .magics = {UNPACK_MAGIC("ITSF", 0)},
    .is_genuine = chm_is_genuine,
};
