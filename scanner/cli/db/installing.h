/* installing: from a bundle in an open file to the database that scans use, or an error and nothing
 * changed. */
#ifndef CLI_DB_INSTALLING_H
#define CLI_DB_INSTALLING_H

#include "cli/places.h"
#include "signatures/database/channel.h"

struct installing_options {
    const char *store; /* NULL: this user's */
    const char *trust; /* NULL: the machine's, and this user's */
    bool allow_unsigned;
    bool allow_rollback;                  /* a serial lower than one that was here */
    uint64_t keep;                        /* versions that stay, the new one included */
    const struct channel_index *promised; /* what a channel says it is; NULL: anything */
};

/* The rows of these options for the table of a verb whose target begins with them. */
#define INSTALLING_ROWS                                                                            \
    {"store",                                                                                      \
     0,                                                                                            \
     "DIR",                                                                                        \
     "where databases are kept (default: /var/lib/assay; a user's own if not root)",               \
     option_set_text,                                                                              \
     offsetof(struct installing_options, store),                                                   \
     false},                                                                                       \
        {"trust",                                                                                  \
         0,                                                                                        \
         "DIR",                                                                                    \
         "the keys to believe: DIR/keys/*.pub (default: /etc/assay; a user's own, too)",           \
         option_set_text,                                                                          \
         offsetof(struct installing_options, trust),                                               \
         false},                                                                                   \
        {"allow-unsigned",                                                                         \
         0,                                                                                        \
         NULL,                                                                                     \
         "take a bundle that nobody trusted has signed",                                           \
         option_set_flag,                                                                          \
         offsetof(struct installing_options, allow_unsigned),                                      \
         true},                                                                                    \
        {"allow-rollback",                                                                         \
         0,                                                                                        \
         NULL,                                                                                     \
         "take one that is older than one that was here",                                          \
         option_set_flag,                                                                          \
         offsetof(struct installing_options, allow_rollback),                                      \
         true},                                                                                    \
    {                                                                                              \
        "keep", 0, "N", "versions that stay, for `assay db rollback` (default: 3)",                \
            installing_set_keep, offsetof(struct installing_options, keep), false                  \
    }

CHECKED status installing_set_keep(void *field, const char *value, struct error *error);

#define INSTALLING_DEFAULTS ((struct installing_options){.keep = 3})

/* Checks everything, tries the rules, and switches to the new database; says what it did. `label` is
 * what the file is called. Errors: error says which check failed, and what to do. */
CHECKED status installing_run(const struct installing_options *options, int fd, const char *label,
                              struct error *error);

#endif
