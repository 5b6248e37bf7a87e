/*
 * cpio_header: one header of a cpio archive, in each of its forms: two of hexadecimal digits (newc,
 * and crc, which has a sum of the bytes), one of octal digits (odc), the old binary one in either
 * byte order, and the one of rpm for files of more than 4 GiB, which leaves all but a number out.
 *
 * Sources: POSIX.1-1997 cpio, Linux' initramfs buffer format, cpio(5) of FreeBSD.
 */
#ifndef UNPACK_CPIO_HEADER_H
#define UNPACK_CPIO_HEADER_H

#include "base/view.h"

#define CPIO_NAME_MAX 4096 /* of a sound header */
#define CPIO_TRAILER  "TRAILER!!!"

enum cpio_numbers { CPIO_HEXADECIMAL, CPIO_OCTAL, CPIO_LITTLE_ENDIAN, CPIO_BIG_ENDIAN };

struct cpio_field {
    uint8_t at, size; /* size 0: the form has none */
};

struct cpio_form {
    const char *magic;
    uint8_t magic_size;
    uint8_t header_size;
    uint8_t alignment; /* of name and bytes, from the beginning of the header */
    enum cpio_numbers numbers;
    struct cpio_field mode, name_size, size, sum;
};

struct cpio_header {
    const struct cpio_form *form;
    uint32_t mode;
    uint32_t sum;
    uint64_t name_size; /* the NUL included */
    uint64_t size;
};

/* Reads the header at `offset`. False when none stands there; its name and bytes need not be all
 * there. */
bool cpio_header_read(struct view input, uint64_t offset, struct cpio_header *ret_header);

/* True for the form that leaves name and size out. */
static inline bool cpio_is_stripped(const struct cpio_form *form)
{
    return form->name_size.size == 0;
}

/* True when all of a header makes sense, with a name that ends where it should. */
bool cpio_header_is_sound(struct view input, uint64_t offset);

/* True when this is the one that ends an archive. */
bool cpio_is_trailer(struct view input, uint64_t offset, const struct cpio_header *header);

/* The offset of the next sound header at or behind `offset`, of a form that is like this one: text
 * or the same binary. The size of the input when there is none. */
uint64_t cpio_find_header(struct view input, uint64_t offset, const struct cpio_form *form);

/* The kind of file: 0 to 15, of which 8 are regular ones. */
static inline unsigned cpio_file_type(const struct cpio_header *header)
{
    return header->mode >> 12 & 15;
}

#endif
