#include "cli/roots.h"

#include "base/buffer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

#define READ_BYTES (64U << 10)

struct roots {
    const struct roots_source *source;
    size_t next;
    int list; /* -1: none, or at its end */
    struct buffer read;
    size_t at;       /* where in it the next line starts */
    size_t searched; /* up to where there is no separator behind that */
};

status roots_new(const struct roots_source *source, struct error *error, struct roots **ret_roots)
{
    struct roots *roots cleanup(roots_free_cleanup) = calloc(1, sizeof(*roots));
    if (!roots)
        return ASSAY_ERR_NOMEM;
    roots->source = source;
    roots->list = -1;
    if (source->list) {
        bool standard_input = strcmp(source->list, "-") == 0;
        roots->list = standard_input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                                     : open(source->list, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (roots->list < 0)
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
    fd_cleanup(&roots->list);
    buffer_release(&roots->read);
    free(roots);
}

/* Reads once; at the end of the list it is closed. */
static status read_more(struct roots *roots, int stop_fd)
{
    buffer_drop_front(&roots->read, roots->at);
    roots->searched -= roots->at;
    roots->at = 0;
    TRY(buffer_reserve(&roots->read, READ_BYTES));
    struct pollfd pollers[] = {{.fd = roots->list, .events = POLLIN},
                               {.fd = stop_fd, .events = POLLIN}};
    if (poll(pollers, 2, -1) < 0)
        return errno == EINTR ? ASSAY_OK : ASSAY_ERR_IO;
    if (pollers[1].revents)
        return ASSAY_ERR_CANCELLED;
    ssize_t got = read(roots->list, roots->read.data + roots->read.size, READ_BYTES);
    if (got < 0)
        return errno == EINTR || errno == EAGAIN ? ASSAY_OK : ASSAY_ERR_IO;
    roots->read.size += (size_t)got;
    if (got == 0) {
        fd_cleanup(&roots->list);
        roots->list = -1;
    }
    return ASSAY_OK;
}

static const uint8_t *find_separator(const struct roots *roots)
{
    int separator = roots->source->null_separated ? 0 : '\n';
    size_t rest = roots->read.size - roots->searched;
    return rest ? memchr(roots->read.data + roots->searched, separator, rest) : NULL;
}

bool roots_would_wait(const struct roots *roots)
{
    if (roots->next < roots->source->path_count || roots->list < 0 || find_separator(roots))
        return false;
    struct pollfd poller = {.fd = roots->list, .events = POLLIN};
    return poll(&poller, 1, 0) == 0;
}

/* The next line of what was read; the last one of a list need not end. */
static bool take_line(struct roots *roots, struct assay_bytes *ret_line)
{
    const struct buffer *read = &roots->read;
    const uint8_t *found = find_separator(roots);
    roots->searched = found ? (size_t)(found - read->data) : read->size;
    if (!found && (roots->list >= 0 || roots->at == read->size))
        return false;
    *ret_line = (struct assay_bytes){read->data + roots->at, roots->searched - roots->at};
    roots->searched += found != NULL;
    roots->at = roots->searched;
    return true;
}

/* The next line that is not empty. */
static status next_line(struct roots *roots, int stop_fd, struct error *error,
                        struct assay_bytes *ret_path)
{
    for (;;) {
        struct assay_bytes line;
        while (take_line(roots, &line)) {
            if (line.size > 0) {
                *ret_path = line;
                return ASSAY_OK;
            }
        }
        if (roots->list < 0)
            return ASSAY_END;
        status more = read_more(roots, stop_fd);
        if (more == ASSAY_ERR_CANCELLED)
            return error_set(error, more, "the list was still being read");
        if (more < 0)
            return error_set(error, more, "the list %.150s cannot be read: %s", roots->source->list,
                             more == ASSAY_ERR_NOMEM ? "out of memory" : strerror(errno));
    }
}

status roots_next(struct roots *roots, int stop_fd, struct error *error,
                  struct assay_bytes *ret_path)
{
    if (roots->next < roots->source->path_count) {
        const char *path = roots->source->paths[roots->next++];
        *ret_path = (struct assay_bytes){(const uint8_t *)path, strlen(path)};
        return ASSAY_OK;
    }
    return next_line(roots, stop_fd, error, ret_path);
}
