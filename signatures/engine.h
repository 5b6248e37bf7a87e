/*
 * engine: libyara's life in this process and its error numbers in our words.
 */
#ifndef SIGNATURES_ENGINE_H
#define SIGNATURES_ENGINE_H

#include "base/status.h"

/* Sets libyara up, or counts one more user: it keeps that count itself, so every ruleset holds one
 * and engine_close gives it back. libyara's tables and settings are global to the process; the
 * first call must not race with another. Errors: ASSAY_ERR_NOMEM, ASSAY_ERR_ENGINE. */
CHECKED status engine_open(void);
void engine_close(void);

/* The status and the words for one of libyara's ERROR_ numbers. */
status engine_status(int code);
const char *engine_words(int code);

/* True for the modules that rules may import. Left out are magic, which reads a database from disk
 * where the sandbox has none, and cuckoo, which needs a report that no scan here has. Whatever a
 * later libyara brings has to be put on the list first. */
bool engine_allows_module(const char *name, size_t size);

#endif
