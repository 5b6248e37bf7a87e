#include "base/cleanup.h"
#include "pool/wire.h"
#include "pool/zygote_link_state.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

/* For reading and writing what was compiled before, however slow the disk. */
#define FILE_SECONDS 300

/* Ends a zygote that is of no use any more, so that no late answer is taken for another. The name of
 * the signal that it had crashed with, or NULL. */
static const char *end_process(struct zygote_link *link)
{
    int exit_status = 0;
    pid_t reaped;
    if (link->pid <= 0)
        return NULL;
    kill(link->pid, SIGKILL); /* changes nothing when it is dead already */
    do {
        reaped = waitpid(link->pid, &exit_status, 0);
    } while (reaped < 0 && errno == EINTR);
    link->pid = -1;
    bool crashed = reaped > 0 && WIFSIGNALED(exit_status) && WTERMSIG(exit_status) != SIGKILL;
    return crashed ? sigabbrev_np(WTERMSIG(exit_status)) : NULL;
}

/* ---- compiling ------------------------------------------------------------------------------- */

status zygote_link_add_source(struct zygote_link *link, const char *name, const char *database,
                              int fd)
{
    struct wire_source source = {.name = name, .database = database};
    TRY(wire_encode_source(&link->message, &source));
    return channel_send(&link->channel, WIRE_SOURCE, buffer_view(&link->message), fd);
}

/* What is going on while the zygote compiles. */
struct compilation {
    struct zygote_link *link;
    const struct pool_compile *compile;
    int stop_fd;
    struct buffer source; /* the one that is compiled now, NUL-terminated */
    status result;
    uint64_t rules;
    bool explained; /* an error was shown */
    bool ended;
};

static status on_compiling(struct compilation *this, struct view payload)
{
    const char *name;
    const char *unused;
    TRY(wire_decode_texts(payload, &name, &unused));
    this->source.size = 0;
    TRY(buffer_append_text(&this->source, name));
    return buffer_terminate(&this->source);
}

static status on_include(struct compilation *this, struct view payload)
{
    const char *name;
    const char *from;
    TRY(wire_decode_texts(payload, &name, &from));
    const struct pool_compile *compile = this->compile;
    int fd cleanup(fd_cleanup) =
        compile->open_include ? compile->open_include(compile->include_context, name, from) : -1;
    return channel_send(&this->link->channel, WIRE_INCLUDE_TEXT, (struct view){NULL, 0}, fd);
}

static status on_diagnostic(struct compilation *this, struct view payload)
{
    struct assay_diagnostic diagnostic;
    TRY(wire_decode_diagnostic(payload, &diagnostic));
    this->explained = this->explained || diagnostic.is_error;
    if (this->compile->on_diagnostic)
        this->compile->on_diagnostic(this->compile->diagnostic_context, &diagnostic);
    return ASSAY_OK;
}

static status on_outcome(struct compilation *this, struct view payload)
{
    struct wire_outcome outcome;
    TRY(wire_decode_outcome(payload, &outcome));
    this->result = outcome.status;
    this->rules = outcome.number;
    this->ended = true;
    return ASSAY_OK;
}

static const struct {
    enum wire_type type;
    status (*handle)(struct compilation *this, struct view payload);
} answers[] = {
    {WIRE_COMPILING, on_compiling},
    {WIRE_INCLUDE, on_include},
    {WIRE_DIAGNOSTIC, on_diagnostic},
    {WIRE_OUTCOME, on_outcome},
};

static status handle_answer(struct compilation *this, const struct channel_frame *frame)
{
    if (frame->fd >= 0) {
        close(frame->fd);
        return ASSAY_ERR_CORRUPT;
    }
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        if (answers[i].type == frame->type)
            return answers[i].handle(this, frame->payload);
    }
    return ASSAY_ERR_CORRUPT;
}

static status follow(struct compilation *this)
{
    uint64_t deadline = zygote_link_deadline(this->compile->seconds);
    while (!this->ended) {
        struct channel_frame frame;
        TRY(zygote_link_receive(this->link, deadline, this->stop_fd, &frame));
        TRY(handle_answer(this, &frame));
    }
    return ASSAY_OK;
}

/* What was compiled last. */
static const char *source_of(const struct compilation *this)
{
    bool is_one = this->source.size > 0 && this->source.data[0] != 0;
    return is_one ? (const char *)this->source.data : "all sources together";
}

/* The compiler is gone or hangs: says how, and over which source. */
static status name_loss(const struct compilation *this, status why, struct error *error)
{
    const char *source = source_of(this);
    const char *signal_name = end_process(this->link);
    if (why == ASSAY_ERR_CANCELLED)
        return error_set(error, why, "the rules were still being compiled");
    if (why == ASSAY_ERR_TIME)
        return error_set(error, ASSAY_ERR_RULES,
                         "the rules took longer than %u s to compile and were given up, at %.160s",
                         this->compile->seconds, source);
    if (signal_name)
        return error_set(error, ASSAY_ERR_RULES, "the rule compiler crashed (SIG%s) over %.160s",
                         signal_name, source);
    return error_set(error, ASSAY_ERR_RULES, "the rule compiler broke down over %.160s", source);
}

static status report_loss(const struct compilation *this, const struct error *words,
                          struct error *error)
{
    const struct pool_compile *compile = this->compile;
    if (compile->on_loss)
        compile->on_loss(compile->diagnostic_context,
                         this->source.size ? (const char *)this->source.data : "", words->text);
    return error_set(error, ASSAY_ERR_RULES, "%s", words->text);
}

static status explain_loss(const struct compilation *this, status why, struct error *error)
{
    struct error words;
    status lost = name_loss(this, why, &words);
    if (lost == ASSAY_ERR_RULES)
        return report_loss(this, &words, error);
    return error_set(error, lost, "%s", words.text);
}

static status refuse(const struct compilation *this, struct error *error)
{
    if (this->result == ASSAY_ERR_ARGUMENT)
        return error_set(error, ASSAY_ERR_RULES, "no rules were given");
    if (this->explained)
        return error_set(error, ASSAY_ERR_RULES, "the rules do not compile");
    struct error words;
    error_set(&words, ASSAY_ERR_RULES,
              "the rules take more memory to compile than they may have, at %.160s",
              source_of(this));
    return report_loss(this, &words, error);
}

status zygote_link_compile(struct zygote_link *link, const struct pool_compile *compile,
                           int stop_fd, struct error *error, uint64_t *ret_rules)
{
    struct compilation this = {.link = link, .compile = compile, .stop_fd = stop_fd};
    status followed = channel_send(&link->channel, WIRE_COMPILE, (struct view){NULL, 0}, -1);
    if (followed >= 0)
        followed = follow(&this);
    if (followed < 0)
        followed = explain_loss(&this, followed, error);
    else if (this.result < 0 || this.rules == 0)
        followed = refuse(&this, error);
    buffer_release(&this.source);
    TRY(followed);
    *ret_rules = this.rules;
    return ASSAY_OK;
}

/* ---- what was compiled before ---------------------------------------------------------------- */

/* What is done with a file, for the words about what went wrong. */
struct request {
    enum wire_type type;
    const char *cannot; /* "cannot write the compiled rules" */
};

/* The zygote did not live to answer, or broke the protocol: it is over. */
static status lose(struct zygote_link *link, const struct request *request, status why,
                   struct error *error)
{
    const char *signal_name = end_process(link);
    if (why == ASSAY_ERR_CANCELLED)
        return error_set(error, why, "%s: stopped", request->cannot);
    if (why == ASSAY_ERR_TIME)
        return error_set(error, ASSAY_ERR_RULES, "%s: it took longer than %d s", request->cannot,
                         FILE_SECONDS);
    return error_set(error, ASSAY_ERR_RULES, "%s: the process that did so %s%s", request->cannot,
                     signal_name ? "crashed with SIG" : "broke down",
                     signal_name ? signal_name : "");
}

/* Sends what is in link->message with the file, and waits for what came of it. */
static status ask(struct zygote_link *link, const struct request *request, int fd, int stop_fd,
                  struct error *error, uint64_t *ret_number)
{
    struct channel_frame frame = {.fd = -1};
    struct wire_outcome outcome;
    status asked = channel_send(&link->channel, request->type, buffer_view(&link->message), fd);
    if (asked >= 0)
        asked = zygote_link_receive(link, zygote_link_deadline(FILE_SECONDS), stop_fd, &frame);
    if (asked >= 0 && frame.fd >= 0)
        close(frame.fd);
    if (asked >= 0)
        asked = frame.type == WIRE_OUTCOME && frame.fd < 0
                    ? wire_decode_outcome(frame.payload, &outcome)
                    : ASSAY_ERR_CORRUPT;
    if (asked < 0)
        return lose(link, request, asked, error);
    if (outcome.status < 0)
        return error_set(error, outcome.status, "%s: %.120s", request->cannot,
                         outcome.words[0] ? outcome.words
                                          : assay_status_text((enum assay_status)outcome.status));
    *ret_number = outcome.number;
    return ASSAY_OK;
}

status zygote_link_save_rules(struct zygote_link *link, const uint8_t key[32], int fd, int stop_fd,
                              struct error *error)
{
    static const struct request save = {WIRE_SAVE_RULES, "cannot write the compiled rules"};
    uint64_t unused;
    TRY(wire_encode_key(&link->message, key));
    return ask(link, &save, fd, stop_fd, error, &unused);
}

status zygote_link_load_rules(struct zygote_link *link, const uint8_t key[32], int fd, int stop_fd,
                              struct error *error, uint64_t *ret_rules)
{
    static const struct request load = {WIRE_LOAD_RULES, "cannot use the compiled rules"};
    TRY(wire_encode_key(&link->message, key));
    return ask(link, &load, fd, stop_fd, error, ret_rules);
}

status zygote_link_add_hashes(struct zygote_link *link, const char *database, int fd, int stop_fd,
                              struct error *error, uint64_t *ret_hashes)
{
    static const struct request add = {WIRE_ADD_HASHES, "cannot use the index of hashes"};
    TRY(wire_encode_texts(&link->message, database, ""));
    return ask(link, &add, fd, stop_fd, error, ret_hashes);
}
