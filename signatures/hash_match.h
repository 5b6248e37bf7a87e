/*
 * hash_match: known files among the objects that are matched. An object is hashed only when some set
 * has hashes of that kind which an object of this size may have, and read only once for all kinds.
 */
#ifndef SIGNATURES_HASH_MATCH_H
#define SIGNATURES_HASH_MATCH_H

#include "signatures/matcher.h"

struct hash_match; /* state, kept from one object to the next */

/* rules is borrowed until hash_match_free. Errors: ASSAY_ERR_NOMEM. */
CHECKED status hash_match_new(const struct assay_rules *rules, struct hash_match **ret_match);
void hash_match_free(struct hash_match *match);
DEFINE_CLEANUP(struct hash_match, hash_match_free);

/* Tells of every entry that the object has, as a match: its rule is the name of the entry, its
 * namespace the kind of hash, and it has one meta, "hash".
 *   deadline  of the clock of base/clock.h, when it ends; 0 for none
 *   error     words on failure; may be NULL
 * Errors: ASSAY_ERR_TIME, ASSAY_ERR_CANCELLED. */
CHECKED status hash_match_scan(struct hash_match *match, struct view view, uint64_t deadline,
                               const struct matcher_events *events, struct error *error);

/* The SHA-256 of the object that was scanned last, or NULL when it was not needed. */
const uint8_t *hash_match_sha256(const struct hash_match *match);

#endif
