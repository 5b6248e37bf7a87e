/*
 * rpm: packages. A lead, a header of signatures, the main header, and a payload: a cpio archive,
 * compressed. The payload is given as it is, for the readers that know what it is; the headers are,
 * because scripts stand in them that are run when the package is installed.
 *
 * What a header is must not be given with the 16 bytes at its front: they are those of a package
 * without a lead, and it would be found in itself again and again.
 *
 * Sources: rpm's documentation, "Package format V4"; Linux Standard Base, "Package File Format".
 */
#include "base/bytes.h"
#include "unpack/residue.h"
#include "unpack/stored.h"

#include <stdio.h>
#include <stdlib.h>

#define LEAD_MAGIC   "\xed\xab\xee\xdb"
#define HEADER_MAGIC "\x8e\xad\xe8\x01\0\0\0\0" /* version 1, and reserved bytes */

enum {
    LEAD_SIZE = 96,
    FRONT_SIZE = 16, /* of a header: magic, number of entries, bytes of data */
    ENTRY_SIZE = 16, /* tag, type, offset, count */
    MAGIC_SIZE = sizeof(HEADER_MAGIC) - 1,
    SIGNATURE_ALIGNMENT = 8,
    WORD_SIZE = 16, /* longest name of a format that is shown, with a NUL */
    PIECES_MAX = 6,
};

enum tag {
    TAG_SIGNATURES = 62, /* a header's first: what it is */
    TAG_LONG_SIZE = 270, /* of signatures: bytes of main header and payload */
    TAG_SIZE = 1000,
    TAG_PAYLOAD_FORMAT = 1124,
    TAG_PAYLOAD_COMPRESSOR = 1125,
};

struct header {
    uint64_t begin, end; /* in the input; the same when there is none */
    struct view entries;
    struct view data;
};

struct unpack_stream {
    struct view input;
    struct unpack_env *env;
    struct stored_notes notes;
    struct piece {
        const char *name; /* NULL: a residue */
        uint64_t from, to;
    } pieces[PIECES_MAX];
    size_t piece_count, piece_next;
    struct residue residue;
};

/* ---- headers ------------------------------------------------------------------------------- */

static bool is_header(struct view input, uint64_t offset)
{
    return view_starts(input, offset, HEADER_MAGIC, MAGIC_SIZE);
}

/* False when it is cut short, or its sizes lie. */
static bool parse_header(struct view input, uint64_t offset, struct header *ret_header)
{
    uint32_t count, size;
    if (!bytes_u32be(input, offset + MAGIC_SIZE, &count) ||
        !bytes_u32be(input, offset + MAGIC_SIZE + 4, &size))
        return false;
    uint64_t entries = offset + FRONT_SIZE, data = entries + (uint64_t)count * ENTRY_SIZE;
    if (!view_has(input, entries, (uint64_t)count * ENTRY_SIZE + size))
        return false;
    *ret_header = (struct header){
        .begin = offset,
        .end = data + size,
        .entries = view_sub(input, entries, data - entries),
        .data = view_sub(input, data, size),
    };
    return true;
}

/* What lies in the data for a tag, from its beginning to the end of all; empty when it has none. */
static struct view find_tag(const struct header *header, uint32_t tag)
{
    for (uint64_t at = 0; at < header->entries.size; at += ENTRY_SIZE) {
        uint32_t found, offset;
        if (bytes_u32be(header->entries, at, &found) && found == tag &&
            bytes_u32be(header->entries, at + 8, &offset))
            return view_sub(header->data, offset, UINT64_MAX);
    }
    return (struct view){NULL, 0};
}

static bool is_signatures(const struct header *header)
{
    uint32_t tag;
    return bytes_u32be(header->entries, 0, &tag) && tag == TAG_SIGNATURES;
}

/* Bytes of main header and payload. False when the signatures do not tell. */
static bool find_size(const struct header *signatures, uint64_t *ret_size)
{
    uint32_t size;
    if (bytes_u64be(find_tag(signatures, TAG_LONG_SIZE), 0, ret_size))
        return true;
    if (!bytes_u32be(find_tag(signatures, TAG_SIZE), 0, &size))
        return false;
    *ret_size = size;
    return true;
}

/* The word that a tag has, `otherwise` when it has none. Other text is not repeated. */
static void find_word(const struct header *header, uint32_t tag, const char *otherwise,
                      char ret_word[WORD_SIZE])
{
    struct view text = view_sub(find_tag(header, tag), 0, WORD_SIZE);
    size_t size = 0;
    while (size < text.size && ((text.data[size] >= 'a' && text.data[size] <= 'z') ||
                                (text.data[size] >= '0' && text.data[size] <= '9')))
        size++;
    if (text.size == 0)
        snprintf(ret_word, WORD_SIZE, "%s", otherwise);
    else if (size > 0 && size < text.size && text.data[size] == 0)
        snprintf(ret_word, WORD_SIZE, "%s", (const char *)text.data);
    else
        snprintf(ret_word, WORD_SIZE, "something odd");
}

/* ---- pieces -------------------------------------------------------------------------------- */

static void add_piece(struct unpack_stream *stream, const char *name, uint64_t from, uint64_t to)
{
    if (from < to && stream->piece_count < PIECES_MAX)
        stream->pieces[stream->piece_count++] = (struct piece){name, from, to};
}

/* Without its front, see above. */
static void add_header(struct unpack_stream *stream, const char *name, const struct header *header)
{
    add_piece(stream, name, header->begin + FRONT_SIZE, header->end);
}

/* The next header at or behind `from` of which all is there; what is passed over becomes a residue.
 * False, and all the rest passed over, when there is none. */
static bool find_header(struct unpack_stream *stream, uint64_t from, struct header *ret_header)
{
    struct view input = stream->input;
    bool lies = is_header(input, from) && !parse_header(input, from, ret_header);
    uint64_t residue = lies ? from + FRONT_SIZE : from;
    bool is_found = false;
    for (uint64_t at = from; at < input.size && !is_found; at++) {
        struct view rest = view_sub(input, at, UINT64_MAX);
        const uint8_t *found = memmem(rest.data, rest.size, HEADER_MAGIC, MAGIC_SIZE);
        at = found ? at + (uint64_t)(found - rest.data) : input.size;
        is_found = found && parse_header(input, at, ret_header);
        if (is_found)
            add_piece(stream, NULL, residue, at);
        if (is_found && at > from && !lies)
            stored_note(&stream->notes, ASSAY_ERR_CORRUPT, "bytes that no header accounts for");
    }
    if (lies)
        stored_note(&stream->notes, ASSAY_ERR_TRUNCATED, "a header is longer than the package");
    if (!is_found)
        add_piece(stream, NULL, residue, input.size);
    return is_found;
}

/* Finds the header of signatures, if there is one, and the main one. */
static bool find_headers(struct unpack_stream *stream, struct header *ret_signatures,
                         struct header *ret_main)
{
    uint64_t from = is_header(stream->input, 0) ? 0 : LEAD_SIZE;
    struct header first;
    if (!find_header(stream, from, &first))
        return false;
    uint64_t size = first.end - first.begin;
    uint64_t padding = (SIGNATURE_ALIGNMENT - size % SIGNATURE_ALIGNMENT) % SIGNATURE_ALIGNMENT;
    bool is_followed = is_header(stream->input, first.end + padding);
    *ret_signatures = (struct header){.begin = first.begin, .end = first.begin};
    *ret_main = first;
    if (!is_followed && !is_signatures(&first))
        return true;
    *ret_signatures = first;
    add_header(stream, "<signatures>", &first);
    return find_header(stream, is_followed ? first.end + padding : first.end, ret_main);
}

/* Says what will keep the payload from being read. */
static void check_payload(struct unpack_stream *stream, const struct header *header, uint64_t size)
{
    static const char *const known[] = {"gzip", "bzip2", "xz", "lzma", "zstd", "lzip", "none"};
    char format[WORD_SIZE], compressor[WORD_SIZE], detail[96];
    find_word(header, TAG_PAYLOAD_FORMAT, "cpio", format);
    find_word(header, TAG_PAYLOAD_COMPRESSOR, "gzip", compressor);
    bool is_known = false;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        is_known = is_known || strcmp(compressor, known[i]) == 0;
    snprintf(detail, sizeof(detail), "the payload, %s packed with %s, is not there", format,
             compressor);
    if (size == 0)
        stored_note(&stream->notes, ASSAY_ERR_TRUNCATED, detail);
    if (!is_known) {
        snprintf(detail, sizeof(detail), "the payload is packed with %s", compressor);
        stored_note(&stream->notes, ASSAY_ERR_UNSUPPORTED, detail);
    }
    if (strcmp(format, "drpm") == 0)
        stored_note(&stream->notes, ASSAY_ERR_UNSUPPORTED,
                    "the payload is a difference to a package that is not there");
}

/* Where the payload ends. A size that lies must not hide what a program would unpack that reads on,
 * so that it is believed only in the middle of other data. */
static uint64_t payload_end(struct unpack_stream *stream, const struct header *signatures,
                            const struct header *header)
{
    uint64_t size, end;
    uint64_t last = stream->input.size;
    if (!find_size(signatures, &size))
        return last;
    if (__builtin_add_overflow(header->begin, size, &end) || end > last)
        stored_note(&stream->notes, ASSAY_ERR_TRUNCATED, "the payload is cut short");
    else if (stream->env->is_embedded && end >= header->end)
        last = end;
    return last;
}

/* ---- the reader ---------------------------------------------------------------------------- */

static unsigned rpm_identify(struct view input)
{
    if (is_header(input, 0))
        return MAGIC_SIZE * 8;
    return view_starts(input, 0, LEAD_MAGIC, 4) ? 32 : 0;
}

static bool rpm_is_genuine(struct view input)
{
    return view_starts(input, 0, LEAD_MAGIC, 4) && is_header(input, LEAD_SIZE);
}

static status rpm_open(struct view input, struct unpack_env *env, struct unpack_stream **ret_stream)
{
    struct unpack_stream *stream = calloc(1, sizeof(*stream));
    if (!stream)
        return error_set(&env->error, ASSAY_ERR_NOMEM, "no memory for a package");
    stream->input = input;
    stream->env = env;
    stream->notes.env = env;
    struct header signatures, header;
    if (find_headers(stream, &signatures, &header)) {
        add_header(stream, "<header>", &header);
        uint64_t end = payload_end(stream, &signatures, &header);
        check_payload(stream, &header, end - header.end);
        add_piece(stream, "<payload>", header.end, end);
        env->covers_to = end;
    } else {
        stored_note(&stream->notes, ASSAY_ERR_TRUNCATED, "the package has no main header");
    }
    *ret_stream = stream;
    return ASSAY_OK;
}

static status rpm_next(struct unpack_stream *stream, struct unpack_member *ret_member)
{
    while (stream->piece_next < stream->piece_count) {
        struct piece piece = stream->pieces[stream->piece_next++];
        struct view bytes = view_sub(stream->input, piece.from, piece.to - piece.from);
        bool given = false;
        if (piece.name)
            given =
                stored_give((struct assay_bytes){(const uint8_t *)piece.name, strlen(piece.name)},
                            bytes, ret_member);
        else
            given = residue_give(&stream->residue, stream->input, piece.from, piece.to, ret_member);
        if (given)
            return ASSAY_OK;
    }
    return ASSAY_END;
}

static void rpm_close(struct unpack_stream *stream)
{
    free(stream);
}

const struct unpacker unpack_rpm = {
    .name = "rpm",
    .identify = rpm_identify,
    .open = rpm_open,
    .next = rpm_next,
    .read = stored_read,
    .close = rpm_close,
    .magics = {UNPACK_MAGIC(LEAD_MAGIC, 0)},
    .is_genuine = rpm_is_genuine,
};
