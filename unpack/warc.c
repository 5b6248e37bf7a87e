/*
 * warc: web archives, records one behind the other (warc_record.h). The block of each is given; of
 * one that holds an HTTP message, the body, and the joined body if it was sent in chunks.
 *
 * Lengths lie: where no record follows a block, the next is looked for, and what lies between is
 * given as <residue@OFFSET>.
 */
#include "unpack/http_chunks.h"
#include "unpack/residue.h"
#include "unpack/stored.h"
#include "unpack/warc_record.h"

#include <stdio.h>
#include <stdlib.h>

#define MAGIC_SIZE 5 /* WARC/ */

struct unpack_stream {
    struct view input;
    struct unpack_env *env;
    struct stored_notes notes;
    uint64_t at;             /* what lies before is done with */
    struct assay_bytes name; /* of the record */
    char number[40];         /* what it is called if it has no name */
    bool has_chunks;         /* the body of the record is to be given joined, too */
    struct http_chunks chunks;
    struct residue residue;
};

static unsigned warc_identify(struct view input)
{
    return warc_is_record(input, 0) ? 56 : 0;
}

static status warc_open(struct view input, struct unpack_env *env,
                        struct unpack_stream **ret_stream)
{
    struct unpack_stream *stream = calloc(1, sizeof(*stream));
    if (!stream)
        return error_set(&env->error, ASSAY_ERR_NOMEM, "no memory for a web archive");
    stream->input = input;
    stream->env = env;
    stream->notes.env = env;
    *ret_stream = stream;
    return ASSAY_OK;
}

static uint64_t skip_newlines(struct view input, uint64_t offset)
{
    while (offset < input.size && (input.data[offset] == '\r' || input.data[offset] == '\n'))
        offset++;
    return offset;
}

/* True when a record, or the end, follows as it should. */
static bool is_followed(struct view input, uint64_t offset)
{
    offset = skip_newlines(input, offset);
    return offset == input.size || warc_is_record(input, offset);
}

static struct view find_block(struct unpack_stream *stream, const struct warc_record *record)
{
    struct view input = stream->input;
    struct view block =
        view_sub(input, record->block, record->has_size ? record->size : UINT64_MAX);
    if (!record->has_size)
        stored_note(&stream->notes, ASSAY_ERR_CORRUPT, "a record without a length");
    else if (block.size < record->size)
        stored_note(&stream->notes, ASSAY_ERR_TRUNCATED, "a record is longer than the archive");
    else if (is_followed(input, record->block + block.size))
        return block;
    uint64_t next = warc_find_record(input, record->block);
    if (next - record->block >= block.size)
        return block;
    stored_note(&stream->notes, ASSAY_ERR_CORRUPT, "a record begins inside another one");
    return view_sub(block, 0, next - record->block);
}

static void name_record(struct unpack_stream *stream, const struct warc_record *record)
{
    struct view name = warc_field(record->fields, "WARC-Target-URI");
    if (name.size == 0)
        name = warc_field(record->fields, "WARC-Record-ID");
    int size = snprintf(stream->number, sizeof(stream->number), "<record@%llu>",
                        (unsigned long long)stream->at);
    stream->name = name.size > 0
                       ? stored_name(name)
                       : (struct assay_bytes){(const uint8_t *)stream->number, (size_t)size};
}

/* The body of the HTTP message in the block; all of the block when there is none. */
static struct view find_body(struct unpack_stream *stream, const struct warc_record *record,
                             struct view block)
{
    static const char media[] = "application/http";
    struct view type = view_sub(warc_field(record->fields, "Content-Type"), 0, sizeof(media) - 1);
    uint64_t begin = 0;
    bool is_response = warc_has_word(warc_field(record->fields, "WARC-Type"), "response") &&
                       view_starts(block, 0, "HTTP/", 5);
    if ((!is_response && !warc_has_word(type, media)) || !warc_skip_fields(block, &begin))
        return block;
    struct view fields = view_sub(block, 0, begin);
    struct view body = view_sub(block, begin, UINT64_MAX);
    if (body.size == 0)
        return block;
    if (warc_has_word(warc_field(fields, "Content-Encoding"), "br"))
        stored_note(&stream->notes, ASSAY_ERR_UNSUPPORTED, "a body may be packed with brotli");
    stream->has_chunks = warc_has_word(warc_field(fields, "Transfer-Encoding"), "chunked") &&
                         http_chunks_begin(body, &stream->chunks);
    return body;
}

/* The record at `at`. False when it has no block. */
static bool take_record(struct unpack_stream *stream, struct unpack_member *ret_member)
{
    struct view input = stream->input;
    struct warc_record record;
    uint64_t begin = stream->at;
    if (!warc_read_record(input, begin, &record)) {
        stored_note(&stream->notes, ASSAY_ERR_TRUNCATED, "the head of a record has no end");
        stream->at = warc_find_record(input, begin + MAGIC_SIZE);
        /* Without the magic, or a record could be found in itself. */
        return residue_give(&stream->residue, input, begin + MAGIC_SIZE, stream->at, ret_member);
    }
    name_record(stream, &record);
    if (warc_field(record.fields, "WARC-Segment-Number").size > 0)
        stored_note(&stream->notes, ASSAY_ERR_UNSUPPORTED,
                    "parts of a record that are spread over several are not joined");
    struct view block = find_block(stream, &record);
    stream->at = record.block + block.size;
    return stored_give(stream->name, find_body(stream, &record, block), ret_member);
}

/* Steps over what is no record, up to the next. True when a member was given for it. */
static bool skip_damage(struct unpack_stream *stream, struct unpack_member *ret_member)
{
    uint64_t from = stream->at;
    stream->at = warc_find_record(stream->input, from);
    stored_note(&stream->notes, ASSAY_ERR_CORRUPT, "bytes that belong to no record");
    return residue_give(&stream->residue, stream->input, from, stream->at, ret_member);
}

static status warc_next(struct unpack_stream *stream, struct unpack_member *ret_member)
{
    struct view input = stream->input;
    if (stream->has_chunks) {
        stream->has_chunks = false;
        *ret_member = (struct unpack_member){.name = stream->name};
        return ASSAY_OK;
    }
    for (;;) {
        stream->at = skip_newlines(input, stream->at);
        if (stream->at == input.size)
            return ASSAY_END;
        if (warc_is_record(input, stream->at) ? take_record(stream, ret_member)
                                              : skip_damage(stream, ret_member))
            return ASSAY_OK;
    }
}

/* Only joined chunks are not stored. */
static status warc_read(struct unpack_stream *stream, uint8_t *bytes, size_t size, size_t *ret_size)
{
    return http_chunks_read(&stream->chunks, &stream->env->error, bytes, size, ret_size);
}

static void warc_close(struct unpack_stream *stream)
{
    free(stream);
}

const struct unpacker unpack_warc = {
    .name = "warc",
    .identify = warc_identify,
    .open = warc_open,
    .next = warc_next,
    .read = warc_read,
    .close = warc_close,
};
