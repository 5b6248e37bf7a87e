#include "unpack/archive_source.h"

#include <archive.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    TAIL_SIZE = 64 * 1024, /* no header of the formats that are read so is longer */
    ROOM_SIZE = 64,
};

static la_ssize_t give(struct archive *archive, void *context, const void **ret_bytes)
{
    struct archive_source *source = context;
    (void)archive;
    bool in_tail = source->at >= source->tail_at;
    uint64_t end = in_tail ? source->view.size : source->tail_at;
    *ret_bytes =
        in_tail ? source->tail + (source->at - source->tail_at) : source->view.data + source->at;
    la_ssize_t size = (la_ssize_t)(end - source->at);
    source->at = end;
    return size;
}

static la_int64_t skip(struct archive *archive, void *context, la_int64_t request)
{
    struct archive_source *source = context;
    (void)archive;
    uint64_t left = source->view.size - source->at;
    if (request < 0)
        return 0;
    uint64_t size = (uint64_t)request < left ? (uint64_t)request : left;
    source->at += size;
    return (la_int64_t)size;
}

/* A place outside is cut to the nearest inside. */
static la_int64_t seek(struct archive *archive, void *context, la_int64_t offset, int whence)
{
    struct archive_source *source = context;
    (void)archive;
    la_int64_t size = (la_int64_t)source->view.size;
    la_int64_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? (la_int64_t)source->at : size;
    la_int64_t to;
    if (__builtin_add_overflow(from, offset, &to))
        return ARCHIVE_FATAL;
    to = to < 0 ? 0 : to > size ? size : to;
    source->at = (uint64_t)to;
    return to;
}

status archive_source_open(struct archive_source *source, struct view view, struct archive *archive)
{
    uint64_t tail_size = view.size < TAIL_SIZE ? view.size : TAIL_SIZE;
    uint8_t *tail = calloc(1, tail_size + ROOM_SIZE);
    if (!tail)
        return ASSAY_ERR_NOMEM;
    if (tail_size > 0)
        memcpy(tail, view.data + (view.size - tail_size), tail_size);
    *source = (struct archive_source){.view = view, .tail = tail, .tail_at = view.size - tail_size};
    archive_read_set_read_callback(archive, give);
    archive_read_set_skip_callback(archive, skip);
    archive_read_set_seek_callback(archive, seek);
    archive_read_set_callback_data(archive, source);
    return archive_read_open1(archive) == ARCHIVE_OK ? ASSAY_OK : ASSAY_ERR_CORRUPT;
}

void archive_source_release(struct archive_source *source)
{
    free(source->tail);
    *source = (struct archive_source){.tail = NULL};
}
