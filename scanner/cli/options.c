#include "cli/options.h"

#include "base/cleanup.h"
#include "cli/option_help.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <ini.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* getopt's codes for options without a letter start here. */
#define CODE_BASE   256
#define CODE_HELP   1
#define CODE_CONFIG 2

#define NAME_BYTES 64

struct setting {
    const struct option_row *row;
    char *value;
};

struct option_values {
    struct setting *list;
    size_t count;
};

DEFINE_CLEANUP(struct option_values, option_values_free);

struct config_file {
    const char *path;
    FILE *stream;
    int line;
    bool unfit; /* that line cannot be read as text */
};

/* What the parts of one reading share. */
struct reading {
    const struct option_table *table;
    void *target;
    struct error *error;
    struct option_values *values;
    const char *origin;       /* of the value at hand: "/etc/assay/config.ini:4: " */
    struct config_file *file; /* the one that is read */
    status failed;            /* what a file's handler ended with */
};

void option_values_free(struct option_values *values)
{
    if (!values)
        return;
    for (size_t i = 0; i < values->count; i++)
        free(values->list[i].value);
    free(values->list);
    free(values);
}

size_t option_values_count(const struct option_values *values)
{
    return values->count;
}

void option_values_at(const struct option_values *values, size_t index, const char **ret_name,
                      const char **ret_value)
{
    *ret_name = values->list[index].row->name;
    *ret_value = values->list[index].value;
}

static status set_value(struct reading *reading, const struct option_row *row, const char *value)
{
    struct option_values *values = reading->values;
    struct setting *list = reallocarray(values->list, values->count + 1, sizeof(*list));
    if (!list)
        return ASSAY_ERR_NOMEM;
    values->list = list;
    char *copy = strdup(value);
    if (!copy)
        return ASSAY_ERR_NOMEM;
    list[values->count++] = (struct setting){.row = row, .value = copy};

    struct error why = {""};
    status set = row->set((char *)reading->target + row->offset, copy, &why);
    if (set < 0)
        return error_set(reading->error, set, "%s--%s: %s", reading->origin, row->name, why.text);
    return set;
}

static const struct option_row *find_row(const struct option_table *table, const char *name)
{
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->rows[i].name, name) == 0)
            return &table->rows[i];
    }
    return NULL;
}

/* ---- files ----------------------------------------------------------------------------------- */

/* The library would take a long line for several, and a NUL byte for the end of one. No more is read
 * than fits: what is named may be a device that has no end. */
static char *next_line(char *line, int room, void *context)
{
    struct config_file *file = context;
    int size = 0;
    int byte = 0;
    while (!file->unfit && byte != '\n' && (byte = getc(file->stream)) != EOF) {
        file->unfit = byte == 0 || size + 1 >= room;
        if (!file->unfit)
            line[size++] = (char)byte;
    }
    file->line += size > 0 || file->unfit;
    line[size] = 0;
    return size > 0 && !file->unfit ? line : NULL;
}

static int on_file_value(void *context, const char *section, const char *name, const char *value)
{
    struct reading *reading = context;
    if (reading->failed < 0 || strcmp(section, reading->table->verb) != 0)
        return reading->failed >= 0;
    char origin[PATH_MAX + 32];
    snprintf(origin, sizeof(origin), "%s:%d: ", reading->file->path, reading->file->line);
    reading->origin = origin;
    const struct option_row *row = find_row(reading->table, name);
    if (row && !row->command_line_only)
        reading->failed = set_value(reading, row, value);
    else
        reading->failed = error_set(reading->error, ASSAY_ERR_ARGUMENT,
                                    "%s'%.100s' is no setting of [%s]", origin, name, section);
    reading->origin = "";
    return reading->failed >= 0;
}

static void config_file_release(struct config_file *file)
{
    if (file->stream)
        fclose(file->stream);
}

/* A file that need not be there is only read when it is. */
static status read_file(struct reading *reading, const char *path, bool required)
{
    struct config_file file cleanup(config_file_release) = {.path = path,
                                                            .stream = fopen(path, "re")};
    if (!file.stream && errno == ENOENT && !required)
        return ASSAY_OK;
    if (!file.stream)
        return error_set(reading->error, ASSAY_ERR_IO, "%s: %s", path, strerror(errno));
    reading->file = &file;
    reading->failed = ASSAY_OK;
    errno = 0;
    int line = ini_parse_stream(next_line, &file, on_file_value, reading);
    if (reading->failed < 0)
        return reading->failed;
    if (ferror(file.stream))
        return error_set(reading->error, ASSAY_ERR_IO, "%s: %s", path, strerror(errno));
    if (line > 0)
        return error_set(reading->error, ASSAY_ERR_ARGUMENT, "%s:%d: not a `name = value` line",
                         path, line);
    if (file.unfit)
        return error_set(reading->error, ASSAY_ERR_ARGUMENT,
                         "%s:%d: the line is too long, or holds a NUL byte", path, file.line);
    return line < 0 ? ASSAY_ERR_NOMEM : ASSAY_OK;
}

static status read_standard_files(struct reading *reading)
{
    TRY(read_file(reading, "/etc/assay/config.ini", false));
    char path[PATH_MAX];
    const char *base = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    if (base && base[0] == '/')
        snprintf(path, sizeof(path), "%s/assay/config.ini", base);
    else if (home && home[0] == '/')
        snprintf(path, sizeof(path), "%s/.config/assay/config.ini", home);
    else
        return ASSAY_OK;
    return read_file(reading, path, false);
}

/* ---- environment ----------------------------------------------------------------------------- */

static status read_environment(struct reading *reading)
{
    reading->origin = "in the environment, ";
    for (size_t i = 0; i < reading->table->count; i++) {
        const struct option_row *row = &reading->table->rows[i];
        char name[NAME_BYTES];
        int length = snprintf(name, sizeof(name), "ASSAY_%s", row->name);
        for (int k = 0; k < length && k < NAME_BYTES - 1; k++)
            name[k] = name[k] == '-' ? '_' : (char)toupper((unsigned char)name[k]);
        const char *value = row->command_line_only ? NULL : getenv(name);
        if (value)
            TRY(set_value(reading, row, value));
    }
    reading->origin = "";
    return ASSAY_OK;
}

/* ---- command line ---------------------------------------------------------------------------- */

/* The table in getopt's form. */
struct getopt_form {
    struct option *longs;
    char *shorts;
};

static void getopt_form_release(struct getopt_form *form)
{
    free(form->longs);
    free(form->shorts);
}

static status make_getopt_form(const struct option_table *table, struct getopt_form *ret_form)
{
    struct getopt_form form cleanup(getopt_form_release) = {
        .longs = calloc(table->count + 3, sizeof(*form.longs)),
        .shorts = calloc(table->count * 2 + 3, 1),
    };
    if (!form.longs || !form.shorts)
        return ASSAY_ERR_NOMEM;
    char *at = form.shorts;
    *at++ = ':';
    *at++ = 'h';
    for (size_t i = 0; i < table->count; i++) {
        const struct option_row *row = &table->rows[i];
        form.longs[i] = (struct option){.name = row->name,
                                        .has_arg = row->argument ? required_argument : no_argument,
                                        .val = CODE_BASE + (int)i};
        if (!row->letter)
            continue;
        *at++ = row->letter;
        if (row->argument)
            *at++ = ':';
    }
    form.longs[table->count] = (struct option){.name = "help", .val = CODE_HELP};
    form.longs[table->count + 1] =
        (struct option){.name = "config", .has_arg = required_argument, .val = CODE_CONFIG};
    *ret_form = (struct getopt_form){steal_pointer(form.longs), steal_pointer(form.shorts)};
    return ASSAY_OK;
}

static const struct option_row *row_of_code(const struct option_table *table, int code)
{
    if (code >= CODE_BASE)
        return &table->rows[code - CODE_BASE];
    for (size_t i = 0; i < table->count; i++) {
        if (table->rows[i].letter == code)
            return &table->rows[i];
    }
    return NULL;
}

static status refuse(const struct reading *reading, int code, char **argv)
{
    const char *word = argv[optind - 1];
    const char *what = code == ':' ? "needs a value" : "is unknown, or takes no value";
    return error_set(reading->error, ASSAY_ERR_ARGUMENT, "option '%.80s' %s; see `assay %s --help`",
                     word, what, reading->table->verb);
}

/* Goes over the command line: for --config and --help alone, or for everything else. */
static status read_command_line(struct reading *reading, int argc, char **argv,
                                const char **ret_config, int *ret_first_operand)
{
    struct getopt_form form cleanup(getopt_form_release) = {NULL, NULL};
    TRY(make_getopt_form(reading->table, &form));
    opterr = 0;
    optind = 0;
    int code;
    while ((code = getopt_long(argc, argv, form.shorts, form.longs, NULL)) != -1) {
        if (code == '?' || code == ':')
            return refuse(reading, code, argv);
        if (code == CODE_HELP || code == 'h') {
            option_help_print(reading->table, stdout);
            return ASSAY_END;
        }
        if (code == CODE_CONFIG) {
            if (ret_config)
                *ret_config = optarg;
            continue;
        }
        if (!ret_config)
            TRY(set_value(reading, row_of_code(reading->table, code), optarg ? optarg : "yes"));
    }
    *ret_first_operand = optind;
    return ASSAY_OK;
}

/* ---- all of it ------------------------------------------------------------------------------- */

status options_read(const struct option_table *table, void *target, int argc, char **argv,
                    struct error *error, struct option_values **ret_values, int *ret_first_operand)
{
    struct option_values *values cleanup(option_values_free_cleanup) = calloc(1, sizeof(*values));
    if (!values)
        return ASSAY_ERR_NOMEM;
    struct reading reading = {
        .table = table, .target = target, .error = error, .values = values, .origin = ""};
    const char *config = getenv("ASSAY_CONFIG");
    int first_operand = argc;
    status looked = read_command_line(&reading, argc, argv, &config, &first_operand);
    if (looked != ASSAY_OK)
        return looked;
    TRY(read_standard_files(&reading));
    if (config)
        TRY(read_file(&reading, config, true));
    TRY(read_environment(&reading));
    TRY(read_command_line(&reading, argc, argv, NULL, &first_operand));
    if (!table->operands[0] && first_operand < argc)
        return error_set(error, ASSAY_ERR_ARGUMENT, "'%.80s' is too much; see `assay %s --help`",
                         argv[first_operand], table->verb);
    *ret_first_operand = first_operand;
    *ret_values = steal_pointer(values);
    return ASSAY_OK;
}
