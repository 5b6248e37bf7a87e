/* option_kinds: setters for the usual kinds of option values; see struct option_row. */
#ifndef CLI_OPTION_KINDS_H
#define CLI_OPTION_KINDS_H

#include "base/status.h"

/* Borrowed texts in the order they were given. */
struct text_list {
    const char **items;
    size_t count;
};

CHECKED status option_set_flag(void *field, const char *value, struct error *error); /* bool */
CHECKED status option_set_text(void *field, const char *value, struct error *error); /* char * */
CHECKED status option_set_size(void *field, const char *value, struct error *error); /* uint64_t */
CHECKED status option_add_text(void *field, const char *value, struct error *error); /* text_list */

/* For setters of whole numbers within bounds. */
CHECKED status option_number(const char *value, uint64_t minimum, uint64_t maximum,
                             struct error *error, uint64_t *ret_number);

#endif
