/* Decodes members of zip files: see zip_member.h. */
#include "unpack/zip_member.h"
#include "unpack/zip_method.h"
#include "unpack/zip_unlock.h"

#include <zlib.h>

/* Bytes of the member, encrypted or not, that were read. */
static uint64_t consumed(const struct zip_member *member)
{
    return member->packed_size - member->packed.size - member->cipher.sealed.size;
}

/* Where the decoder stands in the input. */
static uint64_t position(const struct zip_member *member)
{
    return member->entry.data + consumed(member);
}

void zip_member_stop(struct zip_member *member)
{
    /* Many members may claim the same bytes: what only a claim made us read is paid for. */
    if (member->decoder.codec && member->is_unmarked && position(member) > member->entry.end) {
        uint64_t spent = position(member) - member->entry.end;
        *member->allowance -= spent < *member->allowance ? spent : *member->allowance;
    }
    decoder_stop(&member->decoder);
    zip_cipher_release(&member->cipher);
}

static bool is_decrypted(const struct zip_member *member)
{
    return member->cipher.key.front > 0;
}

/* ---- beginning ------------------------------------------------------------------------------- */

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

/* Data that do not tell their end would be decoded into what lies behind them: they have the most
 * bytes that a header tells. */
static uint64_t unmarked_size(struct zip_member *member)
{
    const struct zip_entry *entry = &member->entry;
    uint64_t size = entry->end - entry->data;
    for (size_t i = 0; i < entry->count; i++) {
        bool allowed = *member->allowance > 0 && !zip_says_later(entry, i);
        if (allowed && entry->says[i].packed > size)
            size = entry->says[i].packed;
    }
    return size > 0 ? size : zip_member_size_to_next(member);
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
    bool tells_end = method != ZIP_STORED && !zip_method_is_unmarked(method);
    uint64_t claimed = claimed_size(member);
    uint64_t size = claimed > 0 && !tells_end ? claimed : UINT64_MAX;
    if (claimed == 0 && !tells_end) {
        size = zip_member_size_to_next(member);
        claimed = is_cut_short(member) ? 0 : size;
    }
    struct view data = view_sub(member->input, member->entry.data, size);
    status begun = zip_cipher_begin(&member->cipher, key, data, claimed, env->codec_memory);
    member->packed = (struct view){NULL, 0};
    member->packed_size = key->front + member->cipher.sealed.size;
    return begun < 0 ? error_set(&env->error, begun, "no memory to decrypt the member") : begun;
}

static void begin_plain(struct zip_member *member)
{
    uint64_t size = member->is_unmarked ? unmarked_size(member) : UINT64_MAX;
    member->packed = view_sub(member->input, member->entry.data, size);
    member->packed_size = member->packed.size;
}

void zip_member_decode(struct zip_member *member, uint16_t method, const struct zip_key *key)
{
    struct unpack_env *env = member->notes->env;
    zip_member_stop(member);
    member->is_unmarked = zip_method_is_unmarked(method);
    member->repeats = zip_method_repeats(method);
    member->stream = member->entry.data;
    member->fits = false;
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
    else
        begin_plain(member);
    if (member->ended == ASSAY_OK)
        member->ended = decoder_start(&member->decoder, codec, env->codec_memory, &env->error);
}

/* ---- the end --------------------------------------------------------------------------------- */

/* True when some header tells of more bytes than came out. */
static bool lacks_bytes(const struct zip_member *member)
{
    for (size_t i = 0; i < member->entry.count; i++) {
        if (member->entry.says[i].unpacked > member->unpacked)
            return true;
    }
    return false;
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

static status finish_aes(struct zip_member *member)
{
    struct error *error = &member->notes->env->error;
    member->is_whole = is_authentic(member);
    if (!member->is_whole && is_cut_short(member))
        return error_set(error, ASSAY_ERR_TRUNCATED, "the member is longer than the archive");
    if (!member->is_whole)
        return error_set(error, ASSAY_ERR_CORRUPT, "wrong authentication code");
    if (member->fits || zip_member_crc_fits(member, member->crc, member->end))
        return ASSAY_END;
    return error_set(error, ASSAY_ERR_CORRUPT, "wrong CRC");
}

static status finish(struct zip_member *member)
{
    struct error *error = &member->notes->env->error;
    if (member->cipher.key.is_aes)
        return finish_aes(member);
    uint64_t at = position(member);
    member->is_whole = member->fits || zip_member_crc_fits(member, member->crc, at);
    /* Only those that tell their end are known to end where the decoder stands. */
    bool tells_end = !member->is_unmarked || consumed(member) < member->packed_size;
    bool ends_here = is_decrypted(member) || (!member->fits && (member->is_whole || tells_end));
    member->end = ends_here ? at : member->entry.end;
    if (member->is_whole)
        return ASSAY_END;
    if (is_decrypted(member) && is_cut_short(member))
        return error_set(error, ASSAY_ERR_TRUNCATED, "the member is longer than the archive");
    if (!tells_end && lacks_bytes(member))
        return error_set(error, ASSAY_ERR_TRUNCATED, "the data are cut short");
    return error_set(error, ASSAY_ERR_CORRUPT, "wrong CRC");
}

/* Data without a mark of their end go as far as a header says, if the CRC is right there. If another
 * says more, that is given, too: it is not known whom to believe. */
static bool is_complete(struct zip_member *member)
{
    const struct zip_entry *entry = &member->entry;
    for (size_t i = 0; member->is_unmarked && i < entry->count; i++) {
        bool has_crc = entry->says[i].crc == member->crc || member->cipher.key.has_no_crc;
        if (member->unpacked > 0 && entry->says[i].unpacked == member->unpacked && has_crc)
            member->fits = true;
    }
    return member->fits && !lacks_bytes(member);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Starts over for a further stream of the same member. False when there is none. */
static bool begin_next_stream(struct zip_member *member)
{
    struct unpack_env *env = member->notes->env;
    uint64_t at = position(member);
    if (!member->repeats || at >= member->entry.end || at == member->stream ||
        zip_member_crc_fits(member, member->crc, at))
        return false;
    member->stream = at;
    const struct codec *codec = member->decoder.codec;
    decoder_stop(&member->decoder);
    return decoder_start(&member->decoder, codec, env->codec_memory, &env->error) == ASSAY_OK;
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
        status last = read_stream(member, bytes, size, ret_size);
        if (last != ASSAY_END || !begin_next_stream(member))
            return last;
    }
}

status zip_member_read(struct zip_member *member, uint8_t *bytes, size_t size, size_t *ret_size)
{
    if (member->ended != ASSAY_OK)
        return member->ended;
    size_t given = 0;
    status last = ASSAY_END;
    if (!is_complete(member))
        last = decode(member, bytes, size, &given);
    if (last == ASSAY_OK) {
        member->crc = (uint32_t)crc32_z(member->crc, bytes, given);
        member->unpacked += given;
        *ret_size = given;
        return ASSAY_OK;
    }
    if (last == ASSAY_ERR_CORRUPT || last == ASSAY_ERR_TRUNCATED)
        member->end = member->entry.data;
    member->ended = last == ASSAY_END || member->fits ? finish(member) : last;
    return member->ended;
}
