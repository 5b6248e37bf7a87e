/*
 * fields: the integers, texts and byte strings that messages are made of. A reader remembers its
 * first failure, so that a message is decoded in one go and checked once, at the end.
 */
#ifndef POOL_FIELDS_H
#define POOL_FIELDS_H

#include "base/buffer.h"

/* Appending. Errors: ASSAY_ERR_NOMEM. */
CHECKED status field_put_u32(struct buffer *out, uint32_t value);
CHECKED status field_put_u64(struct buffer *out, uint64_t value);
CHECKED status field_put_bytes(struct buffer *out, struct assay_bytes bytes);
CHECKED status field_put_text(struct buffer *out, const char *text); /* NULL is "" */

struct field_reader {
    struct view payload;
    uint64_t at;
    bool failed;
};

/* Reading. After a failure each gives 0, "" or no bytes. */
uint32_t field_u32(struct field_reader *reader);
uint64_t field_u64(struct field_reader *reader);
struct assay_bytes field_bytes(struct field_reader *reader);
const char *field_text(struct field_reader *reader);
/* A number below `end`. */
uint32_t field_below(struct field_reader *reader, uint32_t end);
/* A count of things that take at least `each` bytes, so that no more room is made than was sent. */
uint32_t field_count(struct field_reader *reader, uint32_t each);

/* ASSAY_ERR_CORRUPT when any read failed or bytes are left over. */
CHECKED status field_finish(const struct field_reader *reader);

#endif
