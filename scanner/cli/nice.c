#include "cli/nice.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/ioprio.h, which Debian 12's headers have only for the kernel. */
#define IO_WHO_PROCESS 1
#define IO_CLASS_IDLE  (3 << 13)

void nice_be(void)
{
    struct sched_param parameters = {.sched_priority = 0};
    int refused = setpriority(PRIO_PROCESS, 0, 19);
    refused |= sched_setscheduler(0, SCHED_IDLE, &parameters);
    refused |= (int)syscall(SYS_ioprio_set, IO_WHO_PROCESS, 0, IO_CLASS_IDLE);
    (void)refused;
}
