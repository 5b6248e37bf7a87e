/* Source: POSIX.1-2017, pax, "ustar Interchange Format". */
#include "signatures/database/bundle_header.h"

#include "signatures/database/manifest.h"

#include <stddef.h>
#include <stdio.h>

struct ustar {
    char name[100];
    char mode[8];
    char uid[8];
    char gid[8];
    char size[12];
    char mtime[12];
    char chksum[8];
    char typeflag;
    char linkname[100];
    char magic[6];
    char version[2];
    char uname[32];
    char gname[32];
    char devmajor[8];
    char devminor[8];
    char prefix[155];
    char padding[12];
};
_Static_assert(sizeof(struct ustar) == BUNDLE_BLOCK, "a header is one block");

/* Octal digits that fill `digits` places, without a NUL. */
static void put_octal(char *field, size_t digits, uint64_t value)
{
    for (size_t i = digits; i-- > 0; value >>= 3)
        field[i] = (char)('0' + (value & 7));
}

/* The sum of all bytes, of which those of the sum itself count as blanks. */
static uint64_t sum_of(const struct ustar *header)
{
    uint8_t bytes[BUNDLE_BLOCK];
    memcpy(bytes, header, sizeof(bytes));
    memset(bytes + offsetof(struct ustar, chksum), ' ', sizeof(header->chksum));
    uint64_t sum = 0;
    for (size_t i = 0; i < sizeof(bytes); i++)
        sum += bytes[i];
    return sum;
}

bool bundle_header_make(struct assay_bytes name, uint64_t size, uint8_t ret_block[BUNDLE_BLOCK])
{
    size_t prefix;
    if (name.size == 0 || size > MANIFEST_SIZE_MAX || !manifest_path_split(name, &prefix))
        return false;
    struct ustar header = {.typeflag = '0'};
    size_t begin = prefix ? prefix + 1 : 0;
    memcpy(header.prefix, name.data, prefix);
    memcpy(header.name, name.data + begin, name.size - begin);
    put_octal(header.mode, 7, 0644);
    put_octal(header.uid, 7, 0);
    put_octal(header.gid, 7, 0);
    put_octal(header.size, 11, size);
    put_octal(header.mtime, 11, 0);
    put_octal(header.devmajor, 7, 0);
    put_octal(header.devminor, 7, 0);
    memcpy(header.magic, "ustar", 6);
    memcpy(header.version, "00", 2);
    put_octal(header.chksum, 6, sum_of(&header));
    header.chksum[7] = ' ';
    memcpy(ret_block, &header, sizeof(header));
    return true;
}

void bundle_signature_name(size_t index, char ret_name[BUNDLE_NAME_ROOM])
{
    static const char first[] = BUNDLE_MANIFEST_NAME ".minisig";
    if (index == 0)
        snprintf(ret_name, BUNDLE_NAME_ROOM, "%s", first);
    else
        snprintf(ret_name, BUNDLE_NAME_ROOM, "%s.%u", first, (unsigned)index % 100 + 1);
}
