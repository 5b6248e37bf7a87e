#include "mend.h"

#include <stdbool.h>
#include <string.h>
#include <zlib.h>

enum { BLOCKS_MAX = 64 }; /* headers that are mended, of formats that chain them */

static uint64_t get(const uint8_t *data, unsigned bytes)
{
    uint64_t number = 0;
    for (unsigned i = 0; i < bytes; i++)
        number |= (uint64_t)data[i] << 8 * i;
    return number;
}

static void put(uint8_t *data, uint64_t number, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        data[i] = (uint8_t)(number >> 8 * i);
}

static void stamp(uint8_t *data, size_t size, size_t at, const char *bytes, size_t count)
{
    if (at <= size && count <= size - at)
        memcpy(data + at, bytes, count);
}

#define STAMP(at, text) stamp(data, size, at, text, sizeof(text) - 1)

static uint32_t crc_of(const uint8_t *data, size_t size)
{
    return (uint32_t)crc32_z(0, data, size);
}

static void mend_gzip(uint8_t *data, size_t size)
{
    STAMP(0, "\x1f\x8b\x08");
}

static void mend_zlib(uint8_t *data, size_t size)
{
    STAMP(0, "\x78\x9c");
}

static void mend_bzip2(uint8_t *data, size_t size)
{
    STAMP(0, "BZh1\x31\x41\x59\x26\x53\x59");
}

static void mend_zstd(uint8_t *data, size_t size)
{
    if (size < 4 || (data[3] != 0xfd && data[3] != 0x18 && data[1] != 0xb5))
        STAMP(0, "\x28\xb5\x2f\xfd");
}

static void mend_lzma(uint8_t *data, size_t size)
{
    if (size > 13) {
        put(data + 1, UINT64_C(1) << (12 + data[1] % 12), 4);
        data[13] = 0;
    }
}

/* Magic, flags and their CRC, then the header of the first block, which ends with its CRC. */
static void mend_xz(uint8_t *data, size_t size)
{
    STAMP(0, "\xfd"
             "7zXZ\0");
    if (size >= 12)
        put(data + 8, crc_of(data + 6, 2), 4);
    size_t header = size > 12 ? ((size_t)data[12] + 1) * 4 : 0;
    if (header >= 8 && header <= size - 12)
        put(data + 12 + header - 4, crc_of(data + 12, header - 4), 4);
}

/* XXH32 of fewer than 16 bytes, without a seed. */
static uint32_t xxh32_short(const uint8_t *data, size_t size)
{
    uint32_t hash = 374761393U + (uint32_t)size;
    for (; size >= 4; size -= 4, data += 4) {
        hash += (uint32_t)get(data, 4) * 3266489917U;
        hash = (hash << 17 | hash >> 15) * 668265263U;
    }
    for (; size > 0; size--, data++) {
        hash += *data * 374761393U;
        hash = (hash << 11 | hash >> 21) * 2654435761U;
    }
    hash = (hash ^ hash >> 15) * 2246822519U;
    hash = (hash ^ hash >> 13) * 3266489917U;
    return hash ^ hash >> 16;
}

/* Behind the magic: flags, block size, perhaps a content size and a dictionary, a byte of XXH32. */
static void mend_lz4(uint8_t *data, size_t size)
{
    if (size >= 4 && (data[3] != 0x18 || get(data, 3) == 0))
        STAMP(0, "\x04\x22\x4d\x18");
    if (size < 7 || get(data, 4) != 0x184d2204)
        return;
    data[4] = (uint8_t)((data[4] & 0x3d) | 0x40); /* version 1, the reserved bit is 0 */
    size_t descriptor = 2 + (data[4] & 8 ? 8U : 0U) + (data[4] & 1 ? 4U : 0U);
    data[5] = (uint8_t)(0x40 | (data[5] & 0x10)); /* blocks of 64 or 256 KiB */
    if (4 + descriptor < size)
        data[4 + descriptor] = (uint8_t)(xxh32_short(data + 4, descriptor) >> 8);
}

static void mend_zip(uint8_t *data, size_t size)
{
    STAMP(0, "PK\3\4");
}

/* The sum of a header, with blanks where it stands, in every block that calls itself one. */
static void mend_tar(uint8_t *data, size_t size)
{
    enum { BLOCK = 512, SUM_AT = 148, SUM_SIZE = 8 };
    for (; size >= BLOCK; data += BLOCK, size -= BLOCK) {
        if (memcmp(data + 257, "ustar", 5) != 0)
            continue;
        memset(data + SUM_AT, ' ', SUM_SIZE);
        unsigned sum = 0;
        for (size_t i = 0; i < BLOCK; i++)
            sum += data[i];
        for (size_t i = 6; i-- > 0; sum >>= 3)
            data[SUM_AT + i] = (uint8_t)('0' + (sum & 7));
        data[SUM_AT + 6] = 0;
    }
}

/* The header at the end has its CRC in the one at the front, which has one itself. */
static void mend_7z(uint8_t *data, size_t size)
{
    enum { FRONT = 32 };
    STAMP(0, "7z\xbc\xaf\x27\x1c\0");
    if (size < FRONT)
        return;
    uint64_t offset = get(data + 12, 8), length = get(data + 20, 8);
    if (offset > size - FRONT)
        offset = size - FRONT;
    if (length > size - FRONT - offset)
        length = size - FRONT - offset;
    put(data + 12, offset, 8);
    put(data + 20, length, 8);
    put(data + 28, crc_of(data + FRONT + offset, (size_t)length), 4);
    put(data + 8, crc_of(data + 12, 20), 4);
}

/* Blocks: CRC (2), type, flags (2), size (2), perhaps the size of what follows. The window grows with
 * the size of the file (at 11), and large ones only cost time. */
static void mend_rar(uint8_t *data, size_t size)
{
    enum { FILE_BLOCK = 0x74 };
    STAMP(0, "Rar!\x1a\x07\0");
    size_t at = 7;
    for (unsigned i = 0; i < BLOCKS_MAX && at < size && size - at >= 7; i++) {
        uint8_t *block = data + at;
        size_t left = size - at, header = get(block + 5, 2);
        if (header < 7 || header > left)
            return;
        if (block[2] == FILE_BLOCK && header > 14)
            block[13] = block[14] = 0;
        put(block, crc_of(block + 2, header - 2), 2);
        bool is_long = (block[4] & 0x80) && header >= 11;
        uint64_t body = is_long ? get(block + 7, 4) : 0;
        if (body > left - header)
            return;
        at += header + (size_t)body;
    }
}

/* A number of 7 bits a byte; false when it does not end. */
static bool take_number(const uint8_t *data, size_t size, size_t *at, uint64_t *ret_number)
{
    uint64_t number = 0;
    for (unsigned shift = 0; shift < 63 && *at < size; shift += 7) {
        uint8_t byte = data[(*at)++];
        number |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            *ret_number = number;
            return true;
        }
    }
    return false;
}

/* Blocks: CRC (4), size of the header from the type on, type, flags, perhaps the size of an extra
 * area, perhaps that of what follows. */
static void mend_rar5(uint8_t *data, size_t size)
{
    STAMP(0, "Rar!\x1a\x07\1\0");
    size_t at = 8;
    for (unsigned i = 0; i < BLOCKS_MAX && at < size && size - at > 4; i++) {
        size_t front = at + 4;
        uint64_t header, type, flags, extra = 0, body = 0;
        if (!take_number(data, size, &front, &header) || header > size - front)
            return;
        size_t end = front + (size_t)header;
        put(data + at, crc_of(data + at + 4, end - at - 4), 4);
        if (!take_number(data, end, &front, &type) || !take_number(data, end, &front, &flags) ||
            ((flags & 1) && !take_number(data, end, &front, &extra)) ||
            ((flags & 2) && !take_number(data, end, &front, &body)) || body > size - end)
            return;
        at = end + (size_t)body;
    }
}

/* Levels 0 and 1: the size of the header, then the sum of its bytes. */
static void mend_lha(uint8_t *data, size_t size)
{
    if (size < 21)
        return;
    data[2] = '-', data[3] = 'l', data[6] = '-';
    if (data[4] != 'h' && data[4] != 'z')
        data[4] = 'h';
    if (!memchr("01234567dxs", data[5], 11))
        data[5] = '5';
    data[20] &= 3;
    if (data[20] > 1 || data[0] > size - 2)
        return;
    uint8_t sum = 0;
    for (size_t i = 0; i < data[0]; i++)
        sum = (uint8_t)(sum + data[2 + i]);
    data[1] = sum;
}

static void mend_cab(uint8_t *data, size_t size)
{
    STAMP(0, "MSCF\0\0\0\0");
    STAMP(24, "\3\1");
}

/* Three forms of a magic; the old binary one is left to the seeds. */
static void mend_cpio(uint8_t *data, size_t size)
{
    STAMP(0, "07070");
    if (size > 5 && data[5] != '1' && data[5] != '2')
        data[5] = '7';
}

static void mend_ar(uint8_t *data, size_t size)
{
    STAMP(0, "!<arch>\n");
    STAMP(66, "`\n");
}

static void mend_warc(uint8_t *data, size_t size)
{
    STAMP(0, "WARC/1.0\r\n");
}

mend_function *mend_of(const char *format)
{
    static const struct {
        const char *format;
        mend_function *mend;
    } table[] = {
        {"gzip", mend_gzip}, {"zlib", mend_zlib}, {"bzip2", mend_bzip2}, {"xz", mend_xz},
        {"lzma", mend_lzma}, {"zstd", mend_zstd}, {"lz4", mend_lz4},     {"zip", mend_zip},
        {"tar", mend_tar},   {"7z", mend_7z},     {"rar", mend_rar},     {"rar5", mend_rar5},
        {"lha", mend_lha},   {"cab", mend_cab},   {"cpio", mend_cpio},   {"ar", mend_ar},
        {"warc", mend_warc},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (strcmp(table[i].format, format) == 0)
            return table[i].mend;
    return NULL;
}
