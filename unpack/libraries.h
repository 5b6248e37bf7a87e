/* libraries: which versions of the codec libraries are in use. */
#ifndef UNPACK_LIBRARIES_H
#define UNPACK_LIBRARIES_H

#define UNPACK_LIBRARY_COUNT 7

struct unpack_library {
    const char *name;
    const char *version; /* of the library that is loaded, if it tells; static text */
};

void unpack_libraries(struct unpack_library ret_libraries[UNPACK_LIBRARY_COUNT]);

#endif
