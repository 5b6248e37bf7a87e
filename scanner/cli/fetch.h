/*
 * fetch: a file from https:// or from this machine, into an open file. Nothing is said about what is
 * in it: whoever asks checks signature and digest.
 *
 * What comes from a network is brought by the program assay-update, which has less rights and none
 * of this process's memory; see base/updater.h.
 */
#ifndef CLI_FETCH_H
#define CLI_FETCH_H

#include "base/status.h"

struct fetch_options {
    uint64_t max_bytes;  /* at least 1 */
    uint64_t timeout;    /* seconds for all of it; 1 to a week */
    uint64_t low_speed;  /* bytes a second below which a server is given up; 0: none */
    const char *ca_file; /* certificates to trust instead of the system's; NULL */
    const char *program; /* another than the assay-update that belongs to this program; NULL */
    int stop;            /* becomes readable when it shall end (stop_signal_open); -1 */
};

/*
 * From "https://...", "file:///a%20path" or "a path", which is copied.
 *   fd  a regular file, open for writing and reading. What it has is taken for the beginning of the
 *       same file, and only the rest is asked for: when the digest is wrong in the end, empty it and
 *       call again. A server that tells no length can end early without an error, so the size is to
 *       be checked as well. A file of this machine is copied from its beginning.
 *       A program that was taken over may have left something behind that still writes to it: check
 *       a copy, and use that.
 * Errors, for all of which error has words that say what to do:
 *   ASSAY_ERR_ARGUMENT   the address cannot be used, or there is no such file
 *   ASSAY_ERR_LIMIT      it is larger than max_bytes; fd has no more than those
 *   ASSAY_ERR_TRUNCATED  the connection ended early; fd keeps what came, call again for the rest
 *   ASSAY_ERR_TIME       too slow; fd keeps what came
 *   ASSAY_ERR_CANCELLED  stop became readable; fd keeps what came
 *   ASSAY_ERR_IO         everything else: network, certificates, a full disk, no assay-update
 */
CHECKED status fetch(const struct fetch_options *options, const char *url, int fd,
                     struct error *error);

#endif
