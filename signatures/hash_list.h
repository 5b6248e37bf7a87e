/*
 * hash_list: the lines of a list of hashes, out of a file of any size. Each is one, ends with a
 * newline, and comes behind the one before it.
 */
#ifndef SIGNATURES_HASH_LIST_H
#define SIGNATURES_HASH_LIST_H

#include "base/status.h"
#include "signatures/hash_set.h"

#define HASH_LIST_ROOM 65536

struct hash_list {
    int fd;
    uint64_t offset; /* of what is read next */
    uint64_t number; /* of the line that was given last */
    size_t begin, end;
    uint8_t room[HASH_LIST_ROOM];
    struct hash_line last; /* with its name in last_name */
    uint8_t last_name[HASH_NAME_MAX];
};

/* Starts at the front of the file. */
void hash_list_start(struct hash_list *list, int fd);
/* The next line, good until the next call; ASSAY_END behind the last. Errors: ASSAY_ERR_CORRUPT (words
 * name the line), ASSAY_ERR_IO. */
CHECKED status hash_list_next(struct hash_list *list, struct error *error,
                              struct hash_line *ret_line);

#endif
