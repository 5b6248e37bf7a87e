/*
 * bundle_seal: the end of a bundle: a skippable frame (RFC 8878, 3.1.2) of 32 bytes, the SHA-256 of all
 * that is before it. Much of a packed form can be changed without changing what comes out of it; with
 * this, no bit can. It keeps damage out, and nobody who means it: signatures do that.
 */
#ifndef DATABASE_BUNDLE_SEAL_H
#define DATABASE_BUNDLE_SEAL_H

#include <sodium.h>

#define BUNDLE_SEAL_HEAD                                                                           \
    {                                                                                              \
        0x5e, 0x2a, 0x4d, 0x18, 0x20                                                               \
    }
#define BUNDLE_SEAL_HEAD_SIZE 8
#define BUNDLE_SEAL_SIZE      (BUNDLE_SEAL_HEAD_SIZE + crypto_hash_sha256_BYTES)

#endif
