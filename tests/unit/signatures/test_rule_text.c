#include "signatures/rule_text.h"

#include "base/buffer.h"
#include "rules_of.h"

#include <fcntl.h>
#include <fts.h>
#include <sys/stat.h>
#include <unistd.h>

/* "NAME@LINE private global [text]" of each rule, a line each. */
static void list(const char *source, struct buffer *out)
{
    struct rule_text rule;
    size_t at = 0;
    int line = 1;
    while (rule_text_next(source, strlen(source), &at, &line, &rule))
        ck_assert_int_eq(buffer_append_format(
                             out, "%.*s@%d%s%s[%.*s]\n", (int)rule.name.size, rule.name.data,
                             rule.line, rule.is_private ? " private" : "",
                             rule.is_global ? " global" : "", (int)rule.text.size, rule.text.data),
                         ASSAY_OK);
    ck_assert_int_eq(buffer_terminate(out), ASSAY_OK);
}

START_TEST(rules_are_found)
{
    static const struct {
        const char *source, *rules;
    } rows[] = {
        {"", ""},
        {"rule a { condition: true }", "a@1[rule a { condition: true }]\n"},
        {"import \"pe\"\n// rule no {}\n/* rule no {} */ include \"rule no {}\"\n"
         "private\nglobal rule b : t u {condition:true}rule c{condition:false} x",
         "b@4 private global[private\nglobal rule b : t u {condition:true}]\n"
         "c@5[rule c{condition:false}]\n"},
        {"rule a { strings: $a = \"}\" $b = { 00 [1-2] ( 01 | 02 ) } $c = /}\\/}/ // }\n"
         "condition: $a /* } */ }\nglobal rule b { condition: a }",
         "a@1[rule a { strings: $a = \"}\" $b = { 00 [1-2] ( 01 | 02 ) } $c = /}\\/}/ // }\n"
         "condition: $a /* } */ }]\nb@3 global[global rule b { condition: a }]\n"},
        {"private import rule a {}", "a@1[rule a {}]\n"},
        /* What does not compile is told apart as well as can be. */
        {"rule a { strings:\nrule b { condition: true }",
         "a@1[rule a { strings:]\nb@2[rule b { condition: true }]\n"},
        {"rule rule a {} rule", "a@1[rule a {}]\n"},
        {"rule a", "a@1[rule a]\n"},
        {"rule { } rule \"x\" { } rule 1 {}", "1@1[rule 1 {}]\n"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cleanup(buffer_release) struct buffer found = {NULL, 0, 0};
        list(rows[i].source, &found);
        ck_assert_str_eq((const char *)found.data, rows[i].rules);
    }
}
END_TEST

START_TEST(metas_are_found)
{
    static const struct {
        const char *source, *field, *value; /* NULL: none */
    } rows[] = {
        {"rule a { meta: author = \"x\" condition: true }", "author", "x"},
        {"rule a { meta: n = 1 b = true author = \"\" condition: true }", "author", ""},
        {"rule a { meta: author = 1 condition: true }", "author", NULL},
        {"rule a { meta: author = \"a\\\"b\" x = \"y\" condition: true }", "x", "y"},
        {"rule a { meta: author = \"a\\\"b\" condition: true }", "author", "a\\\"b"},
        {"rule a { meta: x = \"author = \\\"y\\\"\" condition: true }", "author", NULL},
        {"rule a { strings: $author = \"x\" condition: true }", "author", NULL},
        {"rule a { meta: x = \"y\" strings: $a = \"x\" condition: b = \"x\" }", "b", NULL},
        {"rule a { meta: // b = \"x\"\n b = \"z\" condition: true }", "b", "z"},
        {"rule a { condition: true } rule b { meta: c = \"d\" condition: true }", "c", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rule_text rule;
        struct assay_bytes value;
        size_t at = 0;
        int line = 1;
        const char *source = rows[i].source;
        ck_assert(rule_text_next(source, strlen(source), &at, &line, &rule));
        ck_assert_msg(rule_text_meta(&rule, rows[i].field, &value) == (rows[i].value != NULL), "%s",
                      source);
        if (rows[i].value) {
            ck_assert_uint_eq(value.size, strlen(rows[i].value));
            ck_assert_mem_eq(value.data, rows[i].value, value.size);
        }
    }
}
END_TEST

static size_t count_rules(const struct buffer *text)
{
    struct rule_text rule;
    size_t at = 0, count = 0;
    int line = 1;
    while (rule_text_next((const char *)text->data, text->size, &at, &line, &rule)) {
        ck_assert_int_ge(line, rule.line);
        count++;
    }
    return count;
}

/* Whether it compiles; then both have to see as many rules. */
static bool compare_with_libyara(const char *path)
{
    cleanup(buffer_release) struct buffer text = {NULL, 0, 0};
    cleanup(fd_cleanup) int fd = open(path, O_RDONLY | O_CLOEXEC);
    cleanup(rules_free_cleanup) struct assay_rules *rules = NULL;
    ck_assert_int_eq(buffer_append_file(&text, fd, SIZE_MAX / 2), ASSAY_OK);
    ck_assert_int_eq(buffer_terminate(&text), ASSAY_OK);
    const struct assay_source source = {path, "test", (const char *)text.data, text.size};
    const struct rules_input input = {.sources = &source, .count = 1};
    if (rules_compile(&input, &rules) != ASSAY_OK)
        return false;
    ck_assert_msg(count_rules(&text) == rules_count(rules), "%s: %zu rules, libyara sees %zu", path,
                  count_rules(&text), rules_count(rules));
    return true;
}

static bool is_source(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && (strcmp(dot, ".yar") == 0 || strcmp(dot, ".yara") == 0);
}

static size_t compare_tree(char *root)
{
    char *roots[] = {root, NULL};
    size_t compiled = 0;
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    ck_assert_ptr_nonnull(tree);
    for (FTSENT *entry; (entry = fts_read(tree)) != NULL;) {
        if (entry->fts_info == FTS_F && is_source(entry->fts_name))
            compiled += compare_with_libyara(entry->fts_path);
    }
    fts_close(tree);
    return compiled;
}

START_TEST(libyara_sees_as_many_in_our_rules)
{
    char rules[] = TESTS_DIRECTORY "/../signatures/rules";
    ck_assert_uint_gt(compare_tree(rules), 5);
}
END_TEST

START_TEST(libyara_sees_as_many_in_published_rules)
{
    static const char archive[] = TESTS_DIRECTORY "/../../shared/data/rules.tar.xz";
    char root[] = "/tmp/assay-unit-XXXXXX", command[512];
    if (access(archive, R_OK) != 0) {
        fprintf(stderr, "skipped: %s is not there: published rules to test with\n", archive);
        return;
    }
    ck_assert_ptr_nonnull(mkdtemp(root));
    snprintf(command, sizeof(command), "tar -xJf '%s' -C '%s'", archive, root);
    ck_assert_int_eq(system(command), 0);
    ck_assert_uint_gt(compare_tree(root), 900);
    snprintf(command, sizeof(command), "rm -rf '%s'", root);
    ck_assert_int_eq(system(command), 0);
}
END_TEST

UNIT_MAIN("rule_text", rules_are_found, metas_are_found, libyara_sees_as_many_in_our_rules,
          libyara_sees_as_many_in_published_rules)
