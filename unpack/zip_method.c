#include "unpack/zip_method.h"

#include <zlib.h>

#define TRIAL_STEP 16384

#define WITH(method, flags) ((method) | (flags) << 8)

enum { IMPLODE = 6 };

static const struct row {
    uint16_t method;
    const struct codec *codec;
    bool repeats;
    bool is_unmarked;
    bool notices_garbage;
} codecs[] = {
    {.method = ZIP_DEFLATE, .codec = &codec_deflate, .notices_garbage = true},
    {.method = ZIP_ZLIB, .codec = &codec_zlib},
    {.method = 1, .codec = &codec_shrink, .is_unmarked = true},
    {.method = 2, .codec = &codec_reduce_1, .is_unmarked = true},
    {.method = 3, .codec = &codec_reduce_2, .is_unmarked = true},
    {.method = 4, .codec = &codec_reduce_3, .is_unmarked = true},
    {.method = 5, .codec = &codec_reduce_4, .is_unmarked = true},
    {.method = IMPLODE, .codec = &codec_implode_4k_2, .is_unmarked = true},
    {.method = WITH(IMPLODE, ZIP_IMPLODE_8K), .codec = &codec_implode_8k_2, .is_unmarked = true},
    {.method = WITH(IMPLODE, ZIP_IMPLODE_3), .codec = &codec_implode_4k_3, .is_unmarked = true},
    {.method = WITH(IMPLODE, ZIP_IMPLODE_8K | ZIP_IMPLODE_3),
     .codec = &codec_implode_8k_3,
     .is_unmarked = true},
    {.method = 9, .codec = &codec_deflate64, .notices_garbage = true},
    {.method = 10, .codec = &codec_dcl},
    {.method = 12, .codec = &codec_bzip2, .repeats = true, .notices_garbage = true},
    {.method = 14, /* unmarked whatever its flag says */
     .codec = &codec_lzma_zip,
     .is_unmarked = true,
     .notices_garbage = true},
    {.method = 20, .codec = &codec_zstd, .repeats = true, .notices_garbage = true},
    {.method = 93, .codec = &codec_zstd, .repeats = true, .notices_garbage = true},
    {.method = 95, .codec = &codec_xz, .repeats = true, .notices_garbage = true},
    {.method = 98, .codec = &codec_ppmd, .is_unmarked = true},
};

static const struct row *find(uint16_t method)
{
    static const struct row none;
    for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
        if (codecs[i].method == method)
            return &codecs[i];
    }
    return &none;
}

uint16_t zip_method_of(const struct zip_record *says)
{
    unsigned flags = 0;
    if (says->method == IMPLODE)
        flags = says->flags & (ZIP_IMPLODE_8K | ZIP_IMPLODE_3);
    return (uint16_t)WITH(says->method, flags);
}

const struct codec *zip_method_codec(uint16_t method)
{
    return find(method)->codec;
}

bool zip_method_is_read(uint16_t method)
{
    return method == ZIP_STORED || zip_method_codec(method);
}

bool zip_method_repeats(uint16_t method)
{
    return find(method)->repeats;
}

bool zip_method_is_unmarked(uint16_t method)
{
    return find(method)->is_unmarked;
}

bool zip_method_notices_garbage(uint16_t method)
{
    return find(method)->notices_garbage;
}

bool zip_method_try(uint16_t method, uint64_t memory, struct view packed, uint64_t *allowance,
                    struct zip_trial *ret_trial)
{
    const struct codec *codec = zip_method_codec(method);
    struct decoder decoder = {.codec = NULL};
    struct error error;
    struct zip_trial trial = {0};
    if (!codec || decoder_start(&decoder, codec, memory, &error) < 0)
        return false;
    packed = view_sub(packed, 0, *allowance);
    uint64_t before = packed.size;
    status last = ASSAY_OK;
    while (last == ASSAY_OK && trial.packed + trial.unpacked <= *allowance) {
        uint8_t bytes[TRIAL_STEP];
        size_t size = 0;
        last = decoder_read(&decoder, &packed, bytes, sizeof(bytes), &size);
        if (last == ASSAY_OK)
            trial.crc = (uint32_t)crc32_z(trial.crc, bytes, size);
        trial.unpacked += last == ASSAY_OK ? size : 0;
        trial.packed = before - packed.size;
    }
    decoder_stop(&decoder);
    uint64_t spent = trial.packed + trial.unpacked;
    *allowance -= spent < *allowance ? spent : *allowance;
    *ret_trial = trial;
    return last == ASSAY_END;
}
