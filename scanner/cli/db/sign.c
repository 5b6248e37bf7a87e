/* assay db sign: adds a signature to a bundle, or writes one beside any other file. */
#include "cli/db/key_file.h"
#include "cli/db/opened.h"
#include "cli/db/publish.h"
#include "cli/db/verbs.h"
#include "cli/option_kinds.h"
#include "cli/options.h"
#include "report/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>

struct sign_options {
    const char *key;
    const char *password_file;
    const char *channel;
};

static const struct option_row rows[] = {
    {"key", 'k', "KEY", "the secret key: NAME.key of `assay db keygen`, or minisign's",
     option_set_text, offsetof(struct sign_options, key), true},
    {"password-file", 0, "FILE", "the key's password is the first line of FILE", option_set_text,
     offsetof(struct sign_options, password_file), true},
    {"channel", 0, "DIR",
     "then publish it: copy it to DIR, and name it in NAME.channel there as the newest",
     option_set_text, offsetof(struct sign_options, channel), true},
};

static const struct option_table table = {
    .verb = "db sign",
    .operands = "FILE",
    .summary = "Signs the bundle FILE; further keys add further signatures. Anything but a\n"
               "bundle is left as it is and signed in FILE.minisig.",
    .rows = rows,
    .count = sizeof(rows) / sizeof(rows[0]),
};

/* ---- bundles --------------------------------------------------------------------------------- */

/* The signatures that are there, without one of this key, and the new one. */
static status list_signatures(const struct opened *opened, const struct minisign_secret_key *key,
                              struct view fresh, struct view ret_list[BUNDLE_SIGNATURES_MAX],
                              size_t *ret_count, struct error *error)
{
    size_t old, count = 0;
    const struct view *signatures = bundle_signatures(opened->bundle, &old);
    for (size_t i = 0; i < old; i++) {
        struct minisign_signature signature;
        TRY(minisign_parse_signature(signatures[i], error, &signature));
        if (memcmp(signature.id, key->id, sizeof(key->id)) != 0)
            ret_list[count++] = signatures[i];
    }
    if (count == BUNDLE_SIGNATURES_MAX)
        return error_set(error, ASSAY_ERR_LIMIT, "it has %d signatures: there is room for no more",
                         BUNDLE_SIGNATURES_MAX);
    ret_list[count++] = fresh;
    *ret_count = count;
    return ASSAY_OK;
}

static status rewrite(const char *path, const struct opened *opened, const struct view *signatures,
                      size_t count, struct error *error)
{
    size_t file_count;
    const struct bundle_file *files = bundle_files(opened->bundle, &file_count);
    struct replacement replacement cleanup(replacement_end) = REPLACEMENT_NONE;
    int fd cleanup(fd_cleanup) = -1;
    status begun = replacement_begin(path, &replacement, &fd);
    if (begun >= 0)
        begun = bundle_write(fd, bundle_manifest(opened->bundle), signatures, count, files,
                             file_count, error);
    if (begun >= 0)
        begun = replacement_finish(&replacement, fd);
    if (begun < 0 && !error->text[0])
        return error_set(error, begun, "%.150s cannot be written: %s", path, strerror(errno));
    return begun;
}

static status sign_bundle(const char *path, const struct minisign_secret_key *key,
                          struct error *error)
{
    struct opened opened cleanup(opened_release) = OPENED_NONE;
    struct buffer text cleanup(buffer_release) = {NULL, 0, 0};
    struct view signatures[BUNDLE_SIGNATURES_MAX];
    char comment[MANIFEST_NAME_MAX + 64];
    size_t count = 0;
    TRY(opened_read(path, NULL, OPENED_UNSIGNED_TOO, error, &opened));
    snprintf(comment, sizeof(comment), "%s, serial %llu", opened.manifest.name,
             (unsigned long long)opened.manifest.serial);
    TRY(minisign_sign(key, bundle_manifest(opened.bundle), comment, &text));
    TRY(list_signatures(&opened, key, buffer_view(&text), signatures, &count, error));
    TRY(rewrite(path, &opened, signatures, count, error));
    char id[MINISIGN_ID_TEXT];
    minisign_id_text(key->id, id);
    printf("%s: signed by %s; signatures: %zu\n", path, id, count);
    return ASSAY_OK;
}

/* ---- other files ----------------------------------------------------------------------------- */

static status is_bundle(const char *path, struct error *error, bool *ret_is)
{
    int fd cleanup(fd_cleanup) = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    uint8_t magic[4];
    struct stat stat;
    if (fd < 0 || fstat(fd, &stat) < 0)
        return error_set(error, ASSAY_ERR_IO, "%.150s: %s", path, strerror(errno));
    if (!S_ISREG(stat.st_mode))
        return error_set(error, ASSAY_ERR_ARGUMENT, "%.150s is no file that can be signed", path);
    *ret_is = pread(fd, magic, sizeof(magic), 0) == (ssize_t)sizeof(magic) &&
              memcmp(magic, "\x28\xb5\x2f\xfd", sizeof(magic)) == 0;
    return ASSAY_OK;
}

static status run(const struct sign_options *options, const char *path, struct error *error)
{
    struct minisign_secret_key key cleanup(minisign_forget) = {.id = {0}};
    bool bundle = false;
    TRY(minisign_open());
    if (!options->key)
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "with which key? Write -k NAME.key (`assay db keygen NAME` makes one)");
    TRY(is_bundle(path, error, &bundle));
    if (options->channel && !options->channel[0])
        return error_set(error, ASSAY_ERR_ARGUMENT, "--channel needs a directory; . is this one");
    if (options->channel && !bundle)
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "only bundles go into a channel, and %.150s is none", path);
    TRY(key_file_read(options->key, options->password_file, error, &key));
    if (!bundle)
        return publish_signature(path, &key, error);
    TRY(sign_bundle(path, &key, error));
    return options->channel ? publish_bundle(path, options->channel, &key, error) : ASSAY_OK;
}

int db_sign(int argc, char **argv)
{
    struct sign_options options = {.key = NULL};
    struct option_values *values = NULL;
    struct error error = {""};
    int first = argc;
    status done = options_read(&table, &options, argc, argv, &error, &values, &first);
    if (done == ASSAY_OK && argc - first != 1)
        done = error_set(&error, ASSAY_ERR_ARGUMENT, "name one file to sign");
    if (done == ASSAY_OK)
        done = run(&options, argv[first], &error);
    int code = db_exit(done, &error);
    option_values_free(values);
    return code;
}
