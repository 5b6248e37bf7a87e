/* password_file: a list of passwords that a person wrote, one a line. */
#ifndef CLI_PASSWORD_FILE_H
#define CLI_PASSWORD_FILE_H

#include "base/buffer.h"

#define PASSWORD_FILE_BYTES (1u << 20)
#define PASSWORDS_MAX       10000

struct passwords {
    struct buffer text; /* the file; the list points into it */
    struct assay_bytes *list;
    size_t count;
};

/* Reads the file; a password may be any bytes but those that end a line, LF or CR LF. Empty lines
 * are none. Errors: ASSAY_ERR_IO, ASSAY_ERR_LIMIT (too long, too many), ASSAY_ERR_NOMEM; error says
 * more. `passwords` is all zero before, and released by the caller in any case. */
CHECKED status password_file_read(const char *path, struct error *error,
                                  struct passwords *passwords);
void passwords_release(struct passwords *passwords);

#endif
