/* child: what a forked process does first, so that it has nothing of its parent's but what it needs. */
#ifndef POOL_CHILD_H
#define POOL_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The parent decides when to stop, also when a terminal or a service manager signals everybody. */
void child_ignore_signals(void);

/* Nothing of the parent's stays open but these descriptors, which become 3, 4 and so on: not its
 * reports, not its directories, not its terminal. Sanitizers keep standard error to report to. False:
 * there was no room to move one. */
bool child_keep_only(int *const kept[], size_t count);

/* Bytes of address space in use, out of the open /proc/self/statm; 0 when it is not known. */
uint64_t child_address_space(int statm);

#endif
