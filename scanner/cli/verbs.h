/*
 * verbs: what `assay VERB ...` can be; one verb a file, one row in main.c.
 *
 * Each gets the arguments behind its name (argv[0] is the name) and returns the exit code. Messages
 * go to standard error and say what to do next.
 */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

/* The contract with scripts; highest first: 1, 2, 3, 0. */
enum exit_code {
    EXIT_CLEAN = 0,      /* everything was looked at, and nothing matched */
    EXIT_MATCH = 1,      /* at least one match that counts */
    EXIT_UNUSABLE = 2,   /* it could not be done as asked */
    EXIT_INCOMPLETE = 3, /* no match, but something was not looked at */
};

int verb_scan(int argc, char **argv);
int verb_explain(int argc, char **argv);
int verb_db(int argc, char **argv);
int verb_doctor(int argc, char **argv);
int verb_version(int argc, char **argv);
int verb_help(int argc, char **argv);

#endif
