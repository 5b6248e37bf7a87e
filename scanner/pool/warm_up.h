/* warm_up: what libraries load on first use, loaded before the sandbox closes. */
#ifndef POOL_WARM_UP_H
#define POOL_WARM_UP_H

#include "base/status.h"

/* Locale, time zone, the character sets of archive member names, and libcrypto. */
CHECKED status warm_up(void);

#endif
