/*
 * sfx: where a program ends and what was put behind it begins: self-extracting archives. Pure,
 * reads a few fixed places. Sources: Microsoft PE/COFF specification, ELF gABI.
 */
#ifndef UNPACK_SFX_H
#define UNPACK_SFX_H

#include "base/view.h"

/* The offset behind the sections of a PE file or the section table of an ELF file; 0 when the input
 * is neither, or has nothing there. */
uint64_t sfx_program_end(struct view input);

/* What begins with `magic` soon behind the end of a program; empty when there is none. A little
 * text may stand between (7z puts its settings there). */
struct view sfx_find(struct view input, const char *magic, size_t magic_size);

#endif
