#include "unpack/probe.h"

enum {
    PROBE_INPUT = 512, /* bytes tried, and bytes wanted */
    PROBE_OUTPUT = 64,
    PROBE_SCRATCH = 4096,
    PROBE_CHUNKS = 64, /* of scratch; data that give more from so little are compressed */
    PROBE_MEMORY = 2 * 1024 * 1024,
};

bool probe(const struct codec *codec, struct view input)
{
    struct decoder decoder = {.codec = NULL};
    if (decoder_start(&decoder, codec, PROBE_MEMORY, NULL) != ASSAY_OK)
        return false;
    struct view rest = view_sub(input, 0, PROBE_INPUT);
    uint8_t bytes[PROBE_OUTPUT];
    size_t given = 0;
    status result = ASSAY_OK;
    while (given < sizeof(bytes) && result == ASSAY_OK) {
        size_t size = 0;
        result = decoder_read(&decoder, &rest, bytes + given, sizeof(bytes) - given, &size);
        given += size;
    }
    decoder_stop(&decoder);
    return given == sizeof(bytes) || (given > 0 && result == ASSAY_END && rest.size == 0);
}

bool probe_through(const struct codec *codec, struct view input)
{
    struct decoder decoder = {.codec = NULL};
    if (decoder_start(&decoder, codec, PROBE_MEMORY, NULL) != ASSAY_OK)
        return false;
    struct view rest = view_sub(input, 0, PROBE_INPUT);
    bool is_all = rest.size == input.size;
    uint8_t scratch[PROBE_SCRATCH];
    status result = ASSAY_OK;
    for (unsigned i = 0; i < PROBE_CHUNKS && result == ASSAY_OK; i++) {
        size_t size = 0;
        result = decoder_read(&decoder, &rest, scratch, sizeof(scratch), &size);
    }
    decoder_stop(&decoder);
    if (result == ASSAY_END)
        return is_all && rest.size == 0;
    return result == ASSAY_OK || (result == ASSAY_ERR_TRUNCATED && !is_all);
}
