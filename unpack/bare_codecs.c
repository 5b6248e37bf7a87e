/* The readers of bare codecs: how each is known, also in the middle of other data, and its row. */
#include "base/bytes.h"
#include "unpack/frames.h"
#include "unpack/probe.h"
#include "unpack/stream.h"

#include <zlib.h>

#define GZIP_MAGIC  "\x1f\x8b\x08"
#define BZIP2_BLOCK "\x31\x41\x59\x26\x53\x59"
#define XZ_MAGIC    "\xfd\x37zXZ\0"
#define LZIP_MAGIC  "LZIP"
#define ZSTD_MAGIC  "\x28\xb5\x2f\xfd"
#define LZ4_MAGIC   "\x04\x22\x4d\x18"

enum {
    SKIPPED_MAX = 8, /* skippable frames looked over before the first real one */
    /* For windows that are not made use of: more than any program takes by itself. */
    GENUINE_MEMORY = 160 * 1024 * 1024,
};

/* ---- gzip, RFC 1952 ---------------------------------------------------------------------- */

static bool gzip_starts(struct view input)
{
    return view_starts(input, 0, GZIP_MAGIC, 3);
}

/* No flags that nobody knows, a system that is known, and data that decode. */
static bool gzip_is_genuine(struct view input)
{
    enum { RESERVED = 0xe0, LAST_SYSTEM = 13, UNKNOWN_SYSTEM = 255 };
    uint8_t flags, system;
    if (!gzip_starts(input) || !bytes_u8(input, 3, &flags) || !bytes_u8(input, 9, &system))
        return false;
    return !(flags & RESERVED) && (system <= LAST_SYSTEM || system == UNKNOWN_SYSTEM) &&
           probe_front(&codec_gzip, input);
}

/* ---- zlib, RFC 1950: the heads that zlib itself writes, none with a dictionary ------------ */

static bool zlib_starts(struct view input)
{
    uint16_t head;
    if (!bytes_u16be(input, 0, &head))
        return false;
    if (head != 0x7801 && head != 0x785e && head != 0x789c && head != 0x78da)
        return false;
    return probe(&codec_zlib, input);
}

/* ---- bzip2: a level, then the magic of a block or of the end ------------------------------ */

static bool bzip2_starts(struct view input)
{
    uint8_t level;
    if (!view_starts(input, 0, "BZh", 3) || !bytes_u8(input, 3, &level))
        return false;
    return level >= '1' && level <= '9' &&
           (view_starts(input, 4, BZIP2_BLOCK, 6) ||
            view_starts(input, 4, "\x17\x72\x45\x38\x50\x90", 6));
}

/* ---- xz ----------------------------------------------------------------------------------- */

static bool xz_starts(struct view input)
{
    return view_starts(input, 0, XZ_MAGIC, 6);
}

/* The check sum of the flags. */
static bool xz_is_genuine(struct view input)
{
    uint32_t sum;
    return xz_starts(input) && bytes_u32le(input, 8, &sum) && crc32_z(0, input.data + 6, 2) == sum;
}

/* ---- lzip: version 0 or 1, and a dictionary of 2^12 to 2^29 bytes -------------------------- */

static bool lzip_starts(struct view input)
{
    uint8_t version, dictionary;
    if (!view_starts(input, 0, LZIP_MAGIC, 4) || !bytes_u8(input, 4, &version) ||
        !bytes_u8(input, 5, &dictionary))
        return false;
    return version <= 1 && (dictionary & 0x1f) >= 12 && (dictionary & 0x1f) <= 29;
}

/* Tried with the least dictionary, which is enough for what is tried. */
static bool lzip_is_genuine(struct view input)
{
    uint8_t copy[PROBE_INPUT];
    struct view front = view_sub(input, 0, sizeof(copy));
    if (!lzip_starts(input))
        return false;
    memcpy(copy, front.data, front.size);
    copy[5] = 12;
    return probe_front(&codec_lzip, (struct view){copy, front.size});
}

/* ---- compress: codes of 9 to 16 bits, no reserved flag, a first code that is a byte --------- */

static bool compress_starts(struct view input)
{
    uint8_t flags, high;
    if (!view_starts(input, 0, "\x1f\x9d", 2) || !bytes_u8(input, 2, &flags) ||
        !bytes_u8(input, 4, &high))
        return false;
    return (flags & 0x60) == 0 && (flags & 0x1f) >= 9 && (flags & 0x1f) <= 16 && (high & 1) == 0 &&
           probe(&codec_compress, input);
}

/* ---- .lzma: no magic at all, only a head that makes sense --------------------------------- */

static bool is_lzma_dictionary(uint32_t size)
{
    uint32_t top = size & ~(size >> 1); /* of 2^n + 2^(n-1), the 2^n */
    bool is_one_bit = size != 0 && (size & (size - 1)) == 0;
    bool is_two_bits = size == (top | top >> 1) && top != 0 && (top & (top - 1)) == 0;
    return size == UINT32_MAX || (size >= 4096 && (is_one_bit || is_two_bits));
}

static bool lzma_starts(struct view input)
{
    uint8_t properties, first;
    uint32_t dictionary, code;
    uint64_t size;
    if (!bytes_u8(input, 0, &properties) || !bytes_u32le(input, 1, &dictionary) ||
        !bytes_u64le(input, 5, &size) || !bytes_u8(input, 13, &first) ||
        !bytes_u32le(input, 14, &code))
        return false;
    /* A range coder's first byte is 0; data of any kind do not leave its next four 0 as well. */
    if (properties >= 225 || !is_lzma_dictionary(dictionary) || first != 0 || code == 0)
        return false;
    if (size == 0 || (size != UINT64_MAX && size >= UINT64_C(1) << 40))
        return false;
    bool is_usual = properties == 0x5d; /* as nearly all encoders write it; the size may lie */
    return is_usual ? probe(&codec_lzma, input) : probe_through(&codec_lzma, input);
}

/* ---- Zstandard, RFC 8878; LZ4: both may begin with frames that hold nothing --------------- */

static bool zstd_starts(struct view input)
{
    struct view frame = view_sub(input, frames_skip(input, 0, SKIPPED_MAX), UINT64_MAX);
    return view_starts(frame, 0, ZSTD_MAGIC, 4) || zstd_is_legacy(frame);
}

/* A first compressed block that decodes, or all of a frame without one. */
static bool zstd_is_genuine(struct view input)
{
    uint64_t end;
    bool has_end;
    if (!zstd_is_sound(input, &end, &has_end))
        return false;
    struct decoder decoder = {.codec = NULL};
    if (decoder_start(&decoder, &codec_zstd, GENUINE_MEMORY, NULL) != ASSAY_OK)
        return false;
    struct view rest = view_sub(input, 0, end);
    uint8_t scratch[4096];
    status result = ASSAY_OK;
    while (result == ASSAY_OK) {
        size_t size = 0;
        result = decoder_read(&decoder, &rest, scratch, sizeof(scratch), &size);
    }
    decoder_stop(&decoder);
    return result == (has_end ? ASSAY_END : ASSAY_ERR_TRUNCATED);
}

static bool lz4_starts(struct view input)
{
    struct view frame = view_sub(input, frames_skip(input, 0, SKIPPED_MAX), UINT64_MAX);
    return view_starts(frame, 0, LZ4_MAGIC, 4) || view_starts(frame, 0, "\x02\x21\x4c\x18", 4);
}

/* ---- rows --------------------------------------------------------------------------------- */

/* How a codec is known in the middle of other data: what is searched for, and what shows that it is
 * one. Of the others the magic is too weak. */
#define SEARCHED(MAGIC, OFFSET, IS_GENUINE)                                                        \
    .magics = {UNPACK_MAGIC(MAGIC, OFFSET)}, .is_genuine = (IS_GENUINE)
#define NOT_SEARCHED .is_genuine = NULL

/* unpack_NAME, known by NAME_starts with so many bits, holding <MEMBER>. */
#define ROW(NAME, BITS, MEMBER, MAGIC, SKIPPABLE, ...)                                             \
    static const struct stream_format NAME##_format = {MEMBER, &codec_##NAME,     NAME##_starts,   \
                                                       MAGIC,  sizeof(MAGIC) - 1, SKIPPABLE};      \
    static unsigned NAME##_identify(struct view input)                                             \
    {                                                                                              \
        return NAME##_starts(input) ? (BITS) : 0;                                                  \
    }                                                                                              \
    static status NAME##_open(struct view input, struct unpack_env *env,                           \
                              struct unpack_stream **ret_stream)                                   \
    {                                                                                              \
        return stream_open(&NAME##_format, input, env, ret_stream);                                \
    }                                                                                              \
    extern const struct unpacker unpack_##NAME;                                                    \
    const struct unpacker unpack_##NAME = {.name = #NAME,                                          \
                                           .identify = NAME##_identify,                            \
                                           .open = NAME##_open,                                    \
                                           .next = stream_next,                                    \
                                           .read = stream_read,                                    \
                                           .close = stream_close,                                  \
                                           __VA_ARGS__};

ROW(gzip, 24, "<gz>", GZIP_MAGIC, false, SEARCHED(GZIP_MAGIC, 0, gzip_is_genuine))
ROW(zlib, 16, "<zlib>", "", false, NOT_SEARCHED)
ROW(bzip2, 77, "<bz2>", "BZh", false, SEARCHED(BZIP2_BLOCK, 4, bzip2_starts))
ROW(xz, 48, "<xz>", XZ_MAGIC, false, SEARCHED(XZ_MAGIC, 0, xz_is_genuine))
ROW(lzma, 40, "<lzma>", "", false, NOT_SEARCHED)
ROW(zstd, 32, "<zst>", ZSTD_MAGIC, true, SEARCHED(ZSTD_MAGIC, 0, zstd_is_genuine))
ROW(lz4, 32, "<lz4>", LZ4_MAGIC, true, SEARCHED(LZ4_MAGIC, 0, lz4_is_sound))
ROW(lzip, 46, "<lz>", LZIP_MAGIC, false, SEARCHED(LZIP_MAGIC, 0, lzip_is_genuine))
ROW(compress, 28, "<Z>", "", false, NOT_SEARCHED)
