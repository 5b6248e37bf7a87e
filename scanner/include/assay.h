/*
 * assay.h: scan bytes for signatures, inside this process.
 *
 * The library answers one question about a buffer or an open file: does anything in it match a
 * signature, and was all of it looked at? Archives and compressed streams are opened, and what is
 * found in them is matched as well. Findings arrive by callback while the scan runs.
 *
 *     rules    = what to look for; immutable once compiled, may be shared by any number of scanners
 *     scanner  = the state of one scan at a time; for one thread at a time
 *     event    = one finding about one object
 *
 * This runs hostile input through parsers in the caller's own process. The assay program does so
 * only in sandboxed workers that may crash; an embedder should think of doing the same.
 *
 * Conventions: functions return ASSAY_OK (0) or a negative enum assay_status. Out-parameters are
 * named ret_x, come last and are written on success only. Strings are NUL-terminated; names taken
 * from files are struct assay_bytes: any bytes, any length, no terminator. Nothing here is global,
 * nothing locks, no function is async-signal-safe.
 */
#ifndef ASSAY_H
#define ASSAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define ASSAY_API     __attribute__((visibility("default")))
#define ASSAY_CHECKED __attribute__((warn_unused_result))
#else
#define ASSAY_API
#define ASSAY_CHECKED
#endif

/* How a call ended. Says nothing about what was found: that is enum assay_verdict. */
enum assay_status {
    ASSAY_OK = 0,
    ASSAY_END = 1,            /* nothing more to read; never returned by functions declared here */
    ASSAY_ERR_NOMEM = -1,     /* memory could not be allocated */
    ASSAY_ERR_IO = -2,        /* reading failed; errno says why */
    ASSAY_ERR_ARGUMENT = -3,  /* the caller broke a rule of this header */
    ASSAY_ERR_RULES = -4,     /* rules do not compile; the diagnostics say where */
    ASSAY_ERR_ENGINE = -5,    /* the rule engine gave up on an object */
    ASSAY_ERR_CANCELLED = -6, /* the event callback asked to stop */
    ASSAY_ERR_CORRUPT = -7,   /* input contradicts its own format */
    ASSAY_ERR_TRUNCATED = -8, /* input ends before its format does */
    ASSAY_ERR_UNSUPPORTED = -9,     /* a known format in a form that cannot be read */
    ASSAY_ERR_ENCRYPTED = -10,      /* needs a password that is not known */
    ASSAY_ERR_MISSING_VOLUME = -11, /* continues in another file */
    ASSAY_ERR_CODEC_MEMORY = -12,   /* decoding needs more memory than a codec may use */
    ASSAY_ERR_LIMIT = -13,          /* a bound of struct assay_limits is used up */
    ASSAY_ERR_TIME = -14,           /* the time allowed is used up */
    ASSAY_ERR_CHANGED = -15,        /* the file changed while it was read */
};

/* What is known about an object once a scan has ended. The worst of an object's own verdict and
 * those of everything found inside it, in the order MATCH, ERROR, INCOMPLETE, CLEAN. */
enum assay_verdict {
    ASSAY_CLEAN,      /* everything was looked at, and nothing matched */
    ASSAY_INCOMPLETE, /* nothing matched in what could be looked at; reasons tell of the rest */
    ASSAY_ERROR,      /* the object could not be looked at */
    ASSAY_MATCH,      /* a rule matched */
};

/* Why an object is incomplete. The names (assay_reason_name) are stable and appear in reports. */
enum assay_reason {
    ASSAY_REASON_DEPTH,
    ASSAY_REASON_EXPANDED_BYTES,
    ASSAY_REASON_RATIO,
    ASSAY_REASON_MEMBER_BYTES,
    ASSAY_REASON_MEMBERS,
    ASSAY_REASON_CODEC_MEMORY,
    ASSAY_REASON_MEMORY,
    ASSAY_REASON_TIME,
    ASSAY_REASON_ENCRYPTED,
    ASSAY_REASON_CORRUPT,
    ASSAY_REASON_TRUNCATED,
    ASSAY_REASON_UNSUPPORTED,
    ASSAY_REASON_MISSING_VOLUME,
    ASSAY_REASON_CRASH,
    ASSAY_REASON_CHANGED,
    ASSAY_REASON_UNREADABLE,
    ASSAY_REASON_DB,
    ASSAY_REASON_FILE_SIZE, /* larger than --max-filesize */
    ASSAY_REASON_MATCHES,   /* one string matched too often for the engine to go on with it */
    ASSAY_REASON_ENGINE,    /* the rule engine gave up */
    ASSAY_REASON_COUNT,
};

enum assay_severity {
    ASSAY_INFO,
    ASSAY_LOW,
    ASSAY_MEDIUM,
    ASSAY_HIGH,
    ASSAY_CRITICAL,
    ASSAY_SEVERITY_COUNT,
};

/* The stable lower-case word for a value ("expanded-bytes", "high"); "unknown" outside the
 * range. */
ASSAY_API const char *assay_verdict_name(enum assay_verdict verdict);
ASSAY_API const char *assay_reason_name(enum assay_reason reason);
ASSAY_API const char *assay_severity_name(enum assay_severity severity);
/* A short English sentence for a status. */
ASSAY_API const char *assay_status_text(enum assay_status status);

/* "assay 0.1.0" without the name: the version of the library linked at run time. */
ASSAY_API const char *assay_version(void);

/* Borrowed bytes. data may be NULL when size is 0. */
struct assay_bytes {
    const uint8_t *data;
    size_t size;
};

/* One step from a container to something in it. */
struct assay_member {
    struct assay_bytes name; /* as the container has it, or a derived name such as "<gz>" */
    uint32_t occurrence;     /* 1, or n for the n-th member of that name in its container */
};

/* The object an event is about: the top-level input when member_count is 0. */
struct assay_object {
    const struct assay_member *members; /* from outside in */
    size_t member_count;
    uint64_t size; /* bytes that were there to be matched */
};

enum assay_meta_type { ASSAY_META_STRING, ASSAY_META_INTEGER, ASSAY_META_BOOLEAN };

struct assay_meta {
    const char *name;
    enum assay_meta_type type;
    const char *string; /* when type is ASSAY_META_STRING */
    int64_t integer;    /* otherwise; 0 or 1 for booleans */
};

/* The most bytes of a matched string that an event carries. */
#define ASSAY_STRING_DATA_MAX 64

struct assay_string_match {
    const char *id;          /* "$name" */
    uint64_t offset;         /* bytes from the start of the object */
    uint64_t length;         /* bytes matched */
    struct assay_bytes data; /* the first of them, at most ASSAY_STRING_DATA_MAX */
};

struct assay_match {
    const char *rule;
    const char *rule_namespace;
    const char *database; /* where the rule came from: assay_source.database */
    enum assay_severity severity;
    const char *const *tags;
    size_t tag_count;
    const struct assay_meta *metas;
    size_t meta_count;
    const struct assay_string_match *strings; /* in the order of the rule, then of the offset */
    size_t string_count;
    uint64_t strings_omitted; /* further string matches, left out to bound the event */
    uint8_t sha256[32];       /* of the matched object */
};

enum assay_event_type {
    ASSAY_EVENT_MATCH,      /* a rule matched; one event for each rule */
    ASSAY_EVENT_INCOMPLETE, /* something was not looked at; reason and detail say what */
    ASSAY_EVENT_CLEAN,      /* an object was looked at whole and matched nothing */
    ASSAY_EVENT_VIEW,       /* an object is done: what it is and what came out of it */
};

/* All pointers are borrowed for the time of the callback. */
struct assay_event {
    enum assay_event_type type;
    struct assay_object object;
    const struct assay_match *match; /* ASSAY_EVENT_MATCH */
    enum assay_reason reason;        /* ASSAY_EVENT_INCOMPLETE */
    const char *detail;              /* ASSAY_EVENT_INCOMPLETE: an English clause; may be "" */
    /* ASSAY_EVENT_VIEW */
    const char *readers;        /* formats it was read as: "zip", "pdf, zip"; "" for none */
    enum assay_verdict verdict; /* of the object and everything in it */
    uint64_t given;             /* bytes of its members, as far as they could be had */
};

/* Return 0 to go on; anything else ends the scan with ASSAY_ERR_CANCELLED. */
typedef int assay_event_fn(void *context, const struct assay_event *event);

/* ---- rules ------------------------------------------------------------------------------- */

struct assay_rules;

/* One rule file. All pointers are borrowed for the time of the call. */
struct assay_source {
    const char *name;     /* in diagnostics, and the namespace of its rules: "webshell.yar" */
    const char *database; /* in events: "builtin" */
    const char *text;     /* YARA source; need not be NUL-terminated, must not contain NUL */
    size_t size;          /* bytes of text */
};

/* What the compiler says about a rule that it cannot take (is_error) or would rather not. */
struct assay_diagnostic {
    bool is_error;
    const char *source; /* assay_source.name, or the name of an included file */
    int line;           /* from 1; 0 when it is about the whole file */
    const char *rule;   /* the rule it is in; "" outside any */
    const char *message;
};
typedef void assay_diagnostic_fn(void *context, const struct assay_diagnostic *diagnostic);

/*
 * Compiles rules. Every source is its own namespace, so the same rule name may stand in several.
 * `include` is refused. The external variables filename, filepath, extension, filetype and owner
 * are defined (strings). One broken source breaks the call, but all are tried first, so that the
 * diagnostics are whole.
 *
 *   sources, count   at least one
 *   on_diagnostic    may be NULL
 *   ret_rules        free with assay_rules_free
 *
 * Errors: ASSAY_ERR_RULES, ASSAY_ERR_NOMEM, ASSAY_ERR_ARGUMENT. The first call of a process sets
 * up libyara and must not race with another.
 */
ASSAY_API ASSAY_CHECKED int assay_rules_compile(const struct assay_source *sources, size_t count,
                                                assay_diagnostic_fn *on_diagnostic, void *context,
                                                struct assay_rules **ret_rules);

/* The sources of the rules that are part of this library; static storage. */
ASSAY_API void assay_builtin_sources(const struct assay_source **ret_sources, size_t *ret_count);

ASSAY_API size_t assay_rules_count(const struct assay_rules *rules);
/* NULL is allowed. Not before every scanner made from it is freed. */
ASSAY_API void assay_rules_free(struct assay_rules *rules);

/* ---- scanning ---------------------------------------------------------------------------- */

/* Bounds on what one top-level input may cost. Each overrun is an ASSAY_EVENT_INCOMPLETE with its
 * own reason, never silence. Start from assay_limits_default(). */
struct assay_limits {
    uint32_t depth;        /* nested containers and codecs */
    uint64_t expanded;     /* bytes out of all containers and codecs */
    uint64_t ratio;        /* bytes out for each byte in, once ratio_from bytes are out */
    uint64_t ratio_from;   /* bytes */
    uint64_t member;       /* bytes of one member held for matching; its prefix is matched */
    uint64_t members;      /* objects inside the input */
    uint64_t codec_memory; /* bytes a single decoder may allocate */
    uint32_t
        time_seconds; /* plus one for each 4 MiB of input; 0 for no bound. Soft: checked between
                             * steps, and now and then by the rule engine */
};
ASSAY_API struct assay_limits assay_limits_default(void);

struct assay_scanner;

/* rules is borrowed until the scanner is freed. Errors: ASSAY_ERR_NOMEM, ASSAY_ERR_ENGINE. */
ASSAY_API ASSAY_CHECKED int assay_scanner_new(const struct assay_rules *rules,
                                              const struct assay_limits *limits,
                                              struct assay_scanner **ret_scanner);
ASSAY_API void assay_scanner_free(struct assay_scanner *scanner);

/* Ask for an ASSAY_EVENT_CLEAN for every object that was looked at whole and matched nothing.
 * Off at first. */
ASSAY_API void assay_scanner_report_clean(struct assay_scanner *scanner, bool wanted);

/* Ask for an ASSAY_EVENT_VIEW for every object once it is done, after those about what is in it:
 * the tree of all that was found. Off at first. */
ASSAY_API void assay_scanner_report_views(struct assay_scanner *scanner, bool wanted);

/* Passwords to try on encrypted members, besides "infected", which is always tried. Any bytes; as
 * they are. Borrowed until the scanner is freed, or until this is called again; not while it
 * scans. */
ASSAY_API void assay_scanner_set_passwords(struct assay_scanner *scanner,
                                           const struct assay_bytes *passwords, size_t count);

/* What rules may ask about the input. Borrowed for the time of the call. */
struct assay_subject {
    struct assay_bytes path; /* filepath; filename and extension are taken from it; may be empty */
    const char *owner;       /* name of the owning user; NULL for "" */
    /* Several scanners, on threads or in processes of their own, may look at one large input
     * together: each opens everything, and matches its own part of the objects. `share` is from 0
     * to `shares` - 1; shares of 0 or 1 is the whole. What could not be looked at is told by share
     * 0, but for what happened to the others alone; the input's verdict is the worst of theirs.
     * Ask for no ASSAY_EVENT_CLEAN or _VIEW then: a share knows its own part only. */
    uint32_t share, shares;
};

/* The most shares an input can have. */
#define ASSAY_SHARES_MAX 64

struct assay_result {
    enum assay_verdict verdict;
    uint64_t objects;        /* the input and everything found in it */
    uint64_t expanded_bytes; /* out of containers and codecs */
};

/*
 * Scans bytes in memory, or all bytes of a regular file (whatever its offset, which stays).
 *
 *   on_event     called on this thread; must not use the scanner
 *   ret_result   also set when the status is ASSAY_ERR_CANCELLED
 *
 * Errors: ASSAY_ERR_CANCELLED, ASSAY_ERR_NOMEM (nothing could be matched at all), and for
 * assay_scan_fd ASSAY_ERR_IO and ASSAY_ERR_ARGUMENT (not a regular file). What goes wrong inside
 * the input is no error but an event. A file that another process truncates while it is mapped
 * raises SIGBUS in the caller.
 */
ASSAY_API ASSAY_CHECKED int assay_scan_buffer(struct assay_scanner *scanner,
                                              const struct assay_subject *subject, const void *data,
                                              size_t size, assay_event_fn *on_event, void *context,
                                              struct assay_result *ret_result);
ASSAY_API ASSAY_CHECKED int assay_scan_fd(struct assay_scanner *scanner,
                                          const struct assay_subject *subject, int fd,
                                          assay_event_fn *on_event, void *context,
                                          struct assay_result *ret_result);

#ifdef __cplusplus
}
#endif

#endif
