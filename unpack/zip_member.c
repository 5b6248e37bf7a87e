#include "unpack/zip_member.h"

#include "unpack/zip_method.h"
#include "unpack/zip_unlock.h"

#include <zlib.h>

void zip_note(struct zip_notes *notes, enum zip_oddity oddity)
{
    static const struct {
        status why;
        const char *detail;
    } oddities[ZIP_ODDITIES] = {
        [ZIP_NAMES_DIFFER] = {ASSAY_ERR_CORRUPT, "local and central names differ"},
        [ZIP_HEADERS_DIFFER] = {ASSAY_ERR_CORRUPT, "local and central headers differ"},
        [ZIP_STORED_DAMAGED] = {ASSAY_ERR_CORRUPT, "a stored member has the wrong CRC"},
        [ZIP_STORED_CUT] = {ASSAY_ERR_TRUNCATED, "a stored member is longer than the archive"},
        [ZIP_NO_LOCAL] = {ASSAY_ERR_CORRUPT, "a directory entry leads to no local header"},
        [ZIP_NO_DIRECTORY] = {ASSAY_ERR_TRUNCATED, "no central directory, or no end of it"},
        [ZIP_OUTSIDE] = {ASSAY_ERR_TRUNCATED, "a directory entry points out of the archive"},
        [ZIP_CUT_HEADER] = {ASSAY_ERR_TRUNCATED, "a local header is cut short"},
        [ZIP_IS_SPLIT] = {ASSAY_ERR_MISSING_VOLUME, "the archive has other volumes"},
    };
    if (!notes->said[oddity])
        notes->env->note(notes->env->note_context, oddities[oddity].why, oddities[oddity].detail);
    notes->said[oddity] = true;
}

static void compare_headers(struct zip_member *member)
{
    const struct zip_record *a = &member->entry.says[0];
    const struct zip_record *b = &member->entry.says[1];
    if (!member->entry.has_local)
        zip_note(member->notes, ZIP_NO_LOCAL);
    if (member->entry.count < 2)
        return;
    if (a->name.size != b->name.size || memcmp(a->name.data, b->name.data, a->name.size) != 0)
        zip_note(member->notes, ZIP_NAMES_DIFFER);
    bool differ = zip_method_of(a) != zip_method_of(b) || ((a->flags ^ b->flags) & ZIP_ENCRYPTED);
    if (!(a->flags & ZIP_DESCRIPTOR))
        differ = differ || a->crc != b->crc || a->packed != b->packed || a->unpacked != b->unpacked;
    if (differ)
        zip_note(member->notes, ZIP_HEADERS_DIFFER);
}

static void add_way(struct zip_member *member, uint16_t method)
{
    for (size_t i = 0; i < member->count; i++) {
        if (member->ways[i] == method)
            return;
    }
    member->ways[member->count++] = method;
}

void zip_member_begin(struct zip_member *member, const struct zip_entry *entry)
{
    zip_member_stop(member);
    member->entry = *entry;
    member->end = entry->end;
    member->count = member->way = 0;
    member->is_encrypted = member->is_whole = false;
    for (size_t i = 0; i < entry->count; i++) {
        if (zip_method_is_read(zip_method_of(&entry->says[i])))
            add_way(member, zip_method_of(&entry->says[i]));
        member->is_encrypted |= (entry->says[i].flags & ZIP_ENCRYPTED) != 0;
    }
    for (size_t i = 0; i < entry->count; i++)
        add_way(member, zip_method_of(&entry->says[i]));
    member->claimed = member->count;
    add_way(member, ZIP_DEFLATE);
    if (member->count < ZIP_WAYS)
        add_way(member, ZIP_ZLIB);
    compare_headers(member);
}

bool zip_member_crc_fits(const struct zip_member *member, uint32_t crc, uint64_t end)
{
    const struct zip_entry *entry = &member->entry;
    bool known = false;
    if (member->cipher.key.has_no_crc)
        return true;
    for (size_t i = 0; i < entry->count; i++) {
        if (zip_says_later(entry, i))
            continue;
        if (entry->says[i].crc == crc)
            return true;
        known = true;
    }
    uint32_t behind;
    bool found = false;
    if (entry->has_local && (entry->says[0].flags & ZIP_DESCRIPTOR))
        zip_skip_descriptor(member->input, end, &found, &behind);
    return found ? behind == crc : !known;
}

/* ---- stored ------------------------------------------------------------------------------ */

static void add_size(struct zip_member *member, uint64_t size, uint64_t sizes[5], size_t *count)
{
    if (!view_has(member->input, member->entry.data, size))
        return;
    size_t i = (*count)++;
    for (; i > 0 && sizes[i - 1] > size; i--)
        sizes[i] = sizes[i - 1];
    sizes[i] = size;
}

uint64_t zip_member_size_to_next(struct zip_member *member)
{
    struct view rest = view_sub(member->input, member->entry.data, *member->allowance);
    if (zip_signature_at(rest, 0) == ZIP_LOCAL)
        return member->input.size - member->entry.data;
    uint64_t size = zip_find_record(rest, 0);
    *member->allowance -= size;
    return size;
}

/* The sizes that are claimed, the lowest first, as long as they are possible. */
static size_t claimed_sizes(struct zip_member *member, uint64_t sizes[5])
{
    const struct zip_entry *entry = &member->entry;
    size_t count = 0;
    bool impossible = false;
    for (size_t i = 0; i < entry->count; i++) {
        if (zip_says_later(entry, i))
            continue;
        add_size(member, entry->says[i].packed, sizes, &count);
        add_size(member, entry->says[i].unpacked, sizes, &count);
        impossible |= !view_has(member->input, entry->data, entry->says[i].packed);
    }
    member->is_cut = count == 0 && impossible;
    if (count == 0 || sizes[count - 1] == 0)
        add_size(member, zip_member_size_to_next(member), sizes, &count);
    return count;
}

/* Picks the size whose bytes have the right CRC; the largest if none. Adding up goes on from one
 * size to the next, so each byte is read once. */
static bool measure_stored(struct zip_member *member, struct view *ret_stored)
{
    uint64_t sizes[5];
    size_t count = claimed_sizes(member, sizes);
    uint64_t data = member->entry.data;
    uint64_t done = 0;
    uLong crc = crc32(0, NULL, 0);
    bool fits = false;
    for (size_t i = 0; i < count && !fits; i++) {
        crc = crc32_z(crc, member->input.data + data + done, (size_t)(sizes[i] - done));
        done = sizes[i];
        fits =
            (done > 0 || i + 1 == count) && zip_member_crc_fits(member, (uint32_t)crc, data + done);
    }
    *ret_stored = view_sub(member->input, data, done);
    return fits;
}

/* ---- trials ------------------------------------------------------------------------------ */

/* True when the data decode to an end of their own; *ret_fits when the CRC is right, too. */
static bool decodes(struct zip_member *member, uint16_t method, bool *ret_fits)
{
    struct zip_trial trial;
    struct view packed = view_sub(member->input, member->entry.data, UINT64_MAX);
    bool whole =
        zip_method_try(method, member->notes->env->codec_memory, packed, member->allowance, &trial);
    *ret_fits = whole && zip_member_crc_fits(member, trial.crc, member->entry.data + trial.packed);
    return whole && trial.unpacked > 0;
}

/* Encrypted members are read as if they were not: some programs ignore that bit, and so malware
 * sets it. Only a right CRC shows that. */
static bool is_plain(struct zip_member *member, uint16_t method)
{
    bool fits = false;
    struct view stored;
    if (method != ZIP_STORED)
        return zip_method_is_read(method) && decodes(member, method, &fits) && fits;
    uint64_t size = member->entry.end - member->entry.data;
    if (size > *member->allowance)
        return false;
    *member->allowance -= size;
    return size > 0 && measure_stored(member, &stored);
}

/* True when this way of reading will be given: all that a header names, others if they work. */
static bool is_worth_it(struct zip_member *member, uint16_t method)
{
    bool fits;
    if (member->is_encrypted)
        return is_plain(member, method);
    return member->way <= member->claimed || decodes(member, method, &fits);
}

/* ---- giving ------------------------------------------------------------------------------ */

static bool is_really_deflated(struct zip_member *member)
{
    bool fits;
    return (decodes(member, ZIP_DEFLATE, &fits) && fits) ||
           (decodes(member, ZIP_ZLIB, &fits) && fits);
}

/* False when there is nothing to give. */
static bool give_stored(struct zip_member *member, struct unpack_member *ret_member)
{
    struct view stored;
    member->is_whole = measure_stored(member, &stored);
    if (!member->is_whole && is_really_deflated(member))
        return false;
    if (!member->is_whole)
        zip_note(member->notes, member->is_cut ? ZIP_STORED_CUT : ZIP_STORED_DAMAGED);
    uint64_t end = member->entry.data + stored.size;
    /* When neither the CRC nor what follows confirms the size, its bytes are searched, too. */
    if (member->is_whole)
        member->end = end;
    else if (!zip_is_followed(member->input, member->end))
        member->end = member->entry.data;
    ret_member->is_stored = true;
    ret_member->stored = stored;
    return stored.size > 0;
}

static struct assay_bytes member_name(const struct zip_entry *entry)
{
    if (entry->count == 2 && entry->says[0].name.size == 0)
        return entry->says[1].name;
    return entry->says[0].name;
}

status zip_member_try(struct zip_member *member, struct unpack_member *ret_member)
{
    zip_member_stop(member);
    struct unpack_member given = {.name = member_name(&member->entry)};
    while (member->way < member->count && !member->is_whole) {
        uint16_t method = member->ways[member->way++];
        if (!is_worth_it(member, method))
            continue;
        if (method != ZIP_STORED)
            zip_member_decode(member, method, NULL);
        else if (!give_stored(member, &given))
            continue;
        member->is_encrypted = false;
        *ret_member = given;
        return ASSAY_OK;
    }
    /* Given once, so that reading it can say so. */
    if (!member->is_encrypted)
        return ASSAY_END;
    member->is_encrypted = false;
    status unlocked = zip_unlock(member);
    if (unlocked < 0)
        member->ended = unlocked;
    *ret_member = given;
    return ASSAY_OK;
}
