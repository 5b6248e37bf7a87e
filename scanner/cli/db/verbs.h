/*
 * verbs of `assay db`: one a file, one row in db.c. As cli/verbs.h: each gets the arguments behind
 * its name and returns the exit code.
 */
#ifndef CLI_DB_VERBS_H
#define CLI_DB_VERBS_H

#include "base/status.h"
#include "cli/verbs.h"

int db_build(int argc, char **argv);
int db_sign(int argc, char **argv);
int db_keygen(int argc, char **argv);
int db_verify(int argc, char **argv);
int db_install(int argc, char **argv);
int db_update(int argc, char **argv);
int db_rollback(int argc, char **argv);
int db_list(int argc, char **argv);
int db_show(int argc, char **argv);
int db_diff(int argc, char **argv);
int db_lint(int argc, char **argv);

/* The exit code of a verb that ended with `done`: says what went wrong, if anything did. */
int db_exit(status done, const struct error *error);

#endif
