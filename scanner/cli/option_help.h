/* option_help: what --help prints, made from the table. */
#ifndef CLI_OPTION_HELP_H
#define CLI_OPTION_HELP_H

#include <stdio.h>

#include "cli/options.h"

void option_help_print(const struct option_table *table, FILE *out);

#endif
