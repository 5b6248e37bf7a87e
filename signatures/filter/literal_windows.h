/* literal_windows: where in a text it is looked for, so that little in data looks alike. */
#ifndef FILTER_LITERAL_WINDOWS_H
#define FILTER_LITERAL_WINDOWS_H

#include "base/status.h"
#include "signatures/filter/literal_format.h"

#include <stddef.h>

struct literal_window {
    uint32_t hash;
    uint32_t text;
    uint8_t class, offset, any_case;
};

/* How many windows there can be. */
static inline size_t literal_windows_most(size_t texts)
{
    return texts * LITERAL_STRIDE_MAX;
}

/* In the order of the texts. `ret_windows` has room for as many as there can be. Errors:
 * ASSAY_ERR_NOMEM. */
CHECKED status literal_windows_choose(const struct literal_text *texts, size_t count,
                                      struct literal_window *ret_windows, size_t *ret_count);

#endif
