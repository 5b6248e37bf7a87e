/*
 * zip_directory: every central directory of a zip file, as a list of where its entries point. A
 * file may have several: archives may stand one behind the other, and behind anything.
 */
#ifndef UNPACK_ZIP_DIRECTORY_H
#define UNPACK_ZIP_DIRECTORY_H

#include "unpack/zip_format.h"

#include "base/buffer.h"

struct zip_pointer {
    uint64_t local;   /* offset of the local header in the input; always inside it */
    uint64_t central; /* offset of the directory entry in the input */
    uint16_t method;
};

struct zip_directory {
    struct buffer
        pointers;     /* struct zip_pointer, by local, method, central; each place once a method */
    bool has_end;     /* an end record with a directory was found */
    bool is_split;    /* other volumes exist */
    bool has_outside; /* some entry points out of the input */
};

/* Reads all directories: linear in the input. Errors: ASSAY_ERR_NOMEM; release in any case. */
CHECKED status zip_directory_load(struct view input, struct zip_directory *directory);
void zip_directory_release(struct zip_directory *directory);

size_t zip_directory_count(const struct zip_directory *directory);
struct zip_pointer zip_directory_at(const struct zip_directory *directory, size_t index);

#endif
