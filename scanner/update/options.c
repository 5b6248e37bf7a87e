#include "update/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define USAGE                                                                                      \
    "usage: assay-update --max-bytes N [--ca-file FILE] [--timeout SECONDS] [--low-speed BYTES] "  \
    "https://... 3<>FILE"
#define DEFAULT_TIMEOUT   3600
#define DEFAULT_LOW_SPEED 1024
#define TIMEOUT_MAX       (UINT64_C(7) * 86400)
#define LOW_SPEED_MAX     (UINT64_C(1) << 30)

struct row {
    const char *name;
    size_t offset; /* of an uint64_t; of ca_file when most is 0 */
    uint64_t least, most;
};

static const struct row rows[] = {
    {"--max-bytes", offsetof(struct update_options, max_bytes), 1, INT64_MAX},
    {"--timeout", offsetof(struct update_options, timeout), 1, TIMEOUT_MAX},
    {"--low-speed", offsetof(struct update_options, low_speed), 0, LOW_SPEED_MAX},
    {"--ca-file", offsetof(struct update_options, ca_file), 0, 0},
};

static bool parse_number(const char *text, const struct row *row, uint64_t *ret_number)
{
    if (text[0] == 0 || text[strspn(text, "0123456789")] != 0)
        return false;
    errno = 0;
    unsigned long long number = strtoull(text, NULL, 10);
    if (errno || number < row->least || number > row->most)
        return false;
    *ret_number = number;
    return true;
}

static bool take_value(const char *name, const char *value, struct update_options *options)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        void *field = (char *)options + rows[i].offset;
        if (strcmp(rows[i].name, name) != 0)
            continue;
        if (rows[i].most)
            return parse_number(value, &rows[i], field);
        *(const char **)field = value;
        return true;
    }
    return false;
}

status update_options_read(int argc, char *const *argv, struct error *error,
                           struct update_options *ret_options)
{
    struct update_options options = {.timeout = DEFAULT_TIMEOUT, .low_speed = DEFAULT_LOW_SPEED};
    int at = 1;
    for (; at + 1 < argc && argv[at][0] == '-'; at += 2) {
        if (!take_value(argv[at], argv[at + 1], &options))
            return error_set(error, ASSAY_ERR_ARGUMENT, "%.40s %.40s cannot be used; " USAGE,
                             argv[at], argv[at + 1]);
    }
    if (at + 1 != argc || options.max_bytes == 0)
        return error_set(error, ASSAY_ERR_ARGUMENT, USAGE);
    options.url = argv[at];
    if (strncasecmp(options.url, "https://", 8) != 0)
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "only https:// is downloaded from: correct the address");
    *ret_options = options;
    return ASSAY_OK;
}
