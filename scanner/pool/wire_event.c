#include "pool/wire.h"

#include "pool/fields.h"

#include <stdlib.h>

/* The fewest bytes each element of an array takes on the wire. */
#define MEMBER_BYTES 8
#define TAG_BYTES    5
#define META_BYTES   17
#define STRING_BYTES 25

static status put_members(struct buffer *out, const struct assay_object *object)
{
    TRY(field_put_u64(out, object->size));
    TRY(field_put_u32(out, (uint32_t)object->member_count));
    for (size_t i = 0; i < object->member_count; i++) {
        TRY(field_put_bytes(out, object->members[i].name));
        TRY(field_put_u32(out, object->members[i].occurrence));
    }
    return ASSAY_OK;
}

static status put_metas(struct buffer *out, const struct assay_match *match)
{
    TRY(field_put_u32(out, (uint32_t)match->meta_count));
    for (size_t i = 0; i < match->meta_count; i++) {
        const struct assay_meta *meta = &match->metas[i];
        TRY(field_put_text(out, meta->name));
        TRY(field_put_u32(out, meta->type));
        TRY(field_put_text(out, meta->type == ASSAY_META_STRING ? meta->string : ""));
        TRY(field_put_u64(out, (uint64_t)meta->integer));
    }
    return ASSAY_OK;
}

static status put_strings(struct buffer *out, const struct assay_match *match)
{
    TRY(field_put_u64(out, match->strings_omitted));
    TRY(field_put_u32(out, (uint32_t)match->string_count));
    for (size_t i = 0; i < match->string_count; i++) {
        const struct assay_string_match *string = &match->strings[i];
        TRY(field_put_text(out, string->id));
        TRY(field_put_u64(out, string->offset));
        TRY(field_put_u64(out, string->length));
        TRY(field_put_bytes(out, string->data));
    }
    return ASSAY_OK;
}

static status put_match(struct buffer *out, const struct assay_match *match)
{
    TRY(field_put_text(out, match->rule));
    TRY(field_put_text(out, match->rule_namespace));
    TRY(field_put_text(out, match->database));
    TRY(field_put_u32(out, match->severity));
    TRY(buffer_append(out, match->sha256, sizeof(match->sha256)));
    TRY(field_put_u32(out, (uint32_t)match->tag_count));
    for (size_t i = 0; i < match->tag_count; i++)
        TRY(field_put_text(out, match->tags[i]));
    TRY(put_metas(out, match));
    return put_strings(out, match);
}

static status put_view(struct buffer *out, const struct assay_event *event)
{
    TRY(field_put_text(out, event->readers));
    TRY(field_put_u32(out, event->verdict));
    return field_put_u64(out, event->given);
}

status wire_encode_event(struct buffer *out, const struct assay_event *event)
{
    out->size = 0;
    TRY(field_put_u32(out, event->type));
    TRY(put_members(out, &event->object));
    if (event->type == ASSAY_EVENT_MATCH)
        return put_match(out, event->match);
    if (event->type == ASSAY_EVENT_VIEW)
        return put_view(out, event);
    TRY(field_put_u32(out, event->reason));
    return field_put_text(out, event->detail);
}

/* ---- decoding -------------------------------------------------------------------------------- */

struct wire_event_room {
    struct assay_event event;
    struct assay_match match;
    struct assay_member *members;
    const char **tags;
    struct assay_meta *metas;
    struct assay_string_match *strings;
    size_t members_room, tags_room, metas_room, strings_room;
};

status wire_event_room_new(struct wire_event_room **ret_room)
{
    struct wire_event_room *room = calloc(1, sizeof(*room));
    if (!room)
        return ASSAY_ERR_NOMEM;
    *ret_room = room;
    return ASSAY_OK;
}

void wire_event_room_free(struct wire_event_room *room)
{
    if (!room)
        return;
    free(room->members);
    free(room->tags);
    free(room->metas);
    free(room->strings);
    free(room);
}

/* An array of at least `count` elements; *room is how many it had. NULL: no memory. */
static void *array_for(void *array, size_t *room, size_t count, size_t element)
{
    if (count <= *room)
        return array;
    void *larger = reallocarray(array, count, element);
    if (larger)
        *room = count;
    return larger;
}

/* Makes `array` hold `count` elements or returns ASSAY_ERR_NOMEM. */
#define ROOM_FOR(room, array, count)                                                               \
    do {                                                                                           \
        void *larger_ =                                                                            \
            array_for((room)->array, &(room)->array##_room, (count), sizeof(*(room)->array));      \
        if (!larger_ && (count) > 0)                                                               \
            return ASSAY_ERR_NOMEM;                                                                \
        (room)->array = larger_;                                                                   \
    } while (0)

static status get_members(struct wire_event_room *room, struct field_reader *reader)
{
    room->event.object.size = field_u64(reader);
    uint32_t count = field_count(reader, MEMBER_BYTES);
    ROOM_FOR(room, members, count);
    for (uint32_t i = 0; i < count; i++) {
        room->members[i].name = field_bytes(reader);
        room->members[i].occurrence = field_u32(reader);
    }
    room->event.object.members = room->members;
    room->event.object.member_count = count;
    return ASSAY_OK;
}

static status get_tags(struct wire_event_room *room, struct field_reader *reader)
{
    uint32_t count = field_count(reader, TAG_BYTES);
    ROOM_FOR(room, tags, count);
    for (uint32_t i = 0; i < count; i++)
        room->tags[i] = field_text(reader);
    room->match.tags = room->tags;
    room->match.tag_count = count;
    return ASSAY_OK;
}

static status get_metas(struct wire_event_room *room, struct field_reader *reader)
{
    uint32_t count = field_count(reader, META_BYTES);
    ROOM_FOR(room, metas, count);
    for (uint32_t i = 0; i < count; i++) {
        struct assay_meta *meta = &room->metas[i];
        meta->name = field_text(reader);
        meta->type = (enum assay_meta_type)field_below(reader, ASSAY_META_BOOLEAN + 1);
        meta->string = field_text(reader);
        meta->integer = (int64_t)field_u64(reader);
    }
    room->match.metas = room->metas;
    room->match.meta_count = count;
    return ASSAY_OK;
}

static status get_strings(struct wire_event_room *room, struct field_reader *reader)
{
    room->match.strings_omitted = field_u64(reader);
    uint32_t count = field_count(reader, STRING_BYTES);
    ROOM_FOR(room, strings, count);
    for (uint32_t i = 0; i < count; i++) {
        struct assay_string_match *string = &room->strings[i];
        string->id = field_text(reader);
        string->offset = field_u64(reader);
        string->length = field_u64(reader);
        string->data = field_bytes(reader);
        if (string->data.size > ASSAY_STRING_DATA_MAX)
            reader->failed = true;
    }
    room->match.strings = room->strings;
    room->match.string_count = count;
    return ASSAY_OK;
}

static void get_digest(struct field_reader *reader, uint8_t digest[32])
{
    for (size_t i = 0; i < 4; i++) {
        uint64_t part = field_u64(reader);
        memcpy(digest + i * sizeof(part), &part, sizeof(part));
    }
}

static status get_match(struct wire_event_room *room, struct field_reader *reader)
{
    struct assay_match *match = &room->match;
    match->rule = field_text(reader);
    match->rule_namespace = field_text(reader);
    match->database = field_text(reader);
    match->severity = (enum assay_severity)field_below(reader, ASSAY_SEVERITY_COUNT);
    get_digest(reader, match->sha256);
    TRY(get_tags(room, reader));
    TRY(get_metas(room, reader));
    TRY(get_strings(room, reader));
    room->event.match = match;
    return ASSAY_OK;
}

status wire_decode_event(struct wire_event_room *room, struct view payload,
                         const struct assay_event **ret_event)
{
    struct field_reader reader = {.payload = payload};
    room->event = (struct assay_event){
        .type = (enum assay_event_type)field_below(&reader, ASSAY_EVENT_VIEW + 1),
        .detail = "",
        .readers = "",
    };
    TRY(get_members(room, &reader));
    if (room->event.type == ASSAY_EVENT_MATCH) {
        TRY(get_match(room, &reader));
    } else if (room->event.type == ASSAY_EVENT_VIEW) {
        room->event.readers = field_text(&reader);
        room->event.verdict = (enum assay_verdict)field_below(&reader, ASSAY_MATCH + 1);
        room->event.given = field_u64(&reader);
    } else {
        room->event.reason = (enum assay_reason)field_below(&reader, ASSAY_REASON_COUNT);
        room->event.detail = field_text(&reader);
    }
    TRY(field_finish(&reader));
    *ret_event = &room->event;
    return ASSAY_OK;
}
