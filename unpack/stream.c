#include "unpack/stream.h"

#include "unpack/frames.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    NOTES_MAX = 16,    /* a file of nothing but gaps is described well enough by the first few */
    FAILURES_MAX = 64, /* damaged streams tried; each may decode all the rest of the input */
};

struct unpack_stream {
    const struct stream_format *format;
    struct unpack_env *env;
    struct view input; /* all of it */
    uint64_t begin;    /* offset of the stream being decoded, or of what follows the last one */
    struct view rest;  /* of the input, behind what the decoder has used */
    struct decoder decoder; /* stopped between streams */
    bool was_given;
    unsigned notes;
    unsigned failures;
    status failure;      /* the first, told at the end */
    struct error reason; /* its words */
};

status stream_open(const struct stream_format *format, struct view input, struct unpack_env *env,
                   struct unpack_stream **ret_stream)
{
    struct unpack_stream *stream = calloc(1, sizeof(*stream));
    if (!stream)
        return error_set(&env->error, ASSAY_ERR_NOMEM, "no memory for a stream");
    stream->format = format;
    stream->env = env;
    stream->input = input;
    *ret_stream = stream;
    return ASSAY_OK;
}

status stream_next(struct unpack_stream *stream, struct unpack_member *ret_member)
{
    if (stream->was_given)
        return ASSAY_END;
    stream->was_given = true;
    const char *name = stream->format->member;
    *ret_member = (struct unpack_member){.name = {(const uint8_t *)name, strlen(name)}};
    return ASSAY_OK;
}

void stream_close(struct unpack_stream *stream)
{
    if (!stream)
        return;
    decoder_stop(&stream->decoder);
    free(stream);
}

/* The offset of the next stream at or behind `offset`; the size of the input when there is none. */
static uint64_t find_stream(const struct unpack_stream *stream, uint64_t offset)
{
    const struct stream_format *format = stream->format;
    while (format->magic_size > 0 && offset < stream->input.size) {
        struct view rest = view_sub(stream->input, offset, UINT64_MAX);
        const uint8_t *found = memmem(rest.data, rest.size, format->magic, format->magic_size);
        if (!found)
            break;
        offset += (uint64_t)(found - rest.data);
        if (format->starts(view_sub(stream->input, offset, UINT64_MAX)))
            return offset;
        offset++;
    }
    return stream->input.size;
}

static uint64_t skip_padding(const struct unpack_stream *stream, uint64_t offset)
{
    uint64_t before;
    do {
        before = offset;
        while (offset < stream->input.size && stream->input.data[offset] == 0)
            offset++;
        if (stream->format->has_skippable_frames)
            offset = frames_skip(stream->input, offset, UINT32_MAX);
    } while (offset != before);
    return offset;
}

static void note_gap(struct unpack_stream *stream, uint64_t from, uint64_t to)
{
    if (stream->notes == NOTES_MAX)
        return;
    stream->notes++;
    char detail[96];
    snprintf(detail, sizeof(detail), "%llu bytes of something else at offset %llu",
             (unsigned long long)(to - from), (unsigned long long)from);
    stream->env->note(stream->env->note_context, ASSAY_ERR_CORRUPT, detail);
}

/* Starts decoding at the next stream from `begin` on. ASSAY_END when there is none. */
static status begin_stream(struct unpack_stream *stream)
{
    /* What the reader was identified by is at 0, and may itself begin with zeros. */
    uint64_t padded = stream->begin ? skip_padding(stream, stream->begin) : 0;
    struct view rest = view_sub(stream->input, padded, UINT64_MAX);
    bool is_next = rest.size > 0 && (padded == 0 || stream->format->starts(rest));
    if (!is_next && stream->env->is_embedded) {
        stream->env->covers_to = stream->begin;
        return ASSAY_END;
    }
    uint64_t begin = is_next ? padded : find_stream(stream, padded);
    if (begin > padded)
        note_gap(stream, padded, begin);
    stream->begin = begin;
    if (begin == stream->input.size && begin > padded)
        stream->env->covers_to = padded; /* there may be something of another kind */
    if (begin == stream->input.size)
        return ASSAY_END;
    stream->rest = view_sub(stream->input, begin, UINT64_MAX);
    return decoder_start(&stream->decoder, stream->format->codec, stream->env->codec_memory,
                         &stream->env->error);
}

/* A damaged stream does not say where it ends: the next may begin anywhere behind its magic. In the
 * middle of other data it must follow where the decoder gave up. */
static void leave_damaged(struct unpack_stream *stream, status why)
{
    decoder_stop(&stream->decoder);
    if (stream->failures++ == 0) {
        stream->failure = why;
        stream->reason = stream->env->error;
    }
    uint64_t next = stream->input.size;
    uint64_t used = next - stream->rest.size;
    if (stream->env->is_embedded)
        next = used > stream->begin ? used : stream->begin + 1;
    else if (stream->failures < FAILURES_MAX && why != ASSAY_ERR_NOMEM)
        next = find_stream(stream, stream->begin + 1);
    if (next == stream->input.size)
        stream->env->covers_to = used;
    stream->begin = next;
}

status stream_read(struct unpack_stream *stream, uint8_t *bytes, size_t size, size_t *ret_size)
{
    for (;;) {
        status result = stream->decoder.codec ? ASSAY_OK : begin_stream(stream);
        if (result == ASSAY_END)
            break;
        if (result == ASSAY_OK)
            result = decoder_read(&stream->decoder, &stream->rest, bytes, size, ret_size);
        if (result == ASSAY_OK)
            return ASSAY_OK;
        if (result == ASSAY_END) {
            decoder_stop(&stream->decoder);
            stream->begin = stream->input.size - stream->rest.size;
        } else {
            leave_damaged(stream, result);
        }
    }
    if (stream->failures == 0)
        return ASSAY_END;
    stream->env->error = stream->reason;
    return stream->failure;
}
