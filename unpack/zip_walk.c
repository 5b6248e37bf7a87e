#include "unpack/zip_walk.h"

#include "base/bytes.h"

/* A signature may be chance; a header that was searched for has to look like one. */
static bool is_header(struct view input, uint64_t offset, bool *is_cut)
{
    struct zip_record record;
    uint16_t method;
    if (bytes_u16le(input, offset + 8, &method) && !zip_method_is_known(method))
        return false;
    if (!zip_parse_local(input, offset, &record)) {
        *is_cut = true;
        return false;
    }
    return record.name.size > 0;
}

/* Behind the record at the offset, if it is one that holds no member's bytes. */
static uint64_t skip_record(struct view input, uint64_t offset)
{
    struct zip_record record;
    bool found;
    uint32_t crc;
    switch (zip_signature_at(input, offset)) {
    case ZIP_CENTRAL:
        return zip_parse_central(input, offset, &record) ? record.end : offset;
    case ZIP_END:
        return view_has(input, offset, ZIP_END_SIZE) ? offset + ZIP_END_SIZE : offset;
    case ZIP_END64:
        return view_has(input, offset, 56) ? offset + 56 : offset;
    case ZIP_LOCATOR64:
        return view_has(input, offset, 20) ? offset + 20 : offset;
    case ZIP_SPANNED: /* before the first member a mark of split archives, otherwise a descriptor */
        if (zip_signature_at(input, offset + 4) == ZIP_LOCAL)
            return offset + 4;
        return zip_skip_descriptor(input, offset, &found, &crc);
    default:
        return offset;
    }
}

/* The next record that will be believed. */
static uint64_t find_mark(struct zip_walk *walk, uint64_t offset)
{
    struct view input = walk->input;
    for (offset = zip_find_record(input, offset); offset < input.size;
         offset = zip_find_record(input, offset + 1)) {
        bool sound = zip_signature_at(input, offset) == ZIP_LOCAL
                         ? is_header(input, offset, &walk->is_cut)
                         : skip_record(input, offset) > offset;
        if (sound)
            return offset;
    }
    return input.size;
}

bool zip_is_followed(struct view input, uint64_t end)
{
    bool found;
    uint32_t crc;
    return end == input.size || zip_signature_at(input, end) != ZIP_NONE ||
           zip_skip_descriptor(input, end, &found, &crc) > end;
}

bool zip_says_later(const struct zip_entry *entry, size_t index)
{
    const struct zip_record *says = &entry->says[index];
    return entry->has_local && index == 0 && (says->flags & ZIP_DESCRIPTOR) && says->packed == 0;
}

/* Where the member ends if sizes can be believed: the file goes on as it should there, or both
 * headers say so. Otherwise its data are searched for other members. */
static uint64_t believable_end(struct view input, const struct zip_entry *entry)
{
    bool agreed = entry->count == 2;
    uint64_t size = UINT64_MAX;
    for (size_t i = 0; i < entry->count; i++) {
        uint64_t packed = entry->says[i].packed;
        if (zip_says_later(entry, i))
            continue;
        if (view_has(input, entry->data, packed) && zip_is_followed(input, entry->data + packed))
            return entry->data + packed;
        agreed = agreed && (size == UINT64_MAX || size == packed);
        size = packed;
    }
    return agreed && view_has(input, entry->data, size) ? entry->data + size : entry->data;
}

/* Where the data begin when the local header is not to be recognised: if the name is where it
 * should be then only the signature is gone. */
static uint64_t guess_data(struct view input, const struct zip_record *central, uint64_t local)
{
    uint64_t name = local + ZIP_LOCAL_SIZE;
    bool named =
        central->name.size > 0 && view_starts(input, name, central->name.data, central->name.size);
    uint64_t data = name + central->name.size;
    if (named)
        data += input.data[local + 28] | (uint64_t)input.data[local + 29] << 8;
    return data < input.size ? data : input.size;
}

static void visit(struct zip_walk *walk, uint64_t local, const struct zip_pointer *pointer,
                  struct zip_entry *ret_entry)
{
    struct zip_entry entry = {0};
    struct zip_record central;
    entry.has_local = zip_parse_local(walk->input, local, &entry.says[0]);
    if (entry.has_local)
        entry.data = entry.says[entry.count++].end;
    if (pointer && zip_parse_central(walk->input, pointer->central, &central)) {
        central.offset = local;
        if (!entry.has_local)
            entry.data = guess_data(walk->input, &central, local);
        entry.says[entry.count++] = central;
    }
    entry.end = believable_end(walk->input, &entry);
    uint64_t reached = entry.has_local ? entry.data : local;
    if (reached > walk->at)
        walk->at = reached;
    walk->started = true;
    *ret_entry = entry;
}

void zip_walk_leave(struct zip_walk *walk, uint64_t end)
{
    bool found;
    uint32_t crc;
    end = zip_skip_descriptor(walk->input, end, &found, &crc);
    if (end > walk->at)
        walk->at = end;
}

status zip_walk_next(struct zip_walk *walk, bool *ret_is_entry, struct zip_entry *ret_entry,
                     uint64_t *ret_from, uint64_t *ret_to)
{
    size_t count = zip_directory_count(walk->directory);
    for (;;) {
        struct zip_pointer pointer = {.local = walk->input.size};
        bool pointed = walk->cursor < count;
        if (pointed)
            pointer = zip_directory_at(walk->directory, walk->cursor);
        if (walk->mark < walk->at || !walk->started)
            walk->mark = find_mark(walk, walk->at);
        bool by_pointer = pointed && pointer.local <= walk->mark;
        uint64_t stop = by_pointer ? pointer.local : walk->mark;
        uint64_t from = walk->at;
        if (stop > from)
            walk->at = stop;
        if (stop > from && walk->started) {
            *ret_is_entry = false;
            *ret_from = from;
            *ret_to = stop;
            return ASSAY_OK;
        }
        if (!by_pointer && walk->mark == walk->input.size)
            return ASSAY_END;
        if (!walk->started)
            walk->first = stop;
        walk->cursor += by_pointer;
        if (by_pointer || zip_signature_at(walk->input, stop) == ZIP_LOCAL) {
            *ret_is_entry = true;
            visit(walk, stop, by_pointer ? &pointer : NULL, ret_entry);
            return ASSAY_OK;
        }
        walk->at = skip_record(walk->input, stop);
        walk->started = true;
    }
}
