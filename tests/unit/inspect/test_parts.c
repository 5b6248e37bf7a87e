/* Archives in the middle of other data, and what is matched when several scanners share an input. */
#include "inspect/fixture.h"

static struct assay_rules *rules;
static struct heard heard;

static void scan_share(struct view bytes, struct assay_limits limits, uint32_t share,
                       uint32_t shares)
{
    struct assay_scanner *scanner;
    if (!rules)
        rules = fixture_rules();
    ck_assert_int_eq(assay_scanner_new(rules, &limits, &scanner), ASSAY_OK);
    struct assay_subject subject = {
        .path = text_bytes("dir/top"), .owner = "root", .share = share, .shares = shares};
    heard = (struct heard){.count = 0};
    heard.status =
        assay_scan_buffer(scanner, &subject, bytes.data, bytes.size, hear, &heard, &heard.result);
    assay_scanner_free(scanner);
}

static void scan(const struct buffer *bytes)
{
    scan_share(buffer_view(bytes), assay_limits_default(), 0, 1);
}

static void finish(void)
{
    assay_rules_free(rules);
    rules = NULL;
}

static void add(struct buffer *out, struct view bytes)
{
    ck_assert_int_eq(buffer_append(out, bytes.data, bytes.size), ASSAY_OK);
}

static const char hay[] = "There is nothing but hay here, and it is not compressed at all.";

START_TEST(archives_between_other_data_are_opened)
{
    struct buffer zip = ZIP({"z", text_view(NEEDLE)});
    struct buffer tar = TAR({"t", text_view(NEEDLE)});
    struct buffer bytes = {0};
    add(&bytes, text_view(hay));
    size_t zip_at = bytes.size;
    add(&bytes, buffer_view(&zip));
    add(&bytes, text_view(hay));
    size_t tar_at = bytes.size;
    add(&bytes, buffer_view(&tar));
    add(&bytes, text_view(hay));
    scan(&bytes);
    char name[64];
    snprintf(name, sizeof(name), "top!/<zip@%zu>!/z", zip_at);
    ck_assert(heard_match(&heard, name, "needle"));
    snprintf(name, sizeof(name), "top!/<tar@%zu>!/t", tar_at);
    ck_assert(heard_match(&heard, name, "needle"));
    /* Stored, so the whole has it too; nothing else is told of, and each object once. */
    ck_assert_uint_eq(heard_of_type(&heard, ASSAY_EVENT_MATCH), 3);
    ck_assert_uint_eq(heard_of_type(&heard, ASSAY_EVENT_INCOMPLETE), 0);
    ck_assert_uint_eq(heard.result.objects, 3);
    buffer_release(&zip);
    buffer_release(&tar);
    buffer_release(&bytes);
    finish();
}
END_TEST

START_TEST(what_a_reader_accounts_for_is_not_searched_again)
{
    struct buffer inner = ZIP({"z", text_view(NEEDLE)});
    struct buffer tar = TAR({"inner.zip", buffer_view(&inner)}, {"x", text_view("x")});
    scan(&tar);
    ck_assert_uint_eq(heard_of_type(&heard, ASSAY_EVENT_MATCH), 1);
    ck_assert_uint_eq(heard.result.objects, 4);
    ck_assert(heard_match(&heard, "top!/inner.zip!/z", "needle"));
    buffer_release(&inner);
    buffer_release(&tar);
    finish();
}
END_TEST

START_TEST(a_part_counts_as_a_step_of_nesting)
{
    struct buffer packed = gzip_of(text_view(NEEDLE));
    struct buffer zip = ZIP({"z.gz", buffer_view(&packed)});
    struct buffer bytes = {0};
    add(&bytes, text_view(hay));
    add(&bytes, buffer_view(&zip));
    add(&bytes, text_view(hay));
    struct assay_limits limits = assay_limits_default();
    char name[64];
    for (limits.depth = 1; limits.depth < 3; limits.depth++) {
        scan_share(buffer_view(&bytes), limits, 0, 1);
        snprintf(name, sizeof(name), "top!/<zip@%zu>%s", sizeof(hay) - 1,
                 limits.depth == 2 ? "!/z.gz" : "");
        ck_assert(heard_only_reason(&heard, name, ASSAY_REASON_DEPTH));
    }
    scan_share(buffer_view(&bytes), limits, 0, 1);
    ck_assert_uint_eq(heard_of_type(&heard, ASSAY_EVENT_MATCH), 1);
    ck_assert_uint_eq(heard_of_type(&heard, ASSAY_EVENT_INCOMPLETE), 0);
    buffer_release(&packed);
    buffer_release(&zip);
    buffer_release(&bytes);
    finish();
}
END_TEST

START_TEST(too_many_places_that_only_look_like_archives_are_told)
{
    struct buffer bytes = {0};
    for (int i = 0; i < 100100; i++)
        ck_assert_int_eq(buffer_append_text(&bytes, "PK\3\4----"), ASSAY_OK);
    bytes.data[0] = '-'; /* no zip at the front */
    scan(&bytes);
    ck_assert(heard_only_reason(&heard, "top", ASSAY_REASON_MEMBERS));
    buffer_release(&bytes);
    finish();
}
END_TEST

/* ---- shares ---------------------------------------------------------------------------------- */

START_TEST(shares_together_match_everything_once)
{
    enum { MEMBERS = 40, SHARES = 3 };
    struct part parts[MEMBERS];
    char names[MEMBERS][8];
    for (int i = 0; i < MEMBERS; i++) {
        snprintf(names[i], sizeof(names[i]), "m%d", i);
        parts[i] = (struct part){names[i], text_view(i % 2 ? NEEDLE : "hay")};
    }
    struct buffer tar = make_archive(ARCHIVE_FORMAT_TAR_USTAR, parts, MEMBERS);
    struct buffer packed = gzip_of(buffer_view(&tar));
    packed.data[packed.size - 5] ^= 1; /* and a wrong check sum, which one of them tells */
    size_t matches = 0, incomplete = 0, seen[MEMBERS] = {0};
    for (uint32_t share = 0; share < SHARES; share++) {
        scan_share(buffer_view(&packed), assay_limits_default(), share, SHARES);
        ck_assert_int_eq(heard.status, ASSAY_OK);
        ck_assert_uint_eq(heard.result.objects, MEMBERS + 2);
        size_t own = heard_of_type(&heard, ASSAY_EVENT_MATCH);
        ck_assert_uint_gt(own, 0);
        matches += own;
        incomplete += heard_of_type(&heard, ASSAY_EVENT_INCOMPLETE);
        for (size_t i = 0; i < heard.count; i++) {
            const char *member = strstr(heard.said[i].object, "!/m");
            if (member)
                seen[atoi(member + 3)]++;
        }
    }
    ck_assert_uint_eq(matches, MEMBERS / 2 + 1); /* the tar as a whole, too */
    ck_assert_uint_eq(incomplete, 1);
    for (int i = 0; i < MEMBERS; i++)
        ck_assert_uint_eq(seen[i], (size_t)i % 2);
    buffer_release(&tar);
    buffer_release(&packed);
    finish();
}
END_TEST

START_TEST(a_share_that_cannot_be_is_refused)
{
    struct buffer bytes = {0};
    add(&bytes, text_view(NEEDLE));
    static const uint32_t wrong[][2] = {{1, 0}, {1, 1}, {2, 2}, {0, ASSAY_SHARES_MAX + 1}};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        scan_share(buffer_view(&bytes), assay_limits_default(), wrong[i][0], wrong[i][1]);
        ck_assert_int_eq(heard.status, ASSAY_ERR_ARGUMENT);
    }
    scan_share(buffer_view(&bytes), assay_limits_default(), 0, 0);
    ck_assert_uint_eq(heard_of_type(&heard, ASSAY_EVENT_MATCH), 1);
    buffer_release(&bytes);
    finish();
}
END_TEST

UNIT_MAIN("parts", archives_between_other_data_are_opened,
          what_a_reader_accounts_for_is_not_searched_again, a_part_counts_as_a_step_of_nesting,
          too_many_places_that_only_look_like_archives_are_told,
          shares_together_match_everything_once, a_share_that_cannot_be_is_refused)
