#include "cli/option_help.h"

#include <string.h>

/* Where the explanations start. */
#define HELP_COLUMN 32

static void print_row(FILE *out, char letter, const char *name, const char *argument,
                      const char *help)
{
    char left[80];
    char short_form[8] = "    ";
    if (letter)
        snprintf(short_form, sizeof(short_form), "-%c, ", letter);
    snprintf(left, sizeof(left), "  %s--%s%s%s", short_form, name, argument ? " " : "",
             argument ? argument : "");
    if (strlen(left) >= HELP_COLUMN)
        fprintf(out, "%s\n%*s%s\n", left, HELP_COLUMN, "", help);
    else
        fprintf(out, "%-*s%s\n", HELP_COLUMN, left, help);
}

void option_help_print(const struct option_table *table, FILE *out)
{
    fprintf(out, "Usage: assay %s [OPTIONS] %s\n\n%s\n\n", table->verb, table->operands,
            table->summary);
    for (size_t i = 0; i < table->count; i++) {
        const struct option_row *row = &table->rows[i];
        print_row(out, row->letter, row->name, row->argument, row->help);
    }
    print_row(out, 0, "config", "FILE", "read further settings from FILE");
    print_row(out, 'h', "help", NULL, "this text");
}
