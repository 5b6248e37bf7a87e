/* Every message there and back; then cut short and flipped at random. */
#include "pool/wire.h"
#include "unit.h"

static const char *const tags[] = {"a", "bb"};
static const struct assay_meta metas[] = {
    {"author", ASSAY_META_STRING, "somebody", 0},
    {"score", ASSAY_META_INTEGER, NULL, -75},
    {"sure", ASSAY_META_BOOLEAN, NULL, 1},
};
static const struct assay_string_match strings[] = {
    {"$a", 0, 5, {(const uint8_t *)"hello", 5}},
    {"$b", UINT64_MAX, 1, {(const uint8_t *)"\0", 1}},
    {"$c", 3, 0, {NULL, 0}},
};
static const struct assay_member members[] = {
    {{(const uint8_t *)"in\0ner\n", 7}, 1},
    {{NULL, 0}, UINT32_MAX},
};
static const struct assay_match the_match = {
    .rule = "rule",
    .rule_namespace = "space",
    .database = "base",
    .severity = ASSAY_CRITICAL,
    .tags = tags,
    .tag_count = 2,
    .metas = metas,
    .meta_count = 3,
    .strings = strings,
    .string_count = 3,
    .strings_omitted = 99,
    .sha256 = {1, 2, [31] = 255},
};
static const struct assay_event match_event = {
    .type = ASSAY_EVENT_MATCH,
    .object = {members, 2, UINT64_C(1) << 40},
    .match = &the_match,
};

static struct wire_event_room *new_room(void)
{
    struct wire_event_room *room;
    ck_assert_int_eq(wire_event_room_new(&room), ASSAY_OK);
    return room;
}

static void same_bytes(struct assay_bytes one, struct assay_bytes other)
{
    ck_assert_uint_eq(one.size, other.size);
    ck_assert(one.size == 0 || memcmp(one.data, other.data, one.size) == 0);
}

static void same_object(const struct assay_object *one, const struct assay_object *other)
{
    ck_assert_uint_eq(one->size, other->size);
    ck_assert_uint_eq(one->member_count, other->member_count);
    for (size_t i = 0; i < one->member_count; i++) {
        same_bytes(one->members[i].name, other->members[i].name);
        ck_assert_uint_eq(one->members[i].occurrence, other->members[i].occurrence);
    }
}

static void same_match(const struct assay_match *one, const struct assay_match *other)
{
    ck_assert_str_eq(one->rule, other->rule);
    ck_assert_str_eq(one->rule_namespace, other->rule_namespace);
    ck_assert_str_eq(one->database, other->database);
    ck_assert_int_eq(one->severity, other->severity);
    ck_assert_mem_eq(one->sha256, other->sha256, 32);
    ck_assert_uint_eq(one->tag_count, other->tag_count);
    for (size_t i = 0; i < one->tag_count; i++)
        ck_assert_str_eq(one->tags[i], other->tags[i]);
    ck_assert_uint_eq(one->meta_count, other->meta_count);
    for (size_t i = 0; i < one->meta_count; i++) {
        ck_assert_str_eq(one->metas[i].name, other->metas[i].name);
        ck_assert_int_eq(one->metas[i].type, other->metas[i].type);
        ck_assert_int_eq(one->metas[i].integer, other->metas[i].integer);
        if (one->metas[i].type == ASSAY_META_STRING)
            ck_assert_str_eq(one->metas[i].string, other->metas[i].string);
    }
    ck_assert_uint_eq(one->strings_omitted, other->strings_omitted);
    ck_assert_uint_eq(one->string_count, other->string_count);
    for (size_t i = 0; i < one->string_count; i++) {
        ck_assert_str_eq(one->strings[i].id, other->strings[i].id);
        ck_assert_uint_eq(one->strings[i].offset, other->strings[i].offset);
        ck_assert_uint_eq(one->strings[i].length, other->strings[i].length);
        same_bytes(one->strings[i].data, other->strings[i].data);
    }
}

START_TEST(events_come_back_as_they_were)
{
    struct wire_event_room *room = new_room();
    struct buffer out = {0};
    const struct assay_event *event;
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(wire_encode_event(&out, &match_event), ASSAY_OK);
        ck_assert_int_eq(wire_decode_event(room, buffer_view(&out), &event), ASSAY_OK);
        ck_assert_int_eq(event->type, ASSAY_EVENT_MATCH);
        same_object(&match_event.object, &event->object);
        same_match(&the_match, event->match);

        struct assay_event incomplete = {.type = ASSAY_EVENT_INCOMPLETE,
                                         .object = {members, 1, 0},
                                         .reason = ASSAY_REASON_ENGINE,
                                         .detail = "why"};
        ck_assert_int_eq(wire_encode_event(&out, &incomplete), ASSAY_OK);
        ck_assert_int_eq(wire_decode_event(room, buffer_view(&out), &event), ASSAY_OK);
        ck_assert_int_eq(event->type, ASSAY_EVENT_INCOMPLETE);
        ck_assert_int_eq(event->reason, ASSAY_REASON_ENGINE);
        ck_assert_str_eq(event->detail, "why");
        ck_assert_ptr_null(event->match);
        same_object(&incomplete.object, &event->object);

        struct assay_event clean = {.type = ASSAY_EVENT_CLEAN, .object = {NULL, 0, 7}};
        ck_assert_int_eq(wire_encode_event(&out, &clean), ASSAY_OK);
        ck_assert_int_eq(wire_decode_event(room, buffer_view(&out), &event), ASSAY_OK);
        ck_assert_int_eq(event->type, ASSAY_EVENT_CLEAN);
        same_object(&clean.object, &event->object);

        struct assay_event view = {.type = ASSAY_EVENT_VIEW,
                                   .object = {members, 1, 9},
                                   .readers = "zip, tar",
                                   .verdict = ASSAY_ERROR,
                                   .given = UINT64_MAX};
        ck_assert_int_eq(wire_encode_event(&out, &view), ASSAY_OK);
        ck_assert_int_eq(wire_decode_event(room, buffer_view(&out), &event), ASSAY_OK);
        ck_assert_int_eq(event->type, ASSAY_EVENT_VIEW);
        ck_assert_str_eq(event->readers, "zip, tar");
        ck_assert_int_eq(event->verdict, ASSAY_ERROR);
        ck_assert_uint_eq(event->given, UINT64_MAX);
        same_object(&view.object, &event->object);
    }
    buffer_release(&out);
    wire_event_room_free(room);
}
END_TEST

START_TEST(the_other_messages_come_back_as_they_were)
{
    struct buffer out = {0};
    struct wire_source source = {"name", "database"}, source_back;
    ck_assert_int_eq(wire_encode_source(&out, &source), ASSAY_OK);
    ck_assert_int_eq(wire_decode_source(buffer_view(&out), &source_back), ASSAY_OK);
    ck_assert_str_eq(source_back.name, "name");
    ck_assert_str_eq(source_back.database, "database");

    uint64_t number;
    ck_assert_int_eq(wire_encode_number(&out, UINT64_MAX), ASSAY_OK);
    ck_assert_int_eq(wire_decode_number(buffer_view(&out), &number), ASSAY_OK);
    ck_assert_uint_eq(number, UINT64_MAX);

    struct assay_diagnostic diagnostic = {true, "s", INT32_MAX - 1, "", "message"}, said;
    ck_assert_int_eq(wire_encode_diagnostic(&out, &diagnostic), ASSAY_OK);
    ck_assert_int_eq(wire_decode_diagnostic(buffer_view(&out), &said), ASSAY_OK);
    ck_assert(said.is_error);
    ck_assert_int_eq(said.line, INT32_MAX - 1);
    ck_assert_str_eq(said.source, "s");
    ck_assert_str_eq(said.rule, "");
    ck_assert_str_eq(said.message, "message");

    static const uint8_t key[WIRE_KEY_BYTES] = {1, [31] = 2};
    const uint8_t *key_back;
    ck_assert_int_eq(wire_encode_key(&out, key), ASSAY_OK);
    ck_assert_int_eq(wire_decode_key(buffer_view(&out), &key_back), ASSAY_OK);
    ck_assert_mem_eq(key_back, key, sizeof(key));

    struct wire_outcome outcome = {ASSAY_ERR_CHANGED, UINT64_MAX, "words"}, outcome_back;
    ck_assert_int_eq(wire_encode_outcome(&out, &outcome), ASSAY_OK);
    ck_assert_int_eq(wire_decode_outcome(buffer_view(&out), &outcome_back), ASSAY_OK);
    ck_assert_int_eq(outcome_back.status, ASSAY_ERR_CHANGED);
    ck_assert_uint_eq(outcome_back.number, UINT64_MAX);
    ck_assert_str_eq(outcome_back.words, "words");

    struct wire_task task = {1, UINT64_MAX, {(const uint8_t *)"a\0b", 3}, "root", 2, 5}, task_back;
    ck_assert_int_eq(wire_encode_task(&out, &task), ASSAY_OK);
    ck_assert_int_eq(wire_decode_task(buffer_view(&out), &task_back), ASSAY_OK);
    ck_assert_uint_eq(task_back.id, 1);
    ck_assert_uint_eq(task_back.size, UINT64_MAX);
    same_bytes(task.path, task_back.path);
    ck_assert_str_eq(task_back.owner, "root");
    ck_assert_uint_eq(task_back.share, 2);
    ck_assert_uint_eq(task_back.shares, 5);

    struct wire_done done = {3, {ASSAY_MATCH, 4, 5}, true}, done_back;
    ck_assert_int_eq(wire_encode_done(&out, &done), ASSAY_OK);
    ck_assert_int_eq(wire_decode_done(buffer_view(&out), &done_back), ASSAY_OK);
    ck_assert_uint_eq(done_back.id, 3);
    ck_assert_int_eq(done_back.result.verdict, ASSAY_MATCH);
    ck_assert_uint_eq(done_back.result.objects, 4);
    ck_assert_uint_eq(done_back.result.expanded_bytes, 5);
    ck_assert(done_back.retires);
    buffer_release(&out);
}
END_TEST

START_TEST(what_is_out_of_range_is_refused)
{
    struct buffer out = {0};
    struct wire_outcome outcome = {ASSAY_ERR_CHANGED - 1, 0, ""};
    const uint8_t *key;
    ck_assert_int_eq(wire_encode_outcome(&out, &outcome), ASSAY_OK);
    ck_assert_int_eq(wire_decode_outcome(buffer_view(&out), &outcome), ASSAY_ERR_CORRUPT);
    outcome.status = ASSAY_END;
    ck_assert_int_eq(wire_encode_outcome(&out, &outcome), ASSAY_OK);
    ck_assert_int_eq(wire_decode_outcome(buffer_view(&out), &outcome), ASSAY_ERR_CORRUPT);
    ck_assert_int_eq(wire_encode_texts(&out, "a key has another size", ""), ASSAY_OK);
    ck_assert_int_eq(wire_decode_key(buffer_view(&out), &key), ASSAY_ERR_CORRUPT);
    out.size = 27; /* a field, and all of it */
    ck_assert_int_eq(wire_decode_key(buffer_view(&out), &key), ASSAY_ERR_CORRUPT);
    buffer_release(&out);
}
END_TEST

START_TEST(missing_texts_are_empty)
{
    struct buffer out = {0};
    struct assay_diagnostic said;
    ck_assert_int_eq(wire_encode_diagnostic(&out, &(struct assay_diagnostic){.line = -5}),
                     ASSAY_OK);
    ck_assert_int_eq(wire_decode_diagnostic(buffer_view(&out), &said), ASSAY_OK);
    ck_assert_str_eq(said.message, "");
    ck_assert_int_eq(said.line, 0);
    buffer_release(&out);
}
END_TEST

/* Reads every byte that a decoded event points to, so that a sanitizer sees one that is not there,
 * and holds all of it to lie in the payload. */
static uint64_t sum_bytes(struct view payload, const void *bytes, size_t size)
{
    if (size == 0)
        return 0;
    const uint8_t *from = bytes;
    if (from < payload.data || !view_has(payload, (uint64_t)(from - payload.data), size))
        ck_abort_msg("outside the payload");
    uint64_t sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += from[i];
    return sum;
}

static uint64_t sum_text(struct view payload, const char *text)
{
    return text[0] ? sum_bytes(payload, text, strlen(text) + 1) : 0;
}

static uint64_t sum_match(struct view payload, const struct assay_match *match)
{
    uint64_t sum = sum_text(payload, match->rule) + sum_text(payload, match->rule_namespace) +
                   sum_text(payload, match->database);
    if ((unsigned)match->severity >= ASSAY_SEVERITY_COUNT)
        ck_abort_msg("no such severity");
    for (size_t i = 0; i < match->tag_count; i++)
        sum += sum_text(payload, match->tags[i]);
    for (size_t i = 0; i < match->meta_count; i++) {
        if ((unsigned)match->metas[i].type > ASSAY_META_BOOLEAN)
            ck_abort_msg("no such type");
        sum += sum_text(payload, match->metas[i].name) + sum_text(payload, match->metas[i].string);
    }
    for (size_t i = 0; i < match->string_count; i++) {
        if (match->strings[i].data.size > ASSAY_STRING_DATA_MAX)
            ck_abort_msg("too much of a string");
        sum += sum_text(payload, match->strings[i].id) +
               sum_bytes(payload, match->strings[i].data.data, match->strings[i].data.size);
    }
    return sum;
}

/* Decodes bytes that were tampered with, in memory of exactly their size. */
static status decode_tampered(struct wire_event_room *room, const uint8_t *bytes, size_t size)
{
    uint8_t *exact = malloc(size ? size : 1);
    if (!exact)
        ck_abort_msg("no memory");
    memcpy(exact, bytes, size);
    struct view payload = {exact, size};
    const struct assay_event *event = NULL;
    status decoded = wire_decode_event(room, payload, &event);
    if (decoded != ASSAY_OK && decoded != ASSAY_ERR_CORRUPT)
        ck_abort_msg("status %d", decoded);
    static volatile uint64_t sum;
    if (decoded == ASSAY_OK) {
        for (size_t i = 0; i < event->object.member_count; i++)
            sum += sum_bytes(payload, event->object.members[i].name.data,
                             event->object.members[i].name.size);
        if ((event->type == ASSAY_EVENT_MATCH) != (event->match != NULL))
            ck_abort_msg("a match is only in a match event");
        sum += event->match ? sum_match(payload, event->match) : sum_text(payload, event->detail);
    }
    free(exact);
    return decoded;
}

START_TEST(every_truncation_is_corrupt)
{
    struct wire_event_room *room = new_room();
    struct buffer out = {0};
    ck_assert_int_eq(wire_encode_event(&out, &match_event), ASSAY_OK);
    for (size_t size = 0; size < out.size; size++)
        ck_assert_int_eq(decode_tampered(room, out.data, size), ASSAY_ERR_CORRUPT);
    ck_assert_int_eq(decode_tampered(room, out.data, out.size), ASSAY_OK);
    ck_assert_int_eq(buffer_append(&out, "", 1), ASSAY_OK);
    ck_assert_int_eq(decode_tampered(room, out.data, out.size), ASSAY_ERR_CORRUPT);
    buffer_release(&out);
    wire_event_room_free(room);
}
END_TEST

START_TEST(flipped_bytes_are_an_event_or_corrupt)
{
    struct wire_event_room *room = new_room();
    struct buffer out = {0};
    ck_assert_int_eq(wire_encode_event(&out, &match_event), ASSAY_OK);
    unsigned seed = 20261123, corrupt = 0;
    for (int i = 0; i < 10000; i++) {
        uint8_t copy[2048];
        ck_assert_uint_le(out.size, sizeof(copy));
        memcpy(copy, out.data, out.size);
        for (int flips = rand_r(&seed) % 4; flips >= 0; flips--)
            copy[(size_t)rand_r(&seed) % out.size] ^= (uint8_t)(1 + rand_r(&seed) % 255);
        corrupt += decode_tampered(room, copy, out.size) == ASSAY_ERR_CORRUPT;
    }
    /* Some hit a number or a letter only; most hit the structure. */
    ck_assert_uint_gt(corrupt, 1000);
    ck_assert_uint_lt(corrupt, 10000);
    buffer_release(&out);
    wire_event_room_free(room);
}
END_TEST

/* Four billion members are not made room for because somebody says so. */
START_TEST(counts_beyond_the_message_are_corrupt)
{
    struct wire_event_room *room = new_room();
    struct buffer out = {0};
    struct assay_event event = {.type = ASSAY_EVENT_CLEAN, .detail = ""};
    ck_assert_int_eq(wire_encode_event(&out, &event), ASSAY_OK);
    for (unsigned byte = 0; byte < 4; byte++) {
        out.data[12 + byte] = 0xff;
        ck_assert_int_eq(decode_tampered(room, out.data, out.size), ASSAY_ERR_CORRUPT);
        out.data[12 + byte] = 0;
        ck_assert_int_eq(decode_tampered(room, out.data, out.size), ASSAY_OK);
    }
    buffer_release(&out);
    wire_event_room_free(room);
}
END_TEST

/* Whatever is not whole leaves the result as it was. */
START_TEST(broken_messages_of_every_kind_are_corrupt)
{
    struct view empty = {NULL, 0}, noise = {(const uint8_t *)"\5\0\0\0abc", 7};
    struct wire_source source = {"x", "x"};
    struct wire_task task = {.id = 77};
    struct wire_done done = {.id = 77};
    struct assay_diagnostic diagnostic = {.line = 77};
    const char *first = "x", *second = "x";
    uint64_t number = 77;
    const struct view all[] = {empty, noise};
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(wire_decode_source(all[i], &source), ASSAY_ERR_CORRUPT);
        ck_assert_int_eq(wire_decode_number(all[i], &number), ASSAY_ERR_CORRUPT);
        ck_assert_int_eq(wire_decode_texts(all[i], &first, &second), ASSAY_ERR_CORRUPT);
        ck_assert_int_eq(wire_decode_diagnostic(all[i], &diagnostic), ASSAY_ERR_CORRUPT);
        ck_assert_int_eq(wire_decode_task(all[i], &task), ASSAY_ERR_CORRUPT);
        ck_assert_int_eq(wire_decode_done(all[i], &done), ASSAY_ERR_CORRUPT);
    }
    ck_assert_uint_eq(number + task.id + done.id + (uint64_t)diagnostic.line, 4 * 77);
    ck_assert_str_eq(first, "x");
    ck_assert_str_eq(second, "x");

    /* A verdict and a flag that do not exist. */
    struct buffer out = {0};
    ck_assert_int_eq(wire_encode_done(&out, &(struct wire_done){.id = 1}), ASSAY_OK);
    out.data[8] = ASSAY_MATCH + 1;
    ck_assert_int_eq(wire_decode_done(buffer_view(&out), &done), ASSAY_ERR_CORRUPT);
    out.data[8] = ASSAY_MATCH;
    ck_assert_int_eq(wire_decode_done(buffer_view(&out), &done), ASSAY_OK);
    out.data[out.size - 4] = 2;
    ck_assert_int_eq(wire_decode_done(buffer_view(&out), &done), ASSAY_ERR_CORRUPT);
    buffer_release(&out);
}
END_TEST

UNIT_MAIN("wire", events_come_back_as_they_were, the_other_messages_come_back_as_they_were,
          missing_texts_are_empty, what_is_out_of_range_is_refused, every_truncation_is_corrupt,
          flipped_bytes_are_an_event_or_corrupt, counts_beyond_the_message_are_corrupt,
          broken_messages_of_every_kind_are_corrupt)
