/* What rules see of a name. */
#include "inspect/variables.h"
#include "unit.h"

struct expectation {
    const char *name;
    size_t size; /* 0: up to its NUL */
    const char *filepath, *filename, *extension;
};

static void check(const struct object_name *name, const struct expectation *wanted)
{
    struct matcher_variables variables = {0};
    object_name_variables(name, &variables);
    ck_assert_str_eq(variables.filepath, wanted->filepath);
    ck_assert_str_eq(variables.filename, wanted->filename);
    ck_assert_str_eq(variables.extension, wanted->extension);
}

static struct assay_bytes bytes_of(const char *text, size_t size)
{
    return (struct assay_bytes){(const uint8_t *)text, size ? size : strlen(text)};
}

START_TEST(paths_are_taken_apart)
{
    static const struct expectation all[] = {
        {"", 0, "", "", ""},
        {"a", 0, "a", "a", ""},
        {"/usr/bin/A.EXE", 0, "/usr/bin/A.EXE", "A.EXE", ".exe"},
        {"a.tar.gz", 0, "a.tar.gz", "a.tar.gz", ".gz"},
        {".bashrc", 0, ".bashrc", ".bashrc", ""},
        {"/home/u/.bashrc", 0, "/home/u/.bashrc", ".bashrc", ""},
        {".hidden.SH", 0, ".hidden.SH", ".hidden.SH", ".sh"},
        {"d.x/file", 0, "d.x/file", "file", ""},
        {"dir.d/", 0, "dir.d/", "", ""},
        {"C:\\Users\\x\\evil.DLL", 0, "C:\\Users\\x\\evil.DLL", "evil.DLL", ".dll"},
        {"a\\b/c.js", 0, "a\\b/c.js", "c.js", ".js"},
        {"a/b\\c.js", 0, "a/b\\c.js", "c.js", ".js"},
        {"a.", 0, "a.", "a.", "."},
        {"..", 0, "..", "..", "."},
        {"\xff\xfe.\xc4X", 0, "\xff\xfe.\xc4X", "\xff\xfe.\xc4X", ".\xc4x"},
        {"a.exe\0.txt", 10, "a.exe", "a.exe", ".exe"},
        {"\0/b.c", 5, "", "", ""},
    };
    struct object_name name = {0};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        ck_assert_int_eq(object_name_set(&name, bytes_of(all[i].name, all[i].size)), ASSAY_OK);
        check(&name, &all[i]);
    }
    object_name_release(&name);
}
END_TEST

START_TEST(no_bytes_are_an_empty_name)
{
    struct object_name name = {0};
    ck_assert_int_eq(object_name_set(&name, (struct assay_bytes){NULL, 0}), ASSAY_OK);
    check(&name, &(struct expectation){"", 0, "", "", ""});
    object_name_release(&name);
}
END_TEST

/* A derived name says nothing, so its object is called what its container would unpack to. */
START_TEST(members_have_their_own_name_unless_it_is_derived)
{
    static const struct {
        const char *parent;
        struct expectation member;
    } all[] = {
        {"/d/a.tar.gz", {"<gz>", 0, "/d/a.tar", "a.tar", ".tar"}},
        {"/d.d/a", {"<xz>", 0, "/d.d/a", "a", ""}},
        {".gz", {"<gz>", 0, ".gz", ".gz", ""}},
        {"a.zip", {"in/b.TXT", 0, "in/b.TXT", "b.TXT", ".txt"}},
        {"a.zip", {"<", 0, "<", "<", ""}},
        {"a.zip", {"<b.c", 0, "<b.c", "<b.c", ".c"}},
        {"a.zip", {"", 0, "", "", ""}},
        {"", {"<gz>", 0, "", "", ""}},
    };
    struct object_name parent = {0}, name = {0};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        ck_assert_int_eq(object_name_set(&parent, bytes_of(all[i].parent, 0)), ASSAY_OK);
        ck_assert_int_eq(object_name_of_member(&name, &parent, bytes_of(all[i].member.name, 0)),
                         ASSAY_OK);
        check(&name, &all[i].member);
    }
    object_name_release(&parent);
    object_name_release(&name);
}
END_TEST

UNIT_MAIN("variables", paths_are_taken_apart, no_bytes_are_an_empty_name,
          members_have_their_own_name_unless_it_is_derived)
