/* assay: a dispatch table, which is also the usage. */
#include "cli/say.h"
#include "cli/verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} verbs[] = {
    {"scan", verb_scan, "look for signatures in files, directories and what they contain"},
    {"explain", verb_explain, "what a file is, what is in it, and why it matches or not"},
    {"db", verb_db, "the databases of rules and hashes: install, update, make, sign"},
    {"doctor", verb_doctor, "what works on this system: sandbox, databases, keys"},
    {"version", verb_version, "the versions of the program, its libraries and its rules"},
    {"help", verb_help, "this text"},
};

static void print_usage(FILE *out)
{
    fprintf(out, "assay looks for malware in files, and says what it could not look at.\n\n"
                 "Usage: assay VERB [OPTIONS] ...\n\n");
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        fprintf(out, "  %-10s %s\n", verbs[i].name, verbs[i].help);
    fprintf(out, "\n`assay VERB --help` explains one of them; `man assay` all.\n"
                 "First steps: assay scan ~/Downloads\n");
}

int verb_help(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    print_usage(stdout);
    return EXIT_CLEAN;
}

/* What people type out of habit. */
static const char *verb_name(const char *word)
{
    static const struct {
        const char *habit, *verb;
    } habits[] = {{"--help", "help"}, {"-h", "help"}, {"--version", "version"}, {"-V", "version"}};
    for (size_t i = 0; i < sizeof(habits) / sizeof(habits[0]); i++) {
        if (strcmp(word, habits[i].habit) == 0)
            return habits[i].verb;
    }
    return word;
}

/* A standard stream that the caller closed must not become whatever is opened next, such as the
 * socket of a process. What holds its place can neither be read nor written. */
static bool hold_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        int held = fcntl(fd, F_GETFD) < 0 ? open("/", O_PATH) : fd;
        if (held != fd)
            return false;
    }
    return true;
}

/* What was said only in part was not said. */
static int finish_output(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    say("standard output cannot be written: %s", strerror(errno));
    return EXIT_UNUSABLE;
}

int main(int argc, char **argv)
{
    signal(SIGCHLD, SIG_DFL); /* ignored, as some callers have it, it hides how children ended */
    if (!hold_standard_streams()) {
        say("a standard stream is closed, and nothing can hold its place: %s", strerror(errno));
        return EXIT_UNUSABLE;
    }
    if (argc < 2) {
        print_usage(stderr);
        return EXIT_UNUSABLE;
    }
    const char *name = verb_name(argv[1]);
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(verbs[i].name, name) == 0)
            return finish_output(verbs[i].run(argc - 1, argv + 1));
    }
    say("'%.80s' is no verb. Did you mean `assay scan %.80s`? `assay help` lists all.", name, name);
    return EXIT_UNUSABLE;
}
