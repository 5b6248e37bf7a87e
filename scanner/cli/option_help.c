#include "cli/option_help.h"

#include <string.h>

/* Where the explanations start, and where a line has to end. */
#define HELP_COLUMN 32
#define HELP_WIDTH  80

/* As many bytes of the text as fit into a line: whole words, or one that is too long. */
static size_t fitting(const char *text)
{
    size_t size = strlen(text), room = HELP_WIDTH - HELP_COLUMN;
    if (size <= room)
        return size;
    const char *space = memrchr(text, ' ', room + 1);
    return space && space > text ? (size_t)(space - text) : strcspn(text, " ");
}

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
        fprintf(out, "%s\n%*s", left, HELP_COLUMN, "");
    else
        fprintf(out, "%-*s", HELP_COLUMN, left);
    size_t size = fitting(help);
    fprintf(out, "%.*s\n", (int)size, help);
    for (help += size; *help; help += size) {
        help += strspn(help, " ");
        size = fitting(help);
        fprintf(out, "%*s%.*s\n", HELP_COLUMN, "", (int)size, help);
    }
}

void option_help_print(const struct option_table *table, FILE *out)
{
    const char *blank = table->operands[0] ? " " : "";
    fprintf(out, "Usage: assay %s [OPTIONS]%s%s\n\n%s\n\n", table->verb, blank, table->operands,
            table->summary);
    for (size_t i = 0; i < table->count; i++) {
        const struct option_row *row = &table->rows[i];
        print_row(out, row->letter, row->name, row->argument, row->help);
    }
    print_row(out, 0, "config", "FILE", "read further settings from FILE");
    print_row(out, 'h', "help", NULL, "this text");
}
