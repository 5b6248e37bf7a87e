/* The command line of assay-update: what is not understood is not started. */
#include "unit.h"
#include "update/options.h"

#include <string.h>

#define WORDS_MAX 12
#define URL       "https://example.org/a.channel"

/* Words with blanks between them. */
static status read_words(const char *line, struct error *error, struct update_options *ret_options)
{
    static char room[512];
    char *argv[WORDS_MAX + 2] = {room};
    int argc = 1;
    char *rest = room, *word;
    ck_assert_uint_lt(strlen(line), sizeof(room));
    memcpy(room, line, strlen(line) + 1);
    while ((word = strsep(&rest, " ")) && argc < WORDS_MAX)
        argv[argc++] = word;
    return update_options_read(argc, argv, error, ret_options);
}

START_TEST(all_options_are_read)
{
    struct update_options options;
    struct error error = {""};
    ck_assert_int_eq(
        read_words("--max-bytes 4096 --ca-file /ca.pem --timeout 60 --low-speed 0 " URL, &error,
                   &options),
        ASSAY_OK);
    ck_assert_uint_eq(options.max_bytes, 4096);
    ck_assert_str_eq(options.ca_file, "/ca.pem");
    ck_assert_uint_eq(options.timeout, 60);
    ck_assert_uint_eq(options.low_speed, 0);
    ck_assert_str_eq(options.url, URL);
}
END_TEST

START_TEST(some_have_defaults)
{
    struct update_options options;
    ck_assert_int_eq(read_words("--max-bytes 1 HTTPS://example.org/", NULL, &options), ASSAY_OK);
    ck_assert_ptr_null(options.ca_file);
    ck_assert_uint_eq(options.timeout, 3600);
    ck_assert_uint_eq(options.low_speed, 1024);
}
END_TEST

START_TEST(anything_else_is_refused)
{
    static const char *const lines[] = {
        URL,
        "--max-bytes 4096",
        "--max-bytes",
        "--max-bytes 0 " URL,
        "--max-bytes -1 " URL,
        "--max-bytes 1k " URL,
        "--max-bytes  " URL,
        "--max-bytes 9223372036854775808 " URL,
        "--max-bytes 99999999999999999999999 " URL,
        "--max-bytes 1 --timeout 0 " URL,
        "--max-bytes 1 --timeout 999999999 " URL,
        "--max-bytes 1 --insecure yes " URL,
        "--max-bytes 1 " URL " " URL,
        "--max-bytes 1 " URL " --timeout 1",
        "--max-bytes 1 http://example.org/",
        "--max-bytes 1 file:///etc/passwd",
        "--max-bytes 1 example.org",
        "--help",
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct update_options options;
        struct error error = {""};
        ck_assert_msg(read_words(lines[i], &error, &options) == ASSAY_ERR_ARGUMENT, "%s", lines[i]);
        ck_assert_msg(error.text[0] != 0, "%s", lines[i]);
    }
}
END_TEST

UNIT_MAIN("options", all_options_are_read, some_have_defaults, anything_else_is_refused)
