/*
 * trust: the public keys that may sign databases on this machine, and how many have to.
 *
 * A directory of trust (/etc/assay; for a user also $XDG_CONFIG_HOME/assay) has keys/NAME.pub, and may
 * have trust.ini:
 *
 *     signatures_required = 2        ; of different keys; default 1
 *     [key RWQ...the 16 digits of the key's id...]
 *     databases = community, lab     ; the key counts for these names only; default: all
 *
 * What somebody other than root and this user could have written is not trusted: neither a
 * directory, nor a file, nor what leads there by a symbolic link.
 */
#ifndef DATABASE_TRUST_H
#define DATABASE_TRUST_H

#include "base/cleanup.h"
#include "signatures/database/minisign.h"

struct trust;

/* The keys whose signatures were right, each once. */
struct trust_signers {
    char ids[8][MINISIGN_ID_TEXT];
    size_t count;
};

/* Reads the directories, in this order; the highest signatures_required holds, and a key that two of
 * them have is limited by both. One that does not exist has no keys. Errors: ASSAY_ERR_IO,
 * ASSAY_ERR_CORRUPT (a file is no key, or not safe; error names it and says what to do). */
CHECKED status trust_load(const char *const *directories, size_t count, struct error *error,
                          struct trust **ret_trust);
void trust_free(struct trust *trust);
DEFINE_CLEANUP(struct trust, trust_free);

size_t trust_count(const struct trust *trust);
/* The path of the file and the id of each key, for doctor and lists. */
const char *trust_key_path(const struct trust *trust, size_t index);
const struct minisign_public_key *trust_key(const struct trust *trust, size_t index);
unsigned trust_required(const struct trust *trust);

/* Which trusted keys signed `message`: texts of signatures, any number. A signature by a key that is
 * not trusted is passed over, one by a trusted key that is wrong is an error. Errors:
 * ASSAY_ERR_CORRUPT (a wrong or malformed signature), ASSAY_ERR_ARGUMENT (no trusted key signed it;
 * error says which keys did, and how to trust one). */
CHECKED status trust_verify(const struct trust *trust, struct view message,
                            const struct view *signatures, size_t count, struct error *error,
                            struct trust_signers *ret_signers);

/* Whether enough of these signers may sign a database of this name. Errors: ASSAY_ERR_ARGUMENT. */
CHECKED status trust_allows(const struct trust *trust, const struct trust_signers *signers,
                            const char *name, struct error *error);

#endif
