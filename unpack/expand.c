/*
 * szdd, kwaj: files that Microsoft's COMPRESS.EXE and its like made, and EXPAND.EXE opens. One file
 * is in each, and libmspack decodes it in one go.
 */
#include "base/bytes.h"
#include "base/cleanup.h"
#include "unpack/libmspack.h"
#include "unpack/unpacker.h"

#include <stdlib.h>

enum expand_kind {
    SZDD,
    SZDD_QBASIC, /* as QBasic 4.5 has it */
    KWAJ,
};

enum kwaj_method {
    KWAJ_STORED,
    KWAJ_INVERTED,
    KWAJ_LZSS, /* as SZDD_QBASIC */
    KWAJ_LZH,
    KWAJ_MSZIP,
};

struct expand_header {
    enum expand_kind kind;
    uint64_t data;   /* where the compressed data begin */
    bool has_length; /* the size of the file is told: */
    uint32_t length; /* it */
    uint8_t mode;    /* SZDD: how it is compressed; 'A' is all there is */
    uint16_t method; /* KWAJ */
    uint16_t flags;  /* KWAJ */
    bool is_sane;    /* KWAJ: so are the optional fields */
    char name[16];   /* KWAJ; may be empty */
    size_t name_length;
};

struct unpack_stream {
    struct libmspack io;
    struct view input;
    struct unpack_env *env;
    struct expand_header header;
    bool was_given;
};

/* ---- headers -------------------------------------------------------------------------------- */

#define SZDD_MAGIC   "SZDD\x88\xf0\x27\x33"
#define QBASIC_MAGIC "SZ \x88\xf0\x27\x33\xd1"
#define KWAJ_MAGIC   "KWAJ\x88\xf0\x27\xd1"
#define MAGIC_SIZE   8

enum { KWAJ_HEADER_SIZE = MAGIC_SIZE + 6 };

static bool parse_szdd(struct view input, struct expand_header *ret_header)
{
    struct expand_header header = {.kind = SZDD, .mode = 'A', .has_length = true};
    if (view_starts(input, 0, QBASIC_MAGIC, MAGIC_SIZE)) {
        header.kind = SZDD_QBASIC;
        header.data = MAGIC_SIZE;
    } else {
        header.data = MAGIC_SIZE + 2; /* the mode, and a letter of the file's name */
        if (!bytes_u8(input, MAGIC_SIZE, &header.mode))
            return false;
    }
    if (!bytes_u32le(input, header.data, &header.length))
        return false;
    header.data += sizeof(header.length);
    *ret_header = header;
    return true;
}

/* Appends a string of at most `most` bytes, its NUL included. */
static bool append_name(struct view input, uint64_t *offset, size_t most,
                        struct expand_header *header)
{
    uint8_t byte = 1;
    for (size_t i = 0; i < most && byte != 0; i++) {
        if (!bytes_u8(input, (*offset)++, &byte))
            return false;
        if (byte != 0)
            header->name[header->name_length++] = (char)byte;
    }
    return byte == 0;
}

/* The optional fields, in the order of their flags. False when they are not what they should be. */
static bool parse_kwaj_options(struct view input, struct expand_header *header)
{
    enum { LENGTH = 1, UNKNOWN = 2, SKIPPED = 4, NAME = 8, EXTENSION = 16, TEXT = 32, ALL = 63 };
    uint64_t at = KWAJ_HEADER_SIZE;
    uint16_t skipped = 0;
    header->has_length = (header->flags & LENGTH) && bytes_u32le(input, at, &header->length);
    at += header->flags & LENGTH ? 4 : 0;
    at += header->flags & UNKNOWN ? 2 : 0;
    if ((header->flags & SKIPPED) && !bytes_u16le(input, at, &skipped))
        return false;
    at += header->flags & SKIPPED ? 2u + skipped : 0;
    if ((header->flags & NAME) && !append_name(input, &at, 9, header))
        return false;
    if (header->flags & EXTENSION) {
        header->name[header->name_length++] = '.';
        if (!append_name(input, &at, 4, header))
            return false;
    }
    return at <= header->data && !(header->flags & ~ALL);
}

static bool parse_kwaj(struct view input, struct expand_header *ret_header)
{
    struct expand_header header = {.kind = KWAJ};
    uint16_t data;
    if (!bytes_u16le(input, 8, &header.method) || !bytes_u16le(input, 10, &data) ||
        !bytes_u16le(input, 12, &header.flags))
        return false;
    header.data = data;
    header.is_sane = data >= KWAJ_HEADER_SIZE && parse_kwaj_options(input, &header);
    *ret_header = header;
    return true;
}

static bool is_szdd(struct view input)
{
    return view_starts(input, 0, SZDD_MAGIC, MAGIC_SIZE) ||
           view_starts(input, 0, QBASIC_MAGIC, MAGIC_SIZE);
}

static bool is_kwaj(struct view input)
{
    return view_starts(input, 0, KWAJ_MAGIC, MAGIC_SIZE);
}

/* ---- where they end ------------------------------------------------------------------------- */

/* Of LZSS that decodes to so many bytes: eight items behind a byte of flags, each a byte or a match
 * of 3 to 18. */
static uint64_t find_lzss_end(struct view data, uint64_t length)
{
    uint64_t at = 0, decoded = 0;
    while (decoded < length && at < data.size) {
        unsigned flags = data.data[at++];
        for (int i = 0; i < 8 && decoded < length && at < data.size; i++, flags >>= 1) {
            bool is_match = !(flags & 1);
            uint8_t second = 0;
            if (is_match && !bytes_u8(data, at + 1, &second))
                return data.size;
            decoded += is_match ? (second & 0x0fu) + 3u : 1u;
            at += is_match ? 2 : 1;
        }
    }
    return at;
}

static bool has_known_end(const struct expand_header *header)
{
    return header->has_length && (header->kind != KWAJ || header->method <= KWAJ_LZSS);
}

static uint64_t find_end(struct view input, const struct expand_header *header)
{
    struct view data = view_sub(input, header->data, UINT64_MAX);
    if (!has_known_end(header))
        return input.size;
    if (header->kind == KWAJ && header->method != KWAJ_LZSS)
        return header->data + view_sub(data, 0, header->length).size;
    return header->data + find_lzss_end(data, header->length);
}

static bool szdd_is_genuine(struct view input)
{
    enum { EXPANSION_MAX = 9 };
    struct expand_header header;
    return is_szdd(input) && parse_szdd(input, &header) && header.mode == 'A' &&
           header.length > 0 && header.length / EXPANSION_MAX < input.size;
}

/* Without a known end it would swallow whatever follows. */
static bool kwaj_is_genuine(struct view input)
{
    struct expand_header header;
    return is_kwaj(input) && parse_kwaj(input, &header) && header.is_sane && has_known_end(&header);
}

/* ---- opening -------------------------------------------------------------------------------- */

static status check_header(const struct expand_header *header, struct error *error)
{
    if (header->kind == KWAJ && header->method > KWAJ_MSZIP)
        return error_set(error, ASSAY_ERR_UNSUPPORTED, "compression %u is not known",
                         header->method);
    if (header->kind == SZDD && header->mode != 'A')
        return error_set(error, ASSAY_ERR_UNSUPPORTED, "compression 0x%02x is not known",
                         header->mode);
    return ASSAY_OK;
}

static status open_it(struct view input, const struct expand_header *header, struct unpack_env *env,
                      struct unpack_stream **ret_stream)
{
    TRY(check_header(header, &env->error));
    if (header->data > input.size)
        return error_set(&env->error, ASSAY_ERR_TRUNCATED, "the header is cut short");
    if (env->codec_memory < LIBMSPACK_STATE_MAX)
        return error_set(&env->error, ASSAY_ERR_CODEC_MEMORY, "a decoder needs %u bytes",
                         LIBMSPACK_STATE_MAX);
    struct unpack_stream *stream = calloc(1, sizeof(*stream));
    if (!stream)
        return error_set(&env->error, ASSAY_ERR_NOMEM, "no memory for a decoder");
    uint64_t end = find_end(input, header);
    if (end < env->covers_to)
        env->covers_to = end;
    stream->input = env->is_embedded ? view_sub(input, 0, end) : input;
    stream->env = env;
    stream->header = *header;
    libmspack_init(&stream->io);
    stream->io.body = view_sub(stream->input, header->data, UINT64_MAX);
    *ret_stream = stream;
    return ASSAY_OK;
}

static status szdd_open(struct view input, struct unpack_env *env,
                        struct unpack_stream **ret_stream)
{
    struct expand_header header;
    if (!parse_szdd(input, &header))
        return error_set(&env->error, ASSAY_ERR_TRUNCATED, "the header is cut short");
    return open_it(input, &header, env, ret_stream);
}

static status kwaj_open(struct view input, struct unpack_env *env,
                        struct unpack_stream **ret_stream)
{
    struct expand_header header;
    if (!parse_kwaj(input, &header))
        return error_set(&env->error, ASSAY_ERR_TRUNCATED, "the header is cut short");
    return open_it(input, &header, env, ret_stream);
}

static void expand_close(struct unpack_stream *stream)
{
    if (!stream)
        return;
    libmspack_release(&stream->io);
    free(stream);
}

/* ---- decoding ------------------------------------------------------------------------------- */

/* Both return an error of libmspack. */
static int decode_szdd(struct unpack_stream *stream)
{
    struct libmspack *io = &stream->io;
    struct msszdd_decompressor *decompressor = mspack_create_szdd_decompressor(&io->system);
    if (!decompressor)
        return MSPACK_ERR_NOMEMORY;
    if (stream->header.kind == SZDD) {
        libmspack_put(io, SZDD_MAGIC "A", MAGIC_SIZE + 2);
    } else {
        libmspack_put(io, QBASIC_MAGIC, MAGIC_SIZE);
    }
    libmspack_put32(io, 0);
    int failure = decompressor->decompress(decompressor, "", "");
    mspack_destroy_szdd_decompressor(decompressor);
    return failure;
}

static int decode_kwaj(struct unpack_stream *stream)
{
    struct libmspack *io = &stream->io;
    struct mskwaj_decompressor *decompressor = mspack_create_kwaj_decompressor(&io->system);
    if (!decompressor)
        return MSPACK_ERR_NOMEMORY;
    libmspack_put(io, KWAJ_MAGIC, MAGIC_SIZE);
    libmspack_put16(io, stream->header.method);
    libmspack_put16(io, KWAJ_HEADER_SIZE);
    libmspack_put16(io, 0);
    int failure = decompressor->decompress(decompressor, "", "");
    mspack_destroy_kwaj_decompressor(decompressor);
    return failure;
}

/* What decoding came to. A file that is longer than the caller wants is no failure. */
static status judge(const struct unpack_stream *stream, int failure)
{
    struct error *error = &stream->env->error;
    if (stream->io.is_full)
        return ASSAY_OK;
    if (failure != MSPACK_ERR_OK)
        return libmspack_explain(failure, error);
    if (stream->header.has_length && stream->io.out.size < stream->header.length)
        return error_set(error, ASSAY_ERR_TRUNCATED, "%zu bytes instead of %u", stream->io.out.size,
                         stream->header.length);
    return ASSAY_OK;
}

static status expand_next(struct unpack_stream *stream, struct unpack_member *ret_member)
{
    if (stream->was_given)
        return ASSAY_END;
    stream->was_given = true;
    bool is_kwaj_file = stream->header.kind == KWAJ;
    const char *name = is_kwaj_file ? "<kwaj>" : "<szdd>";
    if (stream->header.name_length > 0)
        name = stream->header.name;
    libmspack_expect(&stream->io, stream->env->member_bytes);
    int failure = is_kwaj_file ? decode_kwaj(stream) : decode_szdd(stream);
    *ret_member = (struct unpack_member){
        .name = {(const uint8_t *)name, strlen(name)},
        .is_stored = true,
        .stored = buffer_view(&stream->io.out),
        .ended = judge(stream, failure),
    };
    return ASSAY_OK;
}

/* Never called: the member is given whole. */
static status expand_read(struct unpack_stream *stream, uint8_t *bytes, size_t size,
                          size_t *ret_size)
{
    (void)stream;
    (void)bytes;
    (void)size;
    (void)ret_size;
    return ASSAY_END;
}

/* ---- rows ----------------------------------------------------------------------------------- */

static unsigned szdd_identify(struct view input)
{
    return is_szdd(input) ? MAGIC_SIZE * 8 : 0;
}

static unsigned kwaj_identify(struct view input)
{
    return is_kwaj(input) ? MAGIC_SIZE * 8 : 0;
}

extern const struct unpacker unpack_szdd, unpack_kwaj;

const struct unpacker unpack_szdd = {
    .name = "szdd",
    .identify = szdd_identify,
    .open = szdd_open,
    .next = expand_next,
    .read = expand_read,
    .close = expand_close,
    .magics = {UNPACK_MAGIC(SZDD_MAGIC, 0), UNPACK_MAGIC(QBASIC_MAGIC, 0)},
    .is_genuine = szdd_is_genuine,
};

const struct unpacker unpack_kwaj = {
    .name = "kwaj",
    .identify = kwaj_identify,
    .open = kwaj_open,
    .next = expand_next,
    .read = expand_read,
    .close = expand_close,
    .magics = {UNPACK_MAGIC(KWAJ_MAGIC, 0)},
    .is_genuine = kwaj_is_genuine,
};
