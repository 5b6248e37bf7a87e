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

enum zstd_descriptor {
    ZSTD_DICTIONARY = 3,          /* how long its number is */
    ZSTD_CHECK_SUM = 1 << 2,      /* one stands behind the frame */
    ZSTD_RESERVED = 1 << 3,       /* must be 0 */
    ZSTD_SINGLE_SEGMENT = 1 << 5, /* no window is given, the content is it */
};

/* What the head of a Zstandard frame says. */
struct zstd_head {
    uint8_t descriptor;
    uint64_t size;           /* bytes of the head */
    uint64_t window;         /* bytes that decoding holds */
    bool has_content;        /* the size of the content is given */
    uint64_t content;        /* bytes; 0 otherwise */
    uint64_t dictionary;     /* offset of the number of the dictionary */
    uint8_t dictionary_size; /* bytes of that */
};

/* False when no such frame begins here, or its head is cut short. */
bool zstd_parse_head(struct view input, struct zstd_head *ret_head);

/* The bytes of window that the byte in a head stands for. */
uint64_t zstd_window_of(uint8_t byte);

/* The byte that stands for a window of at least that many bytes, or the largest up to `most`. */
uint8_t zstd_window_byte(uint64_t window, uint64_t most);

#endif
