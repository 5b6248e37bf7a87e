#include "buffer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FIRST_CAPACITY 256
#define READ_BYTES     (64U << 10)

status buffer_reserve(struct buffer *buffer, size_t extra)
{
    size_t needed;
    if (__builtin_add_overflow(buffer->size, extra, &needed))
        return ASSAY_ERR_NOMEM;
    if (needed <= buffer->capacity)
        return ASSAY_OK;
    size_t capacity = buffer->capacity ? buffer->capacity : FIRST_CAPACITY;
    while (capacity < needed) {
        if (__builtin_add_overflow(capacity, capacity / 2, &capacity))
            capacity = needed;
    }
    uint8_t *data = realloc(buffer->data, capacity);
    if (!data)
        return ASSAY_ERR_NOMEM;
    buffer->data = data;
    buffer->capacity = capacity;
    return ASSAY_OK;
}

status buffer_append(struct buffer *buffer, const void *bytes, size_t size)
{
    if (size == 0)
        return ASSAY_OK;
    TRY(buffer_reserve(buffer, size));
    memcpy(buffer->data + buffer->size, bytes, size);
    buffer->size += size;
    return ASSAY_OK;
}

status buffer_append_text(struct buffer *buffer, const char *text)
{
    return buffer_append(buffer, text, strlen(text));
}

status buffer_append_format(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        return ASSAY_ERR_ARGUMENT;
    TRY(buffer_reserve(buffer, (size_t)length + 1));
    va_start(arguments, format);
    vsnprintf((char *)buffer->data + buffer->size, (size_t)length + 1, format, arguments);
    va_end(arguments);
    buffer->size += (size_t)length;
    return ASSAY_OK;
}

status buffer_append_file(struct buffer *buffer, int fd, size_t most)
{
    off_t offset = 0;
    for (;;) {
        TRY(buffer_reserve(buffer, READ_BYTES));
        ssize_t got = pread(fd, buffer->data + buffer->size, READ_BYTES, offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? ASSAY_ERR_IO : ASSAY_OK;
        offset += got;
        buffer->size += (size_t)got;
        if (buffer->size > most)
            return ASSAY_ERR_LIMIT;
    }
}

status buffer_terminate(struct buffer *buffer)
{
    TRY(buffer_reserve(buffer, 1));
    buffer->data[buffer->size] = 0;
    return ASSAY_OK;
}

void buffer_drop_front(struct buffer *buffer, size_t size)
{
    if (size >= buffer->size) {
        buffer->size = 0;
        return;
    }
    memmove(buffer->data, buffer->data + size, buffer->size - size);
    buffer->size -= size;
}

void buffer_release(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){NULL, 0, 0};
}
