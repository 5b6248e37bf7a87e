/*
 * engine_build: which libyara this process runs with, to the byte. The version that a header says is
 * that of the build; the library may have been replaced since, by one with a mended compiler.
 */
#ifndef SIGNATURES_ENGINE_BUILD_H
#define SIGNATURES_ENGINE_BUILD_H

#include "base/view.h"

/* The build ID that the linker gave the library (or the program, when libyara is part of it); empty
 * when it has none. */
struct view engine_build_id(void);

#endif
