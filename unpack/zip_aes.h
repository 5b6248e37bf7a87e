/*
 * zip_aes: the encryption that WinZip gave to zip, by libcrypto. A member's data are a salt, two
 * bytes that tell most wrong passwords, the encrypted bytes, and a code that authenticates them.
 *
 * Source: AES Encryption Information: Encryption Specification AE-1 and AE-2, winzip.com.
 */
#ifndef UNPACK_ZIP_AES_H
#define UNPACK_ZIP_AES_H

#include "base/status.h"
#include "base/view.h"

#define ZIP_AES_METHOD        99 /* the true one is in the extra field */
#define ZIP_AES_STRENGTH_MAX  3
#define ZIP_AES_VERIFIER_SIZE 2
#define ZIP_AES_CODE_SIZE     10

struct zip_aes_key {
    uint8_t cipher[32];
    uint8_t code[32];
    uint8_t verifier[ZIP_AES_VERIFIER_SIZE];
    uint8_t size; /* bytes of either key */
};

/* Bytes of the salt; strength is 1 to ZIP_AES_STRENGTH_MAX. */
size_t zip_aes_salt_size(unsigned strength);

/* Takes a millisecond. Errors: ASSAY_ERR_NOMEM, ASSAY_ERR_ARGUMENT (no password is so long). */
CHECKED status zip_aes_derive(struct assay_bytes password, const uint8_t *salt, unsigned strength,
                              struct zip_aes_key *ret_key);

/* True when the code of these bytes is the one that stands right behind them in the input. */
bool zip_aes_is_authentic(const struct zip_aes_key *key, struct view input, uint64_t from,
                          uint64_t size);

struct zip_aes;

/* Stands at the first of the encrypted bytes. Errors: ASSAY_ERR_NOMEM. */
CHECKED status zip_aes_new(const struct zip_aes_key *key, struct zip_aes **ret_aes);
void zip_aes_free(struct zip_aes *aes); /* takes NULL */

/* Decrypts the next bytes where they are. Errors: ASSAY_ERR_NOMEM. */
CHECKED status zip_aes_decrypt(struct zip_aes *aes, uint8_t *bytes, size_t size);

#endif
