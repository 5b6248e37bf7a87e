/*
 * rules: YARA sources made into an immutable ruleset. Compile only in a process that may die:
 * hostile sources crash libyara's compiler (scanner/pool does it in the sandboxed zygote).
 */
#ifndef SIGNATURES_RULES_H
#define SIGNATURES_RULES_H

#include "base/cleanup.h"
#include "base/status.h"

struct assay_rules; /* immutable, shared by matchers of any thread or process */

/* Text of an included file, or NULL when it may not be read. `name` is what stands in the include
 * statement, `from` the name of the source it stands in. The text is malloc'ed and the compiler
 * frees it; *ret_size excludes any terminator. */
typedef char *rules_include_fn(void *context, const char *name, const char *from, size_t *ret_size);

struct rules_input {
    const struct assay_source *sources;
    size_t count;
    rules_include_fn *include; /* NULL: include is refused with a diagnostic */
    void *include_context;
    /* Called before each source is compiled, with its name, and with "" before what concerns all of
     * them: whoever watches knows then which one brought the compiler down. May be NULL. */
    void (*on_source)(void *context, const char *name);
    void *source_context;
    assay_diagnostic_fn *on_diagnostic; /* may be NULL */
    void *diagnostic_context;
};

/* Effect and errors as assay_rules_compile. A source that another source includes is compiled only
 * as part of that one. With no rule at all in the sources: ASSAY_ERR_RULES and a diagnostic. */
CHECKED status rules_compile(const struct rules_input *input, struct assay_rules **ret_rules);

/* Rules that nothing matches, for others to be joined to. Errors: ASSAY_ERR_NOMEM. */
CHECKED status rules_new(struct assay_rules **ret_rules);

/* Takes `more` over: what is matched from then on is both. Neither may have a matcher yet. Errors:
 * ASSAY_ERR_NOMEM, and then `more` is still the caller's. */
CHECKED status rules_join(struct assay_rules *rules, struct assay_rules *more);

struct hash_set;
/* Takes the set over: objects are looked up in it as well. There may be no matcher yet. `database`
 * (copied) is what matches say where they come from. Errors: ASSAY_ERR_NOMEM, and then the set is still the caller's. */
CHECKED status rules_add_hashes(struct assay_rules *rules, struct hash_set *set,
                                const char *database);

size_t rules_count(const struct assay_rules *rules);
void rules_free(struct assay_rules *rules);
DEFINE_CLEANUP(struct assay_rules, rules_free);

/* The version of libyara; static text. */
const char *rules_engine_version(void);

/* The sources under signatures/rules, compiled into the program; static storage. */
void rules_builtin(const struct assay_source **ret_sources, size_t *ret_count);

#endif
