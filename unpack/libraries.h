/* libraries: the libraries that readers stand on. */
#ifndef UNPACK_LIBRARIES_H
#define UNPACK_LIBRARIES_H

#include "base/status.h"

#define UNPACK_LIBRARY_COUNT 7

struct unpack_library {
    const char *name;
    const char *version; /* of the library that is loaded, if it tells; static text */
};

/* Has libcrypto load the algorithms that readers use. Errors: ASSAY_ERR_NOMEM. */
CHECKED status unpack_warm_up(void);

void unpack_libraries(struct unpack_library ret_libraries[UNPACK_LIBRARY_COUNT]);

#endif
