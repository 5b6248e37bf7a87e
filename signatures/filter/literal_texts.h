/* literal_texts: literals, sorted, and each of those that are equal once. */
#ifndef FILTER_LITERAL_TEXTS_H
#define FILTER_LITERAL_TEXTS_H

#include "signatures/filter/literal_format.h"
#include "signatures/filter/literal_set.h"

struct literal_texts {
    struct literal_text *texts;
    size_t count;
    uint32_t *numbers; /* of all literals */
};

/* Errors: ASSAY_ERR_NOMEM, ASSAY_ERR_ARGUMENT. */
CHECKED status literal_texts_make(const struct literal *literals, size_t count,
                                  struct literal_texts *ret_texts);
void literal_texts_release(struct literal_texts *texts);

#endif
