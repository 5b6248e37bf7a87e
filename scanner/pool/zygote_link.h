/*
 * zygote_link: the supervisor's side of the zygote.
 */
#ifndef POOL_ZYGOTE_LINK_H
#define POOL_ZYGOTE_LINK_H

#include "base/cleanup.h"
#include "pool/pool.h"
#include "pool/zygote.h"

struct zygote_link;

/* Forks the zygote and waits until its sandbox is closed. settings is borrowed until freed.
 * Errors: ASSAY_ERR_IO (no process), ASSAY_ERR_UNSUPPORTED (SANDBOX_REQUIRED, and a layer is
 * missing), ASSAY_ERR_NOMEM; error says more. */
CHECKED status zygote_link_new(const struct zygote_settings *settings, struct error *error,
                               struct zygote_link **ret_link);
void zygote_link_free(struct zygote_link *link);
DEFINE_CLEANUP(struct zygote_link, zygote_link_free);

unsigned zygote_link_layers(const struct zygote_link *link);

/* As the pool functions of the same meaning. */
CHECKED status zygote_link_add_source(struct zygote_link *link, const char *name,
                                      const char *database, int fd);
CHECKED status zygote_link_compile(struct zygote_link *link, const struct pool_compile *compile,
                                   int stop_fd, struct error *error, uint64_t *ret_rules);
CHECKED status zygote_link_save_rules(struct zygote_link *link, const uint8_t key[32], int fd,
                                      int stop_fd, struct error *error);
CHECKED status zygote_link_load_rules(struct zygote_link *link, const uint8_t key[32], int fd,
                                      int stop_fd, struct error *error, uint64_t *ret_rules);
CHECKED status zygote_link_add_hashes(struct zygote_link *link, const char *database, int fd,
                                      int stop_fd, struct error *error, uint64_t *ret_hashes);

/* Has a worker forked. The caller takes the socket (non-blocking) and the pidfd of its new child.
 * Errors: ASSAY_ERR_LIMIT (no room for another just now: processes, open files, memory),
 * ASSAY_ERR_IO and others (the zygote is of no use any more). */
CHECKED status zygote_link_spawn(struct zygote_link *link, int *ret_socket, int *ret_pidfd);

#endif
