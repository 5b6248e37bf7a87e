#include "inspect/libraries.h"

#include "signatures/rules.h"

void inspect_libraries(struct inspect_library ret_libraries[INSPECT_LIBRARY_COUNT])
{
    struct unpack_library unpackers[UNPACK_LIBRARY_COUNT];
    unpack_libraries(unpackers);
    ret_libraries[0] = (struct inspect_library){"libyara", rules_engine_version()};
    for (size_t i = 0; i < UNPACK_LIBRARY_COUNT; i++)
        ret_libraries[i + 1] = (struct inspect_library){unpackers[i].name, unpackers[i].version};
}
