#include "cli/owners.h"

#include <pwd.h>
#include <stdio.h>

const char *owners_name(struct owners *owners, uid_t user)
{
    for (size_t i = 0; i < owners->count; i++) {
        if (owners->known[i].user == user)
            return owners->known[i].name;
    }
    size_t place = owners->count;
    if (owners->count < OWNERS_REMEMBERED) {
        owners->count++;
    } else {
        place = owners->oldest;
        owners->oldest = (owners->oldest + 1) % OWNERS_REMEMBERED;
    }
    owners->known[place].user = user;
    char *name = owners->known[place].name;
    const struct passwd *entry = getpwuid(user);
    if (entry)
        snprintf(name, OWNER_NAME_BYTES, "%s", entry->pw_name);
    else
        snprintf(name, OWNER_NAME_BYTES, "%u", (unsigned)user);
    return name;
}
