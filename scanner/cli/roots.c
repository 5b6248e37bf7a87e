#include "cli/roots.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct roots {
    const struct roots_source *source;
    size_t next;
    FILE *list; /* NULL: none, or at its end */
    char *line;
    size_t line_room;
};

status roots_new(const struct roots_source *source, struct error *error, struct roots **ret_roots)
{
    struct roots *roots cleanup(roots_free_cleanup) = calloc(1, sizeof(*roots));
    if (!roots)
        return ASSAY_ERR_NOMEM;
    roots->source = source;
    if (source->list) {
        roots->list = strcmp(source->list, "-") == 0 ? stdin : fopen(source->list, "re");
        if (!roots->list)
            return error_set(error, ASSAY_ERR_IO, "the list %.150s cannot be read: %s",
                             source->list, strerror(errno));
    }
    *ret_roots = steal_pointer(roots);
    return ASSAY_OK;
}

void roots_free(struct roots *roots)
{
    if (!roots)
        return;
    if (roots->list && roots->list != stdin)
        fclose(roots->list);
    free(roots->line);
    free(roots);
}

/* The next line that is not empty. */
static status next_line(struct roots *roots, struct error *error, struct assay_bytes *ret_path)
{
    int separator = roots->source->null_separated ? 0 : '\n';
    for (;;) {
        errno = 0;
        ssize_t length = getdelim(&roots->line, &roots->line_room, separator, roots->list);
        if (length < 0 && ferror(roots->list))
            return error_set(error, ASSAY_ERR_IO, "the list %.150s cannot be read: %s",
                             roots->source->list, strerror(errno));
        if (length < 0)
            return ASSAY_END;
        if (roots->line[length - 1] == (char)separator)
            length--;
        if (length > 0) {
            *ret_path = (struct assay_bytes){(const uint8_t *)roots->line, (size_t)length};
            return ASSAY_OK;
        }
    }
}

status roots_next(struct roots *roots, struct error *error, struct assay_bytes *ret_path)
{
    if (roots->next < roots->source->path_count) {
        const char *path = roots->source->paths[roots->next++];
        *ret_path = (struct assay_bytes){(const uint8_t *)path, strlen(path)};
        return ASSAY_OK;
    }
    return roots->list ? next_line(roots, error, ret_path) : ASSAY_END;
}
