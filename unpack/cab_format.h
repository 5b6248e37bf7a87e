/*
 * cab_format: the records of a Microsoft cabinet, as MS-CAB describes them: a header, folders,
 * files, and the blocks of data that folders consist of.
 */
#ifndef UNPACK_CAB_FORMAT_H
#define UNPACK_CAB_FORMAT_H

#include "unpack/solid.h"

enum {
    CAB_BLOCK_MAX = 32768,    /* bytes that a block decodes to */
    CAB_FROM_PREVIOUS = 0x01, /* flags of the header */
    CAB_INTO_NEXT = 0x02,
    CAB_HAS_RESERVED = 0x04,
};

enum cab_method {
    CAB_STORED,
    CAB_MSZIP,
    CAB_QUANTUM,
    CAB_LZX,
};

struct cab_header {
    uint32_t size;  /* of the cabinet */
    uint32_t files; /* offset of the files' entries */
    uint16_t folder_count, file_count, flags;
    uint8_t folder_reserved,
        data_reserved; /* bytes behind each folder's entry, each block's head */
    uint64_t folders;  /* offset of the folders' entries; behind the header */
};

/* False when it is cut short. */
CHECKED bool cab_parse_header(struct view input, struct cab_header *ret_header);

struct cab_folder {
    uint32_t data; /* offset of its blocks */
    uint16_t block_count;
    uint16_t type;      /* method, and for some of them the size of the window */
    bool from_previous; /* it began in the cabinet before */
    bool into_next;     /* it goes on in the next cabinet */
};

CHECKED bool cab_parse_folder(struct view input, uint64_t offset, struct cab_folder *ret_folder);

enum cab_method cab_method_of(const struct cab_folder *folder); /* may be none that is known */
unsigned cab_window_bits(const struct cab_folder *folder);

/* The entry's last field but the name, when it is no index of a folder. */
enum { CAB_FILE_FROM_PREVIOUS = 0xfffd, CAB_FILE_INTO_NEXT = 0xfffe, CAB_FILE_THROUGH = 0xffff };

/* Reads an entry and moves *offset behind it; its stream is the index of the folder as it stands
 * there. False when there is none. */
CHECKED bool cab_parse_file(struct view input, uint64_t *offset, struct solid_file *ret_file);

struct cab_block {
    struct view data; /* what there is of it */
    uint32_t missing; /* bytes of the data that were cut off */
    uint16_t decoded; /* bytes it decodes to; 0: the rest of the block is in the next cabinet */
    bool is_sound;    /* by its check sum, if it has one */
};

/* Reads a block and moves *offset behind it. False when there is none. */
CHECKED bool cab_parse_block(struct view input, uint8_t reserved, uint64_t *offset,
                             struct cab_block *ret_block);

#endif
