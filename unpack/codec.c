#include "unpack/codec.h"

status decoder_start(struct decoder *decoder, const struct codec *codec, uint64_t memory,
                     struct error *error)
{
    struct codec_state *state;
    TRY(codec->start(memory, error, &state));
    *decoder = (struct decoder){.codec = codec, .state = state, .pending = ASSAY_OK};
    return ASSAY_OK;
}

status decoder_step(struct decoder *decoder, struct view *input, uint8_t *bytes, size_t size,
                    size_t *ret_size)
{
    size_t written = 0;
    if (decoder->pending == ASSAY_OK)
        decoder->pending = decoder->codec->step(decoder->state, input, bytes, size, &written);
    if (written == 0 && decoder->pending != ASSAY_OK)
        return decoder->pending;
    *ret_size = written;
    return ASSAY_OK;
}

status decoder_read(struct decoder *decoder, struct view *input, uint8_t *bytes, size_t size,
                    size_t *ret_size)
{
    size_t written;
    status last;
    do
        last = decoder_step(decoder, input, bytes, size, &written);
    while (last == ASSAY_OK && written == 0);
    if (last == ASSAY_OK)
        *ret_size = written;
    return last;
}

void decoder_stop(struct decoder *decoder)
{
    if (decoder->codec)
        decoder->codec->stop(decoder->state);
    *decoder = (struct decoder){.codec = NULL};
}
