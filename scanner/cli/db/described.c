#include "cli/db/described.h"

#include "cli/units.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#define DAY           INT64_C(86400)
#define INI_BYTES_MAX (64 << 10)

static const struct {
    const char *name;
    size_t offset;
} fields[] = {
    {"name", offsetof(struct described, name)},
    {"description", offsetof(struct described, description)},
    {"licence", offsetof(struct described, licence)},
    {"serial", offsetof(struct described, serial)},
    {"created", offsetof(struct described, created)},
    {"expires", offsetof(struct described, expires)},
    {"min_engine", offsetof(struct described, min_engine)},
};

static char **field_at(struct described *described, size_t index)
{
    return (char **)((char *)described + fields[index].offset);
}

void described_release(struct described *described)
{
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        free(*field_at(described, i));
    *described = (struct described){.name = NULL};
}

/* ---- database.ini ---------------------------------------------------------------------------- */

struct reading {
    struct described *described;
    struct error *error;
    status failed;
};

static int on_value(void *context, const char *section, const char *name, const char *value)
{
    struct reading *reading = context;
    if (reading->failed < 0)
        return 0;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        char **field = field_at(reading->described, i);
        if (section[0] || strcmp(fields[i].name, name) != 0)
            continue;
        if (!*field)
            *field = strdup(value);
        reading->failed = *field ? ASSAY_OK : ASSAY_ERR_NOMEM;
        return *field != NULL;
    }
    reading->failed =
        error_set(reading->error, ASSAY_ERR_ARGUMENT, "database.ini: '%.80s' is unknown", name);
    return 0;
}

static void file_cleanup(FILE **file)
{
    if (*file)
        fclose(*file);
}

/* ASSAY_END: there is none. The tree may be a stranger's: nothing that one would wait for, or that has
 * no end, or that lies elsewhere. */
static status open_ini(const char *path, struct error *error, FILE **ret_file)
{
    int fd cleanup(fd_cleanup) =
        open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
    struct stat stat;
    if (fd < 0 && errno == ENOENT)
        return ASSAY_END;
    if (fd < 0 || fstat(fd, &stat) < 0)
        return error_set(error, ASSAY_ERR_IO, "%.150s: %s", path, strerror(errno));
    if (!S_ISREG(stat.st_mode) || stat.st_size > INI_BYTES_MAX)
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "%.150s is no file of `name = value` lines, or too long", path);
    *ret_file = fdopen(fd, "r");
    if (!*ret_file)
        return ASSAY_ERR_NOMEM;
    (void)steal_fd(&fd);
    return ASSAY_OK;
}

status described_read(struct described *described, const char *directory, struct error *error)
{
    struct buffer path cleanup(buffer_release) = {NULL, 0, 0};
    TRY(buffer_append_format(&path, "%s/database.ini", directory));
    TRY(buffer_terminate(&path));
    FILE *file cleanup(file_cleanup) = NULL;
    status opened = open_ini((const char *)path.data, error, &file);
    if (opened != ASSAY_OK)
        return opened == ASSAY_END ? ASSAY_OK : opened;
    struct reading reading = {.described = described, .error = error};
    int line = ini_parse_file(file, on_value, &reading);
    if (reading.failed < 0)
        return reading.failed;
    if (line != 0)
        return error_set(error, ASSAY_ERR_ARGUMENT, "%.150s:%d: not a `name = value` line",
                         (const char *)path.data, line);
    return ASSAY_OK;
}

/* ---- values ---------------------------------------------------------------------------------- */

/* A time with or without its hours, always in UTC: a bundle must not depend on where it is made. */
static bool parse_time(const char *text, int64_t *ret_seconds)
{
    char full[64];
    uint64_t seconds;
    if (units_parse_number(text, 0, INT64_MAX, &seconds)) {
        *ret_seconds = (int64_t)seconds;
        return true;
    }
    snprintf(full, sizeof(full), "%.40s%s", text, strchr(text, 'T') ? "" : "T00:00:00Z");
    return manifest_parse_time(full, ret_seconds);
}

static status set_created(const struct described *described, struct manifest *manifest,
                          struct error *error)
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH"); /* reproducible-builds.org */
    const char *created = described->created ? described->created : epoch;
    manifest->created = (int64_t)time(NULL);
    if (created && !parse_time(created, &manifest->created))
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "'%.80s' is no time; write 2026-11-25 or 2026-11-25T18:00:00Z", created);
    return ASSAY_OK;
}

/* "30d": so long after it was made. */
static status set_expires(const struct described *described, struct manifest *manifest,
                          struct error *error)
{
    const char *expires = described->expires;
    if (!expires)
        return ASSAY_OK;
    char number[24] = "";
    uint64_t days;
    size_t size = strlen(expires);
    if (size > 1 && size < sizeof(number) && expires[size - 1] == 'd')
        memcpy(number, expires, size - 1);
    if (number[0] && units_parse_number(number, 1, 36500, &days))
        manifest->expires = manifest->created + (int64_t)days * DAY;
    else if (!parse_time(expires, &manifest->expires) || manifest->expires <= manifest->created)
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "'%.80s' is no time to expire at; write 30d, or a date after the one it "
                         "was made",
                         expires);
    return ASSAY_OK;
}

static status set_serial(const struct described *described, struct manifest *manifest,
                         struct error *error)
{
    manifest->serial = (uint64_t)(manifest->created > 0 ? manifest->created : 1);
    if (described->serial &&
        !units_parse_number(described->serial, 1, MANIFEST_NUMBER_MAX, &manifest->serial))
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "'%.80s' is no serial; write a whole number from 1 to %llu",
                         described->serial, (unsigned long long)MANIFEST_NUMBER_MAX);
    return ASSAY_OK;
}

static status set_text(char **field, const char *text)
{
    *field = strdup(text ? text : "");
    return *field ? ASSAY_OK : ASSAY_ERR_NOMEM;
}

/* "community-57.asdb" is probably called community. */
static status set_name(const struct described *described, const char *output,
                       struct manifest *manifest, struct error *error)
{
    const char *slash = strrchr(output, '/');
    const char *base = slash ? slash + 1 : output;
    size_t size = strcspn(base, ".");
    while (size > 0 && base[size - 1] >= '0' && base[size - 1] <= '9')
        size--;
    while (size > 0 && base[size - 1] == '-')
        size--;
    char *guess cleanup(free_cleanup) = strndup(base, size);
    if (!guess)
        return ASSAY_ERR_NOMEM;
    TRY(set_text(&manifest->name, described->name ? described->name : guess));
    if (!manifest_name_is_safe(manifest->name))
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "'%.80s' is no name for a database: give one of letters, digits, dots, "
                         "underscores and dashes with --name, but not builtin, lock or state.json",
                         manifest->name);
    return ASSAY_OK;
}

status described_apply(const struct described *described, const char *output,
                       struct manifest *manifest, struct error *error)
{
    TRY(set_name(described, output, manifest, error));
    TRY(set_text(&manifest->description, described->description));
    TRY(set_text(&manifest->licence, described->licence));
    TRY(set_text(&manifest->min_engine,
                 described->min_engine ? described->min_engine : ASSAY_VERSION));
    TRY(set_created(described, manifest, error));
    TRY(set_expires(described, manifest, error));
    return set_serial(described, manifest, error);
}
