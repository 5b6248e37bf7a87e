/*
 * zygote_state: the zygote as the files of this room share it: zygote.c is the process and forks
 * workers, zygote_rules.c gets the rules that they will have.
 */
#ifndef POOL_ZYGOTE_STATE_H
#define POOL_ZYGOTE_STATE_H

#include "pool/channel.h"
#include "pool/sources.h"
#include "pool/zygote.h"

struct assay_rules;

struct zygote {
    const struct zygote_settings *settings;
    struct channel channel;
    unsigned layers;
    int statm; /* /proc/self/statm, opened before the sandbox closed; -1: no /proc */
    struct sources sources;
    bool has_builtin;
    struct assay_rules *rules;  /* NULL: there are none yet */
    struct assay_rules *latest; /* what was compiled last, until it joins the others */
    struct buffer message;
};

/* Each serves the frame of that name (wire.h), and says to the supervisor what came of it. Errors: the
 * process is of no use any more. */
CHECKED status zygote_add_source(struct zygote *zygote, const struct channel_frame *frame);
CHECKED status zygote_compile(struct zygote *zygote, const struct channel_frame *frame);
CHECKED status zygote_save_rules(struct zygote *zygote, const struct channel_frame *frame);
CHECKED status zygote_load_rules(struct zygote *zygote, const struct channel_frame *frame);
CHECKED status zygote_add_hashes(struct zygote *zygote, const struct channel_frame *frame);

/* Has `rules` be all there are. Errors: ASSAY_ERR_NOMEM. */
CHECKED status zygote_join_rules(struct zygote *zygote);

#endif
