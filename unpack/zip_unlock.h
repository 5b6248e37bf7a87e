/*
 * zip_unlock: finds the password of an encrypted member. What looks like the right one is tried: a
 * beginning is decoded, or all of it where the codec takes any bytes for its own.
 *
 * A password costs time, each salt anew, and a wrong one that looks right costs more: so there is
 * an end to it for each archive.
 */
#ifndef UNPACK_ZIP_UNLOCK_H
#define UNPACK_ZIP_UNLOCK_H

#include "unpack/zip_member.h"

/* What the encrypted members of one archive share. */
struct zip_lock {
    uint64_t work;          /* that making keys may yet cost; in bytes that ZipCrypto goes over */
    uint64_t wasteable;     /* bytes that may yet be decoded with wrong keys */
    uint64_t authenticable; /* bytes that may yet be authenticated */
    bool is_spent;          /* there were passwords for which that was not enough */
    bool has_opened;
    size_t opened; /* the password that opened a member last */
};

void zip_lock_start(struct zip_lock *lock, struct view input);

/* ASSAY_OK: zip_member_read gives the decrypted bytes, and says what is wrong with them. Otherwise
 * the member stays locked: ASSAY_ERR_ENCRYPTED. */
CHECKED status zip_unlock(struct zip_member *member);

#endif
