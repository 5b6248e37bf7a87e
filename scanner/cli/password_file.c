#include "cli/password_file.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define READ_BYTES 65536

void passwords_release(struct passwords *passwords)
{
    buffer_release(&passwords->text);
    free(passwords->list);
    *passwords = (struct passwords){.list = NULL};
}

/* It may be a pipe: <(...) of a shell. */
static status read_text(int fd, struct buffer *text)
{
    for (;;) {
        TRY(buffer_reserve(text, READ_BYTES));
        ssize_t got = read(fd, text->data + text->size, READ_BYTES);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? ASSAY_ERR_IO : ASSAY_OK;
        text->size += (size_t)got;
        if (text->size > PASSWORD_FILE_BYTES)
            return ASSAY_ERR_LIMIT;
    }
}

/* The line at the front of `rest`, which is moved behind it. */
static struct assay_bytes take_line(struct view *rest)
{
    const uint8_t *newline = memchr(rest->data, '\n', rest->size);
    struct assay_bytes line = {rest->data, rest->size};
    if (newline)
        line.size = (size_t)(newline - rest->data);
    *rest = view_sub(*rest, line.size + (newline != NULL), UINT64_MAX);
    if (newline && line.size > 0 && line.data[line.size - 1] == '\r')
        line.size--;
    return line;
}

static status split(struct passwords *passwords)
{
    passwords->list = calloc(PASSWORDS_MAX, sizeof(*passwords->list));
    if (!passwords->list)
        return ASSAY_ERR_NOMEM;
    struct view rest = buffer_view(&passwords->text);
    while (rest.size > 0) {
        struct assay_bytes line = take_line(&rest);
        if (line.size == 0)
            continue;
        if (passwords->count == PASSWORDS_MAX)
            return ASSAY_ERR_LIMIT;
        passwords->list[passwords->count++] = line;
    }
    return ASSAY_OK;
}

status password_file_read(const char *path, struct error *error, struct passwords *passwords)
{
    int fd cleanup(fd_cleanup) = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    status read = fd < 0 ? ASSAY_ERR_IO : read_text(fd, &passwords->text);
    if (read == ASSAY_ERR_LIMIT)
        return error_set(error, read, "the passwords in %.150s are too large: over 1 MiB", path);
    if (read == ASSAY_ERR_IO)
        return error_set(error, read, "the passwords in %.150s cannot be read: %s", path,
                         strerror(errno));
    TRY(read);
    status listed = split(passwords);
    if (listed == ASSAY_ERR_LIMIT)
        return error_set(error, listed, "there are more than %d passwords in %.150s", PASSWORDS_MAX,
                         path);
    return listed;
}
