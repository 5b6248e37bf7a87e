/*
 * filetype: what rules written for LOKI and its like know as the external variable `filetype`, a
 * word for the magic at the start of a file: "EXE", "ELF", "ZIP". Scripts are told by their first
 * bytes alone. A hint for rules that ask for it; what is unpacked is decided elsewhere.
 */
#ifndef SIGNATURES_FILETYPE_H
#define SIGNATURES_FILETYPE_H

#include "base/view.h"

/* A static string; "" when nothing is known. Looks at a bounded number of bytes. */
const char *filetype_of(struct view view);

#endif
