/* Hostile rule source through everything of ours that reads it beside libyara's compiler, which
 * dies of some sources and is therefore not asked. The input is several sources, NUL between. */
#include "signatures/include.h"
#include "signatures/severity.h"
#include "signatures/source_text.h"

#include <string.h>

#define SOURCES_MAX 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void read_statements(const char *text, size_t size)
{
    struct source_text source = source_text_of(text, size);
    struct source_token token;
    int line = 1;
    while (source_next_statement(&source, "import", &token)) {
        char name[16];
        check(token.text >= text && token.text + token.size <= text + size && token.line >= line);
        check(source_unescape(token.text, token.size, name, sizeof(name)) <= token.size);
        line = token.line;
    }
    if (source_rule_at(text, size, line, &token))
        check(token.text >= text && token.text + token.size <= text + size);
}

/* Every source is given out exactly once when nothing is marked. */
static void order(const struct assay_source *sources, size_t count)
{
    cleanup(includes_free_cleanup) struct includes *includes = NULL;
    bool seen[SOURCES_MAX] = {false};
    size_t index, given = 0;
    check(includes_new(sources, count, &includes) == ASSAY_OK);
    for (; includes_next(includes, &index); given++) {
        check(index < count && !seen[index]);
        seen[index] = true;
    }
    check(given == count);
}

/* Resolving again changes nothing. */
static void resolve(const char *from, const char *name)
{
    char *once = NULL, *twice = NULL;
    check(include_resolve(from, name, &once) == ASSAY_OK);
    check(include_resolve("", once, &twice) == ASSAY_OK);
    check(strcmp(once, twice) == 0);
    free(once);
    free(twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cleanup(free_cleanup) char *text = malloc(size + 1);
    check(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';

    struct assay_source sources[SOURCES_MAX];
    size_t count = 0;
    for (size_t at = 0; at <= size && count < SOURCES_MAX; count++) {
        size_t length = strlen(text + at);
        /* Its first bytes are its name too, so that includes can find it. */
        sources[count] = (struct assay_source){text + at, "fuzz", text + at, length};
        read_statements(text + at, length);
        const struct assay_meta meta = {"severity", ASSAY_META_STRING, text + at, 0};
        check(severity_of(&meta, 1) < ASSAY_SEVERITY_COUNT);
        at += length + 1;
    }
    order(sources, count);
    resolve(sources[0].name, sources[count - 1].name);
    return 0;
}
