/*
 * cpio: archives in all forms (cpio_header.h). Members lie in the input as they are, so nothing is
 * copied. Linux boots from several archives one behind the other, zeros between them: all are read.
 * What follows the last, perhaps a compressed one, is given as <residue@OFFSET>, as is all else that
 * no header accounts for.
 */
#include "unpack/cpio_header.h"
#include "unpack/residue.h"
#include "unpack/stored.h"

#include <stdlib.h>

enum { REGULAR_FILE = 8 };

struct unpack_stream {
    struct view input;
    struct unpack_env *env;
    struct stored_notes notes;
    uint64_t at;                     /* what lies before is done with */
    const struct cpio_form *form;    /* of the header read last */
    bool is_over;                    /* the trailer was the last header */
    uint64_t hidden_from, hidden_to; /* bytes behind the end of a name, still to be given */
    struct residue residue;
};

static unsigned cpio_identify(struct view input)
{
    struct cpio_header header;
    if (!cpio_header_read(input, 0, &header))
        return 0;
    return header.name_size > 0 || cpio_is_stripped(header.form) ? 48 : 0;
}

/* Of the forms that are searched for, see below. */
static bool cpio_is_genuine(struct view input)
{
    return view_starts(input, 0, "07070", 5) && cpio_header_is_sound(input, 0);
}

static status cpio_open(struct view input, struct unpack_env *env,
                        struct unpack_stream **ret_stream)
{
    struct cpio_header header;
    if (!cpio_header_read(input, 0, &header))
        return error_set(&env->error, ASSAY_ERR_CORRUPT, "no cpio header");
    struct unpack_stream *stream = calloc(1, sizeof(*stream));
    if (!stream)
        return error_set(&env->error, ASSAY_ERR_NOMEM, "no memory for a cpio archive");
    stream->input = input;
    stream->env = env;
    stream->notes.env = env;
    stream->form = header.form;
    *ret_stream = stream;
    return ASSAY_OK;
}

/* The first offset at or behind `offset` that is a multiple of the alignment away from `from`. */
static uint64_t align(const struct unpack_stream *stream, uint64_t from, uint64_t offset)
{
    uint64_t alignment = stream->form->alignment;
    uint64_t aligned = offset + (alignment - (offset - from) % alignment) % alignment;
    return aligned < stream->input.size ? aligned : stream->input.size;
}

/* Bytes of a member that claims more than there are: up to the next sound header, so that damage to
 * one size does not swallow the rest. An archive in the archive stays whole. */
static uint64_t cut_member(struct unpack_stream *stream, uint64_t data)
{
    stored_note(&stream->notes, ASSAY_ERR_TRUNCATED, "a member is longer than the archive");
    if (cpio_header_is_sound(stream->input, data))
        return stream->input.size - data;
    return cpio_find_header(stream->input, data, stream->form) - data;
}

static uint64_t member_size(struct unpack_stream *stream, const struct cpio_header *header,
                            uint64_t data)
{
    /* Links, devices and directories: some programs write a size without bytes behind it. */
    if (cpio_file_type(header) != REGULAR_FILE && cpio_header_is_sound(stream->input, data))
        return 0;
    if (header->size > stream->input.size - data)
        return cut_member(stream, data);
    return header->size;
}

static status check_sum(struct unpack_stream *stream, const struct cpio_header *header,
                        struct view bytes)
{
    uint32_t sum = 0;
    if (header->form->sum.size == 0 || cpio_file_type(header) != REGULAR_FILE ||
        bytes.size != header->size)
        return ASSAY_OK;
    for (uint64_t i = 0; i < bytes.size; i++)
        sum += bytes.data[i];
    if (sum == header->sum)
        return ASSAY_OK;
    return error_set(&stream->env->error, ASSAY_ERR_CORRUPT, "wrong cpio check sum");
}

/* The name at `at`. What its field holds behind it is given later. */
static struct assay_bytes take_name(struct unpack_stream *stream, uint64_t at, uint64_t size)
{
    struct assay_bytes name = stored_name(view_sub(stream->input, at, size));
    stream->hidden_from = at + name.size;
    stream->hidden_to = at + size;
    return name;
}

/* rpm leaves name and size out: without them, a member ends where the next begins. It is called by
 * its number. */
static bool take_stripped(struct unpack_stream *stream, struct unpack_member *ret_member)
{
    stored_note(&stream->notes, ASSAY_ERR_UNSUPPORTED,
                "sizes of members stand elsewhere: where they end is a guess");
    struct view number = view_sub(stream->input, stream->at + stream->form->magic_size, 8);
    uint64_t data = align(stream, stream->at, stream->at + stream->form->header_size);
    stream->at = cpio_find_header(stream->input, data, stream->form);
    return stored_give(stored_name(number), view_sub(stream->input, data, stream->at - data),
                       ret_member);
}

/* The member whose header stands at `at`. False when it has no bytes. */
static bool take_member(struct unpack_stream *stream, const struct cpio_header *header,
                        struct unpack_member *ret_member)
{
    struct view input = stream->input;
    uint64_t begin = stream->at;
    stream->form = header->form;
    stream->is_over = false;
    if (cpio_is_stripped(header->form))
        return take_stripped(stream, ret_member);
    uint64_t name_at = begin + header->form->header_size;
    if (!view_has(input, name_at, header->name_size)) {
        stored_note(&stream->notes, ASSAY_ERR_TRUNCATED, "a name is longer than the archive");
        stream->at = cpio_find_header(input, name_at, stream->form);
        return residue_give(&stream->residue, input, name_at, stream->at, ret_member);
    }
    struct assay_bytes name = take_name(stream, name_at, header->name_size);
    uint64_t data = align(stream, begin, name_at + header->name_size);
    stream->at = data;
    stream->is_over = cpio_is_trailer(input, begin, header);
    if (stream->is_over)
        return false;
    struct view bytes = view_sub(input, data, member_size(stream, header, data));
    stream->at = align(stream, begin, data + bytes.size);
    bool given = stored_give(name, bytes, ret_member);
    ret_member->ended = check_sum(stream, header, bytes);
    return given;
}

/* Steps over what is no header. Behind an archive that is all: compressed data may hold headers as
 * they are. In an archive it goes up to the next header. True when a member was given for it. */
static bool skip_other(struct unpack_stream *stream, struct unpack_member *ret_member)
{
    uint64_t from = stream->at;
    stream->at = stream->input.size;
    if (!stream->is_over) {
        stream->at = cpio_find_header(stream->input, from, stream->form);
        if (stream->at < stream->input.size)
            stored_note(&stream->notes, ASSAY_ERR_CORRUPT, "bytes that no header accounts for");
    }
    return residue_give(&stream->residue, stream->input, from, stream->at, ret_member);
}

static uint64_t skip_zeros(struct view input, uint64_t offset)
{
    while (offset < input.size && input.data[offset] == 0)
        offset++;
    return offset;
}

static bool take_hidden(struct unpack_stream *stream, struct unpack_member *ret_member)
{
    uint64_t from = stream->hidden_from;
    stream->hidden_from = stream->hidden_to;
    return residue_give(&stream->residue, stream->input, from, stream->hidden_to, ret_member);
}

static status cpio_next(struct unpack_stream *stream, struct unpack_member *ret_member)
{
    struct view input = stream->input;
    for (;;) {
        if (take_hidden(stream, ret_member))
            return ASSAY_OK;
        struct cpio_header header;
        uint64_t end = stream->at;
        if (stream->is_over)
            stream->at = skip_zeros(input, end);
        bool is_header = cpio_header_read(input, stream->at, &header);
        if (!is_header && (stream->at == input.size || stream->env->is_embedded)) {
            stream->at = end;
            break;
        }
        if (is_header ? take_member(stream, &header, ret_member) : skip_other(stream, ret_member))
            return ASSAY_OK;
    }
    if (!stream->is_over)
        stored_note(&stream->notes, ASSAY_ERR_TRUNCATED, "the archive has no end");
    if (stream->env->is_embedded)
        stream->env->covers_to = stream->at;
    return ASSAY_END;
}

static void cpio_close(struct unpack_stream *stream)
{
    free(stream);
}

const struct unpacker unpack_cpio = {
    .name = "cpio",
    .identify = cpio_identify,
    .open = cpio_open,
    .next = cpio_next,
    .read = stored_read,
    .close = cpio_close,
    .magics = {UNPACK_MAGIC("070701", 0), UNPACK_MAGIC("070702", 0), UNPACK_MAGIC("070707", 0)},
    .is_genuine = cpio_is_genuine,
};
