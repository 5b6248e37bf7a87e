/* The zstd layer: RFC 8878, by libzstd, but of all that it allows only two frames with a checksum,
 * without a dictionary, and a window of at most 64 MiB; and then the seal. */
#include "base/write.h"
#include "signatures/database/bundle.h"
#include "signatures/database/bundle_seal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

#define WINDOW_LOG_MAX 26
#define FRAMES         2
/* A frame's magic and descriptor. */
#define FRAME_START 5

struct expansion {
    int in, out;
    ZSTD_DCtx *zstd;
    uint8_t *packed;
    size_t packed_capacity;
    size_t packed_begin, packed_end; /* what was read and not decoded yet */
    uint8_t *plain;
    size_t plain_capacity;
    uint64_t total;
    crypto_hash_sha256_state digest; /* of what was decoded */
    struct error *error;
};

static void expansion_release(struct expansion *this)
{
    ZSTD_freeDCtx(this->zstd);
    free(this->packed);
    free(this->plain);
}

static status expansion_open(struct expansion *this)
{
    crypto_hash_sha256_init(&this->digest);
    this->packed_capacity = ZSTD_DStreamInSize();
    this->plain_capacity = ZSTD_DStreamOutSize();
    this->zstd = ZSTD_createDCtx();
    this->packed = malloc(this->packed_capacity);
    this->plain = malloc(this->plain_capacity);
    if (!this->zstd || !this->packed || !this->plain)
        return ASSAY_ERR_NOMEM;
    if (ZSTD_isError(ZSTD_DCtx_setParameter(this->zstd, ZSTD_d_windowLogMax, WINDOW_LOG_MAX)))
        return ASSAY_ERR_ENGINE;
    return ASSAY_OK;
}

static size_t packed_size(const struct expansion *this)
{
    return this->packed_end - this->packed_begin;
}

/* Reads until there are `wanted` bytes, or the file ends. */
static status fill(struct expansion *this, size_t wanted)
{
    if (packed_size(this) >= wanted)
        return ASSAY_OK;
    memmove(this->packed, this->packed + this->packed_begin, packed_size(this));
    this->packed_end = packed_size(this);
    this->packed_begin = 0;
    while (this->packed_end < wanted) {
        ssize_t got = read(this->in, this->packed + this->packed_end,
                           this->packed_capacity - this->packed_end);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set(this->error, ASSAY_ERR_IO, "the bundle cannot be read: %s",
                             strerror(errno));
        if (got == 0)
            return ASSAY_OK;
        this->packed_end += (size_t)got;
    }
    return ASSAY_OK;
}

static status write_plain(struct expansion *this, size_t size)
{
    if (size > BUNDLE_BYTES_MAX - this->total)
        return error_set(this->error, ASSAY_ERR_LIMIT, "the bundle unpacks to more than %llu GiB",
                         (unsigned long long)(BUNDLE_BYTES_MAX >> 30));
    this->total += size;
    if (write_all(this->out, (struct view){this->plain, size}) < 0)
        return error_set(this->error, ASSAY_ERR_IO, "the bundle cannot be unpacked: %s",
                         strerror(errno));
    return ASSAY_OK;
}

static status truncated(const struct expansion *this)
{
    return error_set(this->error, ASSAY_ERR_TRUNCATED,
                     "the bundle ends early: it was not copied or downloaded to its end");
}

static status decoding_failed(const struct expansion *this, size_t result)
{
    ZSTD_ErrorCode code = ZSTD_getErrorCode(result);
    if (code == ZSTD_error_memory_allocation)
        return ASSAY_ERR_NOMEM;
    if (code == ZSTD_error_frameParameter_windowTooLarge)
        return error_set(this->error, ASSAY_ERR_LIMIT,
                         "the bundle needs a window of more than %u MiB to be unpacked",
                         (1U << WINDOW_LOG_MAX) >> 20);
    return error_set(this->error, ASSAY_ERR_CORRUPT, "the bundle is damaged: %s",
                     ZSTD_getErrorName(result));
}

/* libzstd would also take frames that are to be skipped, those of old versions, and such as have
 * no checksum or need a dictionary. */
static status check_frame(struct expansion *this)
{
    static const uint8_t magic[] = {0x28, 0xb5, 0x2f, 0xfd};
    TRY(fill(this, FRAME_START));
    const uint8_t *start = this->packed + this->packed_begin;
    size_t size = packed_size(this) < sizeof(magic) ? packed_size(this) : sizeof(magic);
    if (memcmp(start, magic, size) != 0)
        return error_set(this->error, ASSAY_ERR_CORRUPT, "this is no bundle, or it is damaged");
    if (packed_size(this) < FRAME_START)
        return truncated(this);
    /* Bits 0 and 1: dictionary, 2: checksum, 3 and 4: not used. */
    if ((start[4] & 0x1f) != 0x04)
        return error_set(this->error, ASSAY_ERR_CORRUPT,
                         "the bundle was not packed as bundles are, or it is damaged");
    return ASSAY_OK;
}

/* Every turn takes a byte or gives one, or is the last. */
static status expand_frame(struct expansion *this)
{
    TRY(check_frame(this));
    for (;;) {
        ZSTD_inBuffer in = {this->packed + this->packed_begin, packed_size(this), 0};
        ZSTD_outBuffer out = {this->plain, this->plain_capacity, 0};
        size_t left = ZSTD_decompressStream(this->zstd, &out, &in);
        if (ZSTD_isError(left))
            return decoding_failed(this, left);
        crypto_hash_sha256_update(&this->digest, in.src, in.pos);
        this->packed_begin += in.pos;
        TRY(write_plain(this, out.pos));
        if (left == 0)
            return ASSAY_OK;
        if (in.pos == 0 && out.pos == 0) {
            TRY(fill(this, packed_size(this) + 1));
            if (packed_size(this) == in.size)
                return truncated(this);
        }
    }
}

/* Shows what libzstd cannot see: that no bit of all that was read is another. */
static status check_seal(struct expansion *this)
{
    static const uint8_t expected[BUNDLE_SEAL_HEAD_SIZE] = BUNDLE_SEAL_HEAD;
    uint8_t digest[crypto_hash_sha256_BYTES];
    TRY(fill(this, BUNDLE_SEAL_SIZE + 1));
    struct view seal = {this->packed + this->packed_begin, packed_size(this)};
    crypto_hash_sha256_final(&this->digest, digest);
    uint64_t head = seal.size < BUNDLE_SEAL_HEAD_SIZE ? seal.size : BUNDLE_SEAL_HEAD_SIZE;
    if (memcmp(seal.data, expected, head) != 0)
        return error_set(this->error, ASSAY_ERR_CORRUPT,
                         "the bundle does not end as bundles do, or it is damaged");
    if (seal.size < BUNDLE_SEAL_SIZE)
        return truncated(this);
    if (!view_starts(seal, BUNDLE_SEAL_HEAD_SIZE, digest, sizeof(digest)))
        return error_set(this->error, ASSAY_ERR_CORRUPT, "the bundle is damaged");
    if (seal.size > BUNDLE_SEAL_SIZE)
        return error_set(this->error, ASSAY_ERR_CORRUPT,
                         "there is something behind the bundle's end");
    return ASSAY_OK;
}

status bundle_expand(int in, int out, struct error *error)
{
    struct expansion this cleanup(expansion_release) = {.in = in, .out = out, .error = error};
    TRY(expansion_open(&this));
    for (unsigned i = 0; i < FRAMES; i++)
        TRY(expand_frame(&this));
    return check_seal(&this);
}
