/* Names of what is being made or unmade. */
#include "signatures/database/store_inside.h"

#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

static const char *const kinds[] = {"stage", "state", "current", "old", "new"};

void temporary_name(enum temporary kind, char ret_name[TEMPORARY_NAME])
{
    uint64_t random = 0;
    /* Who cannot have random bytes gets a name that may be taken, which is then said. */
    if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
        random = (uint64_t)getpid();
    snprintf(ret_name, TEMPORARY_NAME, ".%s-%016llx", kinds[kind], (unsigned long long)random);
}

bool is_temporary(const char *name)
{
    for (size_t i = 0; name[0] == '.' && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t length = strlen(kinds[i]);
        if (strncmp(name + 1, kinds[i], length) == 0 && name[1 + length] == '-')
            return strspn(name + length + 2, "0123456789abcdef") == 16 &&
                   name[length + 2 + 16] == 0;
    }
    return false;
}
