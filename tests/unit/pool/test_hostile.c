/* The pool against workers that lie: these are not the scanner's own, but children of this test
 * that were taken over. Whatever they do, each file is done once, and never clean for it. */
#include "pool/channel.h"
#include "pool/pool.h"
#include "pool/wire.h"
#include "pool/worker_link.h"
#include "pool/zygote_link.h"
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

/* ---- a zygote that forks what the test wants ------------------------------------------------- */

/* What a worker does with its end of the channel; starts counts the workers so far, from 1. */
static void (*behave)(struct channel *channel, int starts);
static int starts;

struct zygote_link {
    int unused;
};

status zygote_link_new(const struct zygote_settings *settings, struct error *error,
                       struct zygote_link **ret_link)
{
    (void)settings;
    (void)error;
    *ret_link = calloc(1, sizeof(**ret_link));
    return ASSAY_OK;
}

void zygote_link_free(struct zygote_link *link)
{
    free(link);
}

unsigned zygote_link_layers(const struct zygote_link *link)
{
    (void)link;
    return 0;
}

status zygote_link_add_source(struct zygote_link *link, const char *name, const char *database,
                              int fd)
{
    (void)link, (void)name, (void)database, (void)fd;
    return ASSAY_OK;
}

status zygote_link_compile(struct zygote_link *link, const struct pool_compile *compile,
                           int stop_fd, struct error *error, uint64_t *ret_rules)
{
    (void)link, (void)compile, (void)stop_fd, (void)error, (void)ret_rules;
    return ASSAY_ERR_RULES;
}

status zygote_link_save_rules(struct zygote_link *link, const uint8_t key[32], int fd, int stop_fd,
                              struct error *error)
{
    (void)link, (void)key, (void)fd, (void)stop_fd, (void)error;
    return ASSAY_ERR_RULES;
}

status zygote_link_load_rules(struct zygote_link *link, const uint8_t key[32], int fd, int stop_fd,
                              struct error *error, uint64_t *ret_rules)
{
    (void)link, (void)key, (void)fd, (void)stop_fd, (void)error, (void)ret_rules;
    return ASSAY_ERR_RULES;
}

status zygote_link_add_hashes(struct zygote_link *link, const char *database, int fd, int stop_fd,
                              struct error *error, uint64_t *ret_hashes)
{
    (void)link, (void)database, (void)fd, (void)stop_fd, (void)error, (void)ret_hashes;
    return ASSAY_ERR_RULES;
}

status zygote_link_spawn(struct zygote_link *link, int *ret_socket, int *ret_pidfd)
{
    (void)link;
    int sockets[2];
    int closed[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
    ck_assert_int_eq(pipe(closed), 0);
    starts++;
    pid_t pid = fork();
    if (pid == 0) {
        /* As the zygote's children it holds nothing of the supervisor's. */
        dup2(sockets[1], 3);
        syscall(SYS_close_range, 4, ~0U, 0);
        struct channel channel;
        channel_init(&channel, 3);
        behave(&channel, starts);
        _exit(0);
    }
    close(sockets[1]);
    close(closed[1]);
    char nothing;
    ck_assert_int_eq((int)read(closed[0], &nothing, 1), 0);
    close(closed[0]);
    ck_assert_int_eq(fcntl(sockets[0], F_SETFL, O_NONBLOCK), 0);
    *ret_pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    *ret_socket = sockets[0];
    return ASSAY_OK;
}

/* ---- what the workers say -------------------------------------------------------------------- */

static void say(struct channel *channel, enum wire_type type, const struct buffer *message)
{
    struct view payload = message ? buffer_view(message) : (struct view){NULL, 0};
    if (channel_send(channel, type, payload, -1) < 0)
        _exit(1);
}

static void say_ready(struct channel *channel)
{
    say(channel, WIRE_READY, NULL);
}

static uint64_t take_task(struct channel *channel)
{
    struct channel_frame frame;
    struct wire_task task;
    if (channel_receive(channel, &frame) != ASSAY_OK || frame.type != WIRE_TASK || frame.fd < 0 ||
        wire_decode_task(frame.payload, &task) < 0)
        _exit(1);
    close(frame.fd);
    return task.id;
}

static void say_done(struct channel *channel, uint64_t id, bool retires)
{
    struct buffer message = {0};
    struct wire_done done = {.id = id, .result = {ASSAY_CLEAN, 1, 0}, .retires = retires};
    if (wire_encode_done(&message, &done) < 0)
        _exit(1);
    say(channel, WIRE_DONE, &message);
    buffer_release(&message);
}

static void say_match(struct channel *channel, const char *rule)
{
    struct buffer message = {0};
    struct assay_match match = {.rule = rule, .rule_namespace = "n", .database = "d"};
    struct assay_event event = {.type = ASSAY_EVENT_MATCH, .match = &match};
    if (wire_encode_event(&message, &event) < 0)
        _exit(1);
    say(channel, WIRE_EVENT, &message);
    buffer_release(&message);
}

static void be_honest(struct channel *channel)
{
    say_ready(channel);
    for (;;)
        say_done(channel, take_task(channel), false);
}

/* ---- the supervisor's side ------------------------------------------------------------------- */

struct log {
    size_t matches, incomplete, done, done_incomplete, done_match;
    enum assay_reason reason; /* of the last one */
    char detail[160];
};

static void on_event(void *context, struct assay_bytes path, const struct assay_event *event)
{
    struct log *log = context;
    ck_assert_uint_eq(path.size, 4);
    if (event->type == ASSAY_EVENT_MATCH)
        log->matches++;
    if (event->type != ASSAY_EVENT_INCOMPLETE)
        return;
    log->incomplete++;
    log->reason = event->reason;
    snprintf(log->detail, sizeof(log->detail), "%s", event->detail);
}

static void on_done(void *context, uint64_t size, const struct assay_result *result)
{
    struct log *log = context;
    ck_assert_uint_eq(size, 0);
    log->done++;
    log->done_incomplete += result->verdict == ASSAY_INCOMPLETE;
    log->done_match += result->verdict == ASSAY_MATCH;
}

static status submit(struct pool *pool, struct error *error)
{
    struct stat stat = {.st_size = 0};
    struct pool_file file = {.fd = memfd_create("file", MFD_CLOEXEC),
                             .path = {(const uint8_t *)"path", 4},
                             .owner = "root",
                             .stat = &stat};
    return pool_submit(pool, &file, error);
}

/* Has workers of this kind scan so many files; what became of them. */
static struct log run(void (*how)(struct channel *channel, int starts), size_t files,
                      status *ret_ended)
{
    behave = how;
    starts = 0;
    struct log log = {0};
    struct pool_settings settings = {.jobs = 2, .limits = assay_limits_default()};
    settings.limits.time_seconds = 1;
    struct pool_events events = {on_event, on_done, &log};
    struct error error = {""};
    struct pool *pool;
    ck_assert_int_eq(pool_new(&settings, &events, &error, &pool), ASSAY_OK);
    status ended = ASSAY_OK;
    for (size_t i = 0; i < files && ended >= 0; i++)
        ended = submit(pool, &error);
    while (ended >= 0 && !pool_is_idle(pool))
        ended = pool_wait(pool, 1000, &error);
    if (ended < 0)
        ck_assert_str_ne(error.text, "");
    pool_free(pool);
    ck_assert_uint_le(log.done, files);
    if (ret_ended)
        *ret_ended = ended;
    else
        ck_assert_int_ge(ended, 0);
    return log;
}

static void honest(struct channel *channel, int count)
{
    (void)count;
    be_honest(channel);
}

START_TEST(honest_workers_do_their_files)
{
    struct log log = run(honest, 50, NULL);
    ck_assert_uint_eq(log.done, 50);
    ck_assert_uint_eq(log.incomplete, 0);
}
END_TEST

/* ---- one breach each: the first worker commits it over its first file ------------------------ */

typedef void breach_fn(struct channel *channel, uint64_t id);

static breach_fn *chosen_breach;

static void commit_chosen_first(struct channel *channel, int count)
{
    if (count > 1)
        be_honest(channel);
    say_ready(channel);
    chosen_breach(channel, take_task(channel));
    pause(); /* it does not even end */
}

static struct log run_breach(breach_fn *breach, size_t files)
{
    chosen_breach = breach;
    return run(commit_chosen_first, files, NULL);
}

static void done_with_another(struct channel *channel, uint64_t id)
{
    say_done(channel, id + 1, false);
}

static void not_a_frame(struct channel *channel, uint64_t id)
{
    (void)id;
    if (write(channel->fd, "\xff\xff\xff\xff garbage", 12) != 12)
        _exit(1);
}

static void unknown_type(struct channel *channel, uint64_t id)
{
    (void)id;
    say(channel, (enum wire_type)200, NULL);
}

static void a_zygotes_message(struct channel *channel, uint64_t id)
{
    (void)id;
    say(channel, WIRE_SPAWNED, NULL);
}

static void an_event_that_is_none(struct channel *channel, uint64_t id)
{
    struct buffer message = {0};
    if (buffer_append_text(&message, "an event that is none") < 0)
        _exit(1);
    (void)id;
    say(channel, WIRE_EVENT, &message);
}

static void a_descriptor(struct channel *channel, uint64_t id)
{
    (void)id;
    if (channel_send(channel, WIRE_READY, (struct view){NULL, 0}, 0) < 0)
        _exit(1);
}

static void ready_again(struct channel *channel, uint64_t id)
{
    (void)id;
    say_ready(channel);
}

static void closes_its_end(struct channel *channel, uint64_t id)
{
    (void)id;
    channel_release(channel);
}

static void dies(struct channel *channel, uint64_t id)
{
    (void)channel, (void)id;
    raise(SIGKILL);
}

static breach_fn *const breaches[] = {
    done_with_another, not_a_frame,           unknown_type,
    a_zygotes_message, an_event_that_is_none, a_descriptor,
    ready_again,       closes_its_end,        dies,
};

START_TEST(a_breach_costs_one_file_and_no_more)
{
    for (size_t i = 0; i < sizeof(breaches) / sizeof(breaches[0]); i++) {
        struct log log = run_breach(breaches[i], 20);
        ck_assert_msg(log.done == 20 && log.incomplete == 1 && log.done_incomplete == 1 &&
                          log.reason == ASSAY_REASON_CRASH && log.detail[0],
                      "breach %zu: %zu done, %zu incomplete, %s: %s", i, log.done, log.incomplete,
                      assay_reason_name(log.reason), log.detail);
    }
}
END_TEST

/* ---- longer stories -------------------------------------------------------------------------- */

static void hang(struct channel *channel, uint64_t id)
{
    (void)channel, (void)id;
}

START_TEST(a_worker_that_hangs_is_killed)
{
    struct log log = run_breach(hang, 5);
    ck_assert_uint_eq(log.done, 5);
    ck_assert_uint_eq(log.incomplete, 1);
    ck_assert_int_eq(log.reason, ASSAY_REASON_TIME);
}
END_TEST

static void match_then_die(struct channel *channel, uint64_t id)
{
    (void)id;
    say_match(channel, "rule");
    _exit(0);
}

START_TEST(a_match_before_the_crash_stands)
{
    struct log log = run_breach(match_then_die, 5);
    ck_assert_uint_eq(log.done, 5);
    ck_assert_uint_eq(log.matches, 1);
    ck_assert_uint_eq(log.incomplete, 1);
    ck_assert_uint_eq(log.done_match, 1);
    ck_assert_uint_eq(log.done_incomplete, 0);
}
END_TEST

/* Frames of 128 bytes: every read of 64 KiB ends with one, so that two reads look alike. */
static void flood_then_die(struct channel *channel, uint64_t id)
{
    (void)id;
    struct buffer message = {0};
    char rule[64];
    struct assay_match match = {.rule = rule, .rule_namespace = "n", .database = "d"};
    struct assay_event event = {.type = ASSAY_EVENT_MATCH, .match = &match};
    memset(rule, 'r', sizeof(rule));
    for (size_t size = 1; message.size != 128 - 8; size++) {
        rule[size] = 0;
        if (size == 60 || wire_encode_event(&message, &event) < 0)
            _exit(1);
        rule[size] = 'r';
    }
    for (int i = 0; i < 1500; i++)
        if (channel_queue(channel, WIRE_EVENT, buffer_view(&message), -1) < 0)
            _exit(1);
    if (channel_flush(channel) < 0)
        _exit(1);
    _exit(0);
}

START_TEST(nothing_a_dead_worker_said_is_lost)
{
    struct log log = run_breach(flood_then_die, 1);
    ck_assert_uint_eq(log.done, 1);
    ck_assert_uint_eq(log.matches, 1500);
}
END_TEST

static void retire(struct channel *channel, int count)
{
    (void)count;
    say_ready(channel);
    say_done(channel, take_task(channel), true);
}

START_TEST(files_behind_one_that_retires_a_worker_go_to_the_next)
{
    struct log log = run(retire, 20, NULL);
    ck_assert_uint_eq(log.done, 20);
    ck_assert_uint_eq(log.incomplete, 0);
    ck_assert_int_ge(starts, 20);
}
END_TEST

static void talk_on_after_retiring(struct channel *channel, uint64_t id)
{
    say_done(channel, id, true);
    say_done(channel, take_task(channel), false);
}

START_TEST(a_retired_worker_does_no_more_files)
{
    struct log log = run_breach(talk_on_after_retiring, 20);
    ck_assert_uint_eq(log.done, 20);
    ck_assert_uint_eq(log.incomplete, 0);
    ck_assert_int_ge(starts, 2);
}
END_TEST

static void die_at_once(struct channel *channel, int count)
{
    (void)channel, (void)count;
}

START_TEST(workers_that_never_start_end_the_scan)
{
    status ended;
    struct log log = run(die_at_once, 5, &ended);
    ck_assert_int_eq(ended, ASSAY_ERR_IO);
    ck_assert_uint_eq(log.done, 0);
    ck_assert_int_le(starts, 10);
}
END_TEST

static void done_before_ready(struct channel *channel, int count)
{
    if (count == 1)
        say_done(channel, take_task(channel), false);
    be_honest(channel);
}

START_TEST(a_worker_that_is_not_ready_has_nothing_to_say)
{
    struct log log = run(done_before_ready, 5, NULL);
    ck_assert_uint_eq(log.done, 5);
    ck_assert_int_ge(starts, 3);
}
END_TEST

UNIT_MAIN("hostile", honest_workers_do_their_files, a_breach_costs_one_file_and_no_more,
          a_worker_that_hangs_is_killed, a_match_before_the_crash_stands,
          nothing_a_dead_worker_said_is_lost, files_behind_one_that_retires_a_worker_go_to_the_next,
          a_retired_worker_does_no_more_files, workers_that_never_start_end_the_scan,
          a_worker_that_is_not_ready_has_nothing_to_say)
