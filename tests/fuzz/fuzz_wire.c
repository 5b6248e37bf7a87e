/* Any bytes, as every message of the wire, and as the stream of frames that a worker or the zygote
 * that was taken over may send. */
#include "pool/channel.h"
#include "pool/wire.h"

#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        __builtin_trap();
}

/* Reads every byte, which has to lie in the payload. */
static void touch(struct view payload, const void *bytes, size_t size)
{
    static volatile uint8_t sum;
    const uint8_t *from = bytes;
    if (size == 0)
        return;
    check(from >= payload.data && view_has(payload, (uint64_t)(from - payload.data), size));
    for (size_t i = 0; i < size; i++)
        sum = (uint8_t)(sum + from[i]);
}

static void touch_text(struct view payload, const char *text)
{
    touch(payload, text, strlen(text) + 1);
}

static void touch_match(struct view payload, const struct assay_match *match)
{
    touch_text(payload, match->rule);
    touch_text(payload, match->rule_namespace);
    touch_text(payload, match->database);
    check(match->severity < ASSAY_SEVERITY_COUNT);
    for (size_t i = 0; i < match->tag_count; i++)
        touch_text(payload, match->tags[i]);
    for (size_t i = 0; i < match->meta_count; i++) {
        check(match->metas[i].type <= ASSAY_META_BOOLEAN);
        touch_text(payload, match->metas[i].name);
        touch_text(payload, match->metas[i].string);
    }
    for (size_t i = 0; i < match->string_count; i++) {
        check(match->strings[i].data.size <= ASSAY_STRING_DATA_MAX);
        touch_text(payload, match->strings[i].id);
        touch(payload, match->strings[i].data.data, match->strings[i].data.size);
    }
}

static void decode_event(struct view payload)
{
    static struct wire_event_room *room; /* kept, as the pool keeps it */
    if (!room)
        check(wire_event_room_new(&room) == ASSAY_OK);
    const struct assay_event *event;
    status decoded = wire_decode_event(room, payload, &event);
    check(decoded == ASSAY_OK || decoded == ASSAY_ERR_CORRUPT);
    if (decoded != ASSAY_OK)
        return;
    for (size_t i = 0; i < event->object.member_count; i++)
        touch(payload, event->object.members[i].name.data, event->object.members[i].name.size);
    check((event->type == ASSAY_EVENT_MATCH) == (event->match != NULL));
    if (event->match) {
        touch_match(payload, event->match);
    } else if (event->type == ASSAY_EVENT_VIEW) {
        check(event->verdict <= ASSAY_MATCH);
        touch_text(payload, event->readers);
    } else {
        check(event->reason < ASSAY_REASON_COUNT);
        touch_text(payload, event->detail);
    }
}

static void decode_others(struct view payload)
{
    struct wire_source source;
    struct wire_task task;
    struct wire_done done;
    struct assay_diagnostic diagnostic;
    struct wire_outcome outcome;
    const uint8_t *key;
    uint64_t number;
    if (wire_decode_key(payload, &key) == ASSAY_OK)
        touch(payload, key, WIRE_KEY_BYTES);
    if (wire_decode_outcome(payload, &outcome) == ASSAY_OK) {
        check(outcome.status <= 0 && outcome.status >= ASSAY_ERR_CHANGED);
        touch_text(payload, outcome.words);
    }
    if (wire_decode_source(payload, &source) == ASSAY_OK) {
        touch_text(payload, source.name);
        touch_text(payload, source.database);
    }
    if (wire_decode_task(payload, &task) == ASSAY_OK) {
        touch(payload, task.path.data, task.path.size);
        touch_text(payload, task.owner);
    }
    if (wire_decode_diagnostic(payload, &diagnostic) == ASSAY_OK) {
        check(diagnostic.line >= 0);
        touch_text(payload, diagnostic.source);
        touch_text(payload, diagnostic.rule);
        touch_text(payload, diagnostic.message);
    }
    if (wire_decode_done(payload, &done) == ASSAY_OK)
        check(done.result.verdict <= ASSAY_MATCH);
    check(wire_decode_number(payload, &number) != ASSAY_OK || payload.size == sizeof(number));
}

/* The bytes as they would lie in a channel, with two descriptors that came along. */
static void take_frames(const uint8_t *data, size_t size)
{
    struct channel channel;
    channel_init(&channel, -1);
    check(buffer_append(&channel.in, data, size) == ASSAY_OK);
    for (int i = 0; i < 2; i++) {
        int fd = dup(STDERR_FILENO);
        if (fd >= 0)
            channel.in_fds[channel.in_fd_count++] = fd;
    }
    struct channel_frame frame;
    status taken;
    size_t before = channel.taken;
    while ((taken = channel_take(&channel, &frame)) == ASSAY_OK) {
        check(channel.taken > before && channel.taken <= channel.in.size);
        before = channel.taken;
        check(frame.payload.size <= CHANNEL_FRAME_MAX);
        decode_event(frame.payload);
        decode_others(frame.payload);
        if (frame.fd >= 0)
            close(frame.fd);
    }
    check(taken == ASSAY_END || taken == ASSAY_ERR_CORRUPT);
    channel_release(&channel);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct view payload = {data, size};
    decode_event(payload);
    decode_others(payload);
    take_frames(data, size);
    return 0;
}
