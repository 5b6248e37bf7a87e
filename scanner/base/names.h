/*
 * names: from the stable words of reports and options back to their values. The other direction is
 * public: assay_reason_name and its sisters.
 */
#ifndef BASE_NAMES_H
#define BASE_NAMES_H

#include "assay.h"

/* False when `word` (size bytes) is none of the names. */
bool reason_from_name(const char *word, size_t size, enum assay_reason *ret_reason);
bool severity_from_name(const char *word, size_t size, enum assay_severity *ret_severity);

#endif
