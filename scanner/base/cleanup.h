/*
 * cleanup: ownership by scope. A variable declared with cleanup(f) is released when its scope is
 * left, however that happens; to hand it on, steal it.
 */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#define cleanup(function) __attribute__((cleanup(function)))

/* Defines NAME_cleanup(TYPE **) for pointers that are released by NAME(TYPE *), which takes
 * NULL. */
#define DEFINE_CLEANUP(type, name)                                                                 \
    static inline void name##_cleanup(type **pointer)                                              \
    {                                                                                              \
        name(*pointer);                                                                            \
    }                                                                                              \
    struct cleanup_takes_a_semicolon_

static inline void free_cleanup(void *pointer)
{
    free(*(void **)pointer);
}

static inline void fd_cleanup(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* The pointer or fd, which the variable no longer owns. */
#define steal_pointer(variable)                                                                    \
    __extension__({                                                                                \
        __typeof__(variable) stolen_ = (variable);                                                 \
        (variable) = NULL;                                                                         \
        stolen_;                                                                                   \
    })

static inline int steal_fd(int *fd)
{
    int stolen = *fd;
    *fd = -1;
    return stolen;
}

#endif
