/*
 * status: how a call ended. One vocabulary for all rooms and the public API; what was found is
 * enum assay_verdict, never a status.
 */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#include "assay.h"

/* 0 is success, ASSAY_END (positive) is "nothing more", negative is an error. A plain int, so that
 * `< 0` means what it says; the values are those of enum assay_status. */
typedef int status;

#define CHECKED __attribute__((warn_unused_result))

/* Hands an error on to the caller. Everything held is released by the cleanup attribute. */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        status try_status_ = (call);                                                               \
        if (try_status_ < 0)                                                                       \
            return try_status_;                                                                    \
    } while (0)

/* What went wrong, in words, owned by the caller of whatever failed. */
struct error {
    char text[256];
};

/* Writes the words (cut to fit, `error` may be NULL) and returns `why`, so that a failure is one
 * statement: return error_set(error, ASSAY_ERR_CORRUPT, "entry %u: bad CRC", n); */
__attribute__((format(printf, 3, 4))) status error_set(struct error *error, status why,
                                                       const char *format, ...);

/* The reason an object is incomplete when reading it ended with `why` (an error). */
enum assay_reason reason_of_status(status why);

#endif
