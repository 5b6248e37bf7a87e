#include "signatures/include.h"

#include "signatures/source_text.h"

#include <search.h>
#include <string.h>

struct candidate {
    const char *name;            /* in the form include_resolve gives; owned */
    struct candidate *same_name; /* the next one */
    bool claimed;                /* some source seems to include it */
    bool done;                   /* given out, or read as part of another */
};

struct includes {
    const struct assay_source *sources;
    size_t count;
    struct candidate *candidates; /* one for each source */
    void *by_name; /* libc's balanced tree; qsort would ask the kernel for its memory */
    size_t cursor;
    bool claimed_too; /* the second round */
};

/* ---- names ---------------------------------------------------------------------------------- */

/* Puts one component behind `size` bytes of out; the bytes then in use. */
static size_t append_component(char *out, size_t size, size_t root, const char *part, size_t length)
{
    if (length == 0 || (length == 1 && part[0] == '.'))
        return size;
    size_t start = size;
    while (start > root && out[start - 1] != '/')
        start--;
    bool up = length == 2 && memcmp(part, "..", 2) == 0;
    bool last_is_up = size - start == 2 && memcmp(out + start, "..", 2) == 0;
    if (up && size > root && !last_is_up)
        return start > root ? start - 1 : root;
    if (up && root > 0 && size == root)
        return size;
    if (size > root)
        out[size++] = '/';
    memcpy(out + size, part, length);
    return size + length;
}

static size_t append_path(char *out, size_t size, size_t root, const char *path, size_t length)
{
    for (size_t at = 0; at < length;) {
        const char *slash = memchr(path + at, '/', length - at);
        size_t part = slash != NULL ? (size_t)(slash - path) - at : length - at;
        size = append_component(out, size, root, path + at, part);
        at += part + 1;
    }
    return size;
}

status include_resolve(const char *from, const char *name, char **ret_name)
{
    const char *slash = strrchr(from, '/');
    size_t folder = name[0] == '/' || slash == NULL ? 0 : (size_t)(slash - from) + 1;
    size_t name_size = strlen(name);
    char *out = malloc(folder + name_size + 3);
    if (out == NULL)
        return ASSAY_ERR_NOMEM;
    size_t root = (folder > 0 && from[0] == '/') || name[0] == '/' ? 1 : 0;
    if (root > 0)
        out[0] = '/';
    size_t size = append_path(out, root, root, from, folder);
    size = append_path(out, size, root, name, name_size);
    out[size] = '\0';
    *ret_name = out;
    return ASSAY_OK;
}

/* ---- sources -------------------------------------------------------------------------------- */

static int compare_candidates(const void *a, const void *b)
{
    return strcmp(((const struct candidate *)a)->name, ((const struct candidate *)b)->name);
}

/* The first source of that name; the others hang on it. NULL for none. */
static struct candidate *find(const struct includes *includes, const char *name)
{
    const struct candidate key = {.name = name};
    struct candidate *const *node = tfind(&key, &includes->by_name, compare_candidates);
    return node != NULL ? *node : NULL;
}

static status enter(struct includes *includes, struct candidate *candidate)
{
    struct candidate *const *node = tsearch(candidate, &includes->by_name, compare_candidates);
    if (node == NULL)
        return ASSAY_ERR_NOMEM;
    if (*node != candidate) {
        candidate->same_name = (*node)->same_name;
        (*node)->same_name = candidate;
    }
    return ASSAY_OK;
}

static status claim(struct includes *includes, const struct assay_source *from,
                    const struct source_token *statement)
{
    cleanup(free_cleanup) char *name = strndup(statement->text, statement->size);
    if (name == NULL)
        return ASSAY_ERR_NOMEM;
    cleanup(free_cleanup) char *resolved = NULL;
    TRY(include_resolve(from->name, name, &resolved));
    for (struct candidate *candidate = find(includes, resolved); candidate != NULL;
         candidate = candidate->same_name)
        if (&includes->sources[candidate - includes->candidates] != from)
            candidate->claimed = true;
    return ASSAY_OK;
}

static status claim_all(struct includes *includes)
{
    for (size_t i = 0; i < includes->count; i++) {
        const struct assay_source *source = &includes->sources[i];
        struct source_text text = source_text_of(source->text, source->size);
        struct source_token statement;
        while (source_next_statement(&text, "include", &statement))
            TRY(claim(includes, source, &statement));
    }
    return ASSAY_OK;
}

status includes_new(const struct assay_source *sources, size_t count,
                    struct includes **ret_includes)
{
    cleanup(includes_free_cleanup) struct includes *includes = calloc(1, sizeof(*includes));
    if (includes == NULL)
        return ASSAY_ERR_NOMEM;
    includes->sources = sources;
    includes->count = count;
    includes->candidates = calloc(count, sizeof(*includes->candidates));
    if (includes->candidates == NULL)
        return ASSAY_ERR_NOMEM;
    for (size_t i = 0; i < count; i++) {
        struct candidate *candidate = &includes->candidates[i];
        char *name;
        TRY(include_resolve("", sources[i].name, &name));
        candidate->name = name;
        TRY(enter(includes, candidate));
    }
    TRY(claim_all(includes));
    *ret_includes = steal_pointer(includes);
    return ASSAY_OK;
}

static void keep(void *candidate)
{
    (void)candidate;
}

void includes_free(struct includes *includes)
{
    if (includes == NULL)
        return;
    tdestroy(includes->by_name, keep);
    for (size_t i = 0; includes->candidates != NULL && i < includes->count; i++)
        free((char *)includes->candidates[i].name);
    free(includes->candidates);
    free(includes);
}

bool includes_next(struct includes *includes, size_t *ret_index)
{
    for (;; includes->cursor = 0, includes->claimed_too = true) {
        while (includes->cursor < includes->count) {
            struct candidate *candidate = &includes->candidates[includes->cursor++];
            if (candidate->done || (candidate->claimed && !includes->claimed_too))
                continue;
            candidate->done = true;
            *ret_index = includes->cursor - 1;
            return true;
        }
        if (includes->claimed_too)
            return false;
    }
}

void includes_mark(struct includes *includes, const char *name, const char *text, size_t size)
{
    for (struct candidate *candidate = find(includes, name); candidate != NULL;
         candidate = candidate->same_name) {
        const struct assay_source *source = &includes->sources[candidate - includes->candidates];
        if (source->size == size && memcmp(source->text, text, size) == 0)
            candidate->done = true;
    }
}
