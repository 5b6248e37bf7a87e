#include <stdio.h>

#include "signatures/database/store_state.h"
#include "unit.h"

static const char good[] = "{\n"
                           "  \"format\": 1,\n"
                           "  \"highest\": {\n"
                           "    \"a\": {\n"
                           "      \"\": 3,\n"
                           "      \"AAAA\": 9223372036854775807\n"
                           "    },\n"
                           "    \"b.c\": {\n"
                           "      \"AAAA\": 1\n"
                           "    }\n"
                           "  },\n"
                           "  \"newest_signed\": \"2023-11-14T22:13:20Z\"\n"
                           "}\n";

static status parse(const char *text, struct state *ret_state)
{
    struct error error = {.text = ""};
    struct view view = {(const uint8_t *)text, strlen(text)};
    status parsed = state_parse(view, &error, ret_state);
    ck_assert(parsed == ASSAY_OK || error.text[0]);
    return parsed;
}

START_TEST(what_is_written_is_read)
{
    cleanup(state_release) struct state state = {.marks = NULL};
    cleanup(state_release) struct state again = {.marks = NULL};
    cleanup(buffer_release) struct buffer text = {NULL, 0, 0};
    ck_assert_int_eq(state_set(&state, "b.c", "AAAA", 1), ASSAY_OK);
    ck_assert_int_eq(state_set(&state, "a", "AAAA", 7), ASSAY_OK);
    ck_assert_int_eq(state_set(&state, "a", "", 3), ASSAY_OK);
    ck_assert_int_eq(state_set(&state, "a", "AAAA", SERIAL_MAX), ASSAY_OK);
    state.newest = 1700000000;
    ck_assert_int_eq(state_write(&state, &text), ASSAY_OK);
    ck_assert_uint_eq(text.size, strlen(good));
    ck_assert_mem_eq(text.data, good, text.size);
    ck_assert_int_eq(parse(good, &again), ASSAY_OK);
    ck_assert(state_is_same(&state, &again));
    ck_assert_uint_eq(state_get(&again, "a", "AAAA"), SERIAL_MAX);
    ck_assert_uint_eq(state_get(&again, "a", "BBBB"), 0);
    ck_assert_int_eq(state_set(&again, "a", "", 4), ASSAY_OK);
    ck_assert(!state_is_same(&state, &again));
}
END_TEST

#define STATE(highest) "{\"format\": 1, \"highest\": " highest ", \"newest_signed\": " TIME "}"
#define TIME           "\"2023-11-14T22:13:20Z\""

START_TEST(what_is_not_a_state)
{
    static const char *const texts[] = {
        "",
        "null",
        "[]",
        "{}",
        "{\"format\": 0, \"highest\": {}, \"newest_signed\": " TIME "}",
        "{\"format\": \"1\", \"highest\": {}, \"newest_signed\": " TIME "}",
        "{\"format\": 1, \"highest\": {}}",
        "{\"format\": 1, \"highest\": {}, \"newest_signed\": 5}",
        "{\"format\": 1, \"highest\": {}, \"newest_signed\": \"yesterday\"}",
        "{\"format\": 1, \"highest\": {}, \"newest_signed\": \"2023-02-30T22:13:20Z\"}",
        "{\"format\": 1, \"highest\": {}, \"newest_signed\": " TIME ", \"more\": 1}",
        "{\"format\": 1, \"highest\": {}, \"highest\": {}, \"newest_signed\": " TIME "}",
        STATE("{}") "x",
        STATE("[]"),
        STATE("{\"a\": 1}"),
        STATE("{\"..\": {}}") "",
        STATE("{\"\": {}}"),
        STATE("{\"a\": {\"../b\": 1}}"),
        STATE("{\"a\": {\"k\": 0}}"),
        STATE("{\"a\": {\"k\": -1}}"),
        STATE("{\"a\": {\"k\": 1.0}}"),
        STATE("{\"a\": {\"k\": 9223372036854775808}}"),
        STATE("{\"a\": {\"k\": \"1\"}}"),
        STATE("{\"a\": {\"k\": 1, \"k\": 2}}"),
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        cleanup(state_release) struct state state = {.marks = NULL};
        ck_assert_msg(parse(texts[i], &state) == ASSAY_ERR_CORRUPT, "%s", texts[i]);
    }
    cleanup(state_release) struct state state = {.marks = NULL};
    ck_assert_int_eq(parse(STATE("{\"a\": {\"k\": 1}}"), &state), ASSAY_OK);
    cleanup(state_release) struct state newer = {.marks = NULL};
    ck_assert_int_eq(parse("{\"format\": 2, \"more\": 1}", &newer), ASSAY_ERR_UNSUPPORTED);
}
END_TEST

START_TEST(every_cut_is_noticed)
{
    for (size_t size = 0; size + 1 < strlen(good); size++) {
        cleanup(state_release) struct state state = {.marks = NULL};
        struct view view = {(const uint8_t *)good, size};
        ck_assert_int_eq(state_parse(view, NULL, &state), ASSAY_ERR_CORRUPT);
    }
}
END_TEST

START_TEST(it_is_bounded)
{
    cleanup(state_release) struct state state = {.marks = NULL};
    cleanup(buffer_release) struct buffer text = {NULL, 0, 0};
    char name[16];
    for (int i = 0; i < STATE_MARKS_MAX; i++) {
        snprintf(name, sizeof(name), "n%d", i);
        ck_assert_int_eq(state_set(&state, name, "", 1), ASSAY_OK);
    }
    ck_assert_int_eq(state_set(&state, "one-more", "", 1), ASSAY_ERR_LIMIT);
    ck_assert_int_eq(state_set(&state, "n7", "", 2), ASSAY_OK);
    ck_assert_int_eq(state_write(&state, &text), ASSAY_OK);
    cleanup(state_release) struct state again = {.marks = NULL};
    ck_assert_int_eq(state_parse(buffer_view(&text), NULL, &again), ASSAY_OK);
    ck_assert(state_is_same(&state, &again));
    cleanup(free_cleanup) uint8_t *blanks = malloc(STATE_BYTES_MAX + 1);
    memset(blanks, ' ', STATE_BYTES_MAX + 1);
    ck_assert_int_eq(state_parse((struct view){blanks, STATE_BYTES_MAX + 1}, NULL, &again),
                     ASSAY_ERR_CORRUPT);
    memset(blanks, '[', STATE_BYTES_MAX);
    ck_assert_int_eq(state_parse((struct view){blanks, STATE_BYTES_MAX}, NULL, &again),
                     ASSAY_ERR_CORRUPT);
}
END_TEST

START_TEST(raising)
{
    cleanup(state_release) struct state low = {.marks = NULL};
    cleanup(state_release) struct state high = {.marks = NULL};
    low.newest = 5;
    ck_assert_int_eq(state_set(&low, "a", "k", 9), ASSAY_OK);
    ck_assert_int_eq(state_set(&low, "a", "l", 1), ASSAY_OK);
    high.newest = 7;
    ck_assert_int_eq(state_set(&high, "a", "k", 3), ASSAY_OK);
    ck_assert_int_eq(state_set(&high, "a", "l", 4), ASSAY_OK);
    ck_assert_int_eq(state_set(&high, "b", "l", 2), ASSAY_OK);
    ck_assert_int_eq(state_raise(&low, &high), ASSAY_OK);
    ck_assert_uint_eq(state_get(&low, "a", "k"), 9);
    ck_assert_uint_eq(state_get(&low, "a", "l"), 4);
    ck_assert_uint_eq(state_get(&low, "b", "l"), 2);
    ck_assert_int_eq(low.newest, 7);
    ck_assert_int_eq(state_raise(&high, &low), ASSAY_OK);
    ck_assert(state_is_same(&high, &low));
}
END_TEST

UNIT_MAIN("store_state", what_is_written_is_read, what_is_not_a_state, every_cut_is_noticed,
          it_is_bounded, raising)
