/*
 * probe: is this really compressed by that codec? Decodes the first few hundred bytes of it, for
 * formats whose magic alone may be chance. Pure, O(1).
 */
#ifndef UNPACK_PROBE_H
#define UNPACK_PROBE_H

#include "unpack/codec.h"

#define PROBE_INPUT 512 /* bytes that are tried */

/* True when the data decode to at least 64 bytes, or end well before. */
bool probe(const struct codec *codec, struct view input);

/* True when all the data that are tried decode without an error, and end where the input ends. For
 * codecs that give something for nearly any bytes, but not for long. */
bool probe_through(const struct codec *codec, struct view input);

/* True when the data that are tried decode without an error, up to their end if that is among
 * them, whatever follows there. */
bool probe_front(const struct codec *codec, struct view input);

#endif
