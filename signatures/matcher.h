/*
 * matcher: the state of matching rules against one view at a time. One matcher per worker or
 * thread; the rules behind it are shared.
 */
#ifndef SIGNATURES_MATCHER_H
#define SIGNATURES_MATCHER_H

#include "base/view.h"
#include "signatures/rules.h"

struct matcher;

/* What rules may ask about the object besides its bytes: YARA external variables. NUL-terminated,
 * never NULL. */
struct matcher_variables {
    const char *filename;  /* last component of the name */
    const char *filepath;  /* whole name */
    const char *extension; /* with its dot, lower case: ".exe"; "" for none */
    const char *filetype;  /* LOKI's words: "EXE", "ELF", "ZIP"...; "" when unknown */
    const char *owner;     /* user name */
};

/* What a scan says while it runs. Borrowed pointers. */
struct matcher_events {
    /* A rule matched. The match is whole but for sha256. Return nonzero to stop. */
    int (*on_match)(void *context, struct assay_match *match);
    /* A part of the rules could not be decided; the scan goes on. */
    void (*on_incomplete)(void *context, enum assay_reason reason, const char *detail);
    void *context;
};

/* rules is borrowed until matcher_free. Errors: ASSAY_ERR_NOMEM, ASSAY_ERR_ENGINE. */
CHECKED status matcher_new(const struct assay_rules *rules, struct matcher **ret_matcher);
void matcher_free(struct matcher *matcher);
DEFINE_CLEANUP(struct matcher, matcher_free);

/* Matches all rules against the view, and looks it up among the hashes. An error of the hashes, or of
 * one ruleset that was joined, does not keep the others from it, unless the time is used up or the
 * caller wants no more; the last error is returned, those before it are told by on_incomplete.
 *   seconds   the engine's own, soft time bound; 0 for none
 *   error     words on failure; may be NULL
 * Errors: ASSAY_ERR_TIME, ASSAY_ERR_NOMEM, ASSAY_ERR_ENGINE, ASSAY_ERR_CANCELLED. Matches reported
 * before an error stay valid. The matcher can be used again after any of them. */
CHECKED status matcher_scan(struct matcher *matcher, struct view view,
                            const struct matcher_variables *variables, uint32_t seconds,
                            const struct matcher_events *events, struct error *error);

/* The SHA-256 of the view that is or was last matched, or NULL when nobody had to know it. */
const uint8_t *matcher_sha256(const struct matcher *matcher);

#endif
