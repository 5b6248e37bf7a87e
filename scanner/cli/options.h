/*
 * options: a table of options, and the places their values come from. In order of precedence: the
 * command line, ASSAY_* variables, --config FILE, the user's configuration, the system's. Never a
 * file from the scanned tree.
 *
 * An option named max-depth is --max-depth on the command line, ASSAY_MAX_DEPTH in the environment,
 * and max-depth under [VERB] in a file.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "base/status.h"

struct option_row {
    const char *name;     /* long name */
    char letter;          /* short name; 0: none */
    const char *argument; /* what it takes, for the help; NULL: a flag, set with "yes" */
    const char *help;
    /* Takes the value into the field of the target that is at the offset. Called for the least
     * precedent value first, so the last call wins, or adds. The value lives as long as the
     * options. Errors: ASSAY_ERR_ARGUMENT, error says what is wrong with the value. Usual kinds of
     * values: option_kinds.h. */
    status (*set)(void *field, const char *value, struct error *error);
    size_t offset;
    bool command_line_only;
};

struct option_table {
    const char *verb;
    const char *operands; /* for the usage: "PATH..."; "": it takes none */
    const char *summary;  /* what the verb does, for the help */
    const struct option_row *rows;
    size_t count;
};

struct option_values; /* owns what was read from files */

/* Reads all of it into the target, and gives the operands, which are in argv. ASSAY_END: --help was
 * given and answered. Errors: ASSAY_ERR_ARGUMENT, ASSAY_ERR_IO (a file that was named cannot be
 * read), ASSAY_ERR_NOMEM; error says what to do. */
CHECKED status options_read(const struct option_table *table, void *target, int argc, char **argv,
                            struct error *error, struct option_values **ret_values,
                            int *ret_first_operand);
void option_values_free(struct option_values *values);

/* The options that were set, in no particular order, for the record in reports. */
size_t option_values_count(const struct option_values *values);
void option_values_at(const struct option_values *values, size_t index, const char **ret_name,
                      const char **ret_value);

#endif
