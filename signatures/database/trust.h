/*
 * trust: the public keys that may sign databases on this machine, and how many have to.
 *
 * A directory of trust (/etc/assay; for a user also $XDG_CONFIG_HOME/assay) has keys/NAME.pub, and may
 * have trust.ini:
 *
 *     signatures_required = 2        ; of different keys; default 1
 *     [key CF82E245BC0F42DD]         ; the id that stands in the first line of NAME.pub
 *     databases = community, lab     ; the key counts for these names only; default: all
 *
 * What somebody other than root and this user could have written is not trusted (safe_open.h). A key
 * is the same key only if its id and its bytes are: one secret key never counts as two signers.
 */
#ifndef DATABASE_TRUST_H
#define DATABASE_TRUST_H

#include "base/cleanup.h"
#include "signatures/database/minisign.h"

#define TRUST_KEYS_MAX 64

struct trust;

/* The keys whose signatures were right, each once. */
struct trust_signers {
    char ids[TRUST_KEYS_MAX][MINISIGN_ID_TEXT];
    size_t count;
};

/* Reads the directories, in this order; the highest signatures_required holds. A section of one
 * trust.ini limits the key in whichever directory it lies; with sections in several, all hold. A
 * directory that does not exist has no keys. Errors: ASSAY_ERR_IO, ASSAY_ERR_ARGUMENT (a file is not
 * safe; error names it and says what to do), ASSAY_ERR_CORRUPT (it is no key), ASSAY_ERR_NOMEM. */
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
 * ASSAY_ERR_CORRUPT (a wrong or malformed signature), ASSAY_ERR_UNSUPPORTED (one in the legacy
 * format), ASSAY_ERR_ARGUMENT (no trusted key signed it; error says which keys did, and how to trust
 * one), ASSAY_ERR_ENGINE. */
CHECKED status trust_verify(const struct trust *trust, struct view message,
                            const struct view *signatures, size_t count, struct error *error,
                            struct trust_signers *ret_signers);

/* Whether enough of these signers are trusted and may sign a database of this name. Errors: ASSAY_ERR_ARGUMENT. */
CHECKED status trust_allows(const struct trust *trust, const struct trust_signers *signers,
                            const char *name, struct error *error);

/* The same for the index of a channel, for which one of them is enough: what it points to needs all of
 * its own. */
CHECKED status trust_allows_index(const struct trust *trust, const struct trust_signers *signers,
                                  const char *name, struct error *error);

#endif
