#include "unpack/zip_method.h"

#include <zlib.h>

#define TRIAL_STEP 16384

static const struct {
    uint16_t method;
    const struct codec *codec;
    bool repeats;
} codecs[] = {
    {ZIP_DEFLATE, &codec_deflate, false},
    {ZIP_ZLIB, &codec_zlib, false},
    {12, &codec_bzip2, true},
    {ZIP_LZMA, &codec_lzma_zip, false},
    {20, &codec_zstd, true},
    {93, &codec_zstd, true},
    {95, &codec_xz, true},
    {ZIP_PPMD, &codec_ppmd, false},
};

const struct codec *zip_method_codec(uint16_t method)
{
    for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
        if (codecs[i].method == method)
            return codecs[i].codec;
    }
    return NULL;
}

bool zip_method_is_read(uint16_t method)
{
    return method == ZIP_STORED || zip_method_codec(method);
}

bool zip_method_repeats(uint16_t method)
{
    for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
        if (codecs[i].method == method)
            return codecs[i].repeats;
    }
    return false;
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
