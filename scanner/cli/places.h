/* places: where databases and the keys that vouch for them are kept. */
#ifndef CLI_PLACES_H
#define CLI_PLACES_H

#include "base/buffer.h"
#include "base/cleanup.h"

#define PLACES_SYSTEM_STORE "/var/lib/assay"
#define PLACES_SYSTEM_TRUST "/etc/assay"

struct places {
    char *stores[2]; /* that a scan looks into: the user's own first, then the system's */
    size_t store_count;
    const char *own_store; /* the one that this user installs into; NULL: there is no home */
    char *trust[2];        /* directories of keys, see signatures/database/trust.h */
    size_t trust_count;
};

/* Those of this user: $XDG_DATA_HOME/assay and $XDG_CONFIG_HOME/assay besides the system's. Root has
 * the system's only: what root believes must not depend on an environment. `store` and `trust`
 * replace all of them; NULL: they do not. Errors: ASSAY_ERR_NOMEM. */
CHECKED status places_find(const char *store, const char *trust, struct places *ret_places);
void places_release(struct places *places);

#endif
