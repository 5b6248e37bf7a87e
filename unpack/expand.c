/*
 * szdd, kwaj: files that Microsoft's COMPRESS.EXE and its like made, and EXPAND.EXE opens. One file
 * is in each, and libmspack decodes it in one go.
 */
#include "unpack/expand_format.h"
#include "unpack/libmspack.h"
#include "unpack/stored.h"

#include <stdlib.h>

struct unpack_stream {
    struct libmspack io;
    struct view input;
    struct unpack_env *env;
    struct expand_header header;
    bool was_given;
};

/* ---- opening -------------------------------------------------------------------------------- */

static status check_header(const struct expand_header *header, struct error *error)
{
    if (header->kind == EXPAND_KWAJ && header->method > KWAJ_MSZIP)
        return error_set(error, ASSAY_ERR_UNSUPPORTED, "compression %u is not known",
                         header->method);
    if (header->kind == EXPAND_SZDD && header->mode != 'A')
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
    uint64_t end = expand_find_end(input, header);
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
    if (!expand_parse_szdd(input, &header))
        return error_set(&env->error, ASSAY_ERR_TRUNCATED, "the header is cut short");
    return open_it(input, &header, env, ret_stream);
}

static status kwaj_open(struct view input, struct unpack_env *env,
                        struct unpack_stream **ret_stream)
{
    struct expand_header header;
    if (!expand_parse_kwaj(input, &header))
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
    if (stream->header.kind == EXPAND_SZDD) {
        libmspack_put(io, EXPAND_SZDD_MAGIC "A", EXPAND_MAGIC_SIZE + 2);
    } else {
        libmspack_put(io, EXPAND_QBASIC_MAGIC, EXPAND_MAGIC_SIZE);
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
    libmspack_put(io, EXPAND_KWAJ_MAGIC, EXPAND_MAGIC_SIZE);
    libmspack_put16(io, stream->header.method);
    libmspack_put16(io, EXPAND_KWAJ_SIZE);
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
    bool is_kwaj_file = stream->header.kind == EXPAND_KWAJ;
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

/* ---- rows ----------------------------------------------------------------------------------- */

static unsigned szdd_identify(struct view input)
{
    return expand_is_szdd(input) ? EXPAND_MAGIC_SIZE * 8 : 0;
}

static unsigned kwaj_identify(struct view input)
{
    return expand_is_kwaj(input) ? EXPAND_MAGIC_SIZE * 8 : 0;
}

extern const struct unpacker unpack_szdd, unpack_kwaj;

const struct unpacker unpack_szdd = {
    .name = "szdd",
    .identify = szdd_identify,
    .open = szdd_open,
    .next = expand_next,
    .read = stored_read,
    .close = expand_close,
    .magics = {UNPACK_MAGIC(EXPAND_SZDD_MAGIC, 0), UNPACK_MAGIC(EXPAND_QBASIC_MAGIC, 0)},
    .is_genuine = expand_szdd_is_genuine,
};

const struct unpacker unpack_kwaj = {
    .name = "kwaj",
    .identify = kwaj_identify,
    .open = kwaj_open,
    .next = expand_next,
    .read = stored_read,
    .close = expand_close,
    .magics = {UNPACK_MAGIC(EXPAND_KWAJ_MAGIC, 0)},
    .is_genuine = expand_kwaj_is_genuine,
};
