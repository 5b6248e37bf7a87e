/*
 * rar_survey: what libarchive passes over in RAR archives without a word. It gives the bytes of
 * encrypted files as if they were plain, does not compare check sums of stored files, and takes a
 * file with the name of the one before it as more of that.
 *
 * Sources: technote.txt of RAR 4; the RAR 5.0 archive format.
 */
#ifndef UNPACK_RAR_SURVEY_H
#define UNPACK_RAR_SURVEY_H

#include "unpack/unpacker.h"

/* Goes over all blocks of the archive at the front of the input, as far as they are sound, and notes
 * what is to be said, each once. Linear. */
void rar4_survey(struct view archive, struct unpack_env *env);
void rar5_survey(struct view archive, struct unpack_env *env);

/* A number of RAR 5: 7 bits a byte, the lowest first. False when it does not end. */
bool rar5_read_number(struct view input, uint64_t *offset, uint64_t *ret_number);

#endif
