#include "rules_of.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct heard heard;

static status compile_with(const struct assay_source *sources, size_t count,
                           rules_include_fn *include, struct assay_rules **ret_rules)
{
    memset(&heard, 0, sizeof(heard));
    const struct rules_input input = {
        .sources = sources,
        .count = count,
        .include = include,
        .include_context = (void *)sources,
        .on_diagnostic = hear,
        .diagnostic_context = &heard,
    };
    return rules_compile(&input, ret_rules);
}

static void check_refused(const struct assay_source *sources, size_t count,
                          rules_include_fn *include)
{
    struct assay_rules *rules = NULL;
    ck_assert_int_eq(compile_with(sources, count, include, &rules), ASSAY_ERR_RULES);
    ck_assert_ptr_null(rules);
    ck_assert_uint_gt(heard.count, 0);
}

static void check_count(const struct assay_source *sources, size_t count, rules_include_fn *include,
                        size_t expected)
{
    cleanup(rules_free_cleanup) struct assay_rules *rules = NULL;
    status result = compile_with(sources, count, include, &rules);
    if (result < 0)
        heard_error(&heard, "", -1, "", "");
    ck_assert_int_eq(result, ASSAY_OK);
    ck_assert_uint_eq(rules_count(rules), expected);
}

START_TEST(names_may_clash_between_sources)
{
    const struct assay_source sources[] = {
        SOURCE("a.yar", "rule r { condition: true } private rule p { condition: r }"),
        SOURCE("a.yar", "rule r { condition: true }"),
        SOURCE("a.yar#2", "rule r { condition: true }"),
        SOURCE("", "rule r { condition: true }"),
    };
    check_count(sources, COUNT(sources), NULL, 5);
}
END_TEST

START_TEST(text_needs_no_terminator)
{
    const struct assay_source source = {"a", "test", "rule r { condition: true }garbage", 26};
    check_count(&source, 1, NULL, 1);
}
END_TEST

START_TEST(a_byte_order_mark_is_passed_over)
{
    const struct assay_source source = SOURCE("a", "\xEF\xBB\xBFrule r { condition: true }");
    check_count(&source, 1, NULL, 1);
}
END_TEST

START_TEST(external_variables_are_strings)
{
    const struct assay_source source =
        SOURCE("a", "rule r { condition: filename == \"a\" or filepath contains \"b\" or extension "
                    "== \".c\" or filetype == \"EXE\" or owner matches /root/ }");
    check_count(&source, 1, NULL, 1);
}
END_TEST

START_TEST(a_broken_rule_is_named)
{
    const struct assay_source sources[] = {
        SOURCE("good.yar", "rule fine { condition: true }"),
        SOURCE("bad.yar",
               "rule first { condition: true }\n\nrule broken {\n condition: nothing\n}"),
    };
    check_refused(sources, 2, NULL);
    ck_assert(heard_error(&heard, "bad.yar", 4, "broken", "nothing"));
    ck_assert_uint_eq(heard.count, 1);
}
END_TEST

START_TEST(every_broken_source_is_named)
{
    const struct assay_source sources[] = {
        SOURCE("one.yar", "rule one { strings: $a = \"open\n condition: $a }"),
        SOURCE("good.yar", "rule fine { condition: true }"),
        SOURCE("two.yar", "rule two { condition: true }\nrule two { condition: true }"),
        SOURCE("three.yar", "\n\n%%%"),
        SOURCE("four.yar", "rule four { strings: $a = /[/ condition: $a }"),
    };
    check_refused(sources, COUNT(sources), NULL);
    ck_assert(heard_error(&heard, "one.yar", 2, "one", "unterminated string"));
    ck_assert(heard_error(&heard, "two.yar", 2, "two", "duplicated identifier"));
    ck_assert(heard_error(&heard, "three.yar", 3, "", "syntax error"));
    ck_assert(heard_error(&heard, "four.yar", 1, "four", "missing terminating ]"));
}
END_TEST

START_TEST(warnings_break_nothing)
{
    const struct assay_source source = SOURCE("slow.yar", "rule slow { strings: $a = /.[a-z]/ "
                                                          "condition: $a }");
    check_count(&source, 1, NULL, 1);
    ck_assert_uint_eq(heard.count, 1);
    ck_assert(!heard.said[0].is_error);
    ck_assert_str_eq(heard.said[0].rule, "slow");
    ck_assert_int_eq(heard.said[0].line, 1);
}
END_TEST

START_TEST(a_nul_byte_is_refused)
{
    static const char text[] = "rule r { condition: true }\n\0rule lost { condition: true }";
    const struct assay_source source = {"nul.yar", "test", text, sizeof(text) - 1};
    check_refused(&source, 1, NULL);
    ck_assert(heard_error(&heard, "nul.yar", 2, "", "NUL"));
}
END_TEST

START_TEST(no_rule_at_all_is_an_error)
{
    const struct assay_source sources[] = {SOURCE("a", "// nothing"), {"b", NULL, NULL, 0}};
    check_refused(sources, 2, NULL);
    struct assay_rules *rules = NULL;
    ck_assert_int_eq(compile_with(sources, 0, NULL, &rules), ASSAY_ERR_ARGUMENT);
    const struct assay_source nameless = {NULL, NULL, "", 0};
    ck_assert_int_eq(compile_with(&nameless, 1, NULL, &rules), ASSAY_ERR_ARGUMENT);
}
END_TEST

/* ---- modules -------------------------------------------------------------------------------- */

START_TEST(allowed_modules_can_be_imported)
{
    const struct assay_source source =
        SOURCE("a", "import \"pe\" import \"elf\" import \"math\" import \"hash\" import \"time\" "
                    "import \"dotnet\" import \"console\" rule r { condition: pe.is_pe }");
    check_count(&source, 1, NULL, 1);
}
END_TEST

static char *include_magic(void *context, const char *name, const char *from, size_t *ret_size)
{
    (void)context;
    (void)name;
    (void)from;
    *ret_size = 16;
    return strndup("\nimport \"magic\" \n", 16);
}

START_TEST(other_modules_are_refused_however_they_are_written)
{
    const struct assay_source sources[] = {
        SOURCE("plain.yar", "\nimport \"magic\"\nrule r { condition: true }"),
        SOURCE("escaped.yar", "import \"cuc\\x6boo\" rule r { condition: true }"),
        SOURCE("unknown.yar", "import \"nothing\"\nrule r { condition: true }"),
        SOURCE("text.yar", "// import \"magic\"\nrule r { strings: $a = \"import \\\"magic\\\"\" "
                           "condition: $a }"),
    };
    check_refused(sources, COUNT(sources), NULL);
    ck_assert(heard_error(&heard, "plain.yar", 2, "", "module \"magic\" is not available"));
    ck_assert(heard_error(&heard, "escaped.yar", 1, "", "module \"cuckoo\" is not available"));
    ck_assert(heard_error(&heard, "unknown.yar", 1, "", "nothing"));
    ck_assert_uint_eq(heard.count, 3);
    check_count(&sources[3], 1, NULL, 1);

    const struct assay_source by_include = SOURCE("a", "include \"m\" rule r { condition: true }");
    check_refused(&by_include, 1, include_magic);
    ck_assert(heard_error(&heard, "m", 2, "", "module \"magic\" is not available"));
}
END_TEST

/* ---- includes ------------------------------------------------------------------------------- */

static const struct assay_source tree[] = {
    SOURCE("lib/base.yar", "private rule base { condition: filesize > 1 }"),
    SOURCE("top.yar", "include \"lib/mid.yar\"\nrule top { condition: base and mid }"),
    SOURCE("lib/mid.yar", "include \"./base.yar\"\nrule mid { condition: base }"),
    SOURCE("other.yar", "rule base { condition: true }"),
};

/* Looks the name up in the sources that are the context. */
static char *include_from_tree(void *context, const char *name, const char *from, size_t *ret_size)
{
    const struct assay_source *sources = context;
    const char *slash = strrchr(from, '/');
    char path[128];
    if (strncmp(name, "./", 2) == 0)
        name += 2;
    snprintf(path, sizeof(path), "%.*s%s", slash != NULL ? (int)(slash - from) + 1 : 0, from, name);
    for (size_t i = 0; i < COUNT(tree); i++) {
        if (strcmp(sources[i].name, path) != 0)
            continue;
        *ret_size = sources[i].size;
        return strndup(sources[i].text, sources[i].size);
    }
    return NULL;
}

START_TEST(includes_are_refused_unless_asked_for)
{
    check_refused(tree, COUNT(tree), NULL);
    ck_assert(heard_error(&heard, "top.yar", 1, "", "includes are disabled"));
}
END_TEST

START_TEST(included_sources_are_compiled_once)
{
    check_count(tree, COUNT(tree), include_from_tree, 4);
}
END_TEST

START_TEST(errors_in_included_files_are_named)
{
    const struct assay_source broken[COUNT(tree)] = {
        SOURCE("lib/base.yar", "\n\n\nrule base { condition: x }"),
        SOURCE("top.yar", "include \"lib/mid.yar\"\nrule top { condition: y }"),
        SOURCE("lib/mid.yar", "include \"./base.yar\"\nrule mid { condition: z }"),
        SOURCE("other.yar", "include \"gone.yar\""),
    };
    check_refused(broken, COUNT(broken), include_from_tree);
    ck_assert(heard_error(&heard, "lib/base.yar", 4, "base", "\"x\""));
    ck_assert(heard_error(&heard, "lib/mid.yar", 2, "mid", "\"z\""));
    ck_assert(heard_error(&heard, "top.yar", 2, "top", "\"y\""));
    ck_assert(heard_error(&heard, "other.yar", 1, "", "gone.yar"));
}
END_TEST

START_TEST(a_circle_of_includes_ends)
{
    const struct assay_source circle[COUNT(tree)] = {
        SOURCE("a", "rule a { condition: true } include \"./b\""),
        SOURCE("b", "rule b { condition: true } include \"./a\""),
        SOURCE("c", "include \"c\""),
        SOURCE("d", "rule d { condition: true }"),
    };
    check_refused(circle, COUNT(circle), include_from_tree);
    ck_assert(heard_error(&heard, "b", 0, "", "includes itself"));
    ck_assert(heard_error(&heard, "c", 0, "", "includes itself"));
}
END_TEST

static char *include_deeper(void *context, const char *name, const char *from, size_t *ret_size)
{
    (void)context;
    (void)from;
    char *text = malloc(128);
    ck_assert_ptr_nonnull(text);
    *ret_size = (size_t)snprintf(text, 128, "include \"%sx\" include \"%sy\"", name, name);
    return text;
}

/* Present under a leak checker only. */
__attribute__((weak)) void __lsan_disable(void);

START_TEST(includes_that_multiply_are_bounded)
{
    /* libyara itself loses the lexer's buffer of a source when includes are nested too deep. */
    if (__lsan_disable != NULL)
        __lsan_disable();
    const struct assay_source source = SOURCE("a", "include \"b\"");
    check_refused(&source, 1, include_deeper);
}
END_TEST

static char *include_nul(void *context, const char *name, const char *from, size_t *ret_size)
{
    (void)context;
    (void)name;
    (void)from;
    char *text = calloc(1, 3);
    *ret_size = 3;
    return text;
}

START_TEST(a_nul_byte_in_an_included_file_is_refused)
{
    const struct assay_source source = SOURCE("a", "include \"b\" rule r { condition: true }");
    check_refused(&source, 1, include_nul);
    ck_assert(heard_error(&heard, "b", 1, "", "NUL"));
}
END_TEST

static void note_source(void *context, const char *name)
{
    char *said = context;
    size_t used = strlen(said);
    snprintf(said + used, 128 - used, "<%s>", name);
}

START_TEST(each_source_is_announced)
{
    const struct assay_source sources[] = {SOURCE("a", "rule a { condition: true }"),
                                           SOURCE("a", "rule b { condition: true }"),
                                           SOURCE("b", "rule c { condition: true }")};
    char said[128] = "";
    const struct rules_input input = {
        .sources = sources, .count = 3, .on_source = note_source, .source_context = said};
    cleanup(rules_free_cleanup) struct assay_rules *rules = NULL;
    ck_assert_int_eq(rules_compile(&input, &rules), ASSAY_OK);
    ck_assert_str_eq(said, "<><a><a><b><>");
}
END_TEST

/* ---- why rules are compiled in a process of their own ---------------------------------------- */

/* libyara divides the smallest number by minus one while it folds constants, which is a fatal
 * signal. No check here could know all such sources, so the compiler must run where it may die. */
START_TEST(a_hostile_source_kills_the_compiler)
{
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        const struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        signal(SIGFPE, SIG_DFL);
        const struct assay_source source =
            SOURCE("a", "rule r { condition: (-9223372036854775807 - 1) \\ (-1) == 0 }");
        const struct rules_input input = {.sources = &source, .count = 1};
        struct assay_rules *rules = NULL;
        _exit(rules_compile(&input, &rules) == ASSAY_OK ? 42 : 43);
    }
    int how = 0;
    ck_assert_int_eq(waitpid(child, &how, 0), child);
    bool died = WIFSIGNALED(how) && WTERMSIG(how) == SIGFPE;
    /* Under a sanitizer the signal is turned into an exit; a later libyara refuses the source. */
    bool refused = WIFEXITED(how) && WEXITSTATUS(how) != 42;
    ck_assert_msg(died || refused, "status %x", (unsigned)how);
}
END_TEST

UNIT_MAIN("rules", names_may_clash_between_sources, text_needs_no_terminator,
          a_byte_order_mark_is_passed_over, external_variables_are_strings, a_broken_rule_is_named,
          every_broken_source_is_named, warnings_break_nothing, a_nul_byte_is_refused,
          no_rule_at_all_is_an_error, allowed_modules_can_be_imported,
          other_modules_are_refused_however_they_are_written, includes_are_refused_unless_asked_for,
          included_sources_are_compiled_once, errors_in_included_files_are_named,
          a_circle_of_includes_ends, includes_that_multiply_are_bounded,
          a_nul_byte_in_an_included_file_is_refused, each_source_is_announced,
          a_hostile_source_kills_the_compiler)
