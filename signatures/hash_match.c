#include "signatures/hash_match.h"

#include "base/clock.h"
#include "signatures/hash_set.h"
#include "signatures/ruleset.h"

#include <openssl/evp.h>
#include <stdio.h>

/* Bytes that all kinds take one after the other, while they are in the cache. */
#define CHUNK (UINT64_C(64) << 10)

struct hash_match {
    const struct assay_rules *rules;
    EVP_MD_CTX *contexts[HASH_KINDS]; /* NULL: no set has hashes of this kind, or libcrypto none */
    bool refused[HASH_KINDS];
    /* The object, as far as it was hashed. */
    uint64_t size;
    bool known[HASH_KINDS];
    uint8_t digests[HASH_KINDS][EVP_MAX_MD_SIZE];
    /* What is told. */
    const struct matcher_events *events;
    const char *database;
    char name[HASH_NAME_MAX + 1];
    char hex[2 * HASH_BYTES_MAX + 1];
};

/* ---- making it -------------------------------------------------------------------------------- */

static bool has_hashes(const struct assay_rules *rules, enum hash_kind kind)
{
    for (size_t i = 0; i < rules->hashes_count; i++)
        if (hash_set_count(rules->hashes[i].set, kind) > 0)
            return true;
    return false;
}

/* Sets a context up once: to begin anew with the same digest allocates nothing. */
static status make_context(struct hash_match *match, enum hash_kind kind)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context == NULL)
        return ASSAY_ERR_NOMEM;
    match->contexts[kind] = context;
    EVP_MD *digest = EVP_MD_fetch(NULL, hash_name(kind), NULL);
    match->refused[kind] = digest == NULL || EVP_DigestInit_ex(context, digest, NULL) != 1 ||
                           (size_t)EVP_MD_get_size(digest) != hash_bytes(kind);
    EVP_MD_free(digest); /* the context holds it */
    return ASSAY_OK;
}

status hash_match_new(const struct assay_rules *rules, struct hash_match **ret_match)
{
    cleanup(hash_match_free_cleanup) struct hash_match *match = calloc(1, sizeof(*match));
    if (match == NULL)
        return ASSAY_ERR_NOMEM;
    match->rules = rules;
    for (int kind = 0; kind < HASH_KINDS; kind++)
        if (has_hashes(rules, (enum hash_kind)kind))
            TRY(make_context(match, (enum hash_kind)kind));
    *ret_match = steal_pointer(match);
    return ASSAY_OK;
}

void hash_match_free(struct hash_match *match)
{
    if (match == NULL)
        return;
    for (size_t kind = 0; kind < HASH_KINDS; kind++)
        EVP_MD_CTX_free(match->contexts[kind]);
    free(match);
}

/* ---- hashing ---------------------------------------------------------------------------------- */

static bool is_wanted(const struct hash_match *match, enum hash_kind kind)
{
    for (size_t i = 0; i < match->rules->hashes_count; i++)
        if (hash_set_wants(match->rules->hashes[i].set, kind, match->size))
            return true;
    return false;
}

/* Some systems forbid old digests. What cannot be looked up must not pass for unknown. */
static void tell_refused(struct hash_match *match, enum hash_kind kind)
{
    char detail[96];
    snprintf(detail, sizeof(detail), "libcrypto refuses %s: its hashes were not looked up",
             hash_name(kind));
    match->events->on_incomplete(match->events->context, ASSAY_REASON_ENGINE, detail);
}

/* True when there is anything to hash. */
static bool begin(struct hash_match *match)
{
    bool any = false;
    for (int i = 0; i < HASH_KINDS; i++) {
        enum hash_kind kind = (enum hash_kind)i;
        match->known[i] = false;
        if (match->contexts[i] == NULL || !is_wanted(match, kind))
            continue;
        match->known[i] =
            !match->refused[i] && EVP_DigestInit_ex(match->contexts[i], NULL, NULL) == 1;
        if (!match->known[i])
            tell_refused(match, kind);
        any = any || match->known[i];
    }
    return any;
}

static void update(struct hash_match *match, struct view part)
{
    for (size_t kind = 0; kind < HASH_KINDS; kind++)
        if (match->known[kind])
            match->known[kind] =
                EVP_DigestUpdate(match->contexts[kind], part.data, (size_t)part.size) == 1;
}

static status hash(struct hash_match *match, struct view view, uint64_t deadline)
{
    for (uint64_t at = 0; at < view.size; at += CHUNK) {
        update(match, view_sub(view, at, CHUNK));
        if (deadline != 0 && clock_nanoseconds() >= deadline)
            return ASSAY_ERR_TIME;
    }
    return ASSAY_OK;
}

static void finish(struct hash_match *match, const bool wanted[HASH_KINDS])
{
    for (int i = 0; i < HASH_KINDS; i++) {
        if (!wanted[i])
            continue;
        match->known[i] =
            match->known[i] && EVP_DigestFinal_ex(match->contexts[i], match->digests[i], NULL) == 1;
        if (!match->known[i])
            tell_refused(match, (enum hash_kind)i);
    }
}

static status hash_object(struct hash_match *match, struct view view, uint64_t deadline)
{
    bool wanted[HASH_KINDS];
    memcpy(wanted, match->known, sizeof(wanted));
    status hashed = hash(match, view, deadline);
    if (hashed < 0) {
        memset(match->known, 0, sizeof(match->known));
        return hashed;
    }
    finish(match, wanted);
    return ASSAY_OK;
}

const uint8_t *hash_match_sha256(const struct hash_match *match)
{
    return match->known[HASH_SHA256] ? match->digests[HASH_SHA256] : NULL;
}

/* ---- looking up ------------------------------------------------------------------------------- */

static void write_hex(const uint8_t *bytes, size_t size, char *ret_text)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        *ret_text++ = digits[bytes[i] >> 4];
        *ret_text++ = digits[bytes[i] & 0x0f];
    }
    *ret_text = '\0';
}

static int on_hit(void *context, const struct hash_hit *hit)
{
    struct hash_match *match = context;
    memcpy(match->name, hit->name.data, hit->name.size);
    match->name[hit->name.size] = '\0';
    write_hex(match->digests[hit->kind], hash_bytes(hit->kind), match->hex);
    const struct assay_meta meta = {"hash", ASSAY_META_STRING, match->hex, 0};
    struct assay_match told = {
        .rule = match->name,
        .rule_namespace = hash_name(hit->kind),
        .database = match->database,
        .severity = hit->severity,
        .metas = &meta,
        .meta_count = 1,
    };
    return match->events->on_match(match->events->context, &told);
}

static status look_up(struct hash_match *match, struct error *error)
{
    for (size_t i = 0; i < match->rules->hashes_count; i++) {
        const struct ruleset_hashes *hashes = &match->rules->hashes[i];
        match->database = hashes->database;
        for (int kind = 0; kind < HASH_KINDS; kind++) {
            if (match->known[kind] &&
                hash_set_find(hashes->set, (enum hash_kind)kind, match->digests[kind], match->size,
                              on_hit, match) != 0)
                return error_set(error, ASSAY_ERR_CANCELLED, "stopped while reporting a match");
        }
    }
    return ASSAY_OK;
}

status hash_match_scan(struct hash_match *match, struct view view, uint64_t deadline,
                       const struct matcher_events *events, struct error *error)
{
    match->events = events;
    match->size = view.size;
    if (!begin(match))
        return ASSAY_OK;
    status hashed = hash_object(match, view, deadline);
    if (hashed < 0)
        return error_set(error, hashed, "hashing: the time allowed is used up");
    return look_up(match, error);
}
