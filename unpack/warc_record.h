/*
 * warc_record: one record of a web archive: a line with the version, lines of names and values, an
 * empty line, and a block of so many bytes; and the HTTP message that such a block may be.
 *
 * Source: ISO 28500, "WARC file format" 1.0 and 1.1; the drafts from 0.17 on. RFC 9112.
 */
#ifndef UNPACK_WARC_RECORD_H
#define UNPACK_WARC_RECORD_H

#include "base/view.h"

struct warc_record {
    struct view fields; /* lines of names and values */
    uint64_t block;     /* offset of the block */
    bool has_size;
    uint64_t size; /* of the block, as it says */
};

/* True when the first line of a record stands at `offset`. */
bool warc_is_record(struct view input, uint64_t offset);

/* The next record at or behind `offset` that begins a line; the size of the input when there is
 * none. */
uint64_t warc_find_record(struct view input, uint64_t offset);

/* Reads the record at `offset`. False when its head does not end before the next record begins. */
bool warc_read_record(struct view input, uint64_t offset, struct warc_record *ret_record);

/* The value of the first field of that name in lines of `name: value`, without blanks around it;
 * empty when there is none. Upper and lower case of names are the same. */
struct view warc_field(struct view fields, const char *name);

/* True when the value is, or is a list that has, this word; upper and lower case are the same. */
bool warc_has_word(struct view value, const char *word);

/* Steps behind the empty line that ends lines of fields from *offset on. False when there is none;
 * *offset stands at the end of the input then, or where a record begins. */
bool warc_skip_fields(struct view input, uint64_t *offset);

#endif
