/*
 * trust_ini: the text of a trust.ini, as trust.h shows it. What it does not know is an error, as a
 * limit that is misspelt would be none.
 */
#ifndef DATABASE_TRUST_INI_H
#define DATABASE_TRUST_INI_H

#include "base/status.h"
#include "base/view.h"
#include "signatures/database/minisign.h"

#define TRUST_INI_MAX      (64U << 10)
#define TRUST_REQUIRED_MAX 64

/* A key may sign this database; keys that have none of these may sign all. */
struct trust_limit {
    char id[MINISIGN_ID_TEXT];
    char *name;
};

struct trust_ini {
    unsigned required; /* 0: not said */
    struct trust_limit *limits;
    size_t count;
};

/* `path` is for words. Errors: ASSAY_ERR_CORRUPT, ASSAY_ERR_NOMEM. The struct is all zero before, and
 * released by the caller in any case. */
CHECKED status trust_ini_parse(struct view text, const char *path, struct error *error,
                               struct trust_ini *ret_ini);
void trust_ini_release(struct trust_ini *ini);

bool trust_ini_allows(const struct trust_ini *ini, const char *id, const char *name);

#endif
