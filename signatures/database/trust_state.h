/* trust_state: what trust_load makes, for the files that make and ask it. */
#ifndef DATABASE_TRUST_STATE_H
#define DATABASE_TRUST_STATE_H

#include "signatures/database/trust.h"
#include "signatures/database/trust_ini.h"

struct trusted_key {
    char *path;
    char id[MINISIGN_ID_TEXT];
    struct minisign_public_key key;
};

struct trust {
    struct trusted_key keys[TRUST_KEYS_MAX];
    size_t count;
    struct trust_ini *inis; /* one for each directory, empty without a file */
    char **directories;     /* for words */
    size_t directory_count;
    unsigned required;
};

#endif
