/*
 * minisign_text: the lines that keys and signatures are made of. `what` is what the text should be
 * ("public key"), for the words of errors, which are all ASSAY_ERR_CORRUPT.
 */
#ifndef DATABASE_MINISIGN_TEXT_H
#define DATABASE_MINISIGN_TEXT_H

#include "signatures/database/minisign.h"

#define MINISIGN_UNTRUSTED "untrusted comment: "
#define MINISIGN_TRUSTED   "trusted comment: "

struct minisign_text {
    struct view rest; /* what was not read yet */
    const char *what;
    struct error *error;
};

CHECKED status minisign_text_open(struct view text, const char *what, struct error *error,
                                  struct minisign_text *ret_text);
/* The next line begins with the prefix; gives what is behind it. */
CHECKED status minisign_text_comment(struct minisign_text *text, const char *prefix,
                                     struct assay_bytes *ret_comment);
/* The next line is the base64 of exactly so many bytes, which is the only one they have. */
CHECKED status minisign_text_bytes(struct minisign_text *text, uint8_t *ret_bytes, size_t size);
CHECKED status minisign_text_end(const struct minisign_text *text);

#endif
