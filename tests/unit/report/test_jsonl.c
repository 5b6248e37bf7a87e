#include <errno.h>
#include <stdio.h>

#include "fixture.h"
#include "report/json.h"

static const struct report_options plain_options;

/* The one line that the event becomes, parsed. The caller releases it. */
static json_t *parsed(const struct report_event *event)
{
    cleanup(free_cleanup) char *line = rendered("jsonl", &plain_options, event, 1);
    size_t length = strlen(line);
    ck_assert_uint_gt(length, 0);
    ck_assert_ptr_eq(strchr(line, '\n'), line + length - 1);
    for (size_t i = 0; i + 1 < length; i++)
        ck_assert_int_ge((unsigned char)line[i], 0x20);
    json_error_t why;
    json_t *value = json_loads(line, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &why);
    ck_assert_msg(value, "%s: %s", why.text, line);
    return value;
}

static const char *word(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    ck_assert_msg(text, "no string \"%s\"", key);
    return text;
}

static json_int_t number(const json_t *object, const char *key)
{
    ck_assert_msg(json_is_integer(json_object_get(object, key)), "no integer \"%s\"", key);
    return json_integer_value(json_object_get(object, key));
}

/* Decodes base64 with a table of its own, so that the encoder is not checked by itself. */
static void expect_base64(const char *text, struct assay_bytes raw)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t done = 0;
    uint32_t bits = 0;
    unsigned held = 0;
    ck_assert_uint_eq(strlen(text) % 4, 0);
    for (; *text && *text != '='; text++) {
        const char *digit = strchr(alphabet, *text);
        ck_assert_ptr_nonnull(digit);
        bits = bits << 6 | (uint32_t)(digit - alphabet);
        held += 6;
        if (held < 8)
            continue;
        held -= 8;
        ck_assert_uint_lt(done, raw.size);
        ck_assert_uint_eq(bits >> held & 0xff, raw.data[done++]);
    }
    ck_assert_uint_eq(done, raw.size);
}

static struct report_event found(struct assay_bytes path, const struct assay_event *finding)
{
    return (struct report_event){.type = REPORT_FINDING, .path = path, .finding = finding};
}

static const struct assay_match simple_match = {
    .rule = "Rule",
    .rule_namespace = "file.yar",
    .database = "builtin",
    .severity = ASSAY_HIGH,
    .sha256 = {0x00, 0xff, [31] = 0x0a},
};

START_TEST(a_plain_match_has_exactly_the_documented_fields)
{
    const struct assay_event finding = {
        .type = ASSAY_EVENT_MATCH, .object = {.size = 68}, .match = &simple_match};
    struct report_event event = found(BYTES("dir/a.txt"), &finding);
    cleanup(free_cleanup) char *line = rendered("jsonl", &plain_options, &event, 1);
    ck_assert_str_eq(
        line, "{\"type\":\"match\",\"path\":\"dir/a.txt\",\"object\":\"dir/a.txt\",\"members\":[],"
              "\"size\":68,\"sha256\":"
              "\"00ff00000000000000000000000000000000000000000000000000000000000a\","
              "\"rule\":\"Rule\",\"namespace\":\"file.yar\",\"severity\":\"high\",\"tags\":[],"
              "\"meta\":{},\"strings\":[],\"db\":\"builtin\"}\n");
}
END_TEST

START_TEST(a_match_carries_all_that_is_known)
{
    static const char *const tags[] = {"one", "two"};
    const struct assay_meta metas[] = {
        {.name = "score", .type = ASSAY_META_INTEGER, .integer = INT64_MIN},
        {.name = "description", .type = ASSAY_META_STRING, .string = "line\nbreak \xe2\x80\xae \\"},
        {.name = "yes", .type = ASSAY_META_BOOLEAN, .integer = 1},
        {.name = "hash", .type = ASSAY_META_STRING, .string = "first"},
        {.name = "hash#3", .type = ASSAY_META_STRING, .string = "sly"},
        {.name = "hash", .type = ASSAY_META_STRING, .string = "second"},
        {.name = "hash", .type = ASSAY_META_STRING, .string = "bad \xff"},
    };
    const struct assay_string_match strings[] = {{"$a", 10, 3, BYTES("\0\xff\n")},
                                                 {"$b", UINT64_MAX, UINT64_C(1) << 40, BYTES("")}};
    struct assay_match match = simple_match;
    match.tags = tags;
    match.tag_count = 2;
    match.metas = metas;
    match.meta_count = 7;
    match.strings = strings;
    match.string_count = 2;
    match.strings_omitted = 7;
    const struct assay_event finding = {.type = ASSAY_EVENT_MATCH, .match = &match};
    struct report_event event = found(BYTES("x"), &finding);
    cleanup(json_decref_cleanup) json_t *line = parsed(&event);
    const json_t *meta = json_object_get(line, "meta");
    ck_assert_uint_eq(json_array_size(json_object_get(line, "tags")), 2);
    ck_assert_uint_eq(json_object_size(meta), 7);
    ck_assert_int_eq(number(meta, "score"), INT64_MIN);
    ck_assert(json_is_true(json_object_get(meta, "yes")));
    ck_assert_str_eq(word(meta, "description"), "line\nbreak \xe2\x80\xae \\");
    ck_assert_str_eq(word(meta, "hash"), "first");
    ck_assert_str_eq(word(meta, "hash#2"), "second");
    ck_assert_str_eq(word(meta, "hash#3"), "sly");
    ck_assert_str_eq(word(meta, "hash#4"), "bad \\xff");
    const json_t *first = json_array_get(json_object_get(line, "strings"), 0);
    const json_t *second = json_array_get(json_object_get(line, "strings"), 1);
    ck_assert_str_eq(word(first, "id"), "$a");
    ck_assert_int_eq(number(first, "offset"), 10);
    ck_assert_str_eq(word(first, "data"), "00ff0a");
    ck_assert_int_eq(number(second, "offset"), INT64_MAX);
    ck_assert_int_eq(number(second, "length"), INT64_C(1) << 40);
    ck_assert_str_eq(word(second, "data"), "");
    ck_assert_int_eq(number(line, "strings_omitted"), 7);
}
END_TEST

START_TEST(verbatim_text_cannot_drive_a_terminal)
{
    const struct assay_meta meta = {.name = "m",
                                    .type = ASSAY_META_STRING,
                                    .string = "\xc2\x9b"
                                              "31m \x1b \xe2\x80\xae"};
    struct assay_match match = simple_match;
    match.metas = &meta;
    match.meta_count = 1;
    const struct assay_event finding = {.type = ASSAY_EVENT_MATCH, .match = &match};
    struct report_event events[2] = {found(BYTES("gr\xc3\xbcn"), &finding), {0}};
    const struct assay_event clean = {.type = ASSAY_EVENT_CLEAN};
    events[1] = found(BYTES("gr\xc3\xbcn"), &clean);
    cleanup(free_cleanup) char *lines = rendered("jsonl", &plain_options, events, 2);
    ck_assert_ptr_nonnull(strcasestr(lines, "\\u009b31m \\u001b \\u202e"));
    ck_assert_ptr_null(strstr(lines, "\xc2\x9b"));
    /* Only the line that needs it is written in ASCII. */
    ck_assert_ptr_nonnull(strstr(strchr(lines, '\n'), "gr\xc3\xbcn"));
}
END_TEST

START_TEST(hostile_names_are_shown_safely_and_come_back)
{
    static char longest[4096];
    memset(longest, '\x1b', sizeof(longest));
    const struct assay_bytes names[] = {
        BYTES("new\nline\",\"type\":\"clean"),
        BYTES("\x1b]0;title\a"),
        BYTES("\xff\xfe\xc3"),
        BYTES("\xe2\x80\xaegpj.exe"),
        BYTES("a!/b"),
        BYTES("nul\0byte"),
        BYTES("back\\x41"),
        BYTES(""),
        BYTES("plain"),
        {(const uint8_t *)longest, sizeof(longest)},
    };
    const size_t count = sizeof(names) / sizeof(names[0]);
    for (size_t i = 0; i < count; i++) {
        const struct assay_member members[] = {{BYTES("outer"), 1}, {names[i], 1}};
        const struct assay_event finding = {.type = ASSAY_EVENT_INCOMPLETE,
                                            .object = {.members = members, .member_count = 2},
                                            .reason = ASSAY_REASON_CORRUPT,
                                            .detail = "at \x1b[1m\xff"};
        struct report_event event = found(names[i], &finding);
        cleanup(json_decref_cleanup) json_t *line = parsed(&event);
        cleanup(buffer_release) struct buffer shown = {0};
        ck_assert_int_eq(text_escape(&shown, names[i]), ASSAY_OK);
        ck_assert_int_eq(buffer_terminate(&shown), ASSAY_OK);
        bool plain = text_is_plain(names[i]);
        ck_assert_str_eq(word(line, "path"), (const char *)shown.data);
        const json_t *shown_members = json_object_get(line, "members");
        ck_assert_uint_eq(json_array_size(shown_members), 2);
        ck_assert_str_eq(json_string_value(json_array_get(shown_members, 1)),
                         (const char *)shown.data);
        ck_assert_str_eq(word(line, "reason"), "corrupt");
        ck_assert_str_eq(word(line, "detail"), "at \\x1b[1m\\xff");
        const json_t *raw = json_object_get(line, "members_b64");
        ck_assert_int_eq(plain, json_object_get(line, "path_b64") == NULL);
        ck_assert_int_eq(plain, raw == NULL);
        ck_assert_ptr_null(json_object_get(line, "members_nth"));
        if (plain)
            continue;
        expect_base64(word(line, "path_b64"), names[i]);
        ck_assert_uint_eq(json_array_size(raw), 2);
        expect_base64(json_string_value(json_array_get(raw, 0)), members[0].name);
        expect_base64(json_string_value(json_array_get(raw, 1)), names[i]);
    }
}
END_TEST

START_TEST(equal_names_are_told_apart)
{
    const struct assay_member members[] = {{BYTES("a"), 1}, {BYTES("b"), 3}};
    const struct assay_event finding = {.type = ASSAY_EVENT_CLEAN,
                                        .object = {members, 2, UINT64_C(5) << 32}};
    struct report_event event = found(BYTES("x.zip"), &finding);
    cleanup(free_cleanup) char *line = rendered("jsonl", &plain_options, &event, 1);
    ck_assert_str_eq(line,
                     "{\"type\":\"clean\",\"path\":\"x.zip\",\"object\":\"x.zip!/a!/b#3\","
                     "\"members\":[\"a\",\"b\"],\"members_nth\":[1,3],\"size\":21474836480}\n");
}
END_TEST

START_TEST(errors_have_the_name_of_their_errno)
{
    struct report_event event = {.type = REPORT_ERROR,
                                 .path = BYTES("dir"),
                                 .error_number = EACCES,
                                 .detail = "cannot open"};
    cleanup(json_decref_cleanup) json_t *denied = parsed(&event);
    ck_assert_str_eq(word(denied, "type"), "error");
    ck_assert_str_eq(word(denied, "errno"), "EACCES");
    ck_assert_str_eq(word(denied, "detail"), "cannot open");
    event.error_number = 0;
    event.detail = NULL;
    cleanup(json_decref_cleanup) json_t *other = parsed(&event);
    ck_assert_ptr_null(json_object_get(other, "errno"));
    ck_assert_str_eq(word(other, "detail"), "");
    event.error_number = 99999;
    cleanup(json_decref_cleanup) json_t *odd = parsed(&event);
    ck_assert_str_eq(word(odd, "errno"), "99999");
}
END_TEST

START_TEST(the_start_says_what_the_scan_stands_on)
{
    const struct report_database databases[] = {
        {"builtin", "1.2", 7, "abcd", "builtin", 3, 120, 4, false},
        {"my", "0", 0, "", "unsigned", -1, 1, 0, true}};
    const struct report_option options[] = {
        {"exclude", "*.iso"}, {"exclude", "\xff"}, {"fail-on", "low"}};
    static const char *const layers[] = {"seccomp", "landlock"};
    const struct report_start start = {.databases = databases,
                                       .database_count = 2,
                                       .options = options,
                                       .option_count = 3,
                                       .sandbox = "full",
                                       .sandbox_layers = layers,
                                       .sandbox_layer_count = 2,
                                       .time = {1700000000, 7000000}};
    struct report_event event = {.type = REPORT_START, .start = &start};
    cleanup(free_cleanup) char *line = rendered("jsonl", &plain_options, &event, 1);
    cleanup(free_cleanup) char *expected = NULL;
    ck_assert_int_gt(
        asprintf(&expected,
                 "{\"type\":\"start\",\"schema\":1,\"tool\":{\"name\":\"assay\",\"version\":"
                 "\"%s\"},\"db\":[{\"name\":\"builtin\",\"version\":\"1.2\",\"serial\":7,"
                 "\"digest\":\"abcd\",\"trust\":\"builtin\",\"age_days\":3,\"rules\":120,"
                 "\"hashes\":4,\"stale\":false},"
                 "{\"name\":\"my\",\"version\":\"0\",\"serial\":0,\"digest\":\"\",\"trust\":"
                 "\"unsigned\",\"age_days\":null,\"rules\":1,\"hashes\":0,\"stale\":true}],"
                 "\"options\":{\"exclude\":\"*.iso\","
                 "\"exclude#2\":\"\\\\xff\",\"fail-on\":\"low\"},\"sandbox\":\"full\","
                 "\"sandbox_layers\":[\"seccomp\",\"landlock\"],"
                 "\"time\":\"2023-11-14T22:13:20.007Z\"}\n",
                 assay_version()),
        0);
    ck_assert_str_eq(line, expected);
}
END_TEST

START_TEST(the_summary_counts)
{
    struct report_summary summary = fixture_summary();
    struct report_event event = {.type = REPORT_SUMMARY, .summary = &summary};
    cleanup(free_cleanup) char *line = rendered("jsonl", &plain_options, &event, 1);
    ck_assert_str_eq(
        line, "{\"type\":\"summary\",\"files\":1234,\"objects\":5678,\"bytes\":1288490189,"
              "\"expanded_bytes\":3650722202,\"matches\":2,\"by_severity\":{\"info\":0,\"low\":0,"
              "\"medium\":0,\"high\":1,\"critical\":1},\"incomplete\":3,\"by_reason\":{\"time\":1,"
              "\"encrypted\":2},\"errors\":1,\"skipped\":{\"symlink\":10,\"device\":2},"
              "\"cached\":0,\"db\":[],\"seconds\":12.346,\"exit\":1}\n");
    summary.interrupted = "SIGINT";
    summary.seconds = -1;
    cleanup(json_decref_cleanup) json_t *stopped = parsed(&event);
    ck_assert_str_eq(word(stopped, "interrupted"), "SIGINT");
    ck_assert(json_real_value(json_object_get(stopped, "seconds")) == 0);
}
END_TEST

START_TEST(skipped_entries_are_only_counted)
{
    struct report_event event = {
        .type = REPORT_SKIPPED, .path = BYTES("link"), .detail = "a symbolic link"};
    cleanup(free_cleanup) char *line = rendered("jsonl", &plain_options, &event, 1);
    ck_assert_str_eq(line, "");
}
END_TEST

START_TEST(a_match_is_seen_at_once_and_the_rest_when_flushed)
{
    struct catch caught = catch_output();
    cleanup(report_free_cleanup) struct report *report = NULL;
    struct error error;
    const struct assay_event clean = {.type = ASSAY_EVENT_CLEAN};
    const struct assay_event match = {.type = ASSAY_EVENT_MATCH, .match = &simple_match};
    const struct report_event events[] = {found(BYTES("c"), &clean), found(BYTES("m"), &match)};
    ck_assert_int_eq(report_new(&plain_options, &report), ASSAY_OK);
    ck_assert_int_eq(report_add(report, "jsonl", NULL, &error), ASSAY_OK);
    ck_assert_int_eq(report_emit(report, &events[0], &error), ASSAY_OK);
    cleanup(free_cleanup) char *buffered = caught_so_far(&caught);
    ck_assert_int_eq(report_flush(report, &error), ASSAY_OK);
    cleanup(free_cleanup) char *flushed = caught_so_far(&caught);
    ck_assert_int_eq(report_emit(report, &events[1], &error), ASSAY_OK);
    cleanup(free_cleanup) char *with_match = caught_output(&caught);
    ck_assert_str_eq(buffered, "");
    ck_assert_ptr_nonnull(strstr(flushed, "clean"));
    ck_assert_ptr_nonnull(strstr(with_match, "match"));
}
END_TEST

/* Allocations of libjansson until one fails; negative: none does. */
static int allocations_left = -1;

static void *failing_malloc(size_t size)
{
    if (allocations_left == 0)
        return NULL;
    allocations_left -= allocations_left > 0;
    return malloc(size);
}

START_TEST(an_event_is_written_whole_or_missed_loudly)
{
    static const char *const tags[] = {"tag"};
    const struct assay_meta metas[] = {{.name = "m", .type = ASSAY_META_STRING, .string = "v"},
                                       {.name = "m", .type = ASSAY_META_INTEGER}};
    const struct assay_string_match string = {"$a", 0, 1, BYTES("x")};
    const struct assay_member member = {BYTES("\xff"), 2};
    struct assay_match match = simple_match;
    match.tags = tags;
    match.tag_count = 1;
    match.metas = metas;
    match.meta_count = 2;
    match.strings = &string;
    match.string_count = 1;
    const struct assay_event finding = {
        .type = ASSAY_EVENT_MATCH, .object = {&member, 1, 0}, .match = &match};
    const struct report_event event = found(BYTES("\n"), &finding);
    json_set_alloc_funcs(failing_malloc, free);
    status emitted = ASSAY_ERR_IO;
    int allowed = 0;
    for (; emitted != ASSAY_OK; allowed++) {
        ck_assert_int_lt(allowed, 10000);
        struct catch caught = catch_output();
        struct report *report = NULL;
        struct error error = {""};
        ck_assert_int_eq(report_new(&plain_options, &report), ASSAY_OK);
        ck_assert_int_eq(report_add(report, "jsonl", NULL, &error), ASSAY_OK);
        allocations_left = allowed;
        emitted = report_emit(report, &event, &error);
        allocations_left = -1;
        ck_assert_int_eq(report_close(report, NULL), emitted);
        report_free(report);
        cleanup(free_cleanup) char *text = caught_output(&caught);
        ck_assert_int_eq(emitted == ASSAY_OK, text[0] != 0);
        ck_assert(emitted == ASSAY_OK ||
                  strcmp(error.text,
                         "cannot write the report: Cannot allocate memory: standard output") == 0);
    }
    ck_assert_int_gt(allowed, 50);
}
END_TEST

UNIT_MAIN("jsonl", an_event_is_written_whole_or_missed_loudly,
          a_plain_match_has_exactly_the_documented_fields, a_match_carries_all_that_is_known,
          verbatim_text_cannot_drive_a_terminal, hostile_names_are_shown_safely_and_come_back,
          equal_names_are_told_apart, errors_have_the_name_of_their_errno,
          the_start_says_what_the_scan_stands_on, the_summary_counts,
          skipped_entries_are_only_counted, a_match_is_seen_at_once_and_the_rest_when_flushed)
