#include "pool/zygote_link.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "pool/channel.h"
#include "pool/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* For everything but compiling: none of it takes a tenth of this, however busy the machine. */
#define ANSWER_SECONDS 60

struct zygote_link {
    struct channel channel;
    pid_t pid;
    unsigned layers;
    struct buffer message;
};

void zygote_link_free(struct zygote_link *link)
{
    if (!link)
        return;
    channel_release(&link->channel);
    if (link->pid > 0) {
        kill(link->pid, SIGKILL);
        while (waitpid(link->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    buffer_release(&link->message);
    free(link);
}

unsigned zygote_link_layers(const struct zygote_link *link)
{
    return link->layers;
}

/* Waits for a frame until the deadline (CLOCK_MONOTONIC nanoseconds), or until stop_fd (-1: none)
 * is readable. Errors: ASSAY_ERR_TIME, ASSAY_ERR_CANCELLED, ASSAY_ERR_IO (the zygote is gone),
 * ASSAY_ERR_CORRUPT. */
static status receive(struct zygote_link *link, uint64_t deadline, int stop_fd,
                      struct channel_frame *ret_frame)
{
    for (;;) {
        status taken = channel_take(&link->channel, ret_frame);
        if (taken != ASSAY_END)
            return taken;
        uint64_t now = clock_nanoseconds();
        if (now >= deadline)
            return ASSAY_ERR_TIME;
        struct pollfd pollers[] = {{.fd = link->channel.fd, .events = POLLIN},
                                   {.fd = stop_fd, .events = POLLIN}};
        int ready = poll(pollers, 2, (int)((deadline - now) / 1000000) + 1);
        if (ready < 0 && errno != EINTR)
            return ASSAY_ERR_IO;
        if (ready <= 0)
            continue;
        if (pollers[1].revents)
            return ASSAY_ERR_CANCELLED;
        status filled = channel_fill(&link->channel);
        if (filled != ASSAY_OK)
            return filled == ASSAY_END ? ASSAY_ERR_IO : filled;
    }
}

static uint64_t deadline_in(unsigned seconds)
{
    return clock_nanoseconds() + seconds * CLOCK_SECOND;
}

/* A frame of this type is the only thing that may come. */
static status expect(struct zygote_link *link, enum wire_type type, struct channel_frame *ret_frame)
{
    TRY(receive(link, deadline_in(ANSWER_SECONDS), -1, ret_frame));
    if (ret_frame->type == type)
        return ASSAY_OK;
    if (ret_frame->fd >= 0)
        close(ret_frame->fd);
    return ASSAY_ERR_CORRUPT;
}

/* ---- starting -------------------------------------------------------------------------------- */

static status start_process(struct zygote_link *link, const struct zygote_settings *settings)
{
    int sockets[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
        return ASSAY_ERR_IO;
    link->pid = fork();
    if (link->pid == 0)
        zygote_run(sockets[1], settings);
    close(sockets[1]);
    channel_init(&link->channel, sockets[0]);
    return link->pid < 0 ? ASSAY_ERR_IO : ASSAY_OK;
}

static status learn_layers(struct zygote_link *link)
{
    struct channel_frame frame;
    uint64_t layers;
    TRY(expect(link, WIRE_SANDBOX, &frame));
    TRY(wire_decode_number(frame.payload, &layers));
    link->layers = (unsigned)layers & SANDBOX_ALL;
    return ASSAY_OK;
}

status zygote_link_new(const struct zygote_settings *settings, struct error *error,
                       struct zygote_link **ret_link)
{
    struct zygote_link *link cleanup(zygote_link_free_cleanup) = calloc(1, sizeof(*link));
    if (!link)
        return ASSAY_ERR_NOMEM;
    link->channel.fd = -1;
    if (start_process(link, settings) < 0)
        return error_set(error, ASSAY_ERR_IO, "cannot start a process: %s", strerror(errno));
    if (learn_layers(link) < 0)
        return error_set(error, ASSAY_ERR_IO, "the process that holds the rules did not start");
    if (settings->sandbox == SANDBOX_REQUIRED)
        TRY(sandbox_require_all(link->layers, error));
    *ret_link = steal_pointer(link);
    return ASSAY_OK;
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
    this->compile->on_diagnostic(this->compile->diagnostic_context, &diagnostic);
    return ASSAY_OK;
}

static status on_rules(struct compilation *this, struct view payload)
{
    TRY(wire_decode_number(payload, &this->rules));
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
    {WIRE_RULES, on_rules},
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
    uint64_t deadline = deadline_in(this->compile->seconds);
    while (!this->ended) {
        struct channel_frame frame;
        TRY(receive(this->link, deadline, this->stop_fd, &frame));
        TRY(handle_answer(this, &frame));
    }
    return ASSAY_OK;
}

/* The compiler is gone or hangs: says how, and over which source. */
static status explain_loss(struct compilation *this, status why, struct error *error)
{
    const char *source =
        this->source.size ? (const char *)this->source.data : "all sources together";
    if (why == ASSAY_ERR_CANCELLED)
        return error_set(error, why, "the rules were still being compiled");
    if (why == ASSAY_ERR_TIME)
        return error_set(error, ASSAY_ERR_RULES,
                         "the rules took longer than %u s to compile and were given up, at %.160s",
                         this->compile->seconds, source);
    int exit_status = 0;
    kill(this->link->pid, SIGKILL); /* changes nothing when it is dead already */
    pid_t reaped;
    do {
        reaped = waitpid(this->link->pid, &exit_status, 0);
    } while (reaped < 0 && errno == EINTR);
    this->link->pid = -1;
    const char *signal_name =
        reaped > 0 && WIFSIGNALED(exit_status) ? sigabbrev_np(WTERMSIG(exit_status)) : NULL;
    if (signal_name && WTERMSIG(exit_status) != SIGKILL)
        return error_set(error, ASSAY_ERR_RULES, "the rule compiler crashed (SIG%s) over %.160s",
                         signal_name, source);
    return error_set(error, ASSAY_ERR_RULES, "the rule compiler broke down over %.160s", source);
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
    else if (this.rules == 0)
        followed = error_set(error, ASSAY_ERR_RULES, "%s",
                             this.explained ? "the rules do not compile"
                                            : "the rules could not be compiled: too little memory");
    buffer_release(&this.source);
    TRY(followed);
    *ret_rules = this.rules;
    return ASSAY_OK;
}

/* ---- forking --------------------------------------------------------------------------------- */

status zygote_link_spawn(struct zygote_link *link, int *ret_socket, int *ret_pidfd)
{
    int sockets[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
        return ASSAY_ERR_LIMIT;
    int ours cleanup(fd_cleanup) = sockets[0];
    int theirs cleanup(fd_cleanup) = sockets[1];
    if (fcntl(ours, F_SETFL, O_NONBLOCK) < 0)
        return ASSAY_ERR_IO;
    TRY(channel_send(&link->channel, WIRE_SPAWN, (struct view){NULL, 0}, theirs));
    close(steal_fd(&theirs)); /* makes room for the pidfd */
    struct channel_frame frame;
    TRY(expect(link, WIRE_SPAWNED, &frame));
    if (frame.fd < 0)
        return ASSAY_ERR_LIMIT;
    *ret_pidfd = frame.fd;
    *ret_socket = steal_fd(&ours);
    return ASSAY_OK;
}
