#include "signatures/database/manifest.h"

#include <stdlib.h>
#include <string.h>

void manifest_release(struct manifest *manifest)
{
    for (size_t i = 0; i < manifest->file_count; i++)
        free(manifest->files[i].name);
    for (size_t i = 0; i < manifest->skipped_count; i++) {
        free(manifest->skipped[i].name);
        free(manifest->skipped[i].reason);
    }
    free(manifest->files);
    free(manifest->skipped);
    free(manifest->name);
    free(manifest->description);
    free(manifest->licence);
    free(manifest->min_engine);
    *manifest = (struct manifest){.name = NULL};
}

static int compare_name(const void *name, const void *file)
{
    return strcmp(name, ((const struct manifest_file *)file)->name);
}

const struct manifest_file *manifest_find(const struct manifest *manifest, const char *name)
{
    if (manifest->file_count == 0)
        return NULL;
    return bsearch(name, manifest->files, manifest->file_count, sizeof(*manifest->files),
                   compare_name);
}

/* The number at *text, which is then behind it and its dot. */
static unsigned long take_number(const char **text)
{
    char *end;
    unsigned long number = strtoul(*text, &end, 10);
    *text = *end == '.' ? end + 1 : end;
    return number;
}

bool manifest_needs_newer(const struct manifest *manifest, const char *version)
{
    const char *wanted = manifest->min_engine ? manifest->min_engine : "";
    while (*wanted || *version) {
        const char *before[] = {wanted, version};
        unsigned long left = take_number(&wanted);
        unsigned long right = take_number(&version);
        if (left != right)
            return left > right;
        if (wanted == before[0] && version == before[1])
            return false; /* no number: "0.2.0-dev" is as good as 0.2.0 */
    }
    return false;
}
