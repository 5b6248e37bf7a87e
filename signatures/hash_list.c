#include "signatures/hash_list.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void hash_list_start(struct hash_list *list, int fd)
{
    list->fd = fd;
    list->offset = 0;
    list->number = 0;
    list->begin = list->end = 0;
}

static status wrong(const struct hash_list *list, struct error *error, const char *words)
{
    return error_set(error, ASSAY_ERR_CORRUPT, "line %llu of the hashes %s",
                     (unsigned long long)list->number, words);
}

/* Moves what is left to the front and reads behind it. ASSAY_END: there is nothing more. */
static status fill(struct hash_list *list, struct error *error)
{
    memmove(list->room, list->room + list->begin, list->end - list->begin);
    list->end -= list->begin;
    list->begin = 0;
    ssize_t got;
    do
        got = pread(list->fd, list->room + list->end, sizeof(list->room) - list->end,
                    (off_t)list->offset);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return error_set(error, ASSAY_ERR_IO, "the list of hashes cannot be read: %s",
                         strerror(errno));
    list->end += (size_t)got;
    list->offset += (uint64_t)got;
    return got > 0 ? ASSAY_OK : ASSAY_END;
}

static status take_text(struct hash_list *list, struct error *error, struct view *ret_text)
{
    size_t searched = 0;
    for (;;) {
        const uint8_t *from = list->room + list->begin;
        size_t size = list->end - list->begin;
        const uint8_t *newline = memchr(from + searched, '\n', size - searched);
        if (newline != NULL) {
            *ret_text = (struct view){from, (uint64_t)(newline - from)};
            list->begin += (size_t)(newline - from) + 1;
            return ASSAY_OK;
        }
        if (size == sizeof(list->room))
            return wrong(list, error, "is far too long");
        searched = size;
        status filled = fill(list, error);
        if (filled == ASSAY_END && size > 0)
            return wrong(list, error, "does not end with a newline: the list is cut");
        if (filled != ASSAY_OK)
            return filled;
    }
}

static bool has_same_name(const struct hash_line *a, const struct hash_line *b)
{
    return a->name.size == b->name.size && memcmp(a->name.data, b->name.data, a->name.size) == 0;
}

static status check_order(struct hash_list *list, struct error *error, const struct hash_line *line)
{
    const struct hash_line *last = &list->last;
    if (list->number == 1)
        return ASSAY_OK;
    int order = (line->kind > last->kind) - (line->kind < last->kind);
    if (order == 0)
        order = memcmp(line->digest, last->digest, hash_bytes(line->kind));
    if (order < 0)
        return wrong(list, error, "is not in order: shorter digests come first, then lower ones");
    if (order == 0 && line->has_size == last->has_size && line->size == last->size &&
        has_same_name(line, last))
        return wrong(list, error, "says what the line before says");
    return ASSAY_OK;
}

static void remember(struct hash_list *list, const struct hash_line *line)
{
    list->last = *line;
    memcpy(list->last_name, line->name.data, line->name.size);
    list->last.name.data = list->last_name;
}

status hash_list_next(struct hash_list *list, struct error *error, struct hash_line *ret_line)
{
    struct view text = {NULL, 0};
    struct hash_line line;
    list->number++;
    status taken = take_text(list, error, &text);
    if (taken != ASSAY_OK)
        return taken;
    if (!hash_line_parse(text, &line))
        return wrong(list, error, "is not HEX, SIZE or *, NAME and SEVERITY with tabs between");
    if (line.name.size == 0 || line.name.size > HASH_NAME_MAX)
        return wrong(list, error, "has a name of no or more than 255 bytes");
    TRY(check_order(list, error, &line));
    remember(list, &line);
    *ret_line = line;
    return ASSAY_OK;
}
