/*
 * updater: what the program assay-update and those who start it agree on. It is a program of its
 * own, so that nothing else links code that talks to a network.
 */
#ifndef BASE_UPDATER_H
#define BASE_UPDATER_H

#define UPDATER_PROGRAM "assay-update"

/* Where the download goes: open for writing, a regular file; what it has is not asked for again. */
#define UPDATER_TARGET_FD 3

/* How it ended, as its exit code. A line on standard error says more. */
enum updater_exit {
    UPDATER_OK = 0,         /* the file is complete */
    UPDATER_FAILED = 1,     /* no memory, or rights cannot be lowered */
    UPDATER_USAGE = 2,      /* the command line, or the URL */
    UPDATER_NOT_FOUND = 3,  /* the server has no such file */
    UPDATER_NETWORK = 4,    /* no connection, or an answer that is of no use */
    UPDATER_TLS = 5,        /* the server is not who it should be */
    UPDATER_TOO_LARGE = 6,  /* more than --max-bytes */
    UPDATER_NO_WRITING = 7, /* descriptor 3 takes no more */
    UPDATER_CUT = 8,        /* the connection ended early; what came can be resumed */
    UPDATER_SLOW = 9,       /* the time is used up, or too little came in it; can be resumed */
};

/* The only variables it is given and looks at. Among the others are some that would change what it
 * trusts or write its keys to a file. */
#define UPDATER_ENVIRONMENT                                                                        \
    "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"

#endif
