/*
 * forecast: how many bytes a scan will come to, counted by a process of its own that walks ahead of
 * the scan, so that the progress line can say how much time is left.
 */
#ifndef CLI_FORECAST_H
#define CLI_FORECAST_H

#include "base/cleanup.h"
#include "walk/walk.h"

struct forecast;

/* Starts counting. Both are borrowed until it is freed. Start it before other processes: it keeps
 * open what is open. Errors: ASSAY_ERR_IO, ASSAY_ERR_NOMEM; a scan can do without. */
CHECKED status forecast_new(char *const *paths, size_t path_count,
                            const struct walk_options *options, struct forecast **ret_forecast);

/* Bytes of all files together; 0 while they are still being counted. Takes NULL. */
uint64_t forecast_bytes(const struct forecast *forecast);

/* Ends the counting. NULL is allowed. */
void forecast_free(struct forecast *forecast);
DEFINE_CLEANUP(struct forecast, forecast_free);

#endif
