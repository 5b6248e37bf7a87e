/*
 * view: an immutable range of bytes, borrowed. What is matched and unpacked is always a view.
 */
#ifndef BASE_VIEW_H
#define BASE_VIEW_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct view {
    const uint8_t *data; /* may be NULL when size is 0 */
    uint64_t size;       /* bytes */
};

/* True when [offset, offset + size) lies inside the view; no sum can overflow. */
static inline bool view_has(struct view view, uint64_t offset, uint64_t size)
{
    return offset <= view.size && size <= view.size - offset;
}

/* The part of the view from offset on, at most size bytes: cut to fit, empty past the end. */
static inline struct view view_sub(struct view view, uint64_t offset, uint64_t size)
{
    if (offset >= view.size)
        return (struct view){NULL, 0};
    uint64_t left = view.size - offset;
    return (struct view){view.data + offset, size < left ? size : left};
}

/* True when the bytes at offset are exactly these. */
static inline bool view_starts(struct view view, uint64_t offset, const void *bytes, size_t size)
{
    return view_has(view, offset, size) && memcmp(view.data + offset, bytes, size) == 0;
}

/* Takes the first line off the rest. The line is without its newline, which the last need not have.
 * False: nothing is left. */
static inline bool view_next_line(struct view *rest, struct view *ret_line)
{
    if (rest->size == 0)
        return false;
    const uint8_t *newline = (const uint8_t *)memchr(rest->data, '\n', (size_t)rest->size);
    uint64_t size = newline ? (uint64_t)(newline - rest->data) : rest->size;
    *ret_line = view_sub(*rest, 0, size);
    *rest = view_sub(*rest, newline ? size + 1 : size, UINT64_MAX);
    return true;
}

#endif
