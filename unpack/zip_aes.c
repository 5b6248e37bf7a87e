#include "unpack/zip_aes.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

enum {
    ROUNDS = 1000, /* of PBKDF2 */
    BLOCK = 16,
    KEYSTREAM = 256 * BLOCK,
};

struct zip_aes {
    EVP_CIPHER_CTX *context;
    uint64_t counter; /* of blocks; the first is 1 */
    uint8_t keystream[KEYSTREAM];
    size_t used; /* bytes of the keystream */
};

static size_t key_size(unsigned strength)
{
    return 8 + 8 * (size_t)strength;
}

size_t zip_aes_salt_size(unsigned strength)
{
    return key_size(strength) / 2;
}

status zip_aes_derive(struct assay_bytes password, const uint8_t *salt, unsigned strength,
                      struct zip_aes_key *ret_key)
{
    uint8_t derived[2 * 32 + ZIP_AES_VERIFIER_SIZE];
    size_t size = key_size(strength);
    if (password.size > INT_MAX)
        return ASSAY_ERR_ARGUMENT;
    if (PKCS5_PBKDF2_HMAC((const char *)password.data, (int)password.size, salt,
                          (int)zip_aes_salt_size(strength), ROUNDS, EVP_sha1(),
                          (int)(2 * size + ZIP_AES_VERIFIER_SIZE), derived) != 1)
        return ASSAY_ERR_NOMEM;
    struct zip_aes_key key = {.size = (uint8_t)size};
    memcpy(key.cipher, derived, size);
    memcpy(key.code, derived + size, size);
    memcpy(key.verifier, derived + 2 * size, ZIP_AES_VERIFIER_SIZE);
    *ret_key = key;
    return ASSAY_OK;
}

bool zip_aes_is_authentic(const struct zip_aes_key *key, struct view input, uint64_t from,
                          uint64_t size)
{
    uint8_t code[EVP_MAX_MD_SIZE];
    if (!view_has(input, from, size) || !view_has(input, from + size, ZIP_AES_CODE_SIZE))
        return false;
    return HMAC(EVP_sha1(), key->code, key->size, input.data + from, size, code, NULL) &&
           view_starts(input, from + size, code, ZIP_AES_CODE_SIZE);
}

void zip_aes_free(struct zip_aes *aes)
{
    if (!aes)
        return;
    EVP_CIPHER_CTX_free(aes->context);
    free(aes);
}

status zip_aes_new(const struct zip_aes_key *key, struct zip_aes **ret_aes)
{
    const EVP_CIPHER *ciphers[] = {EVP_aes_128_ecb(), EVP_aes_192_ecb(), EVP_aes_256_ecb()};
    struct zip_aes *aes = malloc(sizeof(*aes));
    if (!aes)
        return ASSAY_ERR_NOMEM;
    aes->counter = 0;
    aes->used = KEYSTREAM;
    aes->context = EVP_CIPHER_CTX_new();
    if (!aes->context ||
        EVP_EncryptInit_ex(aes->context, ciphers[key->size / 8 - 2], NULL, key->cipher, NULL) !=
            1 ||
        EVP_CIPHER_CTX_set_padding(aes->context, 0) != 1) {
        zip_aes_free(aes);
        return ASSAY_ERR_NOMEM;
    }
    *ret_aes = aes;
    return ASSAY_OK;
}

/* The counter of this CTR mode is little-endian, which libcrypto's is not: so each block of it is
 * encrypted by itself. */
static status fill_keystream(struct zip_aes *aes)
{
    uint8_t counters[KEYSTREAM] = {0};
    for (size_t at = 0; at < KEYSTREAM; at += BLOCK) {
        aes->counter++;
        for (size_t i = 0; i < sizeof(aes->counter); i++)
            counters[at + i] = (uint8_t)(aes->counter >> 8 * i);
    }
    int written;
    if (EVP_EncryptUpdate(aes->context, aes->keystream, &written, counters, KEYSTREAM) != 1 ||
        written != KEYSTREAM)
        return ASSAY_ERR_NOMEM;
    aes->used = 0;
    return ASSAY_OK;
}

status zip_aes_decrypt(struct zip_aes *aes, uint8_t *bytes, size_t size)
{
    while (size > 0) {
        if (aes->used == KEYSTREAM)
            TRY(fill_keystream(aes));
        size_t step = KEYSTREAM - aes->used;
        step = size < step ? size : step;
        for (size_t i = 0; i < step; i++)
            bytes[i] ^= aes->keystream[aes->used + i];
        aes->used += step;
        bytes += step;
        size -= step;
    }
    return ASSAY_OK;
}
