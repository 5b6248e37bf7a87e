/*
 * zip_format: the records of a zip archive, one at a time, with their zip64 forms. Nothing is
 * believed here but where a record itself ends.
 *
 * Source: PKWARE APPNOTE.TXT 6.3.10.
 */
#ifndef UNPACK_ZIP_FORMAT_H
#define UNPACK_ZIP_FORMAT_H

#include "base/status.h"
#include "base/view.h"

enum zip_flag {
    ZIP_ENCRYPTED = 1 << 0,
    ZIP_IMPLODE_8K = 1 << 1, /* imploded with the larger window */
    ZIP_IMPLODE_3 = 1 << 2,  /* imploded with three trees */
    ZIP_DESCRIPTOR = 1 << 3, /* sizes and CRC follow the data */
    ZIP_STRONG = 1 << 6,     /* encrypted in PKWARE's later way */
};

enum zip_signature { /* behind the "PK", as a big-endian number */
                     ZIP_CENTRAL = 0x0102,
                     ZIP_LOCAL = 0x0304,
                     ZIP_END = 0x0506,
                     ZIP_END64 = 0x0606,
                     ZIP_LOCATOR64 = 0x0607,
                     ZIP_SPANNED = 0x0708, /* a data descriptor, too */
                     ZIP_NONE = 0,
};

/* The extra field of members that are encrypted with AES. */
struct zip_aes_extra {
    uint16_t version; /* 1: the CRC is true; 2: there is none */
    uint8_t strength; /* 1 to 3; 0: no such field */
    uint16_t method;
};

/* What a local header or a directory entry says about a member. */
struct zip_record {
    uint16_t flags;
    uint16_t method;
    uint16_t time; /* of the day, as DOS has it */
    struct zip_aes_extra aes;
    uint32_t crc;
    uint64_t packed;         /* bytes in the archive */
    uint64_t unpacked;       /* bytes */
    struct assay_bytes name; /* lies in the input */
    uint64_t offset;         /* directory entries: of the local header, as written */
    uint64_t end;            /* of the record; behind a local header the data begin */
};

/* The end of central directory record. */
struct zip_end {
    uint64_t directory; /* offset, as written */
    uint64_t size;      /* bytes of the directory */
    uint64_t front;     /* where this record, or its zip64 form before it, begins in the input */
    bool is_split;      /* this is not the only volume */
};

/* Bytes of the records without their variable parts. */
#define ZIP_LOCAL_SIZE   30
#define ZIP_CENTRAL_SIZE 46
#define ZIP_END_SIZE     22

/* The kind of record at an offset of the input, by its signature; ZIP_NONE for any other bytes. */
enum zip_signature zip_signature_at(struct view input, uint64_t offset);

/* The first such place at or behind `offset`; the size of the input when there is none. */
uint64_t zip_find_record(struct view input, uint64_t offset);

/* False when no whole record of that kind begins at the offset. */
CHECKED bool zip_parse_local(struct view input, uint64_t offset, struct zip_record *ret_record);
CHECKED bool zip_parse_central(struct view input, uint64_t offset, struct zip_record *ret_record);
CHECKED bool zip_parse_end(struct view input, uint64_t offset, struct zip_end *ret_end);

/* True when a local header of which this is the method may be meant as one: what the searching for
 * signatures believes. */
bool zip_method_is_known(uint16_t method);
/* "deflate64", for messages; "unknown" outside the list. */
const char *zip_method_name(uint16_t method);

/* Steps over a data descriptor at the offset, if one is there. Its CRC is set when one was
 * found. */
uint64_t zip_skip_descriptor(struct view input, uint64_t offset, bool *ret_found,
                             uint32_t *ret_crc);

#endif
