/* key_file: secret keys on the publisher's disk, and the passwords that lock them. */
#ifndef CLI_DB_KEY_FILE_H
#define CLI_DB_KEY_FILE_H

#include "base/buffer.h"
#include "signatures/database/minisign.h"

/* Reads a password: from `file`, its first line; or, when that is NULL, from the terminal, where it is
 * not shown (twice with `confirm`). Errors: ASSAY_ERR_IO, ASSAY_ERR_ARGUMENT (the two differ; there is
 * no terminal). The caller wipes it (key_password_release). */
CHECKED status key_password_read(const char *file, const char *prompt, bool confirm,
                                 struct error *error, struct buffer *ret_password);
void key_password_release(struct buffer *password);

/* Reads and, with a password, unlocks a key; forget it afterwards. */
CHECKED status key_file_read(const char *path, const char *password_file, struct error *error,
                             struct minisign_secret_key *ret_key);

/* Writes a new file of this mode; one that is there is never replaced. */
CHECKED status key_file_write(const char *path, unsigned mode, const struct buffer *text,
                              struct error *error);

#endif
