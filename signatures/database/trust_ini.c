#include "signatures/database/trust_ini.h"

#include <ctype.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_CHARACTERS                                                                            \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-" /* as manifest.h says */
#define ID_DIGITS "0123456789ABCDEFabcdef"

struct reading {
    struct view rest;
    unsigned line;
    const char *path;
    struct trust_ini *ini;
    struct error *error;
    status failed; /* the first error, after which nothing is read */
};

__attribute__((format(printf, 2, 3))) static status refuse(struct reading *reading,
                                                           const char *format, ...)
{
    struct error why = {""};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why.text, sizeof(why.text), format, arguments);
    va_end(arguments);
    reading->failed = error_set(reading->error, ASSAY_ERR_CORRUPT, "%.100s:%u: %s", reading->path,
                                reading->line, why.text);
    return reading->failed;
}

/* "key " and 16 digits, which are given in the way minisign prints them. */
static bool is_key_section(const char *section, size_t size, char ret_id[MINISIGN_ID_TEXT])
{
    static const char word[] = "key ";
    size_t skip = sizeof(word) - 1;
    if (size != skip + 16 || strncmp(section, word, skip) != 0 ||
        strspn(section + skip, ID_DIGITS) < 16)
        return false;
    for (size_t i = 0; i < 16; i++)
        ret_id[i] = (char)toupper((unsigned char)section[skip + i]);
    ret_id[16] = '\0';
    return true;
}

/* inih says nothing about a section without values, ignores what follows the bracket, and takes a
 * section that is indented for more of the value above. */
static status check_section(struct reading *reading, const char *line)
{
    char id[MINISIGN_ID_TEXT];
    if (line[0] != '[')
        return refuse(reading, "a section is not indented");
    size_t size = strcspn(line + 1, "]\r\n");
    if (line[1 + size] != ']' || !is_key_section(line + 1, size, id))
        return refuse(reading, "a section is [key ID], the ID being the 16 hexadecimal digits in "
                               "the key's .pub file, with zeros in front if they are fewer");
    const char *behind = line + size + 2;
    behind += strspn(behind, " \t\r\n");
    if (*behind != '\0' && *behind != ';' && *behind != '#')
        return refuse(reading, "something follows the section's name: put it on a line of its own");
    return ASSAY_OK;
}

/* inih would take a long line for several, and a NUL byte for the end of one. */
static char *next_line(char *line, int room, void *context)
{
    struct reading *reading = context;
    struct view rest = reading->rest;
    if (reading->failed < 0 || rest.size == 0)
        return NULL;
    reading->line++;
    const uint8_t *newline = memchr(rest.data, '\n', rest.size);
    size_t size = newline ? (size_t)(newline - rest.data) + 1 : (size_t)rest.size;
    if (size >= (size_t)room)
        (void)refuse(reading, "the line is too long: make it several `databases = ` lines");
    else if (memchr(rest.data, 0, size))
        (void)refuse(reading, "the line has a NUL byte");
    if (reading->failed < 0)
        return NULL;
    memcpy(line, rest.data, size);
    line[size] = '\0';
    reading->rest = view_sub(rest, size, UINT64_MAX);
    if (line[strspn(line, " \t")] == '[' && check_section(reading, line) < 0)
        return NULL;
    return line;
}

static status set_required(struct reading *reading, const char *value)
{
    char *end;
    unsigned long number = strtoul(value, &end, 10);
    if (!isdigit((unsigned char)value[0]) || *end || number < 1 || number > TRUST_REQUIRED_MAX)
        return refuse(reading, "signatures_required is a number from 1 to %d", TRUST_REQUIRED_MAX);
    if (reading->ini->required != 0)
        return refuse(reading, "signatures_required is there twice: remove one");
    reading->ini->required = (unsigned)number;
    return ASSAY_OK;
}

static status add_limit(struct trust_ini *ini, const char *id, const char *name, size_t size)
{
    struct trust_limit *limits = reallocarray(ini->limits, ini->count + 1, sizeof(*limits));
    if (!limits)
        return ASSAY_ERR_NOMEM;
    ini->limits = limits;
    char *copy = strndup(name, size);
    if (!copy)
        return ASSAY_ERR_NOMEM;
    struct trust_limit *limit = &limits[ini->count++];
    memcpy(limit->id, id, MINISIGN_ID_TEXT);
    limit->name = copy;
    return ASSAY_OK;
}

/* Names with commas between. */
static status add_names(struct reading *reading, const char *id, const char *value)
{
    for (const char *at = value;; at++) {
        at += strspn(at, " \t");
        size_t size = strspn(at, NAME_CHARACTERS);
        const char *behind = at + size + strspn(at + size, " \t");
        if (size == 0 || (*behind != ',' && *behind != '\0'))
            return refuse(reading, "databases are names with commas between, of letters, digits, "
                                   "'.', '_' and '-'");
        status added = add_limit(reading->ini, id, at, size);
        if (added < 0)
            return reading->failed = added;
        if (*behind == '\0')
            return ASSAY_OK;
        at = behind;
    }
}

static int on_value(void *context, const char *section, const char *name, const char *value)
{
    struct reading *reading = context;
    char id[MINISIGN_ID_TEXT];
    bool is_key = is_key_section(section, strlen(section), id);
    if (reading->failed < 0)
        return 0;
    if (is_key && strcmp(name, "databases") == 0)
        return add_names(reading, id, value) >= 0;
    if (!is_key && strcmp(name, "signatures_required") == 0)
        return set_required(reading, value) >= 0;
    (void)refuse(reading, "'%.40s' is no setting %s", name,
                 is_key ? "of a key: there is `databases`"
                        : "here: there is `signatures_required`, and [key ID] sections");
    return 0;
}

status trust_ini_parse(struct view text, const char *path, struct error *error,
                       struct trust_ini *ret_ini)
{
    struct reading reading = {.rest = text, .path = path, .ini = ret_ini, .error = error};
    if (view_starts(text, 0, "\xef\xbb\xbf", 3))
        return error_set(error, ASSAY_ERR_CORRUPT,
                         "%.100s begins with a byte order mark: save it without", path);
    int line = ini_parse_stream(next_line, &reading, on_value, &reading);
    TRY(reading.failed);
    if (line > 0) {
        reading.line = (unsigned)line;
        return refuse(&reading, "neither [key ID] nor `name = value`");
    }
    return line < 0 ? ASSAY_ERR_NOMEM : ASSAY_OK;
}

void trust_ini_release(struct trust_ini *ini)
{
    for (size_t i = 0; i < ini->count; i++)
        free(ini->limits[i].name);
    free(ini->limits);
    *ini = (struct trust_ini){.count = 0};
}

bool trust_ini_allows(const struct trust_ini *ini, const char *id, const char *name)
{
    bool is_limited = false;
    for (size_t i = 0; i < ini->count; i++) {
        if (strcmp(ini->limits[i].id, id) != 0)
            continue;
        if (strcmp(ini->limits[i].name, name) == 0)
            return true;
        is_limited = true;
    }
    return !is_limited;
}
