/* file_out: a file that is written from front to back, in large pieces, and knows how long it is. */
#ifndef SIGNATURES_FILE_OUT_H
#define SIGNATURES_FILE_OUT_H

#include "base/status.h"

#define FILE_OUT_ROOM 65536

struct file_out {
    int fd;
    uint64_t size; /* bytes put so far */
    size_t waiting;
    uint8_t room[FILE_OUT_ROOM];
};

/* Errors of all: ASSAY_ERR_IO (errno). */
CHECKED status file_out_put(struct file_out *out, const void *bytes, size_t size);
CHECKED status file_out_put_u32(struct file_out *out, uint32_t number);
CHECKED status file_out_put_u64(struct file_out *out, uint64_t number);
/* Zeros up to a multiple of `align`. */
CHECKED status file_out_pad(struct file_out *out, uint64_t align);
CHECKED status file_out_flush(struct file_out *out);

#endif
