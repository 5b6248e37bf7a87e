/* download: one file, by https, into a target that may have its beginning. */
#ifndef UPDATE_DOWNLOAD_H
#define UPDATE_DOWNLOAD_H

#include "base/buffer.h"
#include "base/updater.h"
#include "update/options.h"
#include "update/target.h"

/* What the server is asked for:
 *   - https alone, also after a redirect, of which there may be five; TLS 1.2 or later; certificate
 *     and name of the host are always checked; no cookies, no passwords, none of the user's files;
 *   - the rest behind what the target has. When the answer is another part, or the whole file, the
 *     target begins anew. Whether both parts are of the same file is for the caller to check, who
 *     knows its digest.
 * authorities: PEM certificates that are trusted instead of the system's; empty: the system's.
 * When a server tells no length, libcurl takes a cut for the end.
 * Returns UPDATER_OK when all that the server announced is in the target, else error has words. */
enum updater_exit download(const struct update_options *options, struct assay_bytes authorities,
                           struct target *target, struct error *error);

#endif
