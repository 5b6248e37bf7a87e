/*
 * human: numbers the way people read them. English words, no locale, so that output is the same
 * everywhere. All append; the only error is ASSAY_ERR_NOMEM.
 */
#ifndef REPORT_HUMAN_H
#define REPORT_HUMAN_H

#include "base/buffer.h"

/* 1234567 as "1,234,567". */
CHECKED status human_number(struct buffer *out, uint64_t value);

/* "1 file", "1,234 files": a number and its noun in the right form. */
CHECKED status human_count(struct buffer *out, uint64_t value, const char *one, const char *many);

/* "512 bytes", "1.2 GiB": binary units. */
CHECKED status human_bytes(struct buffer *out, uint64_t bytes);

/* "0.4 s", "12.3 s", "2 min 5 s", "1 h 2 min". */
CHECKED status human_duration(struct buffer *out, double seconds);

#endif
