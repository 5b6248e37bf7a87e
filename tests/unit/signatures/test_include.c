#include "rules_of.h"
#include "signatures/include.h"
#include "signatures/source_text.h"

static void resolves(const char *from, const char *name, const char *expected)
{
    char *resolved = NULL;
    ck_assert_int_eq(include_resolve(from, name, &resolved), ASSAY_OK);
    ck_assert_str_eq(resolved, expected);
    free(resolved);
}

START_TEST(names_are_resolved_by_text)
{
    resolves("a.yar", "b.yar", "b.yar");
    resolves("dir/a.yar", "b.yar", "dir/b.yar");
    resolves("dir/a.yar", "./b.yar", "dir/b.yar");
    resolves("dir/sub/a.yar", "../b.yar", "dir/b.yar");
    resolves("dir//sub/./a.yar", "..//..//b.yar", "b.yar");
    resolves("dir/a.yar", "../../b.yar", "../b.yar");
    resolves("../a.yar", "../b.yar", "../../b.yar");
    resolves("/etc/a.yar", "../../../b.yar", "/b.yar");
    resolves("dir/a.yar", "/etc/b.yar", "/etc/b.yar");
    resolves("dir/a.yar", "..", "");
    resolves("a.yar", "", "");
    resolves("", "", "");
    resolves("/", "//", "/");
    resolves("...", ".../....", ".../....");
}
END_TEST

static void check_statements(const char *text, const char *keyword, const char *expected)
{
    char found[256] = "";
    struct source_text source = source_text_of(text, strlen(text));
    struct source_token token;
    while (source_next_statement(&source, keyword, &token)) {
        size_t used = strlen(found);
        snprintf(found + used, sizeof(found) - used, "%d:%.*s;", token.line, (int)token.size,
                 token.text);
    }
    ck_assert_str_eq(found, expected);
}

START_TEST(statements_are_found_outside_of_comments_and_strings)
{
    check_statements("include \"a\"\n\ninclude\t\"b/c\"", "include", "1:a;3:b/c;");
    check_statements("// include \"a\"\n/* include \"b\"\n\n */ include \"c\"", "include", "4:c;");
    check_statements("rule r { strings: $a = \"include \\\"x\\\"\" $include = \"y\" }", "include",
                     "");
    check_statements("$a = /include \"a\"\\/ \"/ include \"b\"", "include", "1:b;");
    check_statements("$a = /\"/ include \"b\"", "include", "1:b;");
    check_statements("$a = { 41 /* \" */ 42 } include \"b\"", "include", "1:b;");
    check_statements("import\"pe\" import \"x\\x41\" include \"b\"", "import", "1:pe;1:x\\x41;");
    check_statements("includes \"a\" include b \"c\" include", "include", "");
    check_statements("\"open\ninclude \"b\"", "include", "2:b;");
    check_statements("/* include \"b\"", "include", "");
    check_statements("\"\\", "include", "");
}
END_TEST

START_TEST(names_of_modules_are_unescaped)
{
    char out[16];
    static const char text[] = "\\x6dag\\x49c\\t\\\\x41\\q\\x4";
    size_t size = source_unescape(text, sizeof(text) - 1, out, sizeof(out));
    ck_assert_uint_eq(size, 15);
    ck_assert_mem_eq(out, "magIc\t\\x41\\q\\x4", 15);
    ck_assert_uint_eq(source_unescape(text, sizeof(text) - 1, out, 3), 3);
    ck_assert_uint_eq(source_unescape("\\", 1, out, 3), 1);
}
END_TEST

static void check_rule_at(const char *text, int line, const char *expected)
{
    struct source_token name;
    if (!source_rule_at(text, strlen(text), line, &name)) {
        ck_assert_str_eq("", expected);
        return;
    }
    ck_assert_uint_eq(name.size, strlen(expected));
    ck_assert_mem_eq(name.text, expected, name.size);
}

START_TEST(the_rule_of_a_line_is_found)
{
    static const char text[] = "import \"pe\"\n"
                               "rule one : tag {\n"
                               " strings: $a = \"}\" $b = { 41 42 } /* } */\n"
                               " condition: any of them\n"
                               "}\n"
                               "\n"
                               "private rule two { condition: true } rule three {\n"
                               "condition: true\n";
    check_rule_at(text, 1, "");
    check_rule_at(text, 2, "one");
    check_rule_at(text, 4, "one");
    check_rule_at(text, 5, "one");
    check_rule_at(text, 6, "");
    check_rule_at(text, 7, "three");
    check_rule_at(text, 900, "three");
    check_rule_at("", 1, "");
    check_rule_at("rule", 1, "");
}
END_TEST

static void check_order(const struct assay_source *sources, size_t count, const char *expected)
{
    struct includes *includes = NULL;
    ck_assert_int_eq(includes_new(sources, count, &includes), ASSAY_OK);
    char order[64] = "";
    size_t index;
    while (includes_next(includes, &index)) {
        ck_assert_uint_lt(index, count);
        strcat(order, (const char[]){(char)('0' + index), '\0'});
    }
    ck_assert_str_eq(order, expected);
    includes_free(includes);
}

START_TEST(included_sources_wait_and_none_is_lost)
{
    const struct assay_source tree[] = {
        SOURCE("d/part.yar", ""), SOURCE("top.yar", "include \"d/mid.yar\""),
        SOURCE("d/mid.yar", "include \"part.yar\""), SOURCE("alone.yar", "")};
    check_order(tree, 4, "1302");
    const struct assay_source circle[] = {SOURCE("a", "include \"b\""),
                                          SOURCE("b", "include \"a\"")};
    check_order(circle, 2, "01");
    const struct assay_source itself[] = {SOURCE("a", "include \"a\""), SOURCE("a", "")};
    check_order(itself, 2, "01");
    const struct assay_source missing[] = {SOURCE("./x//a", "include \"../x/b\" include \"c\""),
                                           SOURCE("x/b", "")};
    check_order(missing, 2, "01");
}
END_TEST

START_TEST(only_what_was_read_byte_for_byte_is_left_out)
{
    const struct assay_source sources[] = {SOURCE("top", "include \"a\" include \"b\""),
                                           SOURCE("a", "AA"), SOURCE("b", "BB"), SOURCE("b", "xx")};
    struct includes *includes = NULL;
    size_t index = 9;
    ck_assert_int_eq(includes_new(sources, 4, &includes), ASSAY_OK);
    ck_assert(includes_next(includes, &index));
    ck_assert_uint_eq(index, 0);
    includes_mark(includes, "a", "AAA", 3);
    includes_mark(includes, "b", "BB", 2);
    includes_mark(includes, "nobody", "", 0);
    ck_assert(includes_next(includes, &index));
    ck_assert_uint_eq(index, 1);
    ck_assert(includes_next(includes, &index));
    ck_assert_uint_eq(index, 3);
    ck_assert(!includes_next(includes, &index));
    includes_free(includes);
}
END_TEST

UNIT_MAIN("include", names_are_resolved_by_text,
          statements_are_found_outside_of_comments_and_strings, names_of_modules_are_unescaped,
          the_rule_of_a_line_is_found, included_sources_wait_and_none_is_lost,
          only_what_was_read_byte_for_byte_is_left_out)
