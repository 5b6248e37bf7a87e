/* Deflate and its two wrappings, by zlib. The gzip header is read here because zlib refuses headers
 * with reserved flags, which other programs open. */
#include "unpack/codec.h"

#include "base/bytes.h"

#include <stdlib.h>
#define ZLIB_CONST
#include <zlib.h>

enum {
    MEMORY_NEEDED = 64 * 1024, /* zlib.h: a 32 KiB window and about 7 KiB */
    GZIP_HEADER_SIZE = 10,
    GZIP_TRAILER_SIZE = 8,
};

enum gzip_flag {
    GZIP_HEADER_CRC = 1 << 1,
    GZIP_EXTRA = 1 << 2,
    GZIP_NAME = 1 << 3,
    GZIP_COMMENT = 1 << 4,
};

struct codec_state {
    z_stream z;
    struct error *error;
    bool is_gzip;
    bool header_read;
    uint32_t crc;  /* of the bytes given; gzip only */
    uint32_t size; /* modulo 2^32, as the trailer has it */
};

static status start(int window_bits, uint64_t memory, struct error *error,
                    struct codec_state **ret_state)
{
    if (memory < MEMORY_NEEDED)
        return error_set(error, ASSAY_ERR_CODEC_MEMORY, "deflate needs %d bytes", MEMORY_NEEDED);
    struct codec_state *state = calloc(1, sizeof(*state));
    if (!state)
        return error_set(error, ASSAY_ERR_NOMEM, "no memory for a deflate decoder");
    state->error = error;
    if (inflateInit2(&state->z, window_bits) != Z_OK) {
        free(state);
        return error_set(error, ASSAY_ERR_NOMEM, "no memory for a deflate decoder");
    }
    *ret_state = state;
    return ASSAY_OK;
}

static status start_deflate(uint64_t memory, struct error *error, struct codec_state **ret_state)
{
    return start(-MAX_WBITS, memory, error, ret_state);
}

static status start_zlib(uint64_t memory, struct error *error, struct codec_state **ret_state)
{
    return start(MAX_WBITS, memory, error, ret_state);
}

static status start_gzip(uint64_t memory, struct error *error, struct codec_state **ret_state)
{
    TRY(start(-MAX_WBITS, memory, error, ret_state));
    (*ret_state)->is_gzip = true;
    return ASSAY_OK;
}

static void stop(struct codec_state *state)
{
    if (!state)
        return;
    inflateEnd(&state->z);
    free(state);
}

/* Moves *offset behind the NUL that ends a text. */
static bool skip_text(struct view input, uint64_t *offset)
{
    struct view rest = view_sub(input, *offset, UINT64_MAX);
    const uint8_t *end = rest.size ? memchr(rest.data, 0, rest.size) : NULL;
    if (end)
        *offset += (uint64_t)(end - rest.data) + 1;
    return end;
}

/* RFC 1952, 2.3. Reserved flags mean nothing to us: if the data behind them decodes and its check
 * sum is right, everything was seen. */
static status read_gzip_header(struct codec_state *state, struct view *input)
{
    uint64_t offset = GZIP_HEADER_SIZE;
    if (!view_has(*input, 0, offset))
        return error_set(state->error, ASSAY_ERR_TRUNCATED, "gzip header is cut short");
    if (!view_starts(*input, 0, "\x1f\x8b", 2))
        return error_set(state->error, ASSAY_ERR_CORRUPT, "no gzip header");
    if (input->data[2] != Z_DEFLATED)
        return error_set(state->error, ASSAY_ERR_UNSUPPORTED, "gzip method %u", input->data[2]);
    unsigned flags = input->data[3];
    bool whole = true;
    if (flags & GZIP_EXTRA) {
        uint16_t extra = 0;
        whole = bytes_u16le(*input, offset, &extra);
        offset += 2u + extra;
    }
    if (flags & GZIP_NAME)
        whole = whole && skip_text(*input, &offset);
    if (flags & GZIP_COMMENT)
        whole = whole && skip_text(*input, &offset);
    if (flags & GZIP_HEADER_CRC)
        offset += 2;
    if (!whole || offset > input->size)
        return error_set(state->error, ASSAY_ERR_TRUNCATED, "gzip header is cut short");
    *input = view_sub(*input, offset, UINT64_MAX);
    state->header_read = true;
    return ASSAY_OK;
}

static status check_gzip_trailer(struct codec_state *state, struct view *input)
{
    uint32_t crc, size;
    if (!bytes_u32le(*input, 0, &crc) || !bytes_u32le(*input, 4, &size))
        return error_set(state->error, ASSAY_ERR_TRUNCATED, "gzip trailer is cut short");
    *input = view_sub(*input, GZIP_TRAILER_SIZE, UINT64_MAX);
    if (crc != state->crc || size != state->size)
        return error_set(state->error, ASSAY_ERR_CORRUPT, "wrong gzip check sum");
    return ASSAY_END;
}

static status explain(struct codec_state *state, int result, struct view *input)
{
    switch (result) {
    case Z_OK:
        return ASSAY_OK;
    case Z_STREAM_END:
        return state->is_gzip ? check_gzip_trailer(state, input) : ASSAY_END;
    case Z_BUF_ERROR: /* no progress: there was room for output, so input is what is missing */
        return error_set(state->error, ASSAY_ERR_TRUNCATED, "deflate data are cut short");
    case Z_NEED_DICT:
        return error_set(state->error, ASSAY_ERR_UNSUPPORTED, "zlib data needs a dictionary");
    case Z_MEM_ERROR:
        return error_set(state->error, ASSAY_ERR_NOMEM, "no memory for a deflate decoder");
    default:
        return error_set(state->error, ASSAY_ERR_CORRUPT, "deflate data: %s",
                         state->z.msg ? state->z.msg : "damaged");
    }
}

static status step(struct codec_state *state, struct view *input, uint8_t *bytes, size_t size,
                   size_t *written)
{
    if (state->is_gzip && !state->header_read)
        TRY(read_gzip_header(state, input));
    z_stream *z = &state->z;
    uInt in = (uInt)(input->size < UINT32_MAX ? input->size : UINT32_MAX);
    uInt out = (uInt)(size < UINT32_MAX ? size : UINT32_MAX);
    z->next_in = input->data;
    z->avail_in = in;
    z->next_out = bytes;
    z->avail_out = out;
    int result = inflate(z, Z_NO_FLUSH);
    *input = view_sub(*input, in - z->avail_in, UINT64_MAX);
    *written = out - z->avail_out;
    if (state->is_gzip) {
        state->crc = (uint32_t)crc32(state->crc, bytes, (uInt)*written);
        state->size += (uint32_t)*written;
    }
    return explain(state, result, input);
}

const struct codec codec_deflate = {"deflate", start_deflate, step, stop};
const struct codec codec_zlib = {"zlib", start_zlib, step, stop};
const struct codec codec_gzip = {"gzip", start_gzip, step, stop};
