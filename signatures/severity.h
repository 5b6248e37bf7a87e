/*
 * severity: how bad a match is, from the meta its rule carries.
 *
 * The first of `severity`, `score` and `threat_level` that says anything counts. A word is one of
 * the five, in any case, or a customary other word for one:
 *
 *     informational  info        warning, moderate  medium        severe  high
 *
 * A number, also when it is written as a string, maps 0-19 info, 20-39 low, 40-59 medium, 60-79
 * high, 80-100 critical; beyond the range counts as its end. Anything else says nothing. A rule
 * that says nothing is high.
 */
#ifndef SIGNATURES_SEVERITY_H
#define SIGNATURES_SEVERITY_H

#include "base/status.h"

enum assay_severity severity_of(const struct assay_meta *metas, size_t count);

#endif
