/*
 * inspect: the only loop that knows recursion. A view is matched, asked of every unpacker, and what
 * comes out of those is inspected in turn, on an explicit stack, within the budget.
 *
 * This runs on hostile bytes: in the sandboxed worker, or in an embedder's process.
 */
#ifndef INSPECT_INSPECT_H
#define INSPECT_INSPECT_H

#include "base/view.h"
#include "signatures/matcher.h"

struct inspector;

/* rules is borrowed until inspector_free. Errors: ASSAY_ERR_NOMEM, ASSAY_ERR_ENGINE. */
CHECKED status inspector_new(const struct assay_rules *rules, const struct assay_limits *limits,
                             struct inspector **ret_inspector);
void inspector_free(struct inspector *inspector);
DEFINE_CLEANUP(struct inspector, inspector_free);

/* As the public functions of the same meaning. */
void inspector_report_clean(struct inspector *inspector, bool wanted);
void inspector_report_views(struct inspector *inspector, bool wanted);
void inspector_set_passwords(struct inspector *inspector, const struct assay_bytes *passwords,
                             size_t count);
CHECKED status inspector_run(struct inspector *inspector, const struct assay_subject *subject,
                             struct view input, assay_event_fn *on_event, void *context,
                             struct assay_result *ret_result);

#endif
