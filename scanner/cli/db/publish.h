/* publish: what a publisher puts beside files: signatures, and the index of a channel. */
#ifndef CLI_DB_PUBLISH_H
#define CLI_DB_PUBLISH_H

#include "signatures/database/minisign.h"

/* Writes PATH.minisig. */
CHECKED status publish_signature(const char *path, const struct minisign_secret_key *key,
                                 struct error *error);

/* Copies the bundle into the channel's directory, then makes NAME.channel there say that it is the
 * newest, and signs that. A channel that is newer already is an error. */
CHECKED status publish_bundle(const char *path, const char *directory,
                              const struct minisign_secret_key *key, struct error *error);

#endif
