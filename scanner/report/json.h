/*
 * json: building one JSON value for a line of output, on libjansson. Values are stolen by the
 * functions that take them, also when they fail, so a failed allocation anywhere is one status.
 */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include <jansson.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/status.h"

DEFINE_CLEANUP(json_t, json_decref);

/* What is kept between values, to allocate little. Start from zero; json_scratch_release. */
struct json_scratch {
    struct buffer text;
    bool unsafe; /* a verbatim string may drive a terminal: json_line then writes ASCII only */
};
void json_scratch_release(struct json_scratch *scratch);

/* Adds under the key; NULL for value is a failed allocation. Errors: ASSAY_ERR_NOMEM. */
CHECKED status json_put(json_t *object, const char *key, json_t *value);
CHECKED status json_push(json_t *array, json_t *value);

/* Adds an empty list or object and gives it, borrowed. Errors: ASSAY_ERR_NOMEM. */
CHECKED status json_put_list(json_t *object, const char *key, json_t **ret_list);
CHECKED status json_put_object(json_t *object, const char *key, json_t **ret_object);

/* NULL when memory is out, for json_put. */

/* A number; 2^63 and more become 2^63-1, the largest that readers agree on. */
json_t *json_number(uint64_t value);
/* text_escape'd: for names and words that people will see. NULL counts as "". */
json_t *json_escaped(struct json_scratch *scratch, struct assay_bytes bytes);
json_t *json_word(struct json_scratch *scratch, const char *text);
/* As it is, when it is UTF-8; otherwise text_escape'd. For values whose bytes matter. */
json_t *json_verbatim(struct json_scratch *scratch, const char *text);
json_t *json_hex(struct json_scratch *scratch, struct assay_bytes bytes);
json_t *json_base64(struct json_scratch *scratch, struct assay_bytes bytes);

/* Adds under `name` (escaped); when that is taken, under name#2, name#3 and so on.
 *   seen   an object of the caller's that counts names; one for each object filled this way */
CHECKED status json_put_repeated(struct json_scratch *scratch, json_t *object, json_t *seen,
                                 const char *name, json_t *value);

/* Appends the value on one line, with the newline. Errors: ASSAY_ERR_NOMEM. */
CHECKED status json_line(struct json_scratch *scratch, const json_t *value, struct buffer *out);

#endif
