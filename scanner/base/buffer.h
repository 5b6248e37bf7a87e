/*
 * buffer: bytes that grow. Memory is kept between uses, so a buffer that is emptied and filled
 * again allocates nothing.
 */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include "status.h"
#include "view.h"

struct buffer {
    uint8_t *data;
    size_t size;     /* bytes in use */
    size_t capacity; /* bytes allocated */
};

/* Makes room for `extra` bytes behind the bytes in use. Errors: ASSAY_ERR_NOMEM. */
CHECKED status buffer_reserve(struct buffer *buffer, size_t extra);
/* Appends. On an error the buffer is as it was. Errors: ASSAY_ERR_NOMEM. */
CHECKED status buffer_append(struct buffer *buffer, const void *bytes, size_t size);
CHECKED status buffer_append_text(struct buffer *buffer, const char *text);
__attribute__((format(printf, 2, 3))) CHECKED status buffer_append_format(struct buffer *buffer,
                                                                          const char *format, ...);
/* Appends all bytes of an open file, whatever its offset, which stays. What was appended before an
 * error stays too. Errors: ASSAY_ERR_LIMIT (the buffer would hold more than `most` bytes),
 * ASSAY_ERR_IO (errno), ASSAY_ERR_NOMEM. */
CHECKED status buffer_append_file(struct buffer *buffer, int fd, size_t most);
/* A NUL behind the bytes in use, not counted in size, so that data is a C string. */
CHECKED status buffer_terminate(struct buffer *buffer);
/* Drops the first `size` bytes and moves the rest to the front. */
void buffer_drop_front(struct buffer *buffer, size_t size);
/* Releases the memory; the buffer is empty and can be used again. */
void buffer_release(struct buffer *buffer);

static inline struct view buffer_view(const struct buffer *buffer)
{
    return (struct view){buffer->data, buffer->size};
}

#endif
