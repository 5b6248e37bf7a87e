/*
 * named: a database as the verbs that look into one let people name it: the path of a bundle, a SERIAL
 * or NAME:SERIAL that is installed, NAME for its current version, or "builtin".
 */
#ifndef CLI_DB_NAMED_H
#define CLI_DB_NAMED_H

#include "cli/db/opened.h"
#include "cli/places.h"

struct named {
    struct opened opened;            /* fd -1: it is the built-in one */
    const struct bundle_file *files; /* sorted by name */
    size_t count;
    struct bundle_file *builtin;        /* what files is then */
    char label[MANIFEST_NAME_MAX + 32]; /* "community 57" */
};

#define NAMED_NONE ((struct named){.opened = OPENED_NONE})

/* Errors: ASSAY_ERR_ARGUMENT (there is no such database), and as opened_read. */
CHECKED status named_open(const struct places *places, const char *text, struct error *error,
                          struct named *ret_named);
void named_release(struct named *named);

/* Called for each current database of the stores, or for the built-in one when there is none, until it
 * returns an error. */
CHECKED status named_each(const struct places *places, struct error *error,
                          status (*look)(void *context, const struct named *named), void *context);

#endif
