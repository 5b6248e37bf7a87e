/*
 * zip_member: the bytes of one entry of a zip file. What its headers say is tried in turn until the
 * CRC fits: each method that one of them names, then inflating, which finds what only pretends to
 * be something else. Each try that gives bytes is a member of its own. What is encrypted, and not
 * only said to be, is given once: see zip_unlock.h.
 *
 * zip_member.c decides what is given, zip_read.c decodes it.
 */
#ifndef UNPACK_ZIP_MEMBER_H
#define UNPACK_ZIP_MEMBER_H

#include "unpack/codec.h"
#include "unpack/zip_cipher.h"
#include "unpack/zip_walk.h"

/* What is odd about an archive, said once each. */
enum zip_oddity {
    ZIP_NAMES_DIFFER,
    ZIP_HEADERS_DIFFER,
    ZIP_STORED_DAMAGED,
    ZIP_STORED_CUT,
    ZIP_NO_LOCAL,
    ZIP_NO_DIRECTORY,
    ZIP_OUTSIDE,
    ZIP_CUT_HEADER,
    ZIP_IS_SPLIT,
    ZIP_ODDITIES,
};

struct zip_notes {
    struct unpack_env *env;
    bool said[ZIP_ODDITIES];
};
void zip_note(struct zip_notes *notes, enum zip_oddity oddity);

#define ZIP_WAYS 4

struct zip_lock;

struct zip_member {
    struct view input;
    struct zip_notes *notes;
    struct zip_lock *lock;
    struct zip_entry entry;
    uint64_t *allowance; /* bytes that may yet be spent on trials whose outcome is not given */

    uint16_t ways[ZIP_WAYS]; /* methods to try */
    size_t count;            /* of those */
    size_t claimed;          /* that many are what headers say */
    size_t way;              /* the next to try */
    bool is_encrypted;       /* by some header */
    bool is_whole;           /* one of the ways gave bytes that the CRC fits */
    bool is_cut;             /* stored, and no size that headers tell is possible */
    uint64_t end;            /* behind the data, as far as is known by now */

    struct decoder decoder;
    struct zip_cipher cipher; /* idle unless the member was encrypted */
    struct view packed;       /* what the decoder has not read, as far as it is decrypted */
    uint64_t packed_size;     /* bytes there were for it at first */
    bool repeats;             /* the data may be several streams */
    uint64_t stream;          /* offset of the one being decoded */
    bool is_unmarked;         /* the data need not tell their end */
    bool fits;                /* at a size that a header tells, the CRC was right */
    uint64_t unpacked;        /* bytes given */
    uint32_t crc;             /* of those */
    status ended;             /* what read says from now on, unless ASSAY_OK */
};

/* Begins with an entry: notes, input, allowance and lock are borrowed. */
void zip_member_begin(struct zip_member *member, const struct zip_entry *entry);
/* Gives the member as the next way of reading has it. ASSAY_END when nothing more can be had. */
CHECKED status zip_member_try(struct zip_member *member, struct unpack_member *ret_member);
CHECKED status zip_member_read(struct zip_member *member, uint8_t *bytes, size_t size,
                               size_t *ret_size);
/* Releases what decodes. */
void zip_member_stop(struct zip_member *member);

/* Has zip_member_read begin at the front of the data, read by this method, decrypted with the key
 * unless that is NULL. What goes wrong is for zip_member_read to say. */
void zip_member_decode(struct zip_member *member, uint16_t method, const struct zip_key *key);

/* ---- what zip_member.c and zip_read.c share ------------------------------------------------- */

/* True when these bytes may be the whole member: some header, or the descriptor behind the data,
 * has their CRC, or nothing has any. */
bool zip_member_crc_fits(const struct zip_member *member, uint32_t crc, uint64_t end);

/* Bytes up to the next record, for members whose size nothing tells. When the first thing in it is
 * a record then a whole archive is stored here, and it goes as far as the input. */
uint64_t zip_member_size_to_next(struct zip_member *member);

#endif
