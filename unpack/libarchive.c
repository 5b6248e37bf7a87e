#include "unpack/libarchive.h"

#include "base/buffer.h"
#include "unpack/archive_source.h"
#include "unpack/residue.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <wchar.h>

/* Steps of libarchive in a row that bring nothing, before it is thought to turn in a circle. */
enum { IDLE_MAX = 1000 };

/* Times that one archive is opened anew; each goes over all its headers again. */
enum { RESTARTS_MAX = 64 };

struct unpack_stream {
    const struct libarchive_format *format;
    struct view input;
    struct archive *archive;
    struct archive_source source;
    struct unpack_env *env;
    struct archive_entry *entry; /* borrowed from archive until the next header */
    uint64_t headers;            /* read so far, of members */
    unsigned restarts;
    struct buffer name;
    const uint8_t *block; /* bytes of the member, borrowed until the next block */
    size_t block_size;
    uint64_t block_offset; /* in the member; what lies before it and behind `given` is a hole */
    uint64_t given;        /* bytes of the member */
    bool is_over;          /* the member has no further blocks */
    bool is_whole;         /* and that is because it ended */
    status failure;        /* of the member, to be told once its bytes were given */
    struct error reason;   /* its words */
    bool at_end;           /* all members were given, and what stands behind them */
    struct residue residue;
};

static bool says(const char *message, const char *word)
{
    return strcasestr(message, word) != NULL;
}

/* libarchive tells most of what went wrong in words only. */
static status explain(struct unpack_stream *stream, bool is_encrypted)
{
    static const struct {
        const char *word;
        status why;
    } meanings[] = {
        {"encrypt", ASSAY_ERR_ENCRYPTED},
        {"passphrase", ASSAY_ERR_ENCRYPTED},
        {"truncated", ASSAY_ERR_TRUNCATED},
        {"end of file", ASSAY_ERR_TRUNCATED},
        {"multivolume", ASSAY_ERR_MISSING_VOLUME},
        {"multi volume", ASSAY_ERR_MISSING_VOLUME},
        {"unsupported", ASSAY_ERR_UNSUPPORTED},
        {"not supported", ASSAY_ERR_UNSUPPORTED},
        {"support unavailable", ASSAY_ERR_UNSUPPORTED},
    };
    const char *message = archive_error_string(stream->archive);
    if (!message)
        message = "damaged";
    status why = ASSAY_ERR_CORRUPT;
    for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]) && why == ASSAY_ERR_CORRUPT; i++)
        if (says(message, meanings[i].word))
            why = meanings[i].why;
    if (archive_errno(stream->archive) == ENOMEM)
        why = ASSAY_ERR_NOMEM;
    else if (is_encrypted)
        why = ASSAY_ERR_ENCRYPTED;
    return error_set(&stream->env->error, why, "%s", message);
}

static status start_archive(struct unpack_stream *stream)
{
    stream->archive = archive_read_new();
    if (!stream->archive)
        return error_set(&stream->env->error, ASSAY_ERR_NOMEM, "no memory for an archive");
    status opened = ASSAY_ERR_CORRUPT;
    if (archive_read_support_filter_none(stream->archive) == ARCHIVE_OK &&
        stream->format->enable(stream->archive) == ARCHIVE_OK)
        opened = archive_source_open(&stream->source, stream->input, stream->archive);
    if (opened == ASSAY_ERR_NOMEM)
        return error_set(&stream->env->error, ASSAY_ERR_NOMEM, "no memory for an archive");
    return opened == ASSAY_OK ? ASSAY_OK : explain(stream, false);
}

static void stop_archive(struct unpack_stream *stream)
{
    archive_read_free(stream->archive);
    archive_source_release(&stream->source);
}

status libarchive_open(const struct libarchive_format *format, struct view input,
                       struct unpack_env *env, struct unpack_stream **ret_stream)
{
    struct unpack_stream *stream = calloc(1, sizeof(*stream));
    if (!stream)
        return error_set(&env->error, ASSAY_ERR_NOMEM, "no memory for an archive");
    stream->format = format;
    stream->input = input;
    stream->is_whole = true; /* before the first member */
    stream->env = env;
    status started = start_archive(stream);
    if (started != ASSAY_OK) {
        libarchive_close(stream);
        return started;
    }
    *ret_stream = stream;
    return ASSAY_OK;
}

void libarchive_close(struct unpack_stream *stream)
{
    if (!stream)
        return;
    stop_archive(stream);
    buffer_release(&stream->name);
    free(stream);
}

/* The bytes of one character in UTF-8; what is no character is kept as the bytes it would have. */
static size_t encode_utf8(uint32_t c, uint8_t bytes[4])
{
    if (c < 0x80) {
        bytes[0] = (uint8_t)c;
        return 1;
    }
    size_t size = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = size - 1; i > 0; i--, c >>= 6)
        bytes[i] = (uint8_t)(0x80 | (c & 0x3f));
    bytes[0] = (uint8_t)(lead[size] | (c & 0x07));
    if (size < 4)
        bytes[0] = (uint8_t)(lead[size] | (c & (size == 2 ? 0x1f : 0x0f)));
    return size;
}

static status append_wide(struct buffer *name, const wchar_t *wide)
{
    for (; *wide; wide++) {
        uint8_t bytes[4];
        TRY(buffer_append(name, bytes, encode_utf8((uint32_t)*wide, bytes)));
    }
    return ASSAY_OK;
}

/* libarchive may know a name in one form and not in another: that depends on the locale. */
static status read_name(struct unpack_stream *stream)
{
    stream->name.size = 0;
    const char *name = archive_entry_pathname(stream->entry);
    if (!name)
        name = archive_entry_pathname_utf8(stream->entry);
    if (name)
        return buffer_append_text(&stream->name, name);
    const wchar_t *wide = archive_entry_pathname_w(stream->entry);
    return wide ? append_wide(&stream->name, wide) : ASSAY_OK;
}

static bool has_no_bytes(struct unpack_stream *stream)
{
    return archive_entry_filetype(stream->entry) != AE_IFREG && stream->block_size == 0 &&
           archive_entry_size(stream->entry) == 0;
}

/* libarchive takes the bytes of some symbolic links as their target; they may be anything. */
static void begin_member(struct unpack_stream *stream)
{
    const char *target = NULL;
    if (archive_entry_filetype(stream->entry) == AE_IFLNK)
        target = archive_entry_symlink(stream->entry);
    stream->block = (const uint8_t *)target;
    stream->block_size = target ? strlen(target) : 0;
    stream->block_offset = 0;
    stream->given = 0;
    stream->is_over = has_no_bytes(stream);
    stream->is_whole = stream->is_over;
    stream->failure = ASSAY_OK;
}

/* Names that the locale cannot express are not damage: they are only labels. */
static void note_header(struct unpack_stream *stream)
{
    const char *message = archive_error_string(stream->archive);
    if (!message || says(message, "locale") || says(message, "convert"))
        return;
    stream->env->note(stream->env->note_context, ASSAY_ERR_CORRUPT, message);
}

/* Steps to the next header that can be read. What is passed over is noted, once. */
static int step_header(struct unpack_stream *stream, bool is_again)
{
    int result = ARCHIVE_RETRY;
    for (int i = 0; i < IDLE_MAX; i++) {
        /* When a name cannot be converted libarchive looks at errno, which nobody may have set since
         * an allocation failed long ago, and ends the process if that is what it says. */
        errno = 0;
        result = archive_read_next_header(stream->archive, &stream->entry);
        if (!is_again && result != ARCHIVE_OK && result != ARCHIVE_EOF && result != ARCHIVE_FATAL)
            note_header(stream);
        if (result != ARCHIVE_RETRY && result != ARCHIVE_FAILED)
            break;
    }
    return result;
}

/* libarchive's reader of RAR 5 keeps what it decoded and did not give, in memory that the next
 * header may free, and gives it as the beginning of another member. So it is not asked to leave a
 * member before its end: a new one goes to the same place. */
static status leave_member(struct unpack_stream *stream)
{
    if (stream->is_whole || stream->format->enable != archive_read_support_format_rar5)
        return ASSAY_OK;
    if (stream->restarts++ == RESTARTS_MAX)
        return error_set(&stream->env->error, ASSAY_ERR_CORRUPT, "too many damaged members");
    stop_archive(stream);
    TRY(start_archive(stream));
    for (uint64_t i = 0; i < stream->headers; i++) {
        int result = step_header(stream, true);
        if (result != ARCHIVE_OK && result != ARCHIVE_WARN)
            return explain(stream, false);
    }
    return ASSAY_OK;
}

/* ASSAY_OK for a header, whether or not a member without bytes. */
static status read_header(struct unpack_stream *stream)
{
    TRY(leave_member(stream));
    int result = step_header(stream, false);
    if (result == ARCHIVE_EOF)
        return ASSAY_END;
    if (result != ARCHIVE_OK && result != ARCHIVE_WARN)
        return explain(stream, archive_read_has_encrypted_entries(stream->archive) == 1);
    stream->headers++;
    begin_member(stream);
    return ASSAY_OK;
}

/* Gives what stands behind the container, without the zeros that some programs fill blocks up with.
 * ASSAY_END when there is nothing. */
static status give_rest(struct unpack_stream *stream, struct unpack_member *ret_member)
{
    if (stream->at_end)
        return ASSAY_END;
    stream->at_end = true;
    struct view input = stream->input;
    int64_t used = archive_filter_bytes(stream->archive, 0);
    uint64_t reached = used > 0 ? (uint64_t)used : input.size; /* all of it again: never */
    uint64_t end = stream->format->find_end(input, reached, stream->env);
    if (stream->env->is_embedded) {
        stream->env->covers_to = end < input.size ? end : input.size;
        return ASSAY_END;
    }
    while (end < input.size && input.data[end] == 0)
        end++;
    bool given =
        end < input.size && residue_give(&stream->residue, input, end, input.size, ret_member);
    return given ? ASSAY_OK : ASSAY_END;
}

status libarchive_next(struct unpack_stream *stream, struct unpack_member *ret_member)
{
    do {
        status result = stream->at_end ? ASSAY_END : read_header(stream);
        if (result == ASSAY_END)
            return give_rest(stream, ret_member);
        if (result != ASSAY_OK)
            return result;
    } while (stream->is_over);
    if (read_name(stream) != ASSAY_OK)
        return error_set(&stream->env->error, ASSAY_ERR_NOMEM, "no memory for a name");
    *ret_member = (struct unpack_member){.name = {stream->name.data, stream->name.size}};
    return ASSAY_OK;
}

/* Fetches the next block that has bytes, unless the member is over. Blocks may come together with a
 * complaint, such as a bad check sum: the first is kept for the end. */
static void fetch_block(struct unpack_stream *stream)
{
    for (int i = 0; i < IDLE_MAX && !stream->is_over && stream->block_size == 0; i++) {
        const void *block = NULL;
        size_t size = 0;
        la_int64_t offset = 0;
        int result = archive_read_data_block(stream->archive, &block, &size, &offset);
        if (result != ARCHIVE_OK && result != ARCHIVE_EOF && stream->failure == ASSAY_OK) {
            stream->failure = explain(stream, archive_entry_is_encrypted(stream->entry));
            stream->reason = stream->env->error;
        }
        stream->is_whole = result == ARCHIVE_EOF;
        stream->is_over = stream->is_whole || result <= ARCHIVE_FAILED;
        if (result != ARCHIVE_EOF && block && size > 0) {
            stream->block = block;
            stream->block_size = size;
            stream->block_offset = offset > 0 ? (uint64_t)offset : 0;
        }
    }
}

/* Makes sure that there is a block to give from, or a hole before it. */
static status need_block(struct unpack_stream *stream)
{
    fetch_block(stream);
    if (stream->block_size > 0)
        return ASSAY_OK;
    if (stream->failure != ASSAY_OK) {
        stream->env->error = stream->reason;
        return stream->failure;
    }
    if (!stream->is_over)
        return error_set(&stream->env->error, ASSAY_ERR_CORRUPT, "the archive does not go on");
    return ASSAY_END;
}

status libarchive_read(struct unpack_stream *stream, uint8_t *bytes, size_t size, size_t *ret_size)
{
    status result = need_block(stream);
    if (result != ASSAY_OK)
        return result;
    size_t give = size;
    if (stream->given < stream->block_offset) {
        uint64_t hole = stream->block_offset - stream->given;
        give = hole < give ? (size_t)hole : give;
        memset(bytes, 0, give);
    } else {
        give = stream->block_size < give ? stream->block_size : give;
        memcpy(bytes, stream->block, give);
        stream->block += give;
        stream->block_size -= give;
        stream->block_offset = 0;
    }
    stream->given += give;
    *ret_size = give;
    return ASSAY_OK;
}
