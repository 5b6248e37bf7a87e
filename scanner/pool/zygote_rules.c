#include "pool/wire.h"
#include "pool/zygote_state.h"
#include "signatures/hash_set.h"
#include "signatures/rules_binary.h"

#include <errno.h>

_Static_assert(WIRE_KEY_BYTES == RULES_BINARY_KEY, "a key is sent whole");

/* To be called before anything else may change errno. */
static status say_outcome(struct zygote *zygote, status result, uint64_t number)
{
    struct wire_outcome outcome = {
        .status = result,
        .number = result < 0 ? 0 : number,
        .words = result == ASSAY_ERR_IO ? strerror(errno) : "",
    };
    TRY(wire_encode_outcome(&zygote->message, &outcome));
    return channel_send(&zygote->channel, WIRE_OUTCOME, buffer_view(&zygote->message), -1);
}

status zygote_join_rules(struct zygote *zygote)
{
    if (zygote->latest && zygote->rules)
        TRY(rules_join(zygote->rules, zygote->latest));
    else if (zygote->latest)
        zygote->rules = zygote->latest;
    zygote->latest = NULL;
    return ASSAY_OK;
}

/* ---- compiling ------------------------------------------------------------------------------- */

/* The supervisor is told before each source, so that it can name the one that brought us down. */
static void on_source(void *context, const char *name)
{
    struct zygote *zygote = context;
    if (wire_encode_texts(&zygote->message, name, "") < 0 ||
        channel_send(&zygote->channel, WIRE_COMPILING, buffer_view(&zygote->message), -1) < 0)
        _exit(1);
}

static void on_diagnostic(void *context, const struct assay_diagnostic *diagnostic)
{
    struct zygote *zygote = context;
    if (wire_encode_diagnostic(&zygote->message, diagnostic) < 0 ||
        channel_send(&zygote->channel, WIRE_DIAGNOSTIC, buffer_view(&zygote->message), -1) < 0)
        _exit(1);
}

/* Only the supervisor can open files, and decides which. */
static char *on_include(void *context, const char *name, const char *from, size_t *ret_size)
{
    struct zygote *zygote = context;
    struct channel_frame answer;
    if (wire_encode_texts(&zygote->message, name, from) < 0 ||
        channel_send(&zygote->channel, WIRE_INCLUDE, buffer_view(&zygote->message), -1) < 0 ||
        channel_receive(&zygote->channel, &answer) != ASSAY_OK || answer.type != WIRE_INCLUDE_TEXT)
        _exit(1);
    if (answer.fd < 0)
        return NULL;
    char *text = NULL;
    status read = sources_read_text(answer.fd, &text, ret_size);
    close(answer.fd);
    return read < 0 ? NULL : text;
}

status zygote_add_source(struct zygote *zygote, const struct channel_frame *frame)
{
    struct wire_source source;
    TRY(wire_decode_source(frame->payload, &source));
    return sources_add(&zygote->sources, &source, frame->fd);
}

static status compile(struct zygote *zygote)
{
    TRY(zygote_join_rules(zygote));
    bool adds_builtin = zygote->settings->builtin && !zygote->has_builtin;
    if (adds_builtin)
        TRY(sources_add_builtin(&zygote->sources));
    struct rules_input input = {
        .sources = zygote->sources.list,
        .count = zygote->sources.count,
        .include = on_include,
        .include_context = zygote,
        .on_source = on_source,
        .source_context = zygote,
        .on_diagnostic = on_diagnostic,
        .diagnostic_context = zygote,
    };
    TRY(rules_compile(&input, &zygote->latest));
    zygote->has_builtin = zygote->has_builtin || adds_builtin;
    return ASSAY_OK;
}

status zygote_compile(struct zygote *zygote, const struct channel_frame *frame)
{
    (void)frame;
    status compiled = compile(zygote);
    sources_release(&zygote->sources);
    return say_outcome(zygote, compiled, compiled < 0 ? 0 : rules_count(zygote->latest));
}

/* ---- what was compiled before ---------------------------------------------------------------- */

status zygote_save_rules(struct zygote *zygote, const struct channel_frame *frame)
{
    const uint8_t *key;
    TRY(wire_decode_key(frame->payload, &key));
    if (!zygote->latest)
        return say_outcome(zygote, ASSAY_ERR_ARGUMENT, 0);
    status written = rules_write(zygote->latest, key, frame->fd);
    return say_outcome(zygote, written, rules_count(zygote->latest));
}

status zygote_load_rules(struct zygote *zygote, const struct channel_frame *frame)
{
    const uint8_t *key;
    struct assay_rules *read;
    TRY(wire_decode_key(frame->payload, &key));
    status done = rules_read(frame->fd, key, &read);
    if (done < 0)
        return say_outcome(zygote, done, 0);
    uint64_t count = rules_count(read);
    TRY(zygote_join_rules(zygote));
    zygote->latest = read;
    TRY(zygote_join_rules(zygote));
    return say_outcome(zygote, ASSAY_OK, count);
}

static uint64_t hashes_in(const struct hash_set *set)
{
    uint64_t count = 0;
    for (int kind = 0; kind < HASH_KINDS; kind++)
        count += hash_set_count(set, (enum hash_kind)kind);
    return count;
}

status zygote_add_hashes(struct zygote *zygote, const struct channel_frame *frame)
{
    const char *database;
    const char *unused;
    struct hash_set *set;
    TRY(wire_decode_texts(frame->payload, &database, &unused));
    status opened = hash_set_open(frame->fd, &set);
    if (opened < 0)
        return say_outcome(zygote, opened, 0);
    uint64_t count = hashes_in(set);
    TRY(zygote_join_rules(zygote));
    if (!zygote->rules)
        TRY(rules_new(&zygote->rules));
    TRY(rules_add_hashes(zygote->rules, set, database));
    return say_outcome(zygote, ASSAY_OK, count);
}
