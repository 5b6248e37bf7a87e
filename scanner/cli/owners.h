/* owners: names of users, remembered, because the same few own nearly everything. */
#ifndef CLI_OWNERS_H
#define CLI_OWNERS_H

#include <sys/types.h>

#define OWNERS_REMEMBERED 32
#define OWNER_NAME_BYTES  64

struct owners {
    struct {
        uid_t user;
        char name[OWNER_NAME_BYTES];
    } known[OWNERS_REMEMBERED];
    size_t count;
    size_t oldest; /* replaced next when all places are taken */
};

/* The user's name, or its number when it has none. Borrowed until the next call. */
const char *owners_name(struct owners *owners, uid_t user);

#endif
