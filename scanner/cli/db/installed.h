/* installed: what an installed database says about itself, and how old it is by now. */
#ifndef CLI_DB_INSTALLED_H
#define CLI_DB_INSTALLED_H

#include "signatures/database/manifest.h"
#include "signatures/database/minisign.h"
#include "signatures/database/store.h"

struct installed {
    struct store_version version;
    struct manifest manifest;
    uint8_t digest[32]; /* of the manifest */
    char digest_text[65];
    char *created;    /* as the manifest has it */
    char *trust;      /* "signed:ID,ID" or "unsigned" */
    int64_t age_days; /* since it was made */
    bool has_expired;
};

/* Errors: ASSAY_ERR_IO, ASSAY_ERR_CORRUPT (a part is missing or damaged: install it again),
 * ASSAY_ERR_NOMEM; error says more. */
CHECKED status installed_read(struct store *store, const struct store_version *version,
                              struct error *error, struct installed *ret_installed);
/* The same for a manifest from elsewhere. `ids` of the keys that signed; `now` in seconds. */
CHECKED status installed_describe(struct view manifest, const char (*ids)[MINISIGN_ID_TEXT],
                                  size_t count, int64_t now, struct error *error,
                                  struct installed *ret_installed);
void installed_release(struct installed *installed);

#endif
