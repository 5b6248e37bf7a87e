/*
 * frames: what the heads of Zstandard and LZ4 frames say, read without their libraries. Sources:
 * RFC 8878 section 3.1, lz4_Frame_format.md. Pure.
 */
#ifndef UNPACK_FRAMES_H
#define UNPACK_FRAMES_H

#include "base/view.h"

/* True when the head of an LZ4 frame is sound, by its check sum, and so are the sizes of its first
 * two blocks, as far as they are there. */
bool lz4_is_sound(struct view input);

/* True when a Zstandard frame begins here with a head and blocks that make sense, up to the first
 * compressed block, the end of the frame, or so many blocks that it is no chance. *ret_end is where
 * that ends: decoding up to there shows more; *ret_has_end, that it is the end of the frame. */
bool zstd_is_sound(struct view input, uint64_t *ret_end, bool *ret_has_end);

/* Bytes of the skippable frame (of either format) at `offset`, its head included, whether or not
 * they are all there; 0 when there is none. */
uint64_t frames_skippable_size(struct view input, uint64_t offset);

/* Steps over skippable frames from `offset` on, at most `most` of them. */
uint64_t frames_skip(struct view input, uint64_t offset, unsigned most);

/* True when a Zstandard frame of a format before 0.8 begins here. */
bool zstd_is_legacy(struct view input);

/* The bytes of window that decoding the Zstandard frame here will hold. False when there is no such
 * frame, or its head is cut short. */
bool zstd_window(struct view input, uint64_t *ret_window);

#endif
