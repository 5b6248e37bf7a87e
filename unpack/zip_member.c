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
    bool differ = a->method != b->method || ((a->flags ^ b->flags) & ZIP_ENCRYPTED);
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
        if (zip_method_is_read(entry->says[i].method))
            add_way(member, entry->says[i].method);
        member->is_encrypted |= (entry->says[i].flags & ZIP_ENCRYPTED) != 0;
    }
    for (size_t i = 0; i < entry->count; i++)
        add_way(member, entry->says[i].method);
    member->claimed = member->count;
    add_way(member, ZIP_DEFLATE);
    if (member->count < ZIP_WAYS)
        add_way(member, ZIP_ZLIB);
    compare_headers(member);
}

void zip_member_stop(struct zip_member *member)
{
    decoder_stop(&member->decoder);
    zip_cipher_release(&member->cipher);
}

/* True when these bytes may be the whole member: some header, or the descriptor behind the data,
 * has their CRC, or nothing has any. */
static bool crc_fits(const struct zip_member *member, uint32_t crc, uint64_t end)
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

/* Bytes up to the next record, for members whose size nothing tells. When the first thing in it is
 * a record then a whole archive is stored here, and it goes as far as the input. */
static uint64_t size_to_next(struct zip_member *member)
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
        add_size(member, size_to_next(member), sizes, &count);
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
        fits = (done > 0 || i + 1 == count) && crc_fits(member, (uint32_t)crc, data + done);
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
    *ret_fits = whole && crc_fits(member, trial.crc, member->entry.data + trial.packed);
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

static bool is_decrypted(const struct zip_member *member)
{
    return member->cipher.key.front > 0;
}

/* True when a header tells of more bytes than there are. */
static bool is_cut_short(const struct zip_member *member)
{
    const struct zip_entry *entry = &member->entry;
    for (size_t i = 0; i < entry->count; i++) {
        if (!zip_says_later(entry, i) &&
            !view_has(member->input, entry->data, entry->says[i].packed))
            return true;
    }
    return false;
}

/* The most that a header tells of, and that is possible; 0 when there is no such number. What looks
 * like the end of the member may be too early: Info-ZIP does not count the front of encrypted bytes
 * in local headers, and what is there then passes for a descriptor. */
static uint64_t claimed_size(const struct zip_member *member)
{
    const struct zip_entry *entry = &member->entry;
    uint64_t size = entry->end - entry->data;
    for (size_t i = 0; i < entry->count; i++) {
        if (entry->says[i].packed > size &&
            view_has(member->input, entry->data, entry->says[i].packed))
            size = entry->says[i].packed;
    }
    return size;
}

/* Puts the cipher before the decoder. */
static status begin_decrypting(struct zip_member *member, uint16_t method,
                               const struct zip_key *key)
{
    struct unpack_env *env = member->notes->env;
    uint64_t claimed = claimed_size(member);
    uint64_t size = UINT64_MAX;
    if (claimed > 0 && (method == ZIP_STORED || method == ZIP_LZMA))
        size = claimed;
    if (claimed == 0 && method == ZIP_STORED) {
        size = size_to_next(member);
        claimed = is_cut_short(member) ? 0 : size;
    }
    struct view data = view_sub(member->input, member->entry.data, size);
    status begun = zip_cipher_begin(&member->cipher, key, data, claimed, env->codec_memory);
    member->packed = (struct view){NULL, 0};
    member->packed_size = key->front + member->cipher.sealed.size;
    return begun < 0 ? error_set(&env->error, begun, "no memory to decrypt the member") : begun;
}

/* LZMA without a mark at its end would be decoded into what lies behind it. */
void zip_member_decode(struct zip_member *member, uint16_t method, const struct zip_key *key)
{
    struct unpack_env *env = member->notes->env;
    const struct zip_entry *entry = &member->entry;
    zip_member_stop(member);
    uint64_t size = UINT64_MAX;
    if (method == ZIP_LZMA && entry->end > entry->data)
        size = entry->end - entry->data;
    member->packed = view_sub(member->input, entry->data, size);
    member->packed_size = member->packed.size;
    member->repeats = zip_method_repeats(method);
    member->is_unmarked = method == ZIP_LZMA && !(entry->says[0].flags & ZIP_LZMA_MARKED);
    member->unpacked = 0;
    member->crc = 0;
    member->is_whole = false;
    member->ended = ASSAY_OK;
    const struct codec *codec = zip_method_codec(method);
    if (key && method == ZIP_STORED) {
        codec = &zip_codec_stored;
        member->is_unmarked = !key->is_aes;
    }
    if (!codec) {
        member->ended = error_set(&env->error, ASSAY_ERR_UNSUPPORTED, "zip method %u (%s)", method,
                                  zip_method_name(method));
        return;
    }
    if (key)
        member->ended = begin_decrypting(member, method, key);
    if (member->ended == ASSAY_OK)
        member->ended = decoder_start(&member->decoder, codec, env->codec_memory, &env->error);
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

/* ---- reading ----------------------------------------------------------------------------- */

/* Where the decoder stands in the input. */
static uint64_t position(const struct zip_member *member)
{
    return member->entry.data + member->packed_size - member->packed.size -
           member->cipher.sealed.size;
}

/* True when the bytes up to where headers end the member, or up to where the codec did, have the
 * authentication code that follows them. */
static bool is_authentic(struct zip_member *member)
{
    const struct zip_key *key = &member->cipher.key;
    uint64_t from = member->entry.data + key->front;
    const uint64_t ends[] = {member->entry.end, position(member) + key->back};
    for (size_t i = 0; i < 2; i++) {
        uint64_t size = ends[i] - key->back - from;
        if (ends[i] < from + key->back || size > member->lock->authenticable)
            continue;
        member->lock->authenticable -= size;
        if (zip_aes_is_authentic(&key->aes, member->input, from, size)) {
            member->end = ends[i];
            return true;
        }
    }
    return false;
}

static status finish(struct zip_member *member, bool complete)
{
    struct error *error = &member->notes->env->error;
    bool is_aes = member->cipher.key.is_aes;
    if (!is_aes && (!complete || member->decoder.codec == &zip_codec_stored))
        member->end = position(member);
    bool is_right = is_aes ? is_authentic(member) : true;
    bool has_crc = complete || crc_fits(member, member->crc, member->end);
    member->is_whole = is_right && (is_aes || has_crc);
    if (is_right && has_crc)
        return ASSAY_END;
    if (!member->is_whole && is_decrypted(member) && is_cut_short(member))
        return error_set(error, ASSAY_ERR_TRUNCATED, "the member is longer than the archive");
    return error_set(error, ASSAY_ERR_CORRUPT,
                     is_right ? "wrong CRC" : "wrong authentication code");
}

/* Starts over for a further stream of the same member. False when there is none. */
static bool begin_next_stream(struct zip_member *member, uint64_t last_start)
{
    struct unpack_env *env = member->notes->env;
    uint64_t at = position(member);
    if (!member->repeats || at >= member->entry.end || at == last_start ||
        crc_fits(member, member->crc, at))
        return false;
    const struct codec *codec = member->decoder.codec;
    decoder_stop(&member->decoder);
    return decoder_start(&member->decoder, codec, env->codec_memory, &env->error) == ASSAY_OK;
}

/* LZMA data without a mark of their end go as far as a header says, if the CRC is right there. */
static bool is_complete(const struct zip_member *member)
{
    const struct zip_entry *entry = &member->entry;
    for (size_t i = 0; member->is_unmarked && i < entry->count; i++) {
        bool fits = entry->says[i].crc == member->crc || member->cipher.key.has_no_crc;
        if (member->unpacked > 0 && entry->says[i].unpacked == member->unpacked && fits)
            return true;
    }
    return false;
}

/* Stops the decoder at the sizes where it may be complete. */
static size_t limit_step(const struct zip_member *member, size_t size)
{
    const struct zip_entry *entry = &member->entry;
    for (size_t i = 0; member->is_unmarked && i < entry->count; i++) {
        uint64_t claimed = entry->says[i].unpacked;
        if (claimed > member->unpacked && claimed - member->unpacked < size)
            size = (size_t)(claimed - member->unpacked);
    }
    return size;
}

static status read_stream(struct zip_member *member, uint8_t *bytes, size_t size, size_t *ret_size)
{
    if (!is_decrypted(member))
        return decoder_read(&member->decoder, &member->packed, bytes, size, ret_size);
    status last;
    size_t got = 0;
    size = size < ZIP_CIPHER_STEP ? size : ZIP_CIPHER_STEP;
    do {
        if (member->decoder.pending == ASSAY_OK)
            TRY(zip_cipher_refill(&member->cipher, &member->packed));
        last = decoder_step(&member->decoder, &member->packed, bytes, size, &got);
    } while (last == ASSAY_OK && got == 0);
    if (last == ASSAY_OK)
        *ret_size = got;
    return last;
}

static status decode(struct zip_member *member, uint8_t *bytes, size_t size, size_t *ret_size)
{
    size = limit_step(member, size);
    for (;;) {
        uint64_t start = position(member);
        status last = read_stream(member, bytes, size, ret_size);
        if (last != ASSAY_END || !begin_next_stream(member, start))
            return last;
    }
}

status zip_member_read(struct zip_member *member, uint8_t *bytes, size_t size, size_t *ret_size)
{
    if (member->ended != ASSAY_OK)
        return member->ended;
    size_t given = 0;
    status last = ASSAY_END;
    bool complete = is_complete(member);
    if (!complete)
        last = decode(member, bytes, size, &given);
    if (last == ASSAY_OK) {
        member->crc = (uint32_t)crc32_z(member->crc, bytes, given);
        member->unpacked += given;
        *ret_size = given;
        return ASSAY_OK;
    }
    member->ended = last == ASSAY_END ? finish(member, complete) : last;
    if (last == ASSAY_ERR_CORRUPT || last == ASSAY_ERR_TRUNCATED)
        member->end = member->entry.data;
    return member->ended;
}
