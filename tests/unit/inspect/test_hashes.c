/* Known files inside archives. */
#include "inspect/fixture.h"

#include "base/encode.h"
#include "signatures/digest.h"
#include "signatures/hash_fixture.h"

static struct heard heard;

static struct buffer list_of(struct view bytes, const char *name)
{
    struct buffer list = {0};
    uint8_t digest[32];
    ck_assert_int_eq(digest_sha256(bytes, digest), ASSAY_OK);
    ck_assert_int_eq(encode_hex(&list, (struct assay_bytes){digest, sizeof(digest)}), ASSAY_OK);
    ck_assert_int_eq(
        buffer_append_format(&list, "\t%llu\t%s\thigh\n", (unsigned long long)bytes.size, name),
        ASSAY_OK);
    ck_assert_int_eq(buffer_terminate(&list), ASSAY_OK);
    return list;
}

START_TEST(members_are_looked_up)
{
    struct view known = text_view("a file that is known by what it is, not by what is in it");
    struct buffer list = list_of(known, "Known");
    struct assay_rules *rules = fixture_rules();
    ck_assert_int_eq(rules_add_hashes(rules, hash_set_of((const char *)list.data), "base"),
                     ASSAY_OK);
    struct assay_limits limits = assay_limits_default();
    struct assay_scanner *scanner;
    ck_assert_int_eq(assay_scanner_new(rules, &limits, &scanner), ASSAY_OK);

    struct buffer inner = TAR({"other", text_view("nothing")}, {"d/known", known});
    struct buffer packed = gzip_of(buffer_view(&inner));
    struct buffer outer = ZIP({"known", known}, {"in.tgz", buffer_view(&packed)});
    listen_to(&heard, scanner, buffer_view(&outer));
    ck_assert_int_eq(heard.status, ASSAY_OK);
    ck_assert_int_eq(heard.result.verdict, ASSAY_MATCH);
    ck_assert_uint_eq(heard.count, 2);
    ck_assert(heard_match(&heard, "top!/known", "Known"));
    ck_assert(heard_match(&heard, "top!/in.tgz!/<gz>!/d/known", "Known"));
    uint8_t digest[32];
    ck_assert_int_eq(digest_sha256(known, digest), ASSAY_OK);
    ck_assert_mem_eq(heard.said[0].sha256, digest, 32);
    ck_assert_mem_eq(heard.said[1].sha256, digest, 32);

    /* What a rule finds in another object has the digest of that one. */
    struct view needle = text_view(NEEDLE);
    struct buffer mixed = ZIP({"known", known}, {"needle", needle});
    listen_to(&heard, scanner, buffer_view(&mixed));
    ck_assert_uint_eq(heard.count, 2);
    ck_assert(heard_match(&heard, "top!/needle", "needle"));
    ck_assert_int_eq(digest_sha256(needle, digest), ASSAY_OK);
    ck_assert_mem_eq(heard.said[1].sha256, digest, 32);

    assay_scanner_free(scanner);
    assay_rules_free(rules);
    struct buffer *const buffers[] = {&list, &inner, &packed, &outer, &mixed};
    for (size_t i = 0; i < sizeof(buffers) / sizeof(buffers[0]); i++)
        buffer_release(buffers[i]);
}
END_TEST

UNIT_MAIN("hashes", members_are_looked_up)
