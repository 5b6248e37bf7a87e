/*
 * minisign: keys and detached signatures as the program minisign writes and reads them: Ed25519 over
 * the BLAKE2b-512 digest of what is signed ("prehashed"), as text files of comments and base64.
 * Nothing here reads or writes a file.
 *
 * Source: https://jedisct1.github.io/minisign/ (the section on formats), libsodium for the rest.
 */
#ifndef DATABASE_MINISIGN_H
#define DATABASE_MINISIGN_H

#include "base/buffer.h"

#define MINISIGN_ID_TEXT      17          /* 16 digits, as minisign prints them, and a NUL */
#define MINISIGN_TEXT_MAX     (16U << 10) /* bytes of a key or signature; longer ones are refused */
#define MINISIGN_COMMENT_MAX  8000        /* bytes of a trusted comment that minisign reads */
#define MINISIGN_PASSWORD_MAX 1000        /* bytes of a password that can be typed to minisign */
#define MINISIGN_DIGEST       64

struct minisign_public_key {
    uint8_t id[8];
    uint8_t key[32];
};

/* Forget it (minisign_forget) when it was used. */
struct minisign_secret_key {
    uint8_t id[8];
    uint8_t key[64];
};

struct minisign_signature {
    uint8_t id[8];
    uint8_t signature[64];
    uint8_t global[64];                 /* of the signature and the trusted comment */
    struct assay_bytes trusted_comment; /* borrowed from the text; any bytes but NUL and newline */
};

/* Sets libsodium up, as everything below that computes does by itself; may be called again. Errors:
 * ASSAY_ERR_ENGINE. */
CHECKED status minisign_open(void);

/* Lines may end in CR LF. Nothing may follow the last one. */

/* The text of a .pub file. Errors: ASSAY_ERR_CORRUPT. */
CHECKED status minisign_parse_public_key(struct view text, struct error *error,
                                         struct minisign_public_key *ret_key);
/* The text of a .minisig file. Signatures over the file itself, not its digest, are
 * ASSAY_ERR_UNSUPPORTED; other errors: ASSAY_ERR_CORRUPT. */
CHECKED status minisign_parse_signature(struct view text, struct error *error,
                                        struct minisign_signature *ret_signature);
/* ASSAY_OK when key signed the message and the comment. Errors: ASSAY_ERR_CORRUPT: it did not;
 * ASSAY_ERR_ENGINE. */
CHECKED status minisign_verify(const struct minisign_signature *signature,
                               const struct minisign_public_key *key, struct view message,
                               struct error *error);

/* The same in two steps, for a long message with several signatures. Errors: ASSAY_ERR_ENGINE. */
CHECKED status minisign_digest(struct view message, uint8_t ret_digest[MINISIGN_DIGEST]);
CHECKED status minisign_verify_digest(const struct minisign_signature *signature,
                                      const struct minisign_public_key *key,
                                      const uint8_t digest[MINISIGN_DIGEST], struct error *error);

/* Both keys of a new pair. Errors: ASSAY_ERR_ENGINE. */
CHECKED status minisign_generate(struct minisign_secret_key *ret_secret,
                                 struct minisign_public_key *ret_public);
/* The other half of a key pair. */
void minisign_public_of(const struct minisign_secret_key *key,
                        struct minisign_public_key *ret_public);

/* Append the text of a .minisig, .pub or .key file. Errors: ASSAY_ERR_NOMEM, ASSAY_ERR_ENGINE,
 * ASSAY_ERR_ARGUMENT: what minisign could not read, which is a comment that is too long or has control
 * characters, or a password that is too long or has NUL, CR or LF in it. */
CHECKED status minisign_sign(const struct minisign_secret_key *key, struct view message,
                             const char *trusted_comment, struct buffer *out);
CHECKED status minisign_write_public_key(const struct minisign_public_key *key, struct buffer *out);
/* An empty password leaves the secret key as it is; another encrypts it, which takes some seconds
 * and 1 GiB, as minisign does. Release the text with minisign_wipe. */
CHECKED status minisign_write_secret_key(const struct minisign_secret_key *key,
                                         struct assay_bytes password, struct buffer *out);

/* True when the key in the text cannot be read without a password. */
bool minisign_is_locked(struct view text);
/* The password is not looked at when the key is not locked. Errors: ASSAY_ERR_CORRUPT,
 * ASSAY_ERR_UNSUPPORTED (unlocking it would cost more than minisign's own keys do),
 * ASSAY_ERR_ENCRYPTED (the password is wrong), ASSAY_ERR_NOMEM, ASSAY_ERR_ENGINE. */
CHECKED status minisign_parse_secret_key(struct view text, struct assay_bytes password,
                                         struct error *error, struct minisign_secret_key *ret_key);

void minisign_forget(struct minisign_secret_key *key);
/* Overwrites and releases a text that has a secret key or a password in it. */
void minisign_wipe(struct buffer *text);

void minisign_id_text(const uint8_t id[8], char ret_text[MINISIGN_ID_TEXT]);

#endif
