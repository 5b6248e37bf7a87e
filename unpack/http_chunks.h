/*
 * http_chunks: the body of an HTTP message that was sent in chunks (RFC 9112, 7.1), joined: a line
 * with a size in hexadecimal, as many bytes, and so on, up to a size of 0.
 */
#ifndef UNPACK_HTTP_CHUNKS_H
#define UNPACK_HTTP_CHUNKS_H

#include "base/status.h"
#include "base/view.h"

struct http_chunks {
    struct view rest; /* of the body */
    uint64_t left;    /* bytes of the chunk at its front */
    bool is_behind;   /* a chunk ended there: the end of a line is to follow */
};

/* True when the first chunk begins here. Many archives hold bodies that were joined already, under
 * a head that says they are not. */
bool http_chunks_begin(struct view body, struct http_chunks *ret_chunks);

/* As the read of struct unpacker. */
CHECKED status http_chunks_read(struct http_chunks *chunks, struct error *error, uint8_t *bytes,
                                size_t size, size_t *ret_size);

#endif
