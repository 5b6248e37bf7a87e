#include "unpack/zip_directory.h"

#include <stdlib.h>

void zip_directory_release(struct zip_directory *directory)
{
    buffer_release(&directory->pointers);
}

size_t zip_directory_count(const struct zip_directory *directory)
{
    return directory->pointers.size / sizeof(struct zip_pointer);
}

struct zip_pointer zip_directory_at(const struct zip_directory *directory, size_t index)
{
    struct zip_pointer pointer;
    memcpy(&pointer, directory->pointers.data + index * sizeof(pointer), sizeof(pointer));
    return pointer;
}

static int compare_pointers(const void *left, const void *right)
{
    const struct zip_pointer *a = left, *b = right;
    if (a->local != b->local)
        return a->local < b->local ? -1 : 1;
    if (a->method != b->method)
        return a->method < b->method ? -1 : 1;
    return a->central < b->central ? -1 : a->central > b->central;
}

/* Sorts, and keeps one of all entries that mean the same: a million of them cost one visit. */
static void sort_pointers(struct buffer *pointers)
{
    struct zip_pointer *list = (struct zip_pointer *)(void *)pointers->data;
    size_t count = pointers->size / sizeof(*list);
    if (count == 0)
        return;
    qsort(list, count, sizeof(*list), compare_pointers);
    size_t kept = 1;
    for (size_t i = 1; i < count; i++) {
        if (list[i].local != list[kept - 1].local || list[i].method != list[kept - 1].method)
            list[kept++] = list[i];
    }
    pointers->size = kept * sizeof(*list);
}

/* Reads the entries from `at` on, as long as they follow each other. `base` is what lies before the
 * archive, which the offsets do not count. *first becomes the lowest place pointed to. */
static status read_entries(struct view input, uint64_t at, uint64_t base,
                           struct zip_directory *directory, uint64_t *first)
{
    struct zip_record record;
    while (zip_parse_central(input, at, &record)) {
        struct zip_pointer pointer = {.central = at, .method = record.method};
        at = record.end;
        if (__builtin_add_overflow(record.offset, base, &pointer.local) ||
            pointer.local >= input.size) {
            directory->has_outside = true;
            continue;
        }
        if (pointer.local < *first)
            *first = pointer.local;
        TRY(buffer_append(&directory->pointers, &pointer, sizeof(pointer)));
    }
    return ASSAY_OK;
}

/* The last place before `limit` where an end record begins; UINT64_MAX when there is none. */
static uint64_t find_end(struct view input, uint64_t limit)
{
    for (uint64_t at = limit; at-- > 0;) {
        if (input.data[at] == 'P' && zip_signature_at(input, at) == ZIP_END)
            return at;
    }
    return UINT64_MAX;
}

/* The directory that an end record speaks of: right before it, whatever the offset says, because
 * the offset does not know what was put before the archive. *first is lowered to the lowest place
 * that belongs to this archive. */
static status read_by_end(struct view input, const struct zip_end *end,
                          struct zip_directory *directory, uint64_t *first)
{
    if (end->size > end->front)
        return ASSAY_OK;
    uint64_t start = end->front - end->size;
    bool here = zip_signature_at(input, start) == ZIP_CENTRAL;
    if (here && start >= end->directory) {
        *first = start;
        TRY(read_entries(input, start, start - end->directory, directory, first));
    }
    /* Programs that believe the offset must not see more than we do. Once: many end records may
     * name one large directory. */
    bool named = !directory->has_end && zip_signature_at(input, end->directory) == ZIP_CENTRAL;
    if (named && !(here && start == end->directory))
        TRY(read_entries(input, end->directory, 0, directory, first));
    directory->has_end |= here || named || end->size == 0;
    return ASSAY_OK;
}

/* Archives without an end record: any entries that lead to a local header where they say. */
static status read_without_end(struct view input, struct zip_directory *directory)
{
    uint64_t at = zip_find_record(input, 0);
    while (at < input.size) {
        struct zip_record record;
        uint64_t next = at + 1;
        if (zip_parse_central(input, at, &record)) {
            next = record.end;
            struct zip_pointer pointer = {record.offset, at, record.method};
            if (zip_signature_at(input, record.offset) == ZIP_LOCAL)
                TRY(buffer_append(&directory->pointers, &pointer, sizeof(pointer)));
        }
        at = zip_find_record(input, next);
    }
    return ASSAY_OK;
}

status zip_directory_load(struct view input, struct zip_directory *directory)
{
    uint64_t limit = input.size;
    uint64_t at;
    bool is_last = true;
    /* From the last archive to the first. What lies inside one that was read is nested in it and
     * none of ours; so each byte is looked at once. */
    while ((at = find_end(input, limit)) != UINT64_MAX) {
        struct zip_end end;
        limit = at;
        if (!zip_parse_end(input, at, &end))
            continue;
        /* Where the entries of a split archive are, only all its volumes together tell. Before the
         * last one, a record that says so is chance, in a self-extracting program for instance. */
        if (end.is_split)
            directory->is_split |= is_last;
        else
            TRY(read_by_end(input, &end, directory, &limit));
        is_last = false;
    }
    if (directory->pointers.size == 0)
        TRY(read_without_end(input, directory));
    sort_pointers(&directory->pointers);
    return ASSAY_OK;
}
