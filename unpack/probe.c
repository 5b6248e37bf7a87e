#include "unpack/probe.h"

enum {
    WANTED = 64, /* bytes out, for those who only want to see that something decodes */
    SCRATCH = 4096,
    MOST = 64 * SCRATCH, /* data that give more from so little are compressed */
    MEMORY = 2 * 1024 * 1024,
};

struct trial {
    status result; /* ASSAY_OK: as much as was asked for came out */
    uint64_t given;
    struct view rest;
};

/* Decodes what is tried until so many bytes came out. */
static struct trial decode(const struct codec *codec, struct view input, uint64_t most)
{
    struct trial trial = {.rest = view_sub(input, 0, PROBE_INPUT)};
    struct decoder decoder = {.codec = NULL};
    struct error error;
    trial.result = decoder_start(&decoder, codec, MEMORY, &error);
    while (trial.result == ASSAY_OK && trial.given < most) {
        uint8_t scratch[SCRATCH];
        uint64_t left = most - trial.given;
        size_t size = 0;
        trial.result = decoder_read(&decoder, &trial.rest, scratch,
                                    left < SCRATCH ? (size_t)left : SCRATCH, &size);
        trial.given += size;
    }
    decoder_stop(&decoder);
    return trial;
}

bool probe(const struct codec *codec, struct view input)
{
    struct trial trial = decode(codec, input, WANTED);
    return trial.result == ASSAY_OK ||
           (trial.given > 0 && trial.result == ASSAY_END && trial.rest.size == 0);
}

bool probe_through(const struct codec *codec, struct view input)
{
    bool is_all = input.size <= PROBE_INPUT;
    struct trial trial = decode(codec, input, MOST);
    if (trial.result == ASSAY_END)
        return is_all && trial.rest.size == 0;
    return trial.result == ASSAY_OK || (trial.result == ASSAY_ERR_TRUNCATED && !is_all);
}

bool probe_front(const struct codec *codec, struct view input)
{
    struct trial trial = decode(codec, input, MOST);
    return trial.result == ASSAY_OK || trial.result == ASSAY_END ||
           (trial.result == ASSAY_ERR_TRUNCATED && trial.given > 0);
}
