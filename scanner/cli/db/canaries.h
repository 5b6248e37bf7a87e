/* canaries: what every database must find, and harmless files that none may. */
#ifndef CLI_DB_CANARIES_H
#define CLI_DB_CANARIES_H

#include "base/view.h"

struct canary {
    const char *name;
    struct view bytes;
};

#define CANARY_EICAR_SIZE 69

/* The EICAR test file, put together in `room`, so that no program or source has it in it. */
struct canary canary_eicar(char room[CANARY_EICAR_SIZE]);

const struct canary *canary_list(size_t *ret_count);

#endif
