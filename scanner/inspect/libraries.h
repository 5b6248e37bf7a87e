/* libraries: the libraries that read and match. */
#ifndef INSPECT_LIBRARIES_H
#define INSPECT_LIBRARIES_H

#include "unpack/libraries.h"

#define INSPECT_LIBRARY_COUNT (UNPACK_LIBRARY_COUNT + 1)

struct inspect_library {
    const char *name;
    const char *version; /* of the library that is loaded; static text */
};

/* Loads what libraries load on first use: afterwards they need no files. Errors: ASSAY_ERR_ENGINE,
 * ASSAY_ERR_NOMEM. */
CHECKED status inspect_warm_up(void);

void inspect_libraries(struct inspect_library ret_libraries[INSPECT_LIBRARY_COUNT]);

#endif
