#include "signatures/database/trust_state.h"

#include <stdio.h>

#define WORDS_BYTES 80 /* of some ids in an error */

size_t trust_count(const struct trust *trust)
{
    return trust->count;
}

const char *trust_key_path(const struct trust *trust, size_t index)
{
    return trust->keys[index].path;
}

const struct minisign_public_key *trust_key(const struct trust *trust, size_t index)
{
    return &trust->keys[index].key;
}

unsigned trust_required(const struct trust *trust)
{
    return trust->required;
}

/* ---- who signed ------------------------------------------------------------------------------ */

/* Some ids, for words; more than a few are too many to be read. */
struct id_words {
    char text[WORDS_BYTES];
    size_t count;
};

static void id_words_add(struct id_words *words, const char *id)
{
    size_t size = strlen(words->text);
    const char *between = words->count == 0 ? "" : ", ";
    words->count++;
    if (words->count <= 3)
        snprintf(words->text + size, sizeof(words->text) - size, "%s%s", between, id);
    else if (words->count == 4)
        snprintf(words->text + size, sizeof(words->text) - size, ", ...");
}

static const struct trusted_key *find_key(const struct trust *trust, const uint8_t id[8])
{
    for (size_t i = 0; i < trust->count; i++) {
        if (memcmp(trust->keys[i].key.id, id, 8) == 0)
            return &trust->keys[i];
    }
    return NULL;
}

static bool did_sign(const struct trust_signers *signers, const char *id)
{
    for (size_t i = 0; i < signers->count; i++) {
        if (strcmp(signers->ids[i], id) == 0)
            return true;
    }
    return false;
}

static void add_signer(struct trust_signers *signers, const char *id)
{
    /* There are no more signers than keys. */
    if (!did_sign(signers, id))
        memcpy(signers->ids[signers->count++], id, MINISIGN_ID_TEXT);
}

static status refuse_unsigned(const struct trust *trust, const struct id_words *strangers,
                              struct error *error)
{
    /* The last is the one that whoever asks can write to. */
    const char *directory =
        trust->directory_count > 0 ? trust->directories[trust->directory_count - 1] : "/etc/assay";
    if (strangers->count == 0)
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "it is not signed: sign it with `assay db sign`, or get a signed one");
    return error_set(
        error, ASSAY_ERR_ARGUMENT,
        "signed by %s, which is not trusted here: if it should be, put the publisher's "
        "public key into %.60s/keys/NAME.pub",
        strangers->text, directory);
}

status trust_verify(const struct trust *trust, struct view message, const struct view *signatures,
                    size_t count, struct error *error, struct trust_signers *ret_signers)
{
    struct trust_signers signers = {.count = 0};
    struct id_words strangers = {.count = 0};
    uint8_t digest[MINISIGN_DIGEST];
    TRY(minisign_digest(message, digest));
    for (size_t i = 0; i < count; i++) {
        struct minisign_signature signature;
        char id[MINISIGN_ID_TEXT];
        TRY(minisign_parse_signature(signatures[i], error, &signature));
        minisign_id_text(signature.id, id);
        const struct trusted_key *key = find_key(trust, signature.id);
        if (!key) {
            id_words_add(&strangers, id);
            continue;
        }
        TRY(minisign_verify_digest(&signature, &key->key, digest, error));
        add_signer(&signers, key->id);
    }
    if (signers.count == 0)
        return refuse_unsigned(trust, &strangers, error);
    *ret_signers = signers;
    return ASSAY_OK;
}

/* ---- whether that is enough ------------------------------------------------------------------ */

static bool may_sign(const struct trust *trust, const char *id, const char *name)
{
    for (size_t i = 0; i < trust->directory_count; i++) {
        if (!trust_ini_allows(&trust->inis[i], id, name))
            return false;
    }
    return true;
}

static status allows(const struct trust *trust, const struct trust_signers *signers,
                     const char *name, unsigned required, struct error *error)
{
    struct id_words limited = {.count = 0};
    unsigned allowed = 0;
    /* Signers may come from a file that is older than a key's removal. */
    for (size_t i = 0; i < trust->count; i++) {
        const char *id = trust->keys[i].id;
        if (!did_sign(signers, id))
            continue;
        if (may_sign(trust, id, name))
            allowed++;
        else
            id_words_add(&limited, id);
    }
    if (allowed >= required)
        return ASSAY_OK;
    if (limited.count > 0)
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "%.64s has %u of %u required signatures; trust.ini lets %s sign other "
                         "databases only: add the name to `databases` of the key, or get the "
                         "signature of another",
                         name, allowed, required, limited.text);
    return error_set(
        error, ASSAY_ERR_ARGUMENT,
        "%.64s has %u of %u required signatures: get it signed by another trusted key, "
        "or lower signatures_required in trust.ini",
        name, allowed, required);
}

status trust_allows(const struct trust *trust, const struct trust_signers *signers,
                    const char *name, struct error *error)
{
    return allows(trust, signers, name, trust->required, error);
}

status trust_allows_index(const struct trust *trust, const struct trust_signers *signers,
                          const char *name, struct error *error)
{
    return allows(trust, signers, name, 1, error);
}
