/*
 * zip: archives as they are, not as their directory says. Programs disagree about damaged and
 * contrived zip files; what any of them would extract is given here. See zip_walk.h for what counts
 * as a member and zip_member.h for how its bytes are read.
 */
#include "unpack/residue.h"
#include "unpack/unpacker.h"
#include "unpack/zip_directory.h"
#include "unpack/zip_identify.h"
#include "unpack/zip_member.h"
#include "unpack/zip_method.h"
#include "unpack/zip_unlock.h"
#include "unpack/zip_walk.h"

#include "base/cleanup.h"

#include <stdlib.h>

#define TRIAL_ALLOWANCE (256u << 20) /* bytes for one archive: about a second */

struct unpack_stream {
    struct unpack_env *env;
    struct zip_notes notes;
    struct zip_directory directory;
    struct zip_walk walk;
    struct zip_member member;
    struct zip_lock lock;
    bool in_member;
    uint64_t allowance;
    struct residue residue;
};

static void zip_close(struct unpack_stream *stream)
{
    if (!stream)
        return;
    zip_member_stop(&stream->member);
    zip_directory_release(&stream->directory);
    free(stream);
}

static void zip_close_cleanup(struct unpack_stream **stream)
{
    zip_close(*stream);
}

static status zip_open(struct view input, struct unpack_env *env, struct unpack_stream **ret_stream)
{
    cleanup(zip_close_cleanup) struct unpack_stream *stream = calloc(1, sizeof(*stream));
    if (!stream)
        return ASSAY_ERR_NOMEM;
    stream->env = env;
    stream->notes.env = env;
    stream->allowance = TRIAL_ALLOWANCE;
    stream->member.input = input;
    stream->member.notes = &stream->notes;
    stream->member.allowance = &stream->allowance;
    stream->member.lock = &stream->lock;
    zip_lock_start(&stream->lock, input);
    stream->walk.input = input;
    stream->walk.directory = &stream->directory;
    TRY(zip_directory_load(input, &stream->directory));
    if (stream->directory.is_split)
        zip_note(&stream->notes, ZIP_IS_SPLIT);
    else if (!stream->directory.has_end)
        zip_note(&stream->notes,
                 view_starts(input, 0, "PK\7\10", 4) ? ZIP_IS_SPLIT : ZIP_NO_DIRECTORY);
    if (stream->directory.has_outside)
        zip_note(&stream->notes, ZIP_OUTSIDE);
    *ret_stream = steal_pointer(stream);
    return ASSAY_OK;
}

/* Directories and empty files: the archive goes on right behind the header, or all agree that
 * nothing is there. If they are wrong, what follows is a gap. */
static bool is_empty(struct view input, const struct zip_entry *entry)
{
    bool stored = entry->count == 2;
    for (size_t i = 0; i < entry->count; i++) {
        if (entry->says[i].packed != 0 || entry->says[i].crc != 0)
            return false;
        stored = stored && entry->says[i].method == ZIP_STORED;
    }
    return stored || entry->data == input.size || zip_signature_at(input, entry->data) != ZIP_NONE;
}

static status zip_next(struct unpack_stream *stream, struct unpack_member *ret_member)
{
    for (;;) {
        if (stream->in_member && zip_member_try(&stream->member, ret_member) == ASSAY_OK)
            return ASSAY_OK;
        /* An entry without a header may lead anywhere: only a right CRC shows that it takes up
         * room. */
        if (stream->in_member && (stream->member.entry.has_local || stream->member.is_whole))
            zip_walk_leave(&stream->walk, stream->member.end);
        struct zip_entry entry;
        uint64_t from, to;
        status step = zip_walk_next(&stream->walk, &stream->in_member, &entry, &from, &to);
        if (step != ASSAY_OK)
            break;
        if (!stream->in_member) {
            /* Behind the last record of an archive in the middle of something, that goes on. */
            if (stream->env->is_embedded && to == stream->walk.input.size)
                stream->env->covers_to = from;
            else if (residue_give(&stream->residue, stream->walk.input, from, to, ret_member))
                return ASSAY_OK;
            continue;
        }
        stream->in_member = !is_empty(stream->walk.input, &entry);
        if (stream->in_member)
            zip_member_begin(&stream->member, &entry);
        else
            zip_walk_leave(&stream->walk, entry.end);
    }
    stream->in_member = false;
    stream->env->covers_from = stream->walk.first;
    if (stream->walk.is_cut)
        zip_note(&stream->notes, ZIP_CUT_HEADER);
    return ASSAY_END;
}

static status zip_read(struct unpack_stream *stream, uint8_t *bytes, size_t size, size_t *ret_size)
{
    return zip_member_read(&stream->member, bytes, size, ret_size);
}

const struct unpacker unpack_zip = {
    .name = "zip",
    .identify = zip_identify,
    .open = zip_open,
    .next = zip_next,
    .read = zip_read,
    .close = zip_close,
    .magics = {UNPACK_MAGIC("PK\3\4", 0)},
    .is_genuine = zip_is_genuine,
};
