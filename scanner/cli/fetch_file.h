/* fetch_file: a file of this machine, copied within the bounds of a download. */
#ifndef CLI_FETCH_FILE_H
#define CLI_FETCH_FILE_H

#include "cli/fetch.h"

/* As fetch() does it for paths. */
CHECKED status fetch_file(const struct fetch_options *options, const char *path, int fd,
                          struct error *error);

#endif
