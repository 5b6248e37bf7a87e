#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/encode.h"
#include "signatures/database/minisign_text.h"

#include <errno.h>
#include <sodium.h>

#define PUBLIC_BYTES    42 /* "Ed", the id, the key */
#define CHECKSUM_BYTES  32
#define TEXT_BYTES_MOST 512 /* more than a key's comment and base64 take */

/* Where what lies in a secret key. What the password encrypts reaches from the id to the end. */
enum {
    AT_ALGORITHM = 0, /* "Ed" */
    AT_KDF = 2,       /* "Sc", or two NUL bytes: no password */
    AT_CHECK = 4,     /* "B2" */
    AT_SALT = 6,
    AT_OPS = 38,
    AT_MEMORY = 46,
    AT_ID = 54,
    AT_KEY = 62,
    AT_CHECKSUM = 126, /* BLAKE2b-256 of algorithm, id and key */
    SECRET_BYTES = AT_CHECKSUM + CHECKSUM_BYTES,
    LOCKED_BYTES = SECRET_BYTES - AT_ID,
};

/* What minisign asks for. It is the most, too, that is done for a key, which may ask for anything. */
#define OPS_MOST    crypto_pwhash_scryptsalsa208sha256_OPSLIMIT_SENSITIVE
#define MEMORY_MOST crypto_pwhash_scryptsalsa208sha256_MEMLIMIT_SENSITIVE

static const uint8_t algorithm[2] = {'E', 'd'};
static const uint8_t kdf_scrypt[2] = {'S', 'c'};
static const uint8_t kdf_none[2] = {0, 0};
static const uint8_t check_blake2b[2] = {'B', '2'};

struct secret {
    uint8_t bytes[SECRET_BYTES];
    uint8_t other[LOCKED_BYTES]; /* key stream, check sum or second key */
};

static void secret_wipe(struct secret *secret)
{
    sodium_memzero(secret, sizeof(*secret));
}

static bool is_at(const uint8_t *bytes, size_t offset, const uint8_t wanted[2])
{
    return memcmp(bytes + offset, wanted, 2) == 0;
}

/* ---- public keys ----------------------------------------------------------------------------- */

/* A slip that would be a pity: says so, before the file is shown around. */
static bool is_secret_key(struct view text)
{
    struct secret secret cleanup(secret_wipe);
    struct minisign_text lines;
    struct assay_bytes comment;
    return minisign_text_open(text, "", NULL, &lines) >= 0 &&
           minisign_text_comment(&lines, MINISIGN_UNTRUSTED, &comment) >= 0 &&
           minisign_text_bytes(&lines, secret.bytes, SECRET_BYTES) >= 0;
}

status minisign_parse_public_key(struct view text, struct error *error,
                                 struct minisign_public_key *ret_key)
{
    struct minisign_text lines;
    struct assay_bytes comment;
    uint8_t bytes[PUBLIC_BYTES];
    if (is_secret_key(text))
        return error_set(error, ASSAY_ERR_CORRUPT,
                         "this is a secret key: move it away, and use the .pub beside it");
    TRY(minisign_text_open(text, "public key", error, &lines));
    TRY(minisign_text_comment(&lines, MINISIGN_UNTRUSTED, &comment));
    TRY(minisign_text_bytes(&lines, bytes, sizeof(bytes)));
    TRY(minisign_text_end(&lines));
    if (!is_at(bytes, 0, algorithm))
        return error_set(error, ASSAY_ERR_CORRUPT, "not a minisign public key: not Ed25519");
    memcpy(ret_key->id, bytes + 2, sizeof(ret_key->id));
    memcpy(ret_key->key, bytes + 10, sizeof(ret_key->key));
    return ASSAY_OK;
}

status minisign_write_public_key(const struct minisign_public_key *key, struct buffer *out)
{
    uint8_t bytes[PUBLIC_BYTES];
    char id[MINISIGN_ID_TEXT];
    minisign_id_text(key->id, id);
    memcpy(bytes, algorithm, sizeof(algorithm));
    memcpy(bytes + 2, key->id, sizeof(key->id));
    memcpy(bytes + 10, key->key, sizeof(key->key));
    TRY(buffer_reserve(out, TEXT_BYTES_MOST)); /* so that nothing below fails half-way */
    TRY(buffer_append_format(out, MINISIGN_UNTRUSTED "minisign public key %s\n", id));
    TRY(encode_base64(out, (struct assay_bytes){bytes, sizeof(bytes)}));
    return buffer_append_text(out, "\n");
}

/* ---- pairs ----------------------------------------------------------------------------------- */

status minisign_generate(struct minisign_secret_key *ret_secret,
                         struct minisign_public_key *ret_public)
{
    TRY(minisign_open());
    if (crypto_sign_keypair(ret_public->key, ret_secret->key) != 0)
        return ASSAY_ERR_ENGINE;
    randombytes_buf(ret_secret->id, sizeof(ret_secret->id));
    memcpy(ret_public->id, ret_secret->id, sizeof(ret_public->id));
    return ASSAY_OK;
}

void minisign_public_of(const struct minisign_secret_key *key,
                        struct minisign_public_key *ret_public)
{
    memcpy(ret_public->id, key->id, sizeof(ret_public->id));
    memcpy(ret_public->key, key->key + crypto_sign_SEEDBYTES, sizeof(ret_public->key));
}

void minisign_forget(struct minisign_secret_key *key)
{
    sodium_memzero(key, sizeof(*key));
}

void minisign_wipe(struct buffer *text)
{
    if (text->data)
        sodium_memzero(text->data, text->capacity);
    buffer_release(text);
}

/* ---- secret keys ----------------------------------------------------------------------------- */

static status checksum_of(const uint8_t bytes[SECRET_BYTES], uint8_t ret_checksum[CHECKSUM_BYTES])
{
    crypto_generichash_state state;
    int failed = crypto_generichash_init(&state, NULL, 0, CHECKSUM_BYTES);
    failed |= crypto_generichash_update(&state, bytes + AT_ALGORITHM, 2);
    failed |= crypto_generichash_update(&state, bytes + AT_ID, AT_CHECKSUM - AT_ID);
    failed |= crypto_generichash_final(&state, ret_checksum, CHECKSUM_BYTES);
    sodium_memzero(&state, sizeof(state));
    return failed ? ASSAY_ERR_ENGINE : ASSAY_OK;
}

/* Encrypts what is not, and the other way round. */
static status apply_password(struct secret *secret, struct assay_bytes password,
                             struct error *error)
{
    uint64_t ops, memory;
    struct view view = {secret->bytes, SECRET_BYTES};
    if (!bytes_u64le(view, AT_OPS, &ops) || !bytes_u64le(view, AT_MEMORY, &memory))
        return ASSAY_ERR_CORRUPT;
    if (ops > OPS_MOST || memory > MEMORY_MOST)
        return error_set(error, ASSAY_ERR_UNSUPPORTED,
                         "unlocking this key would take %llu MiB and %llu operations, more than "
                         "minisign's own keys: set its password anew with minisign -C",
                         (unsigned long long)(memory >> 20), (unsigned long long)ops);
    const void *typed = password.size > 0 ? (const void *)password.data : "";
    errno = 0;
    if (crypto_pwhash_scryptsalsa208sha256(secret->other, LOCKED_BYTES, typed, password.size,
                                           secret->bytes + AT_SALT, ops, (size_t)memory) != 0)
        return error_set(error, errno == ENOMEM ? ASSAY_ERR_NOMEM : ASSAY_ERR_ENGINE,
                         "a key with a password needs %llu MiB of memory, which cannot be had",
                         (unsigned long long)(memory >> 20));
    for (size_t i = 0; i < LOCKED_BYTES; i++)
        secret->bytes[AT_ID + i] ^= secret->other[i];
    return ASSAY_OK;
}

static status read_secret(struct view text, struct error *error, struct secret *ret_secret)
{
    struct minisign_text lines;
    struct assay_bytes comment;
    TRY(minisign_text_open(text, "secret key", error, &lines));
    TRY(minisign_text_comment(&lines, MINISIGN_UNTRUSTED, &comment));
    TRY(minisign_text_bytes(&lines, ret_secret->bytes, SECRET_BYTES));
    TRY(minisign_text_end(&lines));
    bool is_known = is_at(ret_secret->bytes, AT_ALGORITHM, algorithm) &&
                    is_at(ret_secret->bytes, AT_CHECK, check_blake2b) &&
                    (is_at(ret_secret->bytes, AT_KDF, kdf_scrypt) ||
                     is_at(ret_secret->bytes, AT_KDF, kdf_none));
    if (!is_known)
        return error_set(error, ASSAY_ERR_CORRUPT,
                         "not a minisign secret key: of algorithms that are not known");
    return ASSAY_OK;
}

bool minisign_is_locked(struct view text)
{
    struct secret secret cleanup(secret_wipe);
    return read_secret(text, NULL, &secret) >= 0 && is_at(secret.bytes, AT_KDF, kdf_scrypt);
}

/* The check sum, which minisign -W leaves zero, and that the second half of the key is the public key
 * of the first: with another one, signatures would give the secret away. */
static status check_secret(struct secret *secret, bool locked, struct error *error)
{
    TRY(checksum_of(secret->bytes, secret->other));
    const uint8_t *stored = secret->bytes + AT_CHECKSUM;
    bool is_right = sodium_memcmp(stored, secret->other, CHECKSUM_BYTES) == 0;
    if (locked && !is_right)
        return error_set(error, ASSAY_ERR_ENCRYPTED,
                         "the password of the secret key is wrong, or the key is damaged");
    if (!is_right && !sodium_is_zero(stored, CHECKSUM_BYTES))
        return error_set(error, ASSAY_ERR_CORRUPT,
                         "the secret key is damaged: its check sum is "
                         "wrong");
    uint8_t public[crypto_sign_PUBLICKEYBYTES];
    _Static_assert(sizeof(secret->other) >= crypto_sign_SECRETKEYBYTES, "a key fits in");
    if (crypto_sign_seed_keypair(public, secret->other, secret->bytes + AT_KEY) != 0)
        return ASSAY_ERR_ENGINE;
    if (sodium_memcmp(secret->other, secret->bytes + AT_KEY, crypto_sign_SECRETKEYBYTES) != 0)
        return error_set(error, ASSAY_ERR_CORRUPT,
                         "the secret key is damaged: its halves do not belong together");
    return ASSAY_OK;
}

status minisign_parse_secret_key(struct view text, struct assay_bytes password, struct error *error,
                                 struct minisign_secret_key *ret_key)
{
    struct secret secret cleanup(secret_wipe);
    TRY(minisign_open());
    TRY(read_secret(text, error, &secret));
    bool locked = is_at(secret.bytes, AT_KDF, kdf_scrypt);
    if (locked)
        TRY(apply_password(&secret, password, error));
    TRY(check_secret(&secret, locked, error));
    memcpy(ret_key->id, secret.bytes + AT_ID, sizeof(ret_key->id));
    memcpy(ret_key->key, secret.bytes + AT_KEY, sizeof(ret_key->key));
    return ASSAY_OK;
}

static void store_u64le(uint8_t *to, uint64_t number)
{
    for (size_t i = 0; i < 8; i++)
        to[i] = (uint8_t)(number >> (8 * i));
}

static bool is_password(struct assay_bytes password)
{
    if (password.size > MINISIGN_PASSWORD_MAX)
        return false;
    for (size_t i = 0; i < password.size; i++) {
        if (password.data[i] == 0 || password.data[i] == '\n' || password.data[i] == '\r')
            return false;
    }
    return true;
}

static status append_secret(const struct secret *secret, bool locked, struct buffer *out)
{
    /* No more than once, so that no copy is left where the buffer was before. */
    TRY(buffer_reserve(out, TEXT_BYTES_MOST));
    TRY(buffer_append_text(out, locked ? MINISIGN_UNTRUSTED "minisign encrypted secret key\n"
                                       : MINISIGN_UNTRUSTED
                                    "minisign secret key, not encrypted\n"));
    TRY(encode_base64(out, (struct assay_bytes){secret->bytes, SECRET_BYTES}));
    return buffer_append_text(out, "\n");
}

status minisign_write_secret_key(const struct minisign_secret_key *key, struct assay_bytes password,
                                 struct buffer *out)
{
    struct secret secret cleanup(secret_wipe) = {.bytes = {0}};
    bool locked = password.size > 0;
    if (!is_password(password))
        return ASSAY_ERR_ARGUMENT;
    TRY(minisign_open());
    memcpy(secret.bytes + AT_ALGORITHM, algorithm, sizeof(algorithm));
    memcpy(secret.bytes + AT_KDF, locked ? kdf_scrypt : kdf_none, sizeof(kdf_none));
    memcpy(secret.bytes + AT_CHECK, check_blake2b, sizeof(check_blake2b));
    memcpy(secret.bytes + AT_ID, key->id, sizeof(key->id));
    memcpy(secret.bytes + AT_KEY, key->key, sizeof(key->key));
    TRY(checksum_of(secret.bytes, secret.bytes + AT_CHECKSUM));
    if (locked) {
        randombytes_buf(secret.bytes + AT_SALT, AT_OPS - AT_SALT);
        store_u64le(secret.bytes + AT_OPS, OPS_MOST);
        store_u64le(secret.bytes + AT_MEMORY, MEMORY_MOST);
        TRY(apply_password(&secret, password, NULL));
    }
    return append_secret(&secret, locked, out);
}
