#include "inspect/libraries.h"

#include "signatures/digest.h"
#include "signatures/rules.h"

status inspect_warm_up(void)
{
    uint8_t digest[32];
    TRY(digest_sha256((struct view){NULL, 0}, digest));
    return unpack_warm_up();
}

void inspect_libraries(struct inspect_library ret_libraries[INSPECT_LIBRARY_COUNT])
{
    struct unpack_library unpackers[UNPACK_LIBRARY_COUNT];
    unpack_libraries(unpackers);
    ret_libraries[0] = (struct inspect_library){"libyara", rules_engine_version()};
    for (size_t i = 0; i < UNPACK_LIBRARY_COUNT; i++)
        ret_libraries[i + 1] = (struct inspect_library){unpackers[i].name, unpackers[i].version};
}
