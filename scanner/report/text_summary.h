/*
 * text_summary: the end of a text report: what was looked at, what came of it, and a verdict in
 * plain words.
 */
#ifndef REPORT_TEXT_SUMMARY_H
#define REPORT_TEXT_SUMMARY_H

#include "base/buffer.h"
#include "report/report.h"

/* Appends two lines: the amounts, and what came of them. Errors: ASSAY_ERR_NOMEM. */
CHECKED status text_summary(struct buffer *out, const struct report_summary *summary);

enum text_mood { TEXT_GOOD, TEXT_DOUBTFUL, TEXT_BAD };

/* The sentence that ends the report; static. It never says more than the numbers do. */
const char *text_verdict(const struct report_summary *summary, enum text_mood *ret_mood);

#endif
