/*
 * input: the bytes of an open regular file as one view. Small files are read into memory that is
 * used again; large ones are mapped.
 */
#ifndef INSPECT_INPUT_H
#define INSPECT_INPUT_H

#include <sys/stat.h>

#include "base/buffer.h"

/* Files up to this size are read, larger ones mapped: reading is cheaper for small files and safe
 * against a file that shrinks; a mapping needs no memory of its own. */
#define INPUT_READ_MAX (UINT64_C(16) << 20)

struct input {
    struct buffer read; /* kept from file to file */
    void *map;          /* NULL when the file was read */
    struct view view;
    struct stat before; /* as the file was when it was opened */
    bool longer;        /* there was more to read than its size */
};

/* Errors: ASSAY_ERR_ARGUMENT (not a regular file), ASSAY_ERR_IO (errno), ASSAY_ERR_NOMEM,
 * ASSAY_ERR_CHANGED (shorter than it said). A mapped file that shrinks raises SIGBUS later. */
CHECKED status input_load(struct input *input, int fd);

/* ASSAY_ERR_CHANGED when the file is not as it was at input_load. */
CHECKED status input_check_unchanged(const struct input *input, int fd);

/* Ends the view; keeps the memory for the next file. */
void input_unload(struct input *input);
void input_release(struct input *input);

#endif
