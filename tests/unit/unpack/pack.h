/* pack: makes compressed streams for tests, with the libraries' own compressors. */
#ifndef TESTS_PACK_H
#define TESTS_PACK_H

#include "base/buffer.h"
#include "unit.h"

#include <bzlib.h>
#include <lz4.h>
#include <lz4frame.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

typedef void pack_fn(struct buffer *out, struct view bytes);

/* Room for `most` bytes behind what is there. */
static inline uint8_t *pack_room(struct buffer *out, size_t most)
{
    ck_assert_int_eq(buffer_reserve(out, most), ASSAY_OK);
    return out->data + out->size;
}

static inline void pack_number(struct buffer *out, uint32_t number)
{
    uint8_t bytes[] = {(uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16),
                       (uint8_t)(number >> 24)};
    ck_assert_int_eq(buffer_append(out, bytes, sizeof(bytes)), ASSAY_OK);
}

static inline void pack_deflated(struct buffer *out, struct view bytes, int window_bits)
{
    z_stream z = {0};
    ck_assert_int_eq(deflateInit2(&z, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t most = deflateBound(&z, bytes.size);
    z.next_out = pack_room(out, most);
    z.avail_out = (uInt)most;
    z.next_in = (Bytef *)(uintptr_t)bytes.data;
    z.avail_in = (uInt)bytes.size;
    ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    out->size += most - z.avail_out;
    deflateEnd(&z);
}

static inline void pack_deflate(struct buffer *out, struct view bytes)
{
    pack_deflated(out, bytes, -15);
}

static inline void pack_zlib(struct buffer *out, struct view bytes)
{
    pack_deflated(out, bytes, 15);
}

static inline void pack_gzip(struct buffer *out, struct view bytes)
{
    pack_deflated(out, bytes, 31);
}

static inline void pack_bzip2(struct buffer *out, struct view bytes)
{
    unsigned size = (unsigned)(bytes.size + bytes.size / 50 + 1000);
    char *room = (char *)pack_room(out, size);
    ck_assert_int_eq(BZ2_bzBuffToBuffCompress(room, &size, (char *)(uintptr_t)bytes.data,
                                              (unsigned)bytes.size, 1, 0, 0),
                     BZ_OK);
    out->size += size;
}

static inline void pack_xz(struct buffer *out, struct view bytes)
{
    size_t most = lzma_stream_buffer_bound(bytes.size), position = 0;
    uint8_t *room = pack_room(out, most);
    ck_assert_int_eq(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, NULL, bytes.data, bytes.size,
                                             room, &position, most),
                     LZMA_OK);
    out->size += position;
}

static inline void pack_lzma(struct buffer *out, struct view bytes)
{
    lzma_stream lzma = LZMA_STREAM_INIT;
    lzma_options_lzma options;
    ck_assert(!lzma_lzma_preset(&options, 1));
    ck_assert_int_eq(lzma_alone_encoder(&lzma, &options), LZMA_OK);
    size_t most = lzma_stream_buffer_bound(bytes.size);
    lzma.next_out = pack_room(out, most);
    lzma.avail_out = most;
    lzma.next_in = bytes.data;
    lzma.avail_in = bytes.size;
    ck_assert_int_eq(lzma_code(&lzma, LZMA_FINISH), LZMA_STREAM_END);
    out->size += most - lzma.avail_out;
    lzma_end(&lzma);
}

/* A .lz member is .lzma with an end marker between a header and a trailer of its own. */
static inline void pack_lzip(struct buffer *out, struct view bytes)
{
    enum { LZMA_HEADER = 13, DICTIONARY_1_MIB = 20, HEADER = 6, TRAILER = 20 };
    struct buffer alone = {0};
    pack_lzma(&alone, bytes);
    size_t data = alone.size - LZMA_HEADER;
    uint64_t sizes[] = {bytes.size, HEADER + data + TRAILER};
    uint8_t header[HEADER] = {'L', 'Z', 'I', 'P', 1, DICTIONARY_1_MIB};
    ck_assert_int_eq(buffer_append(out, header, sizeof(header)), ASSAY_OK);
    ck_assert_int_eq(buffer_append(out, alone.data + LZMA_HEADER, data), ASSAY_OK);
    pack_number(out, (uint32_t)crc32_z(0, bytes.data, bytes.size));
    ck_assert_int_eq(buffer_append(out, sizes, sizeof(sizes)), ASSAY_OK);
    buffer_release(&alone);
}

static inline void pack_zstd_window(struct buffer *out, struct view bytes, int window_log)
{
    ZSTD_CCtx *zstd = ZSTD_createCCtx();
    ck_assert_ptr_nonnull(zstd);
    ck_assert(!ZSTD_isError(ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1)));
    if (window_log)
        ck_assert(!ZSTD_isError(ZSTD_CCtx_setParameter(zstd, ZSTD_c_windowLog, window_log)));
    size_t most = ZSTD_compressBound(bytes.size);
    ZSTD_outBuffer to = {pack_room(out, most), most, 0};
    ZSTD_inBuffer from = {bytes.data, bytes.size, 0};
    /* In two steps, so that the size of the content is not known in advance. */
    ck_assert(!ZSTD_isError(ZSTD_compressStream2(zstd, &to, &from, ZSTD_e_continue)));
    ck_assert_uint_eq(ZSTD_compressStream2(zstd, &to, &from, ZSTD_e_end), 0);
    out->size += to.pos;
    ZSTD_freeCCtx(zstd);
}

static inline void pack_zstd(struct buffer *out, struct view bytes)
{
    pack_zstd_window(out, bytes, 0);
}

static inline void pack_lz4(struct buffer *out, struct view bytes)
{
    LZ4F_preferences_t preferences = LZ4F_INIT_PREFERENCES;
    preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
    preferences.frameInfo.blockChecksumFlag = LZ4F_blockChecksumEnabled;
    preferences.frameInfo.blockSizeID = LZ4F_max64KB;
    size_t most = LZ4F_compressFrameBound(bytes.size, &preferences);
    size_t size =
        LZ4F_compressFrame(pack_room(out, most), most, bytes.data, bytes.size, &preferences);
    ck_assert(!LZ4F_isError(size));
    out->size += size;
}

static inline void pack_lz4_legacy(struct buffer *out, struct view bytes)
{
    enum { BLOCK = 8 << 20 };
    pack_number(out, 0x184c2102);
    for (uint64_t offset = 0; offset < bytes.size; offset += BLOCK) {
        struct view block = view_sub(bytes, offset, BLOCK);
        int most = LZ4_compressBound((int)block.size);
        char *packed = malloc((size_t)most);
        ck_assert_ptr_nonnull(packed);
        int size = LZ4_compress_default((const char *)block.data, packed, (int)block.size, most);
        ck_assert_int_gt(size, 0);
        pack_number(out, (uint32_t)size);
        ck_assert_int_eq(buffer_append(out, packed, (size_t)size), ASSAY_OK);
        free(packed);
    }
}

/* Bytes that compress to about half: hexadecimal digits of a generator with a fixed seed. */
static inline struct buffer pack_sample(size_t size)
{
    struct buffer sample = {0};
    uint8_t *bytes = pack_room(&sample, size);
    uint32_t state = 12345;
    for (size_t i = 0; i < size; i++) {
        state = state * 1664525 + 1013904223;
        bytes[i] = (uint8_t) "0123456789abcdef"[state >> 28];
    }
    sample.size = size;
    return sample;
}

#endif
