/* The loop over real archives: what is found where, and what every bound does. */
#include "inspect/fixture.h"

#include "inspect/inspect.h"

static struct assay_rules *rules;
static struct heard heard;

static struct assay_limits limits_of_tests(void)
{
    struct assay_limits limits = assay_limits_default();
    limits.time_seconds = 60;
    return limits;
}

static struct assay_scanner *scanner_with(struct assay_limits limits)
{
    struct assay_scanner *scanner;
    if (!rules)
        rules = fixture_rules();
    ck_assert_int_eq(assay_scanner_new(rules, &limits, &scanner), ASSAY_OK);
    return scanner;
}

/* Scans and releases the bytes, with these limits. */
static void scan_with(struct assay_limits limits, struct buffer *bytes)
{
    struct assay_scanner *scanner = scanner_with(limits);
    listen_to(&heard, scanner, buffer_view(bytes));
    assay_scanner_free(scanner);
    buffer_release(bytes);
}

static void scan(struct buffer *bytes)
{
    scan_with(limits_of_tests(), bytes);
}

/* Whatever is incomplete is so for this reason. */
static void expect_reasons(enum assay_reason reason)
{
    for (size_t i = 0; i < heard.count; i++)
        ck_assert(heard.said[i].type != ASSAY_EVENT_INCOMPLETE || heard.said[i].reason == reason);
}

static void finish(void)
{
    assay_rules_free(rules);
    rules = NULL;
    heard.stop_at = 0;
}

/* ---- what is found --------------------------------------------------------------------------- */

START_TEST(plain_bytes_match_or_are_clean)
{
    struct buffer bytes = {0};
    ck_assert_int_eq(buffer_append_text(&bytes, "x " NEEDLE " y"), ASSAY_OK);
    scan(&bytes);
    ck_assert_int_eq(heard.status, ASSAY_OK);
    ck_assert_int_eq(heard.result.verdict, ASSAY_MATCH);
    ck_assert_uint_eq(heard.count, 1);
    ck_assert(heard_match(&heard, "top", "needle"));
    ck_assert_uint_eq(heard.said[0].size, strlen(NEEDLE) + 4);
    ck_assert_uint_eq(heard.result.objects, 1);
    ck_assert_uint_eq(heard.result.expanded_bytes, 0);

    scan(&bytes); /* empty now */
    ck_assert_int_eq(heard.result.verdict, ASSAY_CLEAN);
    ck_assert_uint_eq(heard.count, 0);
    finish();
}
END_TEST

START_TEST(members_of_members_are_matched_under_their_names)
{
    struct buffer inner = TAR({"d/other", text_view("nothing")}, {"d/evil", text_view(NEEDLE)});
    struct buffer packed = gzip_of(buffer_view(&inner));
    struct buffer outer = ZIP({"readme", text_view("hello")}, {"in.tgz", buffer_view(&packed)});
    scan(&outer);
    ck_assert(heard_match(&heard, "top!/in.tgz!/<gz>!/d/evil", "needle"));
    ck_assert_uint_eq(heard.said[heard.count - 1].occurrence, 1);
    ck_assert_uint_eq(heard_of_type(&heard, ASSAY_EVENT_INCOMPLETE), 0);
    /* top, readme, in.tgz, <gz>, other, evil */
    ck_assert_uint_eq(heard.result.objects, 6);
    ck_assert_uint_ge(heard.result.expanded_bytes, inner.size + packed.size);
    ck_assert_int_eq(heard.result.verdict, ASSAY_MATCH);
    buffer_release(&inner);
    buffer_release(&packed);
    finish();
}
END_TEST

START_TEST(equal_names_in_one_container_are_numbered)
{
    struct buffer zip =
        ZIP({"a", text_view("x")}, {"a", text_view(NEEDLE)}, {"a", text_view(NEEDLE "!")});
    scan(&zip);
    ck_assert_uint_eq(heard_of_type(&heard, ASSAY_EVENT_MATCH), 2);
    ck_assert(heard_match(&heard, "top!/a#2", "needle"));
    ck_assert(heard_match(&heard, "top!/a#3", "needle"));
    ck_assert_uint_eq(heard.said[0].occurrence, 2);

    /* Another container counts anew. */
    struct buffer inner = ZIP({"a", text_view(NEEDLE)});
    struct buffer outer = TAR({"a", text_view("x")}, {"b.zip", buffer_view(&inner)});
    scan(&outer);
    ck_assert(heard_match(&heard, "top!/b.zip!/a", "needle"));
    buffer_release(&inner);
    finish();
}
END_TEST

START_TEST(rules_see_names_and_owner)
{
    struct buffer tar =
        TAR({"x/read.me.txt", text_view("by its name")},
            {"x/read.me.doc", text_view("by its name")}, {"d/inner.sh", text_view("by its path")});
    scan(&tar);
    ck_assert_uint_eq(heard_of_type(&heard, ASSAY_EVENT_MATCH), 2);
    ck_assert(heard_match(&heard, "top!/x/read.me.txt", "names"));
    ck_assert(heard_match(&heard, "top!/d/inner.sh", "path"));
    finish();
}
END_TEST

START_TEST(every_rule_that_matches_an_object_has_its_digest)
{
    struct buffer tar =
        TAR({"d/inner.sh", text_view("by its path, " NEEDLE)}, {"d/other.sh", text_view(NEEDLE)});
    scan(&tar);
    ck_assert_uint_eq(heard_of_type(&heard, ASSAY_EVENT_MATCH), 4);
    ck_assert_str_eq(heard.said[0].object, "top"); /* tar does not hide it */
    ck_assert_str_eq(heard.said[1].object, "top!/d/inner.sh");
    ck_assert_str_eq(heard.said[2].object, "top!/d/inner.sh");
    ck_assert_mem_eq(heard.said[1].sha256, heard.said[2].sha256, 32);
    ck_assert_mem_ne(heard.said[0].sha256, heard.said[1].sha256, 32);
    ck_assert_mem_ne(heard.said[2].sha256, heard.said[3].sha256, 32);
    finish();
}
END_TEST

START_TEST(every_reader_that_identifies_an_object_reads_it)
{
    struct buffer both = gzip_of(text_view(NEEDLE " in gzip"));
    struct buffer zip = ZIP({"in zip", text_view(NEEDLE " in zip, which is another")});
    ck_assert_int_eq(buffer_append(&both, zip.data, zip.size), ASSAY_OK);
    buffer_release(&zip);
    scan(&both);
    ck_assert(heard_match(&heard, "top!/<gz>", "needle"));
    ck_assert(heard_match(&heard, "top!/in zip", "needle"));
    finish();
}
END_TEST

START_TEST(clean_objects_are_told_when_asked_for)
{
    struct assay_scanner *scanner = scanner_with(limits_of_tests());
    assay_scanner_report_clean(scanner, true);
    struct buffer zip = ZIP({"good", text_view("x")}, {"bad", text_view(NEEDLE)});
    listen_to(&heard, scanner, buffer_view(&zip));
    ck_assert_uint_eq(heard_of_type(&heard, ASSAY_EVENT_CLEAN), 1);
    ck_assert_str_eq(heard.said[0].object, "top!/good");
    buffer_release(&zip);

    zip = ZIP({"one", text_view("x")}, {"two", text_view("y")});
    listen_to(&heard, scanner, buffer_view(&zip));
    ck_assert_uint_eq(heard.count, 3);
    ck_assert_uint_eq(heard_of_type(&heard, ASSAY_EVENT_CLEAN), 3);
    ck_assert_str_eq(heard.said[2].object, "top");
    ck_assert_int_eq(heard.result.verdict, ASSAY_CLEAN);

    /* What is cut off is not clean, and neither is what it is in. */
    listen_to(&heard, scanner, view_sub(buffer_view(&zip), 0, zip.size / 3));
    ck_assert_int_eq(heard.result.verdict, ASSAY_INCOMPLETE);
    for (size_t i = 0; i < heard.count; i++)
        ck_assert(heard.said[i].type != ASSAY_EVENT_CLEAN ||
                  strcmp(heard.said[i].object, "top") != 0);
    buffer_release(&zip);
    assay_scanner_free(scanner);
    finish();
}
END_TEST

/* ---- bounds ---------------------------------------------------------------------------------- */

START_TEST(depth_is_bounded)
{
    struct assay_limits limits = limits_of_tests();
    limits.depth = 3;
    struct buffer bytes = gzip_layers(text_view(NEEDLE), 3);
    scan_with(limits, &bytes);
    ck_assert(heard_match(&heard, "top!/<gz>!/<gz>!/<gz>", "needle"));
    ck_assert_uint_eq(heard.count, 1);

    bytes = gzip_layers(text_view(NEEDLE), 4);
    scan_with(limits, &bytes);
    ck_assert(heard_only_reason(&heard, "top!/<gz>!/<gz>!/<gz>", ASSAY_REASON_DEPTH));
    ck_assert_int_eq(heard.result.verdict, ASSAY_INCOMPLETE);

    limits.depth = 0;
    bytes = gzip_of(text_view(NEEDLE));
    scan_with(limits, &bytes);
    ck_assert(heard_only_reason(&heard, "top", ASSAY_REASON_DEPTH));
    ck_assert_uint_eq(heard.result.objects, 1);
    finish();
}
END_TEST

/* What lies beside the nest that is too deep is looked at. */
START_TEST(depth_ends_a_branch_only)
{
    struct assay_limits limits = limits_of_tests();
    limits.depth = 2;
    struct buffer deep = gzip_layers(text_view("x"), 3);
    struct buffer zip = ZIP({"deep", buffer_view(&deep)}, {"flat", text_view(NEEDLE)});
    scan_with(limits, &zip);
    ck_assert(heard_only_reason(&heard, "top!/deep!/<gz>", ASSAY_REASON_DEPTH));
    ck_assert(heard_match(&heard, "top!/flat", "needle"));
    ck_assert_int_eq(heard.result.verdict, ASSAY_MATCH);
    buffer_release(&deep);
    finish();
}
END_TEST

/* A zip of the needle, something large, and the needle again. */
static struct buffer bulky_zip(size_t size)
{
    struct buffer bulk = filled('x', size);
    struct buffer zip = ZIP({"first", text_view(NEEDLE)}, {"bulk", buffer_view(&bulk)},
                            {"last", text_view(NEEDLE " again")});
    buffer_release(&bulk);
    return zip;
}

START_TEST(expanded_bytes_are_bounded)
{
    struct assay_limits limits = limits_of_tests();
    limits.expanded = 1 << 20;
    struct buffer zip = bulky_zip(4 << 20);
    scan_with(limits, &zip);
    ck_assert(heard_match(&heard, "top!/first", "needle"));
    ck_assert(heard_only_reason(&heard, "top!/bulk", ASSAY_REASON_EXPANDED_BYTES));
    ck_assert_uint_eq(heard_of_type(&heard, ASSAY_EVENT_MATCH), 1);
    ck_assert_uint_le(heard.result.expanded_bytes, limits.expanded);

    /* Exactly as much as there is is enough. */
    struct buffer exact = filled('y', 1 << 20);
    struct buffer packed = gzip_of(buffer_view(&exact));
    scan_with(limits, &packed);
    ck_assert_int_eq(heard.result.verdict, ASSAY_CLEAN);
    ck_assert_uint_eq(heard.result.expanded_bytes, 1 << 20);
    buffer_release(&exact);
    finish();
}
END_TEST

START_TEST(what_was_expanded_before_the_bound_is_matched)
{
    struct assay_limits limits = limits_of_tests();
    limits.expanded = 1 << 20;
    struct buffer bulk = filled('x', 4 << 20);
    memcpy(bulk.data + (1 << 20) - strlen(NEEDLE), NEEDLE, strlen(NEEDLE));
    struct buffer packed = gzip_of(buffer_view(&bulk));
    scan_with(limits, &packed);
    ck_assert(heard_match(&heard, "top!/<gz>", "needle"));
    ck_assert_uint_eq(heard.said[0].size, 1 << 20);
    ck_assert(heard_only_reason(&heard, "top!/<gz>", ASSAY_REASON_EXPANDED_BYTES));
    buffer_release(&bulk);
    finish();
}
END_TEST

START_TEST(members_that_lie_in_their_container_count_as_expanded)
{
    struct assay_limits limits = limits_of_tests();
    limits.expanded = 1 << 16;
    struct buffer bulk = filled('x', 1 << 17);
    struct buffer tar =
        TAR({"first", text_view("x")}, {"bulk", buffer_view(&bulk)}, {"last", text_view(NEEDLE)});
    scan_with(limits, &tar);
    ck_assert(heard_only_reason(&heard, "top!/bulk", ASSAY_REASON_EXPANDED_BYTES));
    ck_assert_uint_le(heard.result.expanded_bytes, limits.expanded);
    buffer_release(&bulk);
    finish();
}
END_TEST

START_TEST(the_ratio_is_bounded)
{
    struct assay_limits limits = limits_of_tests();
    limits.ratio = 10;
    limits.ratio_from = 1 << 16;
    struct buffer zip = bulky_zip(4 << 20);
    scan_with(limits, &zip);
    ck_assert(heard_match(&heard, "top!/first", "needle"));
    ck_assert(heard_only_reason(&heard, "top!/bulk", ASSAY_REASON_RATIO));

    /* Below ratio_from nothing is too much. */
    limits.ratio_from = 8 << 20;
    zip = bulky_zip(4 << 20);
    scan_with(limits, &zip);
    ck_assert(heard_match(&heard, "top!/last", "needle"));
    ck_assert_uint_eq(heard_of_type(&heard, ASSAY_EVENT_INCOMPLETE), 0);
    finish();
}
END_TEST

START_TEST(a_long_member_is_matched_as_far_as_it_is_held)
{
    struct assay_limits limits = limits_of_tests();
    limits.member = 100000;
    struct buffer bulk = filled('x', 200000);
    memcpy(bulk.data + 500, NEEDLE, strlen(NEEDLE));
    struct buffer zip = ZIP({"long", buffer_view(&bulk)}, {"next", text_view(NEEDLE)});
    scan_with(limits, &zip);
    ck_assert(heard_match(&heard, "top!/long", "needle"));
    ck_assert_uint_eq(heard.said[0].size, 100000);
    ck_assert(heard_only_reason(&heard, "top!/long", ASSAY_REASON_MEMBER_BYTES));
    ck_assert(heard_match(&heard, "top!/next", "needle"));

    /* As long as may be held is not too long. */
    bulk.size = 100000;
    zip = ZIP({"long", buffer_view(&bulk)});
    scan_with(limits, &zip);
    ck_assert_uint_eq(heard.count, 1);
    ck_assert(heard_match(&heard, "top!/long", "needle"));
    buffer_release(&bulk);
    finish();
}
END_TEST

START_TEST(members_are_bounded)
{
    struct assay_limits limits = limits_of_tests();
    limits.members = 2;
    struct buffer zip =
        ZIP({"one", text_view("x")}, {"two", text_view(NEEDLE)}, {"three", text_view(NEEDLE)});
    scan_with(limits, &zip);
    ck_assert(heard_match(&heard, "top!/two", "needle"));
    ck_assert(heard_only_reason(&heard, "top", ASSAY_REASON_MEMBERS));
    ck_assert_uint_eq(heard_of_type(&heard, ASSAY_EVENT_MATCH), 1);
    ck_assert_uint_eq(heard.result.objects, 3);

    zip = ZIP({"one", text_view("x")}, {"two", text_view("y")});
    scan_with(limits, &zip);
    ck_assert_int_eq(heard.result.verdict, ASSAY_CLEAN);
    finish();
}
END_TEST

/* More work than a second allows, and a member behind it. */
START_TEST(time_is_bounded)
{
    struct assay_limits limits = limits_of_tests();
    limits.time_seconds = 1;
    limits.ratio = UINT32_MAX;
    struct buffer bulk = filled('x', 64 << 20);
    struct buffer packed = gzip_of(buffer_view(&bulk));
    struct part parts[101] = {{"first", text_view(NEEDLE)}};
    for (size_t i = 1; i < 101; i++)
        parts[i] = (struct part){"bulk", buffer_view(&packed)};
    struct buffer tar = make_archive(ARCHIVE_FORMAT_TAR_USTAR, parts, 101);
    buffer_release(&bulk);
    buffer_release(&packed);
    scan_with(limits, &tar);
    ck_assert(heard_match(&heard, "top!/first", "needle"));
    ck_assert_uint_ge(heard_of_type(&heard, ASSAY_EVENT_INCOMPLETE), 1);
    expect_reasons(ASSAY_REASON_TIME);
    ck_assert_uint_lt(heard.result.objects, 202);
    finish();
}
END_TEST

START_TEST(codec_memory_is_bounded)
{
    struct assay_limits limits = limits_of_tests();
    limits.codec_memory = 1 << 16;
    struct buffer packed = {0};
    pack_xz(&packed, text_view(NEEDLE));
    struct buffer tar = TAR({"a.xz", buffer_view(&packed)}, {"b", text_view(NEEDLE)});
    buffer_release(&packed);
    scan_with(limits, &tar);
    ck_assert_uint_eq(heard_of_type(&heard, ASSAY_EVENT_INCOMPLETE), 1);
    ck_assert(heard_match(&heard, "top!/b", "needle"));
    expect_reasons(ASSAY_REASON_CODEC_MEMORY);
    finish();
}
END_TEST

/* ---- ends ------------------------------------------------------------------------------------ */

START_TEST(the_callback_ends_the_scan)
{
    struct assay_scanner *scanner = scanner_with(limits_of_tests());
    struct buffer zip =
        ZIP({"a", text_view(NEEDLE)}, {"b", text_view(NEEDLE)}, {"c", text_view(NEEDLE)});
    heard.stop_at = 1;
    listen_to(&heard, scanner, buffer_view(&zip));
    ck_assert_int_eq(heard.status, ASSAY_ERR_CANCELLED);
    ck_assert_uint_eq(heard.count, 1);
    ck_assert_int_eq(heard.result.verdict, ASSAY_MATCH);

    /* The scanner is as good as new. */
    heard.stop_at = 0;
    listen_to(&heard, scanner, buffer_view(&zip));
    ck_assert_int_eq(heard.status, ASSAY_OK);
    ck_assert_uint_eq(heard_of_type(&heard, ASSAY_EVENT_MATCH), 3);
    buffer_release(&zip);
    assay_scanner_free(scanner);
    finish();
}
END_TEST

START_TEST(a_scanner_can_be_used_after_any_end)
{
    struct assay_limits limits = limits_of_tests();
    limits.depth = 4;
    limits.expanded = 1 << 20;
    limits.member = 1 << 19;
    limits.members = 50;
    struct assay_scanner *scanner = scanner_with(limits);
    struct buffer bulk = filled('x', 4 << 20);
    struct buffer spoilers[] = {gzip_layers(text_view("x"), 8), bulky_zip(2 << 20),
                                gzip_of(buffer_view(&bulk)), ZIP({"a", text_view("x")})};
    spoilers[3].size /= 2;
    struct buffer zip = ZIP({"a", text_view(NEEDLE)});
    for (int i = 0; i < 40; i++) {
        listen_to(&heard, scanner, buffer_view(&spoilers[i % 4]));
        ck_assert_int_eq(heard.status, ASSAY_OK);
        ck_assert_uint_ge(heard_of_type(&heard, ASSAY_EVENT_INCOMPLETE), 1);
        listen_to(&heard, scanner, buffer_view(&zip));
        ck_assert_uint_eq(heard.count, 1);
        ck_assert(heard_match(&heard, "top!/a", "needle"));
    }
    for (size_t i = 0; i < 4; i++)
        buffer_release(&spoilers[i]);
    buffer_release(&bulk);
    buffer_release(&zip);
    assay_scanner_free(scanner);
    finish();
}
END_TEST

/* Of a thousand damages to one container, eight are told. */
START_TEST(damage_does_not_flood_the_report)
{
    struct buffer many = {0};
    for (int i = 0; i < 300; i++) {
        struct buffer member = gzip_of(text_view("x"));
        ck_assert_int_eq(buffer_append(&many, member.data, member.size), ASSAY_OK);
        ck_assert_int_eq(buffer_append_text(&many, "junk between"), ASSAY_OK);
        buffer_release(&member);
    }
    scan(&many);
    ck_assert_int_eq(heard.result.verdict, ASSAY_INCOMPLETE);
    ck_assert_uint_ge(heard.count, 1);
    ck_assert_uint_le(heard.count, 20);
    finish();
}
END_TEST

/* A reader may know when it steps to a member that it cannot read it. */
START_TEST(why_a_member_cannot_be_read_is_told_in_words)
{
    static const uint8_t header[] =
        "PK\3\4\24\0\0\0\141\0\0\0\0\0\1\2\3\4\4\0\0\0\4\0\0\0\1\0\0\0x1234";
    struct buffer zip = {0};
    ck_assert_int_eq(buffer_append(&zip, header, sizeof(header) - 1), ASSAY_OK);
    scan(&zip);
    const struct said *last = &heard.said[heard.count - 1];
    ck_assert_str_eq(last->object, "top!/x");
    ck_assert_int_eq(last->reason, ASSAY_REASON_UNSUPPORTED);
    ck_assert_str_eq(last->detail, "zip method 97 (wavpack)");
    finish();
}
END_TEST

UNIT_MAIN("inspect", plain_bytes_match_or_are_clean,
          members_of_members_are_matched_under_their_names,
          equal_names_in_one_container_are_numbered, rules_see_names_and_owner,
          every_rule_that_matches_an_object_has_its_digest,
          every_reader_that_identifies_an_object_reads_it, clean_objects_are_told_when_asked_for,
          depth_is_bounded, depth_ends_a_branch_only, expanded_bytes_are_bounded,
          what_was_expanded_before_the_bound_is_matched,
          members_that_lie_in_their_container_count_as_expanded, the_ratio_is_bounded,
          a_long_member_is_matched_as_far_as_it_is_held, members_are_bounded, time_is_bounded,
          codec_memory_is_bounded, the_callback_ends_the_scan, a_scanner_can_be_used_after_any_end,
          damage_does_not_flood_the_report, why_a_member_cannot_be_read_is_told_in_words)
