/* Known files, found by the digests that other programs give them. */
#include "hash_fixture.h"
#include "rules_of.h"
#include "unpack/tool.h"

#include "signatures/digest.h"
#include "signatures/matcher.h"

static const struct matcher_variables nothing = {"", "", "", "", ""};

/* What the last scan said: "namespace:rule@database " for each match. */
static struct {
    size_t matches, incompletes;
    char said[512], hash[80], detail[128];
    enum assay_severity severity;
    size_t stop_after; /* 0: never */
} got;

static int on_match(void *context, struct assay_match *match)
{
    size_t used = strlen(got.said);
    (void)context;
    snprintf(got.said + used, sizeof(got.said) - used, "%s:%s@%s ", match->rule_namespace,
             match->rule, match->database);
    got.severity = match->severity;
    if (strcmp(match->rule_namespace, "test.yar") != 0) {
        ck_assert_uint_eq(match->tag_count + match->string_count + match->strings_omitted, 0);
        ck_assert_uint_eq(match->meta_count, 1);
        ck_assert_str_eq(match->metas[0].name, "hash");
        ck_assert_int_eq(match->metas[0].type, ASSAY_META_STRING);
        snprintf(got.hash, sizeof(got.hash), "%s", match->metas[0].string);
    }
    return ++got.matches == got.stop_after;
}

static void on_incomplete(void *context, enum assay_reason reason, const char *detail)
{
    (void)context;
    (void)reason;
    snprintf(got.detail, sizeof(got.detail), "%s", detail);
    got.incompletes++;
}

static const struct matcher_events events = {on_match, on_incomplete, NULL};

static status scan_for(struct matcher *matcher, struct view view, uint32_t seconds,
                       struct error *error)
{
    size_t stop_after = got.stop_after;
    memset(&got, 0, sizeof(got));
    got.stop_after = stop_after;
    return matcher_scan(matcher, view, &nothing, seconds, &events, error);
}

static status scan(struct matcher *matcher, struct buffer *bytes)
{
    return scan_for(matcher, buffer_view(bytes), 0, NULL);
}

static void add(struct assay_rules *rules, const char *list, const char *database)
{
    ck_assert_int_eq(rules_add_hashes(rules, hash_set_of(list), database), ASSAY_OK);
}

static struct matcher *matcher_of(const struct assay_rules *rules)
{
    struct matcher *matcher = NULL;
    ck_assert_int_eq(matcher_new(rules, &matcher), ASSAY_OK);
    return matcher;
}

static char digest_text[HASH_KINDS][80];

/* What coreutils say of a program of this system. */
static struct buffer read_known_file(void)
{
    static const char *const commands[HASH_KINDS] = {
        "md5sum </bin/cat | cut -d' ' -f1 | tr -d '\n' >digest",
        "sha1sum </bin/cat | cut -d' ' -f1 | tr -d '\n' >digest",
        "sha256sum </bin/cat | cut -d' ' -f1 | tr -d '\n' >digest",
    };
    char directory[32];
    tool_enter(directory);
    for (size_t kind = 0; kind < HASH_KINDS; kind++) {
        TOOL_RUN("sh", "-c", commands[kind]);
        struct buffer text = tool_read("digest");
        ck_assert_uint_eq(text.size, 2 * hash_bytes((enum hash_kind)kind));
        snprintf(digest_text[kind], sizeof(digest_text[kind]), "%.*s", (int)text.size,
                 (const char *)text.data);
        buffer_release(&text);
    }
    tool_leave(directory);
    return tool_read("/bin/cat");
}

START_TEST(a_file_is_known_by_each_of_its_digests)
{
    struct buffer file = read_known_file();
    for (int kind = 0; kind < HASH_KINDS; kind++) {
        char list[512], said[128];
        snprintf(list, sizeof(list), "%s\t%zu\tKnown file\tcritical\n", digest_text[kind],
                 file.size);
        snprintf(said, sizeof(said), "%s:Known file@base ", hash_name((enum hash_kind)kind));
        cleanup(rules_free_cleanup) struct assay_rules *rules =
            rules_of("rule never { condition: false }");
        add(rules, list, "base");
        cleanup(matcher_free_cleanup) struct matcher *matcher = matcher_of(rules);
        for (int again = 0; again < 2; again++) {
            ck_assert_int_eq(scan(matcher, &file), ASSAY_OK);
            ck_assert_str_eq(got.said, said);
            ck_assert_int_eq(got.severity, ASSAY_CRITICAL);
            ck_assert_str_eq(got.hash, digest_text[kind]);
        }
        file.data[file.size / 2] ^= 1;
        ck_assert_int_eq(scan(matcher, &file), ASSAY_OK);
        ck_assert_uint_eq(got.matches, 0);
        file.data[file.size / 2] ^= 1;
        file.size--;
        ck_assert_int_eq(scan(matcher, &file), ASSAY_OK);
        ck_assert_uint_eq(got.matches, 0);
        file.size++;
    }
    buffer_release(&file);
}
END_TEST

START_TEST(all_databases_and_rules_have_their_say)
{
    struct buffer file = read_known_file();
    char first[512], second[256];
    snprintf(first, sizeof(first), "%s\t*\ta\tlow\n%s\t*\tb\tlow\n%s\t*\tc\tlow\n",
             digest_text[HASH_MD5], digest_text[HASH_MD5], digest_text[HASH_SHA256]);
    snprintf(second, sizeof(second), "%s\t%zu\td\tlow\n%s\t1\te\tlow\n", digest_text[HASH_SHA1],
             file.size, digest_text[HASH_SHA256]);
    cleanup(rules_free_cleanup) struct assay_rules *rules =
        rules_of("rule elf { condition: uint32(0) == 0x464c457f }");
    add(rules, first, "one");
    struct assay_rules *more = NULL;
    ck_assert_int_eq(rules_new(&more), ASSAY_OK);
    add(more, second, "two");
    ck_assert_int_eq(rules_join(rules, more), ASSAY_OK);
    cleanup(matcher_free_cleanup) struct matcher *matcher = matcher_of(rules);
    ck_assert_int_eq(scan(matcher, &file), ASSAY_OK);
    ck_assert_str_eq(got.said, "md5:a@one md5:b@one sha256:c@one sha1:d@two test.yar:elf@test ");
    got.stop_after = 2;
    ck_assert_int_eq(scan(matcher, &file), ASSAY_ERR_CANCELLED);
    ck_assert_str_eq(got.said, "md5:a@one md5:b@one ");
    got.stop_after = 0;
    ck_assert_int_eq(scan(matcher, &file), ASSAY_OK);
    ck_assert_uint_eq(got.matches, 5);
    buffer_release(&file);
}
END_TEST

/* The digests of nothing, from the tools' manuals and FIPS 180-4. */
START_TEST(an_empty_object_can_be_known)
{
    cleanup(rules_free_cleanup) struct assay_rules *rules =
        rules_of("rule never { condition: false }");
    add(rules,
        "d41d8cd98f00b204e9800998ecf8427e\t0\tempty\tinfo\n"
        "da39a3ee5e6b4b0d3255bfef95601890afd80709\t0\tempty\tinfo\n"
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\t0\tempty\tinfo\n",
        "base");
    cleanup(matcher_free_cleanup) struct matcher *matcher = matcher_of(rules);
    struct buffer bytes = {0};
    ck_assert_int_eq(scan(matcher, &bytes), ASSAY_OK);
    ck_assert_str_eq(got.said, "md5:empty@base sha1:empty@base sha256:empty@base ");
    ck_assert_int_eq(buffer_append(&bytes, "x", 1), ASSAY_OK);
    ck_assert_int_eq(scan(matcher, &bytes), ASSAY_OK);
    ck_assert_uint_eq(got.matches, 0);
    buffer_release(&bytes);
}
END_TEST

START_TEST(an_object_of_a_size_that_nobody_has_is_not_hashed)
{
    cleanup(rules_free_cleanup) struct assay_rules *rules =
        rules_of("rule every { condition: true }");
    add(rules, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\t5\tn\tlow\n",
        "base");
    cleanup(matcher_free_cleanup) struct matcher *matcher = matcher_of(rules);
    struct view four = {(const uint8_t *)"abcd", 4}, five = {(const uint8_t *)"abcde", 5};
    ck_assert_int_eq(scan_for(matcher, four, 0, NULL), ASSAY_OK);
    ck_assert_ptr_null(matcher_sha256(matcher));
    ck_assert_int_eq(scan_for(matcher, five, 0, NULL), ASSAY_OK);
    uint8_t digest[32];
    ck_assert_int_eq(digest_sha256(five, digest), ASSAY_OK);
    ck_assert_ptr_nonnull(matcher_sha256(matcher));
    ck_assert_mem_eq(matcher_sha256(matcher), digest, 32);
    ck_assert_int_eq(scan_for(matcher, four, 0, NULL), ASSAY_OK);
    ck_assert_ptr_null(matcher_sha256(matcher));
}
END_TEST

/* The same as one piece, however many chunks it takes. */
START_TEST(long_objects_are_hashed_whole)
{
    cleanup(rules_free_cleanup) struct assay_rules *rules =
        rules_of("rule every { condition: true }");
    add(rules, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\t*\tn\tlow\n",
        "base");
    cleanup(matcher_free_cleanup) struct matcher *matcher = matcher_of(rules);
    struct buffer bytes = {0};
    for (unsigned i = 0; i < 300000; i++)
        ck_assert_int_eq(buffer_append_format(&bytes, "%x", i), ASSAY_OK);
    const size_t sizes[] = {1, 65535, 65536, 65537, 131072, 131073, bytes.size};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        uint8_t digest[32];
        struct view view = {bytes.data, sizes[i]};
        ck_assert_int_eq(scan_for(matcher, view, 0, NULL), ASSAY_OK);
        ck_assert_int_eq(digest_sha256(view, digest), ASSAY_OK);
        ck_assert_mem_eq(matcher_sha256(matcher), digest, 32);
    }
    buffer_release(&bytes);
}
END_TEST

START_TEST(hashing_ends_with_the_time)
{
    cleanup(rules_free_cleanup) struct assay_rules *rules =
        rules_of("rule every { condition: true }");
    add(rules,
        "d41d8cd98f00b204e9800998ecf8427e\t*\tn\tlow\n"
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\t*\tn\tlow\n",
        "base");
    cleanup(matcher_free_cleanup) struct matcher *matcher = matcher_of(rules);
    const size_t huge = (size_t)64 << 30;
    void *zeros = mmap(NULL, huge, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    ck_assert_ptr_ne(zeros, MAP_FAILED);
    struct error error = {""};
    ck_assert_int_eq(scan_for(matcher, (struct view){zeros, huge}, 1, &error), ASSAY_ERR_TIME);
    ck_assert_str_eq(error.text, "hashing: the time allowed is used up");
    ck_assert_uint_eq(got.matches, 0);
    ck_assert_ptr_null(matcher_sha256(matcher));
    munmap(zeros, huge);
    ck_assert_int_eq(scan_for(matcher, (struct view){(const uint8_t *)"x", 1}, 1, NULL), ASSAY_OK);
    ck_assert_str_eq(got.said, "test.yar:every@test ");
}
END_TEST

UNIT_MAIN("hash_match", a_file_is_known_by_each_of_its_digests,
          all_databases_and_rules_have_their_say, an_empty_object_can_be_known,
          an_object_of_a_size_that_nobody_has_is_not_hashed, long_objects_are_hashed_whole,
          hashing_ends_with_the_time)
