/* channel: the newest bundle of a publisher, from a server or from a directory. */
#ifndef CLI_DB_CHANNEL_H
#define CLI_DB_CHANNEL_H

#include "cli/db/installing.h"

/* "https:" and "file:"; anything else is a path. */
bool channel_is_url(const char *text);

/* Brings what the URL names and installs it: NAME.channel is an index, which must be signed and names
 * the newest bundle beside it; anything else is a bundle itself. An interrupted download of an index's
 * bundle goes on where it was. ca_file NULL: the system's certificates. */
CHECKED status channel_install(const struct installing_options *options, const char *url,
                               const char *ca_file, struct error *error);

#endif
