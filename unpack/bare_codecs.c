/* The readers of bare codecs: how each is known, and its row. */
#include "base/bytes.h"
#include "unpack/frames.h"
#include "unpack/probe.h"
#include "unpack/stream.h"

enum {
    SKIPPED_MAX = 8, /* skippable frames looked over before the first real one */
};

/* ---- gzip, RFC 1952 ---------------------------------------------------------------------- */

static bool gzip_starts(struct view input)
{
    return view_starts(input, 0, "\x1f\x8b\x08", 3);
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
           (view_starts(input, 4, "\x31\x41\x59\x26\x53\x59", 6) ||
            view_starts(input, 4, "\x17\x72\x45\x38\x50\x90", 6));
}

/* ---- xz ----------------------------------------------------------------------------------- */

static bool xz_starts(struct view input)
{
    return view_starts(input, 0,
                       "\xfd"
                       "7zXZ\0",
                       6);
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
    return view_starts(frame, 0, "\x28\xb5\x2f\xfd", 4) || zstd_is_legacy(frame);
}

static bool lz4_starts(struct view input)
{
    struct view frame = view_sub(input, frames_skip(input, 0, SKIPPED_MAX), UINT64_MAX);
    return view_starts(frame, 0, "\x04\x22\x4d\x18", 4) ||
           view_starts(frame, 0, "\x02\x21\x4c\x18", 4);
}

/* ---- rows --------------------------------------------------------------------------------- */

/* unpack_NAME, known by NAME_starts with so many bits, holding <MEMBER>. */
#define ROW(NAME, BITS, MEMBER, MAGIC, SKIPPABLE)                                                  \
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
                                           .close = stream_close};

ROW(gzip, 24, "<gz>", "\x1f\x8b\x08", false)
ROW(zlib, 16, "<zlib>", "", false)
ROW(bzip2, 77, "<bz2>", "BZh", false)
ROW(xz, 48, "<xz>",
    "\xfd"
    "7zXZ\0",
    false)
ROW(lzma, 40, "<lzma>", "", false)
ROW(zstd, 32, "<zst>", "\x28\xb5\x2f\xfd", true)
ROW(lz4, 32, "<lz4>", "\x04\x22\x4d\x18", true)
