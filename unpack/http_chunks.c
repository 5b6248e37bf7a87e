#include "unpack/http_chunks.h"

enum { LINE_MAX_SIZE = 4096, DIGITS_MAX = 15 };

static int digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Takes the line with the size of a chunk off the front: digits, then blanks or an extension. */
static bool take_size(struct view *rest, uint64_t *ret_size)
{
    uint64_t size = 0, i = 0;
    while (i < rest->size && i < DIGITS_MAX && digit(rest->data[i]) >= 0)
        size = size << 4 | (uint64_t)digit(rest->data[i++]);
    struct view behind = view_sub(*rest, i, LINE_MAX_SIZE);
    if (i == 0 || behind.size == 0 || !strchr("\r\n; \t", behind.data[0]) || !behind.data[0])
        return false;
    const uint8_t *end = memchr(behind.data, '\n', behind.size);
    if (!end)
        return false;
    *rest = view_sub(*rest, (uint64_t)(end - rest->data) + 1, UINT64_MAX);
    *ret_size = size;
    return true;
}

static bool take_line_end(struct view *rest)
{
    uint64_t size = view_starts(*rest, 0, "\r\n", 2) ? 2 : view_starts(*rest, 0, "\n", 1);
    *rest = view_sub(*rest, size, UINT64_MAX);
    return size > 0;
}

/* Steps to the next chunk. ASSAY_END: it is the one of size 0. Unless it is ASSAY_OK nothing moves,
 * so that it may be asked for again. */
static status next_chunk(struct http_chunks *chunks, struct error *error)
{
    struct view rest = chunks->rest;
    uint64_t size = 0;
    bool is_whole = !chunks->is_behind || take_line_end(&rest);
    if (!is_whole || !take_size(&rest, &size)) {
        if (rest.size == 0 || !memchr(rest.data, '\n', rest.size))
            return error_set(error, ASSAY_ERR_TRUNCATED, "the last chunk is missing");
        return error_set(error, ASSAY_ERR_CORRUPT, "a chunk has no size");
    }
    if (size == 0)
        return ASSAY_END;
    *chunks = (struct http_chunks){.rest = rest, .left = size, .is_behind = true};
    return ASSAY_OK;
}

bool http_chunks_begin(struct view body, struct http_chunks *ret_chunks)
{
    uint64_t size;
    *ret_chunks = (struct http_chunks){.rest = body};
    return take_size(&body, &size);
}

status http_chunks_read(struct http_chunks *chunks, struct error *error, uint8_t *bytes,
                        size_t size, size_t *ret_size)
{
    size_t given = 0;
    status stepped = ASSAY_OK;
    while (given < size && stepped == ASSAY_OK) {
        if (chunks->left == 0)
            stepped = next_chunk(chunks, error);
        uint64_t wanted = chunks->left < size - given ? chunks->left : size - given;
        struct view part = view_sub(chunks->rest, 0, wanted);
        if (part.size == 0 && wanted > 0)
            stepped = error_set(error, ASSAY_ERR_TRUNCATED, "a chunk is cut short");
        if (part.size > 0)
            memcpy(bytes + given, part.data, part.size);
        given += part.size;
        chunks->rest = view_sub(chunks->rest, part.size, UINT64_MAX);
        chunks->left -= part.size;
    }
    if (given == 0)
        return stepped;
    *ret_size = given;
    return ASSAY_OK;
}
