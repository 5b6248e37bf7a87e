/* Any bytes, decoded by the codec that is called CODEC (the name of a struct codec): one that has no
 * reader of its own, because only containers use it. */
#include "unpack/codec.h"

#include <stdlib.h>

enum { MEMORY = 4 << 20, BYTES = 64 << 10 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1:max_allocation_size_mb=96:quarantine_size_mb=8";
}

static void require(bool kept)
{
    if (!kept)
        abort();
}

/* As much as `most` at a time. */
static void decode(struct view input, size_t most)
{
    struct decoder decoder = {.codec = NULL};
    struct error error = {""};
    if (decoder_start(&decoder, &CODEC, MEMORY, &error) != ASSAY_OK)
        return;
    struct view rest = input;
    uint8_t *bytes = malloc(most);
    require(bytes);
    status result = ASSAY_OK;
    for (size_t all = 0; all < BYTES && result == ASSAY_OK;) {
        size_t got = SIZE_MAX;
        result = decoder_read(&decoder, &rest, bytes, most, &got);
        require(result == ASSAY_OK ? got >= 1 && got <= most : got == SIZE_MAX);
        require(rest.size <= input.size);
        require(rest.size == 0 || rest.data == input.data + (input.size - rest.size));
        all += result == ASSAY_OK ? got : 0;
    }
    require(result >= 0 || error.text[0] || result == ASSAY_ERR_NOMEM);
    free(bytes);
    decoder_stop(&decoder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct view input = {data, size};
    decode(input, 65536);
    decode(view_sub(input, 0, 4096), 7);
    return 0;
}
