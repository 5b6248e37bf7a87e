/*
 * pool: the supervisor's room. Open files go in, events about them come out; in between are
 * processes that may crash, hang or lie without harm to anything but the file they had.
 *
 * Single-threaded. The supervisor parses nothing an attacker wrote: not content, not rules, and of
 * what its own processes say only bounded messages (wire.h).
 */
#ifndef POOL_POOL_H
#define POOL_POOL_H

#include <sys/stat.h>

#include "base/cleanup.h"
#include "pool/sandbox.h"

struct pool_settings {
    enum sandbox_mode sandbox;
    struct assay_limits limits;
    uint64_t memory; /* bytes of address space for a worker beyond rules and mapped file; 0: none */
    unsigned jobs;   /* worker processes, at least 1 */
    bool report_clean;
    bool report_views;
    bool builtin;                        /* use the built-in rules: see pool_compile */
    const struct assay_bytes *passwords; /* to try on encrypted members */
    size_t password_count;
};

struct pool_events {
    /* A finding about the file at `path`. Borrowed pointers; every text in them is hostile. */
    void (*on_event)(void *context, struct assay_bytes path, const struct assay_event *event);
    /* A file of so many bytes is done, whatever became of it: everything about it was said. */
    void (*on_done)(void *context, uint64_t size, const struct assay_result *result);
    void *context;
};

struct pool;

/* Starts the zygote. settings is borrowed until pool_free; so is events. Errors: ASSAY_ERR_IO,
 * ASSAY_ERR_UNSUPPORTED, ASSAY_ERR_NOMEM; error says more. */
CHECKED status pool_new(const struct pool_settings *settings, const struct pool_events *events,
                        struct error *error, struct pool **ret_pool);
/* Ends every process at once. NULL is allowed. */
void pool_free(struct pool *pool);
DEFINE_CLEANUP(struct pool, pool_free);

/* Bits of enum sandbox_layer that are active. */
unsigned pool_sandbox_layers(const struct pool *pool);

/* Has pool_compile, what is about rules beside it, and pool_wait return when this fd becomes readable: a signalfd. Borrowed; one is
 * all there can be. Errors: ASSAY_ERR_IO. */
CHECKED status pool_watch(struct pool *pool, int fd);

/* ---- rules, before the first file ------------------------------------------------------------ */

/* Hands over a rule source. `fd` is borrowed. Errors: ASSAY_ERR_IO, ASSAY_ERR_NOMEM. */
CHECKED status pool_add_source(struct pool *pool, const char *name, const char *database, int fd);

struct pool_compile {
    /* Opens what an include statement in the source `from` names; -1 to refuse. Both texts are
     * hostile. NULL: every include is refused. The fd is closed by the pool. */
    int (*open_include)(void *context, const char *name, const char *from);
    void *include_context;
    assay_diagnostic_fn *on_diagnostic; /* may be NULL */
    /* The compiler crashed or hung over this source ("": over all of them together), and the pool is
     * over. May be NULL. */
    void (*on_loss)(void *context, const char *source, const char *words);
    void *diagnostic_context;
    unsigned seconds; /* the compiler is killed after so long */
};

/* Compiles the sources that were added since the last call, and with the first that compiles the
 * built-in ones (settings.builtin), all of which end up in what pool_save_rules writes: who wants only
 * a database there calls this for the built-in rules alone before. The rules are used together with
 * those that are there already. Errors: ASSAY_ERR_RULES (diagnostics were given, and the pool can be
 * used on without these sources; or error names the source that crashed or hung the compiler, and the
 * pool is over), ASSAY_ERR_CANCELLED (the watched fd became readable; the pool is over). */
CHECKED status pool_compile(struct pool *pool, const struct pool_compile *compile,
                            struct error *error, uint64_t *ret_rules);

/* Each before the first file; `key` as in signatures/rules_binary.h; ASSAY_ERR_CANCELLED as in
 * pool_compile. When the process that did it died of it, or did not end: ASSAY_ERR_RULES, and the pool
 * is over, so that a new one has to compile the rules. */

/* Writes the rules that pool_compile made last, since when nothing was loaded or added, to the empty
 * file `fd`. They are worth what every source is that was added so far: one that took the compiler over
 * has its way with them, so who wants to keep them adds others later. Errors: ASSAY_ERR_IO,
 * ASSAY_ERR_ENGINE, ASSAY_ERR_NOMEM: the rules are used all the same;
 * ASSAY_ERR_ARGUMENT (there are no such rules). */
CHECKED status pool_save_rules(struct pool *pool, const uint8_t key[32], int fd,
                               struct error *error);
/* Uses the rules in the file `fd`, which only root or this user can have written, besides those that
 * are there already. Errors: ASSAY_ERR_CORRUPT (not usable: compile them), ASSAY_ERR_IO,
 * ASSAY_ERR_NOMEM: nothing was added. */
CHECKED status pool_load_rules(struct pool *pool, const uint8_t key[32], int fd,
                               struct error *error, uint64_t *ret_rules);
/* Uses the hash index in the file `fd` (signatures/hash_set.h); there need be no rules besides. Errors:
 * as pool_load_rules. */
CHECKED status pool_add_hashes(struct pool *pool, const char *database, int fd, struct error *error,
                               uint64_t *ret_hashes);

/* ---- files ----------------------------------------------------------------------------------- */

struct pool_file {
    int fd;                  /* taken, also on failure */
    struct assay_bytes path; /* copied */
    const char *owner;       /* copied; "" when unknown */
    const struct stat *stat; /* of fd; copied */
};

/* True while a worker wants another file before the next pool_wait. */
bool pool_has_room(const struct pool *pool);
/* True when every file that was submitted is done. */
bool pool_is_idle(const struct pool *pool);

/* Errors: ASSAY_ERR_NOMEM, and as pool_wait. */
CHECKED status pool_submit(struct pool *pool, const struct pool_file *file, struct error *error);

/* No further file will be submitted: workers without one may help others with theirs. */
void pool_expect_no_more(struct pool *pool);

/* Moves everything on: hands out files, takes in events, ends what takes too long; waits at most so
 * many milliseconds for something to happen. ASSAY_END: the watched fd is readable. Errors:
 * ASSAY_ERR_IO: no worker can be started any more; error says why, and the files that are not done
 * will never be. */
CHECKED status pool_wait(struct pool *pool, int milliseconds, struct error *error);

/* The path of a file that has been with a worker for the longest, and for how many seconds; NULL
 * data when none is. */
struct assay_bytes pool_slowest(const struct pool *pool, double *ret_seconds);

#endif
