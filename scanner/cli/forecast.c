#include "cli/forecast.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* In memory that both processes share. */
struct count {
    _Atomic uint64_t bytes; /* set once, at the end */
};

struct forecast {
    struct count *count;
    pid_t pid;
};

static status count_root(struct walk *walk, const char *path, uint64_t *bytes)
{
    struct walk_entry entry = {.fd = -1};
    status step;
    TRY(walk_start(walk, (struct assay_bytes){(const uint8_t *)path, strlen(path)}));
    while ((step = walk_next(walk, &entry)) == ASSAY_OK) {
        if (entry.kind == WALK_FILE)
            *bytes += (uint64_t)entry.stat.st_size;
    }
    return step;
}

static status count_all(char *const *paths, size_t path_count, const struct walk_options *options,
                        uint64_t *ret_bytes)
{
    struct walk_options unopened = *options;
    unopened.count_only = true;
    struct walk *walk cleanup(walk_free_cleanup) = NULL;
    uint64_t bytes = 0;
    TRY(walk_new(&unopened, NULL, &walk));
    for (size_t i = 0; i < path_count; i++)
        TRY(count_root(walk, paths[i], &bytes));
    *ret_bytes = bytes;
    return ASSAY_OK;
}

/* The scan comes first, and decides when both end. */
_Noreturn static void run_child(struct count *count, char *const *paths, size_t path_count,
                                const struct walk_options *options)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    setpriority(PRIO_PROCESS, 0, 10);
    uint64_t bytes;
    if (count_all(paths, path_count, options, &bytes) >= 0)
        atomic_store(&count->bytes, bytes);
    _exit(0);
}

status forecast_new(char *const *paths, size_t path_count, const struct walk_options *options,
                    struct forecast **ret_forecast)
{
    struct forecast *forecast cleanup(forecast_free_cleanup) = calloc(1, sizeof(*forecast));
    if (!forecast)
        return ASSAY_ERR_NOMEM;
    void *shared =
        mmap(NULL, sizeof(struct count), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return ASSAY_ERR_NOMEM;
    forecast->count = shared;
    forecast->pid = fork();
    if (forecast->pid == 0)
        run_child(forecast->count, paths, path_count, options);
    if (forecast->pid < 0)
        return ASSAY_ERR_IO;
    *ret_forecast = steal_pointer(forecast);
    return ASSAY_OK;
}

uint64_t forecast_bytes(const struct forecast *forecast)
{
    return forecast ? atomic_load(&forecast->count->bytes) : 0;
}

void forecast_free(struct forecast *forecast)
{
    if (!forecast)
        return;
    if (forecast->pid > 0) {
        kill(forecast->pid, SIGKILL);
        while (waitpid(forecast->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    if (forecast->count)
        munmap(forecast->count, sizeof(*forecast->count));
    free(forecast);
}
