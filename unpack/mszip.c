#include "unpack/mszip.h"

#include <stdlib.h>
#include <zlib.h>

struct mszip {
    z_stream z;
    uint8_t block[MSZIP_BLOCK_MAX]; /* the last one */
    uint8_t window[MSZIP_BLOCK_MAX];
    size_t window_size;
};

status mszip_start(uint64_t memory, struct error *error, struct mszip **ret_mszip)
{
    if (memory < MSZIP_MEMORY)
        return error_set(error, ASSAY_ERR_CODEC_MEMORY, "MSZIP needs %d bytes of memory",
                         MSZIP_MEMORY);
    struct mszip *mszip = calloc(1, sizeof(*mszip));
    if (!mszip || inflateInit2(&mszip->z, -15) != Z_OK) {
        free(mszip);
        return error_set(error, ASSAY_ERR_NOMEM, "no memory for MSZIP");
    }
    *ret_mszip = mszip;
    return ASSAY_OK;
}

void mszip_stop(struct mszip *mszip)
{
    if (!mszip)
        return;
    inflateEnd(&mszip->z);
    free(mszip);
}

/* The window is the last 32 KiB of all blocks. */
static void remember(struct mszip *mszip, size_t size)
{
    size_t kept = MSZIP_BLOCK_MAX - size;
    if (kept > mszip->window_size)
        kept = mszip->window_size;
    memmove(mszip->window, mszip->window + mszip->window_size - kept, kept);
    memcpy(mszip->window + kept, mszip->block, size);
    mszip->window_size = kept + size;
}

/* The bytes that came out; *ret_result is zlib's. */
static size_t inflate_block(struct mszip *mszip, struct view deflated, int *ret_result)
{
    z_stream *z = &mszip->z;
    *ret_result = inflateReset(z);
    if (*ret_result == Z_OK)
        *ret_result = inflateSetDictionary(z, mszip->window, (uInt)mszip->window_size);
    if (*ret_result != Z_OK)
        return 0;
    z->next_in = (Bytef *)(uintptr_t)deflated.data;
    z->avail_in = (uInt)deflated.size;
    z->next_out = mszip->block;
    z->avail_out = MSZIP_BLOCK_MAX;
    *ret_result = inflate(z, Z_FINISH);
    return MSZIP_BLOCK_MAX - z->avail_out;
}

status mszip_decode(struct mszip *mszip, struct view block, size_t expected, struct error *error,
                    struct view *ret_bytes)
{
    size_t size = 0;
    int result = Z_DATA_ERROR;
    if (view_starts(block, 0, "CK", 2))
        size = inflate_block(mszip, view_sub(block, 2, UINT32_MAX), &result);
    if (expected > MSZIP_BLOCK_MAX)
        expected = MSZIP_BLOCK_MAX;
    bool is_whole = result == Z_STREAM_END && (expected == 0 || size == expected);
    if (size < expected) {
        memset(mszip->block + size, 0, expected - size);
        size = expected;
    }
    remember(mszip, size);
    *ret_bytes = (struct view){mszip->block, size};
    if (is_whole)
        return ASSAY_OK;
    if (result == Z_BUF_ERROR && mszip->z.avail_out > 0)
        return error_set(error, ASSAY_ERR_TRUNCATED, "a block ends too soon");
    return error_set(error, ASSAY_ERR_CORRUPT, "a damaged block");
}
