/*
 * zip_cipher: the bytes of an encrypted member as its codec wants them, decrypted a piece at a time
 * while they are used up.
 */
#ifndef UNPACK_ZIP_CIPHER_H
#define UNPACK_ZIP_CIPHER_H

#include "base/buffer.h"
#include "unpack/codec.h"
#include "unpack/zip_aes.h"
#include "unpack/zip_zipcrypto.h"

/* What opens one member. */
struct zip_key {
    bool is_aes;
    bool has_no_crc;            /* headers do not have the CRC of what comes out */
    uint8_t front;              /* bytes of the member before the encrypted ones */
    uint8_t back;               /* and behind them */
    struct zipcrypto zipcrypto; /* unless is_aes; stands behind the front */
    struct zip_aes_key aes;
};

/* All zero: idle. */
struct zip_cipher {
    struct zip_key key;
    struct zip_aes *aes;  /* NULL: ZipCrypto */
    struct view sealed;   /* what is still encrypted */
    uint64_t known;       /* bytes of it that surely are the member's */
    struct buffer window; /* what was decrypted */
};

/* Starts with a member whose data are at the front of `member`; `claimed` are its bytes as far as
 * headers can be believed, 0 when they cannot. The cipher must be idle, and is to be released in
 * any case. Errors: ASSAY_ERR_CODEC_MEMORY, ASSAY_ERR_NOMEM. */
CHECKED status zip_cipher_begin(struct zip_cipher *cipher, const struct zip_key *key,
                                struct view member, uint64_t claimed, uint64_t memory);

/* Bytes that a codec may be asked for in one step. Codecs take the end of their input for the end
 * of the data; for so few bytes out none needs as much in as there is ready. */
#define ZIP_CIPHER_STEP (16u << 10)

/* Before each step of the codec: sees to it that much is ready, or all there is. *ready is what the
 * codec has not used yet of what was ready before; empty at first. Errors: ASSAY_ERR_NOMEM. */
CHECKED status zip_cipher_refill(struct zip_cipher *cipher, struct view *ready);

void zip_cipher_release(struct zip_cipher *cipher);

/* The codec of bytes that are only encrypted. It ends where the input does. */
extern const struct codec zip_codec_stored;

#endif
