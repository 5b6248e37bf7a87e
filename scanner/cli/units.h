/* units: numbers as people write them. */
#ifndef CLI_UNITS_H
#define CLI_UNITS_H

#include <time.h>

#include "base/status.h"

/* "4096", "64K", "1.5G", "2TiB": bytes, powers of 1024. False when it is none. */
bool units_parse_size(const char *text, uint64_t *ret_bytes);
/* A whole number from minimum to maximum. */
bool units_parse_number(const char *text, uint64_t minimum, uint64_t maximum, uint64_t *ret_number);
/* "90", "90s", "2m", "1h": seconds. */
bool units_parse_seconds(const char *text, uint64_t *ret_seconds);
/* A point in time: "@1700000000", "2026-11-23", "2026-11-23T18:00:00" (local, or UTC with a final
 * Z), or how long before `now`: "36h", "7d". */
bool units_parse_time(const char *text, time_t now, struct timespec *ret_time);

#endif
