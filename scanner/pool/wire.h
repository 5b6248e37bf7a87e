/*
 * wire: what the supervisor, the zygote and the workers say to each other, as bytes in frames.
 * Decoding trusts nothing: a field that lies breaks the whole message.
 */
#ifndef POOL_WIRE_H
#define POOL_WIRE_H

#include "base/buffer.h"
#include "base/cleanup.h"

/* Types of frames. */
enum wire_type {
    /* supervisor to zygote */
    WIRE_SOURCE = 1,   /* wire_source, fd of the rule source */
    WIRE_COMPILE,      /* empty: all sources were sent */
    WIRE_INCLUDE_TEXT, /* the answer to WIRE_INCLUDE: fd of the text, or no fd when refused */
    WIRE_SAVE_RULES,   /* wire_key, fd of an empty file */
    WIRE_LOAD_RULES,   /* wire_key, fd of the file */
    WIRE_ADD_HASHES,   /* wire_texts: the database, ""; fd of the index */
    WIRE_SPAWN,        /* empty, fd: the worker's socket */
    /* zygote to supervisor */
    WIRE_SANDBOX,    /* wire_number: bits of the layers that are active */
    WIRE_COMPILING,  /* wire_texts: the source that is compiled now */
    WIRE_INCLUDE,    /* wire_texts: what stands in the include statement, the source it stands in */
    WIRE_DIAGNOSTIC, /* wire_diagnostic */
    WIRE_OUTCOME,    /* wire_outcome: the answer to what is about rules and hashes */
    WIRE_SPAWNED,    /* empty, fd: pidfd of the worker; without: it could not be made */
    /* supervisor to worker */
    WIRE_TASK, /* wire_task, fd of the file */
    /* worker to supervisor */
    WIRE_READY, /* empty: the sandbox is closed, tasks may come */
    WIRE_EVENT, /* an assay_event */
    WIRE_DONE,  /* wire_done */
};

struct wire_source {
    const char *name;
    const char *database;
};

#define WIRE_KEY_BYTES 32 /* as in signatures/rules_binary.h */

struct wire_outcome {
    status status;     /* 0 or an error */
    uint64_t number;   /* of rules or hashes, without an error */
    const char *words; /* with one: what the system said, or ""; hostile */
};

struct wire_task {
    uint64_t id;
    uint64_t size;           /* bytes the file had when it was opened */
    struct assay_bytes path; /* for the rules' variables */
    const char *owner;
    uint32_t share, shares; /* as in struct assay_subject */
};

struct wire_done {
    uint64_t id;
    struct assay_result result;
    bool retires; /* the worker ends now; tasks behind this one were not begun */
};

/* Each encoder replaces what is in the buffer. Errors: ASSAY_ERR_NOMEM. */
CHECKED status wire_encode_source(struct buffer *out, const struct wire_source *source);
CHECKED status wire_encode_number(struct buffer *out, uint64_t number);
CHECKED status wire_encode_texts(struct buffer *out, const char *first, const char *second);
CHECKED status wire_encode_key(struct buffer *out, const uint8_t key[WIRE_KEY_BYTES]);
CHECKED status wire_encode_outcome(struct buffer *out, const struct wire_outcome *outcome);
CHECKED status wire_encode_diagnostic(struct buffer *out,
                                      const struct assay_diagnostic *diagnostic);
CHECKED status wire_encode_task(struct buffer *out, const struct wire_task *task);
CHECKED status wire_encode_event(struct buffer *out, const struct assay_event *event);
CHECKED status wire_encode_done(struct buffer *out, const struct wire_done *done);

/* Decoded pointers are borrowed from the payload. Errors: ASSAY_ERR_CORRUPT. */
CHECKED status wire_decode_source(struct view payload, struct wire_source *ret_source);
CHECKED status wire_decode_number(struct view payload, uint64_t *ret_number);
CHECKED status wire_decode_texts(struct view payload, const char **ret_first,
                                 const char **ret_second);
CHECKED status wire_decode_key(struct view payload, const uint8_t **ret_key);
CHECKED status wire_decode_outcome(struct view payload, struct wire_outcome *ret_outcome);
CHECKED status wire_decode_diagnostic(struct view payload, struct assay_diagnostic *ret_diagnostic);
CHECKED status wire_decode_task(struct view payload, struct wire_task *ret_task);
CHECKED status wire_decode_done(struct view payload, struct wire_done *ret_done);

/* Room for the arrays of a decoded event; kept from event to event. */
struct wire_event_room;
CHECKED status wire_event_room_new(struct wire_event_room **ret_room);
void wire_event_room_free(struct wire_event_room *room);
DEFINE_CLEANUP(struct wire_event_room, wire_event_room_free);

/* The event is borrowed from the payload and the room. Errors: ASSAY_ERR_CORRUPT, _NOMEM. */
CHECKED status wire_decode_event(struct wire_event_room *room, struct view payload,
                                 const struct assay_event **ret_event);

#endif
