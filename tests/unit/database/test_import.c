#include "signatures/database/import.h"

#include "signatures/hash_set.h"
#include "unit.h"

#include <stdio.h>

#define MD5    "d41d8cd98f00b204e9800998ecf8427f"
#define SHA1   "da39a3ee5e6b4b0d3255bfef95601890afd80708"
#define SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b856"

struct fixture {
    struct source_set set;
    struct importer *importer;
    struct error error;
};

static void fixture_open(struct fixture *f)
{
    memset(f, 0, sizeof(*f));
    ck_assert_int_eq(importer_new(&f->set, &f->importer), ASSAY_OK);
}

static status add(struct fixture *f, const char *kind, const char *name, const char *text)
{
    struct view view = {(const uint8_t *)text, strlen(text)};
    return importer_add(f->importer, kind, name, view, &f->error);
}

static void finish(struct fixture *f)
{
    ck_assert_int_eq(importer_finish(f->importer, &f->error), ASSAY_OK);
}

static void fixture_close(struct fixture *f)
{
    importer_free(f->importer);
    source_set_release(&f->set);
}

/* The text of a source; fails when there is none of this name. */
static const char *source(struct fixture *f, const char *name)
{
    for (size_t i = 0; i < f->set.count; i++) {
        if (strcmp(f->set.files[i].name, name) == 0) {
            ck_assert_int_eq(buffer_terminate(&f->set.files[i].text), ASSAY_OK);
            return (const char *)f->set.files[i].text.data;
        }
    }
    ck_abort_msg("there is no source %s", name);
    return NULL;
}

START_TEST(kinds_take_their_names)
{
    static const struct {
        const char *kind, *name;
        bool takes;
    } rows[] = {
        {"yara", "a.yar", true},
        {"yara", "b/c.yara", true},
        {"yara", "a.yar.txt", false},
        {"yara", "yar", false},
        {"loki", "iocs/hash-iocs.txt", true},
        {"loki", "iocs/filename-iocs.txt", true},
        {"loki", "acme-filename-iocs.txt", true},
        {"loki", "c2-iocs.txt", false},
        {"hashes", "a.hashes", true},
        {"hashes", "a.hash", false},
        {"clamav", "main.hdb", true},
        {"clamav", "main.hsb", true},
        {"clamav", "main.ndb", true},
        {"clamav", "main.ldb", false},
        {"nothing", "a.yar", false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        ck_assert_msg(import_takes(rows[i].kind, rows[i].name) == rows[i].takes, "%s",
                      rows[i].name);
    const char *const *kinds = import_kinds();
    ck_assert_str_eq(kinds[3], "clamav");
    ck_assert_ptr_null(kinds[4]);
}
END_TEST

START_TEST(yara_is_taken_as_it_is)
{
    struct fixture f;
    fixture_open(&f);
    ck_assert_int_eq(add(&f, "yara", "a/b.yar", "include \"c.yara\"\n"), ASSAY_OK);
    ck_assert_int_eq(add(&f, "yara", "a/c.yara", ""), ASSAY_OK);
    ck_assert_int_eq(add(&f, "yara", "a/b.yar", "x"), ASSAY_ERR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(f.error.text, "two files called a/b.yar"));
    finish(&f);
    ck_assert_uint_eq(f.set.count, 2);
    ck_assert_str_eq(source(&f, "a/b.yar"), "include \"c.yara\"\n");
    ck_assert_str_eq(source(&f, "a/c.yara"), "");
    fixture_close(&f);
}
END_TEST

START_TEST(what_is_of_no_kind_is_refused)
{
    struct fixture f;
    fixture_open(&f);
    ck_assert_int_eq(add(&f, "snort", "a.rules", "x"), ASSAY_ERR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(f.error.text, "clamav"));
    ck_assert_int_eq(add(&f, "clamav", "a.ldb", "x"), ASSAY_ERR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(f.error.text, ".hdb or .hsb or .ndb"));
    ck_assert_int_eq(add(&f, "hashes", "a.hashes", "\n# x\nno\nneither\n"), ASSAY_ERR_CORRUPT);
    ck_assert_ptr_nonnull(strstr(f.error.text, "a.hashes: not one line"));
    ck_assert_ptr_nonnull(strstr(f.error.text, "line 3"));
    ck_assert_int_eq(add(&f, "hashes", "b.hashes", "# nothing yet\n"), ASSAY_OK);
    fixture_close(&f);
}
END_TEST

START_TEST(hashes_of_all_become_one_list)
{
    struct fixture f;
    uint64_t counts[HASH_KINDS];
    fixture_open(&f);
    ck_assert_int_eq(add(&f, "hashes", "a.hashes",
                         SHA256 "\t*\tc\tlow\r\n" MD5 "\t12\tb\tinfo\n" MD5 "\t9\tb\tcritical\n"
                                "# comment\nwrong\n" MD5 "\t*\tb\tlow\n" MD5 "\t9\ta\thigh"),
                     ASSAY_OK);
    ck_assert_int_eq(add(&f, "loki", "x/hash-iocs.txt",
                         SHA1 ";A tab\tand C:\\x ;y!/z\n" SHA256 ";c\n" SHA1 ";55;Some\n" SHA1
                              ";\n12;short\nnothing\n"),
                     ASSAY_OK);
    ck_assert_int_eq(add(&f, "clamav", "main.hdb", MD5 ":9:a\n" MD5 ":9:PUA.b\n"), ASSAY_OK);
    finish(&f);
    ck_assert_uint_eq(f.set.count, 1);
    ck_assert_str_eq(source(&f, "hashes/all.hashes"),
                     MD5 "\t*\tb\tlow\n" MD5 "\t9\tPUA.b\tlow\n" MD5 "\t9\ta\thigh\n" MD5
                         "\t9\tb\tcritical\n" MD5 "\t12\tb\tinfo\n"
                     /* what is in a name and cannot be shown */
                     SHA1 "\t*\tA tab?x09and C:/x ;y?x21/z\thigh\n" SHA1 "\t*\tSome\tmedium\n" SHA1
                         "\t*\tunnamed\thigh\n" SHA256 "\t*\tc\thigh\n");
    importer_count_hashes(f.importer, counts);
    ck_assert_uint_eq(counts[HASH_MD5], 5);
    ck_assert_uint_eq(counts[HASH_SHA1], 3);
    ck_assert_uint_eq(counts[HASH_SHA256], 1);
    ck_assert_uint_eq(f.set.skipped_count, 3);
    ck_assert_str_eq(f.set.skipped[0].name, "a.hashes");
    ck_assert_int_eq(f.set.skipped[0].line, 5);
    ck_assert_int_eq(f.set.skipped[1].line, 5);
    ck_assert_int_eq(f.set.skipped[2].line, 6);
    fixture_close(&f);
}
END_TEST

/* Each line of the list is one that hash_line_parse takes, whatever the names were. */
START_TEST(names_can_always_be_listed)
{
    struct fixture f;
    char text[2048];
    fixture_open(&f);
    for (int i = 1; i < 256; i++) {
        char name[512];
        int size = 0;
        for (int k = 0; k < 200; k++)
            size +=
                snprintf(name + size, sizeof(name) - (size_t)size, k % 3 ? "\xc3\xa9" : "%c", i);
        snprintf(text, sizeof(text), "%032x;!\\!/%s", (unsigned)i, name);
        if (i != '\n')
            ck_assert_int_eq(add(&f, "loki", "hash-iocs.txt", text), ASSAY_OK);
    }
    finish(&f);
    const char *at = source(&f, "hashes/all.hashes");
    int lines = 0;
    for (const char *end; (end = strchr(at, '\n')) != NULL; at = end + 1, lines++) {
        struct hash_line line;
        struct view view = {(const uint8_t *)at, (uint64_t)(end - at)};
        ck_assert_msg(hash_line_parse(view, &line), "%.*s", (int)view.size, at);
    }
    ck_assert_int_eq(lines, 254);
    fixture_close(&f);
}
END_TEST

START_TEST(filenames_become_rules)
{
    struct fixture f;
    fixture_open(&f);
    ck_assert_int_eq(add(&f, "loki", "iocs/filename-iocs.txt",
                         "# Regin\n\\\\usbclass\\.sys;80\n\n"
                         "## Others\n(?i)C:\\\\a\\.exe$;60;[0-9]{2}\n(?=x);1\nx;101\ny\n"),
                     ASSAY_OK);
    finish(&f);
    ck_assert_str_eq(source(&f, "iocs/filename-iocs.txt.yar"),
                     "rule Filename_f697b69e_usbclass_sys {\n"
                     "  meta:\n"
                     "    description = \"Regin\"\n"
                     "    score = 80\n"
                     "    original = \"\\\\\\\\usbclass\\\\.sys;80\"\n"
                     "  condition:\n"
                     "    filepath contains \"/usbclass.sys\"\n"
                     "}\n\n"
                     "rule Filename_2e940ae7_i_C_a_exe {\n"
                     "  meta:\n"
                     "    description = \"Others\"\n"
                     "    score = 60\n"
                     "    original = \"(?i)C:\\\\\\\\a\\\\.exe$;60;[0-9]{2}\"\n"
                     "  condition:\n"
                     "    (filepath iendswith \"/a.exe\" or filepath iendswith \"/a.exe\\x0a\")\n"
                     "    and not (filepath matches /[0-9]{2}/)\n"
                     "}\n\n");
    ck_assert_uint_eq(f.set.skipped_count, 3);
    ck_assert_int_eq(f.set.skipped[0].line, 6);
    ck_assert_int_eq(f.set.skipped[2].line, 8);
    fixture_close(&f);
}
END_TEST

START_TEST(bodies_become_rules)
{
    struct fixture f;
    fixture_open(&f);
    ck_assert_int_eq(add(&f, "clamav", "main.ndb",
                         "Win.X-1:1:EP+5,7:aaBB(cc|dd){-4}eeff*0102\nWin.X-1:0:EOF-9:a1b2\n"
                         "PUA.Y:6:S2+1:a1?2b2b3{3}c4\nHtml.Z:3:*:a1b2\n"),
                     ASSAY_OK);
    finish(&f);
    ck_assert_str_eq(
        source(&f, "main.ndb.yar"),
        "import \"pe\"\nimport \"elf\"\n\n"
        "rule ClamAV_Win_X_1 {\n  meta:\n    name = \"Win.X-1\"\n    severity = \"high\"\n"
        "  strings:\n    $a = { aa BB ( cc | dd ) [0-4] ee ff [-] 01 02 }\n"
        "  condition:\n    uint16(0) == 0x5a4d and "
        "$a in (pe.entry_point + 5..pe.entry_point + 5 + 7)\n}\n\n"
        "rule ClamAV_Win_X_1_2 {\n  meta:\n    name = \"Win.X-1\"\n    severity = \"high\"\n"
        "  strings:\n    $a = { a1 b2 }\n"
        "  condition:\n    filesize >= 9 and $a at filesize - 9\n}\n\n"
        "rule ClamAV_PUA_Y {\n  meta:\n    name = \"PUA.Y\"\n    severity = \"low\"\n"
        "  strings:\n    $a = { a1 ?2 b2 b3 [3] c4 }\n"
        "  condition:\n    uint32(0) == 0x464c457f and $a at elf.sections[2].offset + 1\n}\n\n");
    ck_assert_uint_eq(f.set.skipped_count, 1);
    ck_assert_int_eq(f.set.skipped[0].line, 4);
    fixture_close(&f);
}
END_TEST

START_TEST(a_file_of_another_kind_is_given_up)
{
    struct fixture f;
    cleanup(buffer_release) struct buffer text = {NULL, 0, 0};
    fixture_open(&f);
    ck_assert_int_eq(buffer_append_text(&text, MD5 "\t*\ta\thigh\n"), ASSAY_OK);
    for (int i = 0; i < 100001; i++)
        ck_assert_int_eq(buffer_append_text(&text, "x\n"), ASSAY_OK);
    ck_assert_int_eq(importer_add(f.importer, "hashes", "a.hashes", buffer_view(&text), &f.error),
                     ASSAY_ERR_CORRUPT);
    ck_assert_ptr_nonnull(strstr(f.error.text, "more than 100000 lines"));
    fixture_close(&f);
}
END_TEST

UNIT_MAIN("import", kinds_take_their_names, yara_is_taken_as_it_is, what_is_of_no_kind_is_refused,
          hashes_of_all_become_one_list, names_can_always_be_listed, filenames_become_rules,
          bodies_become_rules, a_file_of_another_kind_is_given_up)
