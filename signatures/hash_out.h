/* hash_out: a file that is written from front to back, in large pieces, and knows how long it is. */
#ifndef SIGNATURES_HASH_OUT_H
#define SIGNATURES_HASH_OUT_H

#include "base/status.h"

#define HASH_OUT_ROOM 65536

struct hash_out {
    int fd;
    uint64_t size; /* bytes put so far */
    size_t waiting;
    uint8_t room[HASH_OUT_ROOM];
};

/* Errors of all: ASSAY_ERR_IO (errno). */
CHECKED status hash_out_put(struct hash_out *out, const void *bytes, size_t size);
CHECKED status hash_out_put_u32(struct hash_out *out, uint32_t number);
CHECKED status hash_out_put_u64(struct hash_out *out, uint64_t number);
/* Zeros up to a multiple of `align`. */
CHECKED status hash_out_pad(struct hash_out *out, uint64_t align);
CHECKED status hash_out_flush(struct hash_out *out);

#endif
