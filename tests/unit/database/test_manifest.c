/* What a database says about itself. */
#include "signatures/database/manifest.h"

#include "bundles.h"

/* ---- writing and reading --------------------------------------------------------------------- */

START_TEST(what_is_written_is_read)
{
    struct sample sample;
    sample_make(&sample);
    struct manifest *manifest = &sample.manifest;
    manifest->expires = manifest->created + 86400;
    free(manifest->description);
    manifest->description = strdup("gr\xc3\xbc\xc3\x9f \"Gott\"\n\x7f");
    manifest->skipped = calloc(2, sizeof(*manifest->skipped));
    manifest->skipped[0] = (struct manifest_skip){strdup("../b\xc3\xb6se"), 12, strdup("why")};
    manifest->skipped[1] = (struct manifest_skip){strdup("a"), 0, strdup("no reason")};
    manifest->skipped_count = 2;
    struct buffer text cleanup(buffer_release) = {0};
    struct buffer again cleanup(buffer_release) = {0};
    ck_assert_int_eq(manifest_write(manifest, NULL, &text), ASSAY_OK);

    struct manifest read = {0};
    struct error error = {""};
    ck_assert_msg(manifest_parse(buffer_view(&text), &error, &read) == ASSAY_OK, "%s", error.text);
    ck_assert_str_eq(read.name, "sample");
    ck_assert_str_eq(read.description, manifest->description);
    ck_assert_str_eq(read.licence, "MIT");
    ck_assert_uint_eq(read.serial, 7);
    ck_assert_int_eq(read.created, manifest->created);
    ck_assert_int_eq(read.expires, manifest->expires);
    ck_assert_uint_eq(read.rules, 2);
    ck_assert_uint_eq(read.hashes[0], 1);
    ck_assert_uint_eq(read.file_count, SAMPLE_COUNT);
    ck_assert_mem_eq(read.files[2].sha256, manifest->files[2].sha256, 32);
    ck_assert_uint_eq(read.files[2].size, manifest->files[2].size);
    ck_assert_uint_eq(read.skipped_count, 2);
    ck_assert_str_eq(read.skipped[0].name, manifest->skipped[0].name);
    ck_assert_int_eq(read.skipped[0].line, 12);
    ck_assert_str_eq(read.skipped[1].reason, "no reason");
    ck_assert_ptr_eq(manifest_find(&read, "empty.yar"), &read.files[1]);
    ck_assert_ptr_null(manifest_find(&read, "empty"));

    ck_assert_int_eq(manifest_write(&read, NULL, &again), ASSAY_OK);
    assert_same(buffer_view(&text), buffer_view(&again));
    manifest_release(&read);
    sample_release(&sample);
}
END_TEST

START_TEST(the_text_is_canonical)
{
    struct manifest manifest = {.name = (char[]){"x"},
                                .description = (char[]){"\xc3\xb6/\t\\"},
                                .min_engine = (char[]){"1.0"},
                                .serial = 1,
                                .created = 0};
    static const char wanted[] = "{\n"
                                 "  \"counts\": {\n"
                                 "    \"md5\": 0,\n"
                                 "    \"rules\": 0,\n"
                                 "    \"sha1\": 0,\n"
                                 "    \"sha256\": 0\n"
                                 "  },\n"
                                 "  \"created\": \"1970-01-01T00:00:00Z\",\n"
                                 "  \"description\": \"\\u00F6/\\t\\\\\",\n"
                                 "  \"files\": [],\n"
                                 "  \"format\": 1,\n"
                                 "  \"licence\": \"\",\n"
                                 "  \"min_engine\": \"1.0\",\n"
                                 "  \"name\": \"x\",\n"
                                 "  \"serial\": 1,\n"
                                 "  \"skipped\": []\n"
                                 "}\n";
    struct buffer text cleanup(buffer_release) = {0};
    ck_assert_int_eq(manifest_write(&manifest, NULL, &text), ASSAY_OK);
    assert_same(buffer_view(&text), view_of(wanted));
}
END_TEST

static status write_with(void (*change)(struct manifest *manifest), struct error *error)
{
    struct sample sample;
    sample_make(&sample);
    change(&sample.manifest);
    struct buffer text cleanup(buffer_release) = {0};
    status written = manifest_write(&sample.manifest, error, &text);
    ck_assert_uint_eq(text.size, 0);
    sample_release(&sample);
    return written;
}

static void set(char **text, const char *value)
{
    free(*text);
    *text = strdup(value);
}

static void name_is_no_utf8(struct manifest *manifest)
{
    manifest->skipped = calloc(1, sizeof(*manifest->skipped));
    manifest->skipped[0] = (struct manifest_skip){strdup("\xff"), 1, strdup("why")};
    manifest->skipped_count = 1;
}
static void name_is_a_path(struct manifest *manifest)
{
    set(&manifest->name, "../x");
}
static void file_leads_out(struct manifest *manifest)
{
    set(&manifest->files[0].name, "a/../../b");
}
static void file_is_doubled(struct manifest *manifest)
{
    set(&manifest->files[3].name, "a.yar");
}
static void serial_is_none(struct manifest *manifest)
{
    manifest->serial = 0;
}
static void serial_is_no_number_of_json(struct manifest *manifest)
{
    manifest->serial = MANIFEST_NUMBER_MAX + 1;
}
static void created_is_far(struct manifest *manifest)
{
    manifest->created = MANIFEST_TIME_MAX + 1;
}
static void engine_is_a_word(struct manifest *manifest)
{
    set(&manifest->min_engine, "new");
}
static void file_is_too_large(struct manifest *manifest)
{
    manifest->files[1].size = MANIFEST_SIZE_MAX + 1;
}

START_TEST(what_could_not_be_read_is_not_written)
{
    static const struct {
        void (*change)(struct manifest *manifest);
        const char *words;
    } rows[] = {
        {name_is_no_utf8, "UTF-8"},    {name_is_a_path, "../x"},
        {file_leads_out, "a/../../b"}, {file_is_doubled, "two files called a.yar"},
        {serial_is_none, "serial"},    {serial_is_no_number_of_json, "serial"},
        {created_is_far, "created"},   {engine_is_a_word, "min_engine"},
        {file_is_too_large, "8 GiB"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error error = {""};
        ck_assert_int_eq(write_with(rows[i].change, &error), ASSAY_ERR_ARGUMENT);
        ck_assert_msg(strstr(error.text, rows[i].words) != NULL, "%s", error.text);
    }
}
END_TEST

/* ---- reading what others wrote --------------------------------------------------------------- */

/* The sample's text with every `from` made `to`. */
static struct buffer replaced(const char *from, const char *to)
{
    struct sample sample;
    sample_make(&sample);
    struct buffer text = {0};
    struct view rest = buffer_view(&sample.manifest_text);
    bool found = false;
    while (rest.size > 0) {
        if (view_starts(rest, 0, from, strlen(from))) {
            ck_assert_int_eq(buffer_append_text(&text, to), ASSAY_OK);
            rest = view_sub(rest, strlen(from), UINT64_MAX);
            found = true;
            continue;
        }
        ck_assert_int_eq(buffer_append(&text, rest.data, 1), ASSAY_OK);
        rest = view_sub(rest, 1, UINT64_MAX);
    }
    ck_assert_msg(found, "%s", from);
    sample_release(&sample);
    return text;
}

static status parse(struct view text, struct error *error)
{
    struct manifest manifest cleanup(manifest_release) = {.name = NULL};
    return manifest_parse(text, error, &manifest);
}

START_TEST(what_is_not_a_manifest_is_refused)
{
    static const struct {
        const char *from, *to;
        status wanted;
        const char *words;
    } rows[] = {
        {"\"format\": 1", "\"format\": 2", ASSAY_ERR_UNSUPPORTED, "install a version"},
        {"\"format\": 1", "\"format\": \"1\"", ASSAY_ERR_CORRUPT, "format"},
        {"  \"format\": 1,\n", "", ASSAY_ERR_CORRUPT, "format"},
        {"\"serial\": 7", "\"serial\": 0", ASSAY_ERR_CORRUPT, "serial"},
        {"\"serial\": 7", "\"serial\": -7", ASSAY_ERR_CORRUPT, "serial"},
        {"\"serial\": 7", "\"serial\": 7.0", ASSAY_ERR_CORRUPT, "no integer"},
        {"\"serial\": 7", "\"serial\": 7e0", ASSAY_ERR_CORRUPT, "no integer"},
        {"\"serial\": 7", "\"later\": 1.5,\n  \"serial\": 7", ASSAY_ERR_CORRUPT, "no integer"},
        {"\"serial\": 7", "\"serial\": 9007199254740992", ASSAY_ERR_CORRUPT, "serial"},
        {"\"serial\": 7", "\"serial\": 99999999999999999999", ASSAY_ERR_CORRUPT, "no JSON"},
        {"\"serial\": 7", "\"serial\": 7,\n  \"serial\": 7", ASSAY_ERR_CORRUPT, "duplicate"},
        {"\"serial\": 7", "\"serial\":7", ASSAY_ERR_CORRUPT, "canonical form, from line 36"},
        {"\"sample\"", "\"s\\u0061mple\"", ASSAY_ERR_CORRUPT, "canonical"},
        {"\"sample\"", "\"sam\xffple\"", ASSAY_ERR_CORRUPT, "no JSON"},
        {"\"sample\"", "\"sam\\u0000ple\"", ASSAY_ERR_CORRUPT, "no JSON"},
        {"\"sample\"", "\"..\"", ASSAY_ERR_CORRUPT, "'name'"},
        {"\"sample\"", "[\n    1\n  ]", ASSAY_ERR_CORRUPT, "'name'"},
        {"2025-11-25T12:00:00Z", "2025-11-31T12:00:00Z", ASSAY_ERR_CORRUPT, "created"},
        {"\"for tests\",\n", "\"for tests\",\n  \"expires\": \"1970-01-01T00:00:00Z\",\n",
         ASSAY_ERR_CORRUPT, "expires"},
        {"\"a.yar\"", "\"/a.yar\"", ASSAY_ERR_CORRUPT, "unsafe file name: /a.yar"},
        {"\"a.yar\"", "\"z.yar\"", ASSAY_ERR_CORRUPT, "sorted"},
        {"\"a.yar\"", "\"empty.yar\"", ASSAY_ERR_CORRUPT, "twice"},
        {"\"a.yar\"", "\"a.hashes\"", ASSAY_ERR_CORRUPT, "2 lists"},
        {"\"size\": 0", "\"size\": 8589934592", ASSAY_ERR_CORRUPT, "size"},
        {"e3b0c442", "E3b0c442", ASSAY_ERR_CORRUPT, "sha256"},
        {"e3b0c442", "e3b0c4", ASSAY_ERR_CORRUPT, "sha256"},
        {"\"min_engine\": \"0.1.0\"", "\"min_engine\": \"\"", ASSAY_ERR_CORRUPT, "min_engine"},
        {"\"skipped\": []", "\"skipped\": {}", ASSAY_ERR_CORRUPT, "skipped"},
        {"\"skipped\": []", "\"skipped\": [\n    null\n  ]", ASSAY_ERR_CORRUPT, "skipped"},
        {"\"rules\": 2", "\"rules\": null", ASSAY_ERR_CORRUPT, "rules"},
        {"}\n", "}", ASSAY_ERR_CORRUPT, "canonical"},
        {"\"skipped\": []\n}\n", "\"skipped\": []\n}\n{}\n", ASSAY_ERR_CORRUPT, "no JSON"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buffer text cleanup(buffer_release) = replaced(rows[i].from, rows[i].to);
        struct error error = {""};
        status parsed = parse(buffer_view(&text), &error);
        ck_assert_msg(parsed == rows[i].wanted && strstr(error.text, rows[i].words), "%s: %d: %s",
                      rows[i].to, parsed, error.text);
    }
}
END_TEST

START_TEST(keys_nobody_knows_yet_are_passed_over)
{
    struct buffer text cleanup(buffer_release) = replaced(
        "  \"serial\": 7", "  \"replaces\": [\n    \"1.0e1\",\n    true\n  ],\n  \"serial\": 7");
    struct error error = {""};
    ck_assert_msg(parse(buffer_view(&text), &error) == ASSAY_OK, "%s", error.text);
}
END_TEST

START_TEST(cut_anywhere_it_is_refused)
{
    struct sample sample;
    sample_make(&sample);
    struct view text = buffer_view(&sample.manifest_text);
    for (uint64_t size = 0; size < text.size; size++)
        ck_assert_int_eq(parse(view_sub(text, 0, size), NULL), ASSAY_ERR_CORRUPT);
    sample_release(&sample);
}
END_TEST

/* The same words many times over. */
static void append_times(struct buffer *text, const char *words, size_t times)
{
    size_t size = strlen(words);
    ck_assert_int_eq(buffer_reserve(text, size * times), ASSAY_OK);
    for (size_t i = 0; i < times; i++)
        memcpy(text->data + text->size + i * size, words, size);
    text->size += size * times;
}

START_TEST(nesting_and_values_are_bounded_before_they_are_read)
{
    struct buffer text cleanup(buffer_release) = {0};
    struct error error = {""};
    append_times(&text, "[", 1000000);
    ck_assert_int_eq(parse(buffer_view(&text), &error), ASSAY_ERR_CORRUPT);
    ck_assert_ptr_nonnull(strstr(error.text, "too deep"));
    text.size = 0;
    append_times(&text, "{\"a\": [[]", 1);
    append_times(&text, ",[]", 2000000);
    append_times(&text, "]}\n", 1);
    ck_assert_int_eq(parse(buffer_view(&text), &error), ASSAY_ERR_CORRUPT);
    ck_assert_ptr_nonnull(strstr(error.text, "too many"));
}
END_TEST

/* ---- names, versions, times ------------------------------------------------------------------ */

START_TEST(names_of_files_are_safe)
{
    static const char *const good[] = {"a", "a.yar",    "x/y z/w.yar",     "...",           "a/..b",
                                       "-", "manifest", "x/manifest.json", "manifest.jsonl"};
    static const char *const bad[] = {"",
                                      "/",
                                      "/a",
                                      "a/",
                                      "a//b",
                                      ".",
                                      "..",
                                      "./a",
                                      "a/.",
                                      "a/..",
                                      "a/../b",
                                      " a",
                                      "a ",
                                      "a\\b",
                                      "a\"b",
                                      "a'b",
                                      "a`b",
                                      "a\nb",
                                      "a\x7f",
                                      "\xc3\xa4",
                                      "manifest.json",
                                      "manifest.json.minisig",
                                      "manifest.json.x"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        ck_assert_msg(manifest_path_is_safe(text_bytes(good[i])), "%s", good[i]);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_msg(!manifest_path_is_safe(text_bytes(bad[i])), "%s", bad[i]);
    ck_assert(!manifest_path_is_safe((struct assay_bytes){(const uint8_t *)"a\0b", 3}));
}
END_TEST

/* Of letters, with slashes at the given offsets (0: none). */
static bool is_safe(size_t size, size_t first_slash, size_t second_slash, size_t *ret_prefix)
{
    uint8_t path[512];
    memset(path, 'x', sizeof(path));
    path[first_slash] = first_slash ? '/' : 'x';
    path[second_slash] = second_slash ? '/' : 'x';
    struct assay_bytes bytes = {path, size};
    *ret_prefix = 0;
    bool safe = manifest_path_is_safe(bytes);
    ck_assert(!safe || manifest_path_split(bytes, ret_prefix));
    return safe;
}

START_TEST(names_of_files_fit_into_a_header)
{
    size_t prefix;
    ck_assert(is_safe(100, 0, 0, &prefix));
    ck_assert(!is_safe(101, 0, 0, &prefix));
    ck_assert(is_safe(101, 1, 50, &prefix));
    ck_assert_uint_eq(prefix, 50);
    ck_assert(is_safe(256, 155, 0, &prefix));
    ck_assert_uint_eq(prefix, 155);
    ck_assert(is_safe(256, 155, 200, &prefix));
    ck_assert_uint_eq(prefix, 155);
    ck_assert(!is_safe(256, 154, 0, &prefix));
    ck_assert(!is_safe(256, 156, 0, &prefix));
    ck_assert(!is_safe(257, 155, 200, &prefix));
}
END_TEST

START_TEST(names_of_databases_are_safe)
{
    static const char *const bad[] = {"", ".", "..", ".a", "-a", "_a", "a/b", "a b", "\xc3\xa4"};
    ck_assert(manifest_name_is_safe("Community_2-rules.x"));
    ck_assert(manifest_name_is_safe("0"));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_msg(!manifest_name_is_safe(bad[i]), "%s", bad[i]);
    char name[MANIFEST_NAME_MAX + 2] = "";
    memset(name, 'a', MANIFEST_NAME_MAX);
    ck_assert(manifest_name_is_safe(name));
    name[MANIFEST_NAME_MAX] = 'a';
    ck_assert(!manifest_name_is_safe(name));
}
END_TEST

START_TEST(versions_are_compared_by_their_numbers)
{
    static const struct {
        const char *wanted, *have;
        bool newer;
    } rows[] = {
        {"0.1.0", "0.1.0", false},  {"0.1", "0.1.0", false},
        {"0.1.0", "0.1", false},    {"0.1.1", "0.1.0", true},
        {"0.2", "0.10.3", false},   {"0.10", "0.9.9", true},
        {"1", "0.9", true},         {"0.9.9.9", "1", false},
        {"0.1.0.1", "0.1.0", true}, {"0.2.0", "0.2.0-dev", false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct manifest manifest = {.min_engine = (char *)(uintptr_t)rows[i].wanted};
        ck_assert_msg(manifest_needs_newer(&manifest, rows[i].have) == rows[i].newer, "%s, %s",
                      rows[i].wanted, rows[i].have);
    }
    static const char *const bad[] = {"",     ".",         "1.",  ".1",         "1..2",
                                      "01.2", "1.2.3.4.5", "1.x", "1234567890", "-1"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_msg(!manifest_version_is_safe(bad[i]), "%s", bad[i]);
    ck_assert(manifest_version_is_safe("0.123456789.0.1"));
}
END_TEST

START_TEST(times_go_there_and_back)
{
    static const int64_t times[] = {0, 1, 951827696, 1764072000, 4107542400, MANIFEST_TIME_MAX};
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        char text[MANIFEST_TIME];
        int64_t again = -1;
        manifest_time_text(times[i], text);
        ck_assert_uint_eq(strlen(text), MANIFEST_TIME - 1);
        ck_assert_msg(manifest_parse_time(text, &again), "%s", text);
        ck_assert_int_eq(again, times[i]);
    }
    static const char *const bad[] = {"",
                                      "2025-11-25",
                                      "2025-11-25T12:00:00",
                                      "1969-12-31T23:59:59Z",
                                      "2025-02-29T00:00:00Z",
                                      "2025-00-10T00:00:00Z",
                                      "2025-11-25T24:00:00Z",
                                      "2025-11-25T12:00:60Z",
                                      "2025-11-25t12:00:00Z",
                                      "2025-11-25T12:00:00Zx",
                                      "20 5-11-25T12:00:00Z",
                                      "2025-11-25T12:00:00+00:00"};
    int64_t unused;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_msg(!manifest_parse_time(bad[i], &unused), "%s", bad[i]);
    char text[MANIFEST_TIME];
    manifest_time_text(INT64_MIN, text);
    ck_assert_str_eq(text, "1970-01-01T00:00:00Z");
    manifest_time_text(INT64_MAX, text);
    ck_assert_str_eq(text, "9999-12-31T23:59:59Z");
}
END_TEST

UNIT_MAIN("manifest", what_is_written_is_read, the_text_is_canonical,
          what_could_not_be_read_is_not_written, what_is_not_a_manifest_is_refused,
          keys_nobody_knows_yet_are_passed_over, cut_anywhere_it_is_refused,
          nesting_and_values_are_bounded_before_they_are_read, names_of_files_are_safe,
          names_of_files_fit_into_a_header, names_of_databases_are_safe,
          versions_are_compared_by_their_numbers, times_go_there_and_back)
