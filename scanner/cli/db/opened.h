/*
 * opened: a bundle that was unpacked, and what became of the question whom it comes from. Unpacking is
 * done by a process that can do nothing else; the manifest is only parsed once somebody trusted has
 * signed it, or when the caller does without.
 */
#ifndef CLI_DB_OPENED_H
#define CLI_DB_OPENED_H

#include "signatures/database/bundle.h"
#include "signatures/database/trust.h"

struct opened {
    int fd; /* of the unpacked bundle, which has no name */
    struct view tar;
    struct bundle *bundle;
    struct manifest manifest;
    uint8_t digest[32]; /* of the manifest: the digest of the database */
    char digest_text[65];
    struct trust_signers signers; /* none: nobody vouches for it */
};

#define OPENED_NONE ((struct opened){.fd = -1})

/* Whether a bundle that nobody trusted has signed will do. */
enum opened_trust { OPENED_SIGNED_ONLY, OPENED_UNSIGNED_TOO };

/* Opens the bundle at `path`, and checks that every file is what the manifest says. trust NULL: who
 * signed it is not looked at. A signature by a trusted key that is wrong is an error in any case.
 * Errors: those of its parts; error names the path and says what to do. */
CHECKED status opened_read(const char *path, const struct trust *trust, enum opened_trust required,
                           struct error *error, struct opened *ret_opened);
/* The same for an open file; `label` is what it is called. */
CHECKED status opened_read_fd(int fd, const char *label, const struct trust *trust,
                              enum opened_trust required, struct error *error,
                              struct opened *ret_opened);
void opened_release(struct opened *opened);

/* "signed by ID, ID" or "unsigned". */
CHECKED status opened_trust_text(const struct opened *opened, struct buffer *out);

#endif
