/*
 * compiler: libyara's compiler, fed one source after the other, and everything it has to say.
 *
 * After an error libyara's compiler takes nothing more. A fresh one is used for the sources that
 * follow, so that each of them is tried; the rules are lost anyway then.
 *
 * Modules: rules may import what engine_allows_module allows. Text is no safe witness of that (a
 * module's name may be written with escapes, or stand in an included file), so libyara's own table
 * of what a namespace imported decides, read after each source; the text only says where.
 */
#ifndef SIGNATURES_COMPILER_H
#define SIGNATURES_COMPILER_H

#include "signatures/include.h"
#include "signatures/rules.h"

#include <yara.h>

struct compiler;

/* Borrows both until compiler_free; includes is told what was read. Errors: ASSAY_ERR_NOMEM,
 * ASSAY_ERR_ENGINE. engine_open comes first. */
CHECKED status compiler_new(const struct rules_input *input, struct includes *includes,
                            struct compiler **ret_compiler);
void compiler_free(struct compiler *compiler);
DEFINE_CLEANUP(struct compiler, compiler_free);

/* Compiles a source as a namespace of its own, which is numbered in the order of these calls.
 * Errors: ASSAY_ERR_RULES (the diagnostics say why; go on with the next source), ASSAY_ERR_NOMEM,
 * ASSAY_ERR_ENGINE. */
CHECKED status compiler_add(struct compiler *compiler, const struct assay_source *source,
                            const char *name_space);

/* The rules of all sources, if each was added without an error. The caller destroys them. */
CHECKED status compiler_finish(struct compiler *compiler, YR_RULES **ret_rules);

#endif
