/*
 * json_finding: the fields by which JSON reports name an object and describe a match. Field names
 * and meanings are those of docs/jsonl.md. All fail with ASSAY_ERR_NOMEM only.
 */
#ifndef REPORT_JSON_FINDING_H
#define REPORT_JSON_FINDING_H

#include "report/json.h"

/* path, and path_b64 when the raw bytes differ from it. */
CHECKED status json_put_path(struct json_scratch *scratch, json_t *event, struct assay_bytes path);

/* object, members, and members_b64 and members_nth when there is a need for them. */
CHECKED status json_put_members(struct json_scratch *scratch, json_t *event,
                                struct assay_bytes path, const struct assay_object *object);

/* sha256 to db: all that is known of the match but the object. */
CHECKED status json_put_match(struct json_scratch *scratch, json_t *event,
                              const struct assay_match *match);

#endif
