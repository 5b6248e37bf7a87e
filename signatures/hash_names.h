/*
 * hash_names: gives each name of a list its place. A name that was seen lately has one already: there
 * is room to remember a hundred thousand, and never more. Going through the same names anew gives the
 * same places.
 */
#ifndef SIGNATURES_HASH_NAMES_H
#define SIGNATURES_HASH_NAMES_H

#include "base/status.h"
#include "signatures/hash_set.h"

struct hash_names;

/* Errors: ASSAY_ERR_NOMEM. */
CHECKED status hash_names_new(struct hash_names **ret_names);
void hash_names_free(struct hash_names *names);
DEFINE_CLEANUP(struct hash_names, hash_names_free);

/* The place of a name, of at most HASH_NAME_MAX bytes; *ret_is_new when it has just got it. Places
 * follow each other without a gap, and a name takes its bytes and one. */
uint64_t hash_names_place(struct hash_names *names, struct assay_bytes name, bool *ret_is_new);
/* Bytes that all places take. */
uint64_t hash_names_size(const struct hash_names *names);

#endif
