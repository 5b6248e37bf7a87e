/* manifest_json: the text of a manifest and its JSON values, on libjansson. What is read is bounded
 * before anything is allocated for it, and has one form only. */
#ifndef DATABASE_MANIFEST_JSON_H
#define DATABASE_MANIFEST_JSON_H

#include "base/buffer.h"
#include "base/cleanup.h"

#include <jansson.h>

DEFINE_CLEANUP(json_t, json_decref);

/* The object that the text is. Errors: ASSAY_ERR_CORRUPT, ASSAY_ERR_NOMEM. */
CHECKED status manifest_json_parse(struct view text, struct error *error, json_t **ret_object);
/* That the text is what manifest_json_write makes of the object. Errors: ASSAY_ERR_CORRUPT. */
CHECKED status manifest_json_check(const json_t *object, struct view text, struct error *error);
/* Appends. Errors: ASSAY_ERR_NOMEM. */
CHECKED status manifest_json_write(const json_t *object, struct buffer *out);

#endif
