/*
 * store_state: what a machine has seen: state.json, and the seen.json of each version.
 *
 *     {
 *       "format": 1,
 *       "highest": {"NAME": {"KEY": SERIAL, ...}, ...},      KEY is "" for unsigned ones
 *       "newest_signed": "2026-11-25T12:00:00Z"
 *     }
 */
#ifndef DATABASE_STORE_STATE_H
#define DATABASE_STORE_STATE_H

#include "signatures/database/manifest.h"

#define STATE_FORMAT    1
#define STATE_BYTES_MAX (1U << 20)
#define STATE_MARKS_MAX 4096
#define STATE_KEY_MAX   64
#define SERIAL_MAX      INT64_MAX /* what a number of JSON can be here */

struct state_mark {
    char name[MANIFEST_NAME_MAX + 1];
    char key[STATE_KEY_MAX + 1];
    uint64_t serial;
};

struct state {
    struct state_mark *marks;
    size_t count;
    int64_t newest; /* seconds since 1970 */
};

void state_release(struct state *state);

/* Strict: an unknown member is an error. Errors: ASSAY_ERR_CORRUPT, ASSAY_ERR_UNSUPPORTED (of a newer
 * assay), ASSAY_ERR_NOMEM. The struct is all zero before, and is to be released also after an error. */
CHECKED status state_parse(struct view text, struct error *error, struct state *ret_state);
/* Appends. Errors: ASSAY_ERR_NOMEM. */
CHECKED status state_write(const struct state *state, struct buffer *out);

/* A key as it may stand in a state: the id of one, or "". */
bool state_key_is_safe(const char *key);
/* 0: none. */
uint64_t state_get(const struct state *state, const char *name, const char *key);
/* Errors: ASSAY_ERR_NOMEM, ASSAY_ERR_LIMIT (there are too many). */
CHECKED status state_set(struct state *state, const char *name, const char *key, uint64_t serial);
/* Takes from `other` what is higher and newer. Errors: as state_set. */
CHECKED status state_raise(struct state *state, const struct state *other);
bool state_is_same(const struct state *one, const struct state *other);

#endif
