/*
 * key_code: what is certain about the bytes that compiled code of libyara matches from some instruction
 * on, whichever way is taken through it. The code is that of yara/re.h; its operands were found by
 * compiling and looking, and are held to it by tests:
 *
 *     LITERAL b              CLASS negated bitmap[32]       JUMP to16
 *     MASKED_LITERAL b mask  REPEAT_ANY_x min16 max16       SPLIT_x id to16
 *                            REPEAT_START_x, REPEAT_END_x min16 max16 to32
 *
 * Targets are relative to their instruction. Whatever else is met ends the walk.
 */
#ifndef FILTER_KEY_CODE_H
#define FILTER_KEY_CODE_H

#include "base/view.h"
#include "signatures/filter/key_spots.h"

/* Appends what is certain of the bytes, in the order in which the code meets them. Ends, and stays
 * inside of the code, whatever it holds. */
void key_code_walk(struct view code, uint64_t start, bool any_case, struct key_spots *spots);

#endif
