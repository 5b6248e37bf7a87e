#include "pool/open_files.h"

/* Standard streams, sockets and the like that are open whatever the number of workers. */
#define ALWAYS_OPEN 8
/* A socket and a pidfd. */
#define EACH_WORKER 2

struct open_files open_files_share(uint64_t limit, unsigned jobs)
{
    uint64_t share = limit > ALWAYS_OPEN ? (limit - ALWAYS_OPEN) / 2 : 0;
    uint64_t workers = share / (UINT64_C(2) * EACH_WORKER);
    if (workers > jobs)
        workers = jobs;
    if (workers == 0)
        workers = 1;
    uint64_t tasks = share > workers * EACH_WORKER ? share - workers * EACH_WORKER : 1;
    return (struct open_files){(unsigned)workers, (size_t)tasks};
}
