#include "cli/fetch.h"

#include "base/cleanup.h"
#include "cli/fetch_file.h"
#include "cli/fetch_program.h"

#include <string.h>
#include <strings.h>

static int digit_of(char byte)
{
    const char *digits = "0123456789abcdef";
    const char *found = byte ? strchr(digits, byte | (byte >= 'A' ? 0x20 : 0)) : NULL;
    return found ? (int)(found - digits) : -1;
}

/* Takes percent signs away in place (RFC 3986, section 2.1). False: they are no code of a byte that
 * a path can have. */
static bool decode_percent(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        *to = *from;
        if (*from == '%') {
            int high = digit_of(from[1]);
            int low = high < 0 ? -1 : digit_of(from[2]);
            if (low < 0 || (high | low) == 0)
                return false;
            *to = (char)(high << 4 | low);
            from += 2;
        }
        to++;
    }
    *to = 0;
    return true;
}

/* The path of file:/x, file:///x or file://localhost/x (RFC 8089); NULL. */
static char *path_of_url(const char *url)
{
    const char *rest = url + strlen("file:");
    if (strncmp(rest, "//", 2) == 0)
        rest += 2;
    if (strncasecmp(rest, "localhost/", 10) == 0 && rest != url + strlen("file:"))
        rest += 9;
    char *path cleanup(free_cleanup) = rest[0] == '/' ? strdup(rest) : NULL;
    return path && decode_percent(path) ? steal_pointer(path) : NULL;
}

/* "ftp://x" is one, "./a://b" and "a:b" are names of files. */
static bool has_scheme(const char *url)
{
    size_t size = strcspn(url, ":/?#");
    return size > 0 && strncmp(url + size, "://", 3) == 0;
}

status fetch(const struct fetch_options *options, const char *url, int fd, struct error *error)
{
    if (strncasecmp(url, "https://", 8) == 0)
        return fetch_by_program(options, url, fd, error);
    if (strncasecmp(url, "file:", 5) == 0) {
        char *path cleanup(free_cleanup) = path_of_url(url);
        if (!path)
            return error_set(error, ASSAY_ERR_ARGUMENT,
                             "this is no address of a file here: write file:///path, or the path");
        return fetch_file(options, path, fd, error);
    }
    if (has_scheme(url))
        return error_set(
            error, ASSAY_ERR_ARGUMENT,
            "only https:// and file: can be fetched from: use one of them, or download "
            "it by other means and give its path");
    return fetch_file(options, url, fd, error);
}
