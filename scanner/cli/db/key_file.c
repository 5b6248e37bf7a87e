#include "cli/db/key_file.h"

#include "base/cleanup.h"
#include "base/write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <termios.h>

#define KEY_BYTES_MAX 4096

void key_password_release(struct buffer *password)
{
    if (password->data)
        explicit_bzero(password->data, password->capacity);
    buffer_release(password);
}

/* One line, without its end. The buffer does not move while it grows, so that no copy stays behind. */
static status read_line(int fd, struct buffer *line)
{
    line->size = 0;
    TRY(buffer_reserve(line, (MINISIGN_PASSWORD_MAX + 2)));
    while (line->size < (MINISIGN_PASSWORD_MAX + 2)) {
        char byte;
        ssize_t got = read(fd, &byte, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ASSAY_ERR_IO;
        if (got == 0 || byte == '\n')
            break;
        line->data[line->size++] = (uint8_t)byte;
    }
    if (line->size > 0 && line->data[line->size - 1] == '\r')
        line->size--;
    errno = E2BIG;
    return line->size <= MINISIGN_PASSWORD_MAX ? ASSAY_OK : ASSAY_ERR_LIMIT;
}

static status ask(int terminal, const char *prompt, struct buffer *password)
{
    struct termios shown;
    if (tcgetattr(terminal, &shown) < 0)
        return ASSAY_ERR_IO;
    struct termios hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(terminal, TCSAFLUSH, &hidden); /* before anybody types because they are asked */
    dprintf(terminal, "%s: ", prompt);
    status read = read_line(terminal, password);
    tcsetattr(terminal, TCSAFLUSH, &shown);
    dprintf(terminal, "\n");
    return read;
}

static status ask_twice(int terminal, const char *prompt, bool confirm, struct error *error,
                        struct buffer *password)
{
    TRY(ask(terminal, prompt, password));
    struct buffer again cleanup(key_password_release) = {NULL, 0, 0};
    if (!confirm)
        return ASSAY_OK;
    TRY(ask(terminal, "Once more", &again));
    if (again.size == password->size && memcmp(again.data, password->data, again.size) == 0)
        return ASSAY_OK;
    return error_set(error, ASSAY_ERR_ARGUMENT, "the two passwords differ; try again");
}

status key_password_read(const char *file, const char *prompt, bool confirm, struct error *error,
                         struct buffer *ret_password)
{
    /* Not for writing, if it is a pipe: that would have no end. */
    int fd cleanup(fd_cleanup) =
        file ? open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY) : open("/dev/tty", O_RDWR | O_CLOEXEC);
    if (fd < 0 && file)
        return error_set(error, ASSAY_ERR_IO, "%.150s: %s", file, strerror(errno));
    if (fd < 0)
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "a password is needed, and there is no terminal to ask for it; write it "
                         "into a file and name that with --password-file");
    struct buffer password cleanup(key_password_release) = {NULL, 0, 0};
    status read =
        file ? read_line(fd, &password) : ask_twice(fd, prompt, confirm, error, &password);
    if (read < 0)
        return error->text[0]
                   ? read
                   : error_set(error, read, "the password cannot be read: %s", strerror(errno));
    *ret_password = password;
    password = (struct buffer){NULL, 0, 0};
    return ASSAY_OK;
}

status key_file_read(const char *path, const char *password_file, struct error *error,
                     struct minisign_secret_key *ret_key)
{
    int fd cleanup(fd_cleanup) = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct buffer text cleanup(key_password_release) = {NULL, 0, 0};
    struct buffer password cleanup(key_password_release) = {NULL, 0, 0};
    TRY(buffer_reserve(&text, KEY_BYTES_MAX));
    if (fd < 0 || buffer_append_file(&text, fd, KEY_BYTES_MAX) < 0)
        return error_set(error, ASSAY_ERR_IO, "the key in %.150s cannot be read: %s", path,
                         fd < 0 ? strerror(errno) : "it is no key");
    if (minisign_is_locked(buffer_view(&text)))
        TRY(key_password_read(password_file, "Password of the key", false, error, &password));
    struct assay_bytes bytes = {password.data, password.size};
    struct error why = {""};
    status parsed = minisign_parse_secret_key(buffer_view(&text), bytes, &why, ret_key);
    if (parsed < 0)
        return error_set(error, parsed, "%.150s: %s", path, why.text);
    return ASSAY_OK;
}

status key_file_write(const char *path, unsigned mode, const struct buffer *text,
                      struct error *error)
{
    int fd cleanup(fd_cleanup) = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd >= 0 && write_all(fd, buffer_view(text)) >= 0 && fsync(fd) == 0)
        return ASSAY_OK;
    error_set(error, ASSAY_ERR_IO, "%.150s cannot be written: %s", path, strerror(errno));
    if (fd >= 0)
        unlink(path);
    return ASSAY_ERR_IO;
}
