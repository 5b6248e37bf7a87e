#include "encode.h"

status encode_hex(struct buffer *out, struct assay_bytes bytes)
{
    static const char digits[] = "0123456789abcdef";
    size_t size;
    if (bytes.size == 0)
        return ASSAY_OK;
    if (__builtin_mul_overflow(bytes.size, (size_t)2, &size))
        return ASSAY_ERR_NOMEM;
    TRY(buffer_reserve(out, size));
    uint8_t *to = out->data + out->size;
    for (size_t i = 0; i < bytes.size; i++) {
        *to++ = (uint8_t)digits[bytes.data[i] >> 4];
        *to++ = (uint8_t)digits[bytes.data[i] & 0x0f];
    }
    out->size += size;
    return ASSAY_OK;
}

/* Writes four characters for the 1 to 3 bytes at `from`. */
static void encode_group(const uint8_t *from, size_t size, uint8_t to[4])
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = (uint32_t)from[0] << 16;
    if (size > 1)
        bits |= (uint32_t)from[1] << 8;
    if (size > 2)
        bits |= from[2];
    for (size_t i = 0; i < 4; i++)
        to[i] = (uint8_t)(i <= size ? alphabet[bits >> (18 - 6 * i) & 0x3f] : '=');
}

status encode_base64(struct buffer *out, struct assay_bytes bytes)
{
    size_t groups = bytes.size / 3 + (bytes.size % 3 ? 1 : 0);
    size_t size;
    if (__builtin_mul_overflow(groups, (size_t)4, &size))
        return ASSAY_ERR_NOMEM;
    TRY(buffer_reserve(out, size));
    for (size_t i = 0; i < groups; i++) {
        size_t left = bytes.size - i * 3;
        encode_group(bytes.data + i * 3, left < 3 ? left : 3, out->data + out->size);
        out->size += 4;
    }
    return ASSAY_OK;
}
