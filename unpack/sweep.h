/*
 * sweep: finds where containers and streams begin in the middle of other data: behind programs that
 * would unpack them, between pictures, in firmware. It looks for the magics of every reader that
 * has some and asks the reader whether it is really one. One pass, forwards.
 */
#ifndef UNPACK_SWEEP_H
#define UNPACK_SWEEP_H

#include "base/cleanup.h"
#include "unpack/unpacker.h"

/* The magics of all readers, made ready; immutable, for any number of sweeps. */
struct sweep_keys;

/* Errors: ASSAY_ERR_NOMEM. */
CHECKED status sweep_keys_new(struct sweep_keys **ret_keys);
void sweep_keys_free(struct sweep_keys *keys);
DEFINE_CLEANUP(struct sweep_keys, sweep_keys_free);

struct sweep_hit {
    const struct unpacker *reader;
    uint64_t offset; /* where it begins in the input */
};

/* Searches for what begins from *at on and before `to` (at most the input's size), and moves *at
 * behind what was searched.
 *   tries   places that may yet be asked about; what is only chance takes one off
 * ASSAY_OK: *ret_hit begins at *at. ASSAY_END: nothing begins before `to`. Errors: ASSAY_ERR_LIMIT,
 * no tries are left. */
CHECKED status sweep_next(const struct sweep_keys *keys, struct view input, uint64_t *at,
                          uint64_t to, uint64_t *tries, struct sweep_hit *ret_hit);

#endif
