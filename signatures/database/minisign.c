#include "signatures/database/minisign.h"

#include "base/encode.h"
#include "signatures/database/minisign_text.h"

#include <sodium.h>

#define SIGNATURE_BYTES 74 /* "ED", the id of the key, the signature */

static const uint8_t prehashed[2] = {'E', 'D'};
static const uint8_t legacy[2] = {'E', 'd'};

/* What the global signature is made of: the signature, then the trusted comment. */
struct signed_comment {
    uint8_t bytes[crypto_sign_BYTES + MINISIGN_TEXT_MAX];
    size_t size;
};

status minisign_open(void)
{
    return sodium_init() < 0 ? ASSAY_ERR_ENGINE : ASSAY_OK;
}

void minisign_id_text(const uint8_t id[8], char ret_text[MINISIGN_ID_TEXT])
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < 8; i++) {
        ret_text[2 * i] = digits[id[7 - i] >> 4];
        ret_text[2 * i + 1] = digits[id[7 - i] & 0x0f];
    }
    ret_text[16] = '\0';
}

status minisign_parse_signature(struct view text, struct error *error,
                                struct minisign_signature *ret_signature)
{
    struct minisign_text lines;
    struct minisign_signature read = {.id = {0}};
    struct assay_bytes comment;
    uint8_t bytes[SIGNATURE_BYTES];
    TRY(minisign_text_open(text, "signature", error, &lines));
    TRY(minisign_text_comment(&lines, MINISIGN_UNTRUSTED, &comment));
    TRY(minisign_text_bytes(&lines, bytes, sizeof(bytes)));
    if (memcmp(bytes, legacy, sizeof(legacy)) == 0)
        return error_set(error, ASSAY_ERR_UNSUPPORTED,
                         "a minisign signature in the legacy format: sign without -l");
    if (memcmp(bytes, prehashed, sizeof(prehashed)) != 0)
        return error_set(error, ASSAY_ERR_CORRUPT, "not a minisign signature: not Ed25519");
    TRY(minisign_text_comment(&lines, MINISIGN_TRUSTED, &read.trusted_comment));
    TRY(minisign_text_bytes(&lines, read.global, sizeof(read.global)));
    TRY(minisign_text_end(&lines));
    memcpy(read.id, bytes + 2, sizeof(read.id));
    memcpy(read.signature, bytes + 10, sizeof(read.signature));
    *ret_signature = read;
    return ASSAY_OK;
}

status minisign_digest(struct view message, uint8_t ret_digest[MINISIGN_DIGEST])
{
    TRY(minisign_open());
    int failed =
        crypto_generichash(ret_digest, MINISIGN_DIGEST, message.data, message.size, NULL, 0);
    return failed ? ASSAY_ERR_ENGINE : ASSAY_OK;
}

/* False when it is longer than any that can be read. */
CHECKED static bool join(const uint8_t signature[crypto_sign_BYTES], struct assay_bytes comment,
                         struct signed_comment *ret_joined)
{
    if (comment.size > MINISIGN_TEXT_MAX)
        return false;
    memcpy(ret_joined->bytes, signature, crypto_sign_BYTES);
    if (comment.size > 0)
        memcpy(ret_joined->bytes + crypto_sign_BYTES, comment.data, comment.size);
    ret_joined->size = crypto_sign_BYTES + comment.size;
    return true;
}

status minisign_verify_digest(const struct minisign_signature *signature,
                              const struct minisign_public_key *key,
                              const uint8_t digest[MINISIGN_DIGEST], struct error *error)
{
    char by[MINISIGN_ID_TEXT], wanted[MINISIGN_ID_TEXT];
    struct signed_comment joined;
    TRY(minisign_open());
    minisign_id_text(signature->id, by);
    minisign_id_text(key->id, wanted);
    if (memcmp(signature->id, key->id, sizeof(key->id)) != 0)
        return error_set(error, ASSAY_ERR_CORRUPT, "signed by key %s, not by %s", by, wanted);
    if (crypto_sign_verify_detached(signature->signature, digest, MINISIGN_DIGEST, key->key) != 0)
        return error_set(error, ASSAY_ERR_CORRUPT,
                         "key %s did not sign this: what was signed was changed or damaged; get it "
                         "again from its publisher",
                         by);
    if (!join(signature->signature, signature->trusted_comment, &joined) ||
        crypto_sign_verify_detached(signature->global, joined.bytes, joined.size, key->key) != 0)
        return error_set(error, ASSAY_ERR_CORRUPT,
                         "key %s did not sign this trusted comment: it was changed or damaged; get "
                         "the signature again from its publisher",
                         by);
    return ASSAY_OK;
}

status minisign_verify(const struct minisign_signature *signature,
                       const struct minisign_public_key *key, struct view message,
                       struct error *error)
{
    uint8_t digest[MINISIGN_DIGEST];
    TRY(minisign_digest(message, digest));
    return minisign_verify_digest(signature, key, digest, error);
}

/* One line that minisign reads, and that drives nobody's terminal. */
static bool is_comment(const char *comment, size_t size)
{
    if (size > MINISIGN_COMMENT_MAX)
        return false;
    for (size_t i = 0; i < size; i++) {
        if ((uint8_t)comment[i] < 0x20 || comment[i] == 0x7f)
            return false;
    }
    return true;
}

static status append_line(struct buffer *out, const uint8_t *bytes, size_t size)
{
    TRY(encode_base64(out, (struct assay_bytes){bytes, size}));
    return buffer_append_text(out, "\n");
}

static status append_signature(const uint8_t bytes[SIGNATURE_BYTES], const char *comment,
                               const uint8_t global[crypto_sign_BYTES], struct buffer *out)
{
    char by[MINISIGN_ID_TEXT];
    minisign_id_text(bytes + 2, by);
    TRY(buffer_append_format(out, MINISIGN_UNTRUSTED "signature by key %s\n", by));
    TRY(append_line(out, bytes, SIGNATURE_BYTES));
    TRY(buffer_append_format(out, MINISIGN_TRUSTED "%s\n", comment));
    return append_line(out, global, crypto_sign_BYTES);
}

status minisign_sign(const struct minisign_secret_key *key, struct view message,
                     const char *trusted_comment, struct buffer *out)
{
    uint8_t digest[MINISIGN_DIGEST], bytes[SIGNATURE_BYTES], global[crypto_sign_BYTES];
    struct signed_comment joined;
    struct assay_bytes comment = {(const uint8_t *)trusted_comment, strlen(trusted_comment)};
    if (!is_comment(trusted_comment, comment.size))
        return ASSAY_ERR_ARGUMENT;
    TRY(minisign_digest(message, digest));
    memcpy(bytes, prehashed, sizeof(prehashed));
    memcpy(bytes + 2, key->id, sizeof(key->id));
    if (crypto_sign_detached(bytes + 10, NULL, digest, sizeof(digest), key->key) != 0 ||
        !join(bytes + 10, comment, &joined) ||
        crypto_sign_detached(global, NULL, joined.bytes, joined.size, key->key) != 0)
        return ASSAY_ERR_ENGINE;
    size_t before = out->size;
    status appended = append_signature(bytes, trusted_comment, global, out);
    if (appended < 0)
        out->size = before;
    return appended;
}
