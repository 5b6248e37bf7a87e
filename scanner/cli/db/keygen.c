/* assay db keygen: a pair of keys, as minisign makes them. */
#include "base/cleanup.h"
#include "cli/db/key_file.h"
#include "cli/db/verbs.h"
#include "cli/option_kinds.h"
#include "cli/options.h"

#include <stddef.h>
#include <stdio.h>

struct keygen_options {
    const char *password_file;
    bool no_password;
};

static const struct option_row rows[] = {
    {"password-file", 0, "FILE",
     "the password is the first line of FILE (default: it is asked for)", option_set_text,
     offsetof(struct keygen_options, password_file), true},
    {"no-password", 'W', NULL,
     "leave the secret key unlocked: for machines that sign by themselves", option_set_flag,
     offsetof(struct keygen_options, no_password), true},
};

static const struct option_table table = {
    .verb = "db keygen",
    .operands = "NAME",
    .summary = "Makes a pair of keys: NAME.key, which signs and stays secret, and NAME.pub,\n"
               "which is for everybody who is to trust what you sign. Files that are there are\n"
               "never replaced. Stock minisign reads both.",
    .rows = rows,
    .count = sizeof(rows) / sizeof(rows[0]),
};

static status write_pair(const char *name, const struct minisign_secret_key *secret,
                         const struct minisign_public_key *public, struct assay_bytes password,
                         struct error *error)
{
    struct buffer key_path cleanup(buffer_release) = {NULL, 0, 0};
    struct buffer pub_path cleanup(buffer_release) = {NULL, 0, 0};
    struct buffer key cleanup(key_password_release) = {NULL, 0, 0};
    struct buffer pub cleanup(buffer_release) = {NULL, 0, 0};
    TRY(minisign_write_secret_key(secret, password, &key));
    TRY(minisign_write_public_key(public, &pub));
    TRY(buffer_append_format(&key_path, "%s.key", name));
    TRY(buffer_terminate(&key_path));
    TRY(buffer_append_format(&pub_path, "%s.pub", name));
    TRY(buffer_terminate(&pub_path));
    TRY(key_file_write((const char *)key_path.data, 0600, &key, error));
    status written = key_file_write((const char *)pub_path.data, 0644, &pub, error);
    if (written < 0)
        unlink((const char *)key_path.data); /* half a pair is of no use */
    return written;
}

static status run(const struct keygen_options *options, const char *name, struct error *error)
{
    struct buffer password cleanup(key_password_release) = {NULL, 0, 0};
    struct minisign_secret_key secret cleanup(minisign_forget) = {.id = {0}};
    struct minisign_public_key public;
    TRY(minisign_open());
    if (!options->no_password)
        TRY(key_password_read(options->password_file, "Password for the new key", true, error,
                              &password));
    if (!options->no_password && password.size == 0)
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "an empty password locks nothing; --no-password says that it is meant");
    TRY(minisign_generate(&secret, &public));
    struct assay_bytes bytes = {password.data, password.size};
    TRY(write_pair(name, &secret, &public, bytes, error));
    const char *slash = strrchr(name, '/');
    char id[MINISIGN_ID_TEXT];
    minisign_id_text(public.id, id);
    printf("Key %s: %s.key signs and stays secret; %s.pub is for everybody.\n"
           "Trust it on a machine: install -D -m 644 %s.pub /etc/assay/keys/%s.pub\n",
           id, name, name, name, slash ? slash + 1 : name);
    return ASSAY_OK;
}

int db_keygen(int argc, char **argv)
{
    struct keygen_options options = {.password_file = NULL};
    struct option_values *values = NULL;
    struct error error = {""};
    int first = argc;
    status done = options_read(&table, &options, argc, argv, &error, &values, &first);
    if (done == ASSAY_OK && argc - first != 1)
        done = error_set(&error, ASSAY_ERR_ARGUMENT,
                         "name the pair, such as `assay db keygen community`");
    if (done == ASSAY_OK)
        done = run(&options, argv[first], &error);
    int code = db_exit(done, &error);
    option_values_free(values);
    return code;
}
