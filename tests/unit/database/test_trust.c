/* Which keys are trusted, by whom a message was signed, and whether that is enough. */
#include "database/signing.h"
#include "signatures/database/trust.h"

#include <limits.h>
#include <sys/stat.h>

static const struct view message = {(const uint8_t *)"what is signed\n", 15};

/* The directory "a" of a new one, with `pairs` as keys/0.pub and so on. */
static void make_directory(const char *name, const struct pair *pairs, size_t count)
{
    char path[128];
    ck_assert_int_eq(mkdir(name, 0755), 0);
    snprintf(path, sizeof(path), "%s/keys", name);
    ck_assert_int_eq(mkdir(path, 0755), 0);
    for (size_t i = 0; i < count; i++) {
        snprintf(path, sizeof(path), "%s/keys/%zu.pub", name, i);
        write_public(&pairs[i], path);
    }
}

static void enter(char directory[32])
{
    umask(022);
    tool_enter(directory);
}

static void write_ini(const char *path, const char *text)
{
    unlink(path);
    tool_write(path, view_of(text), 0);
}

static struct trust *load(const char *first, const char *second)
{
    const char *const directories[] = {first, second};
    struct trust *trust = NULL;
    struct error error = {""};
    status loaded = trust_load(directories, second ? 2 : 1, &error, &trust);
    ck_assert_msg(loaded >= 0, "%s", error.text);
    return trust;
}

/* Loading is refused, in words that have `words` among them. */
static void refused(const char *first, const char *second, const char *words)
{
    const char *const directories[] = {first, second};
    struct trust *trust = NULL;
    struct error error = {""};
    status loaded = trust_load(directories, second ? 2 : 1, &error, &trust);
    ck_assert_msg(loaded < 0, "not refused: %s", words);
    ck_assert_msg(strstr(error.text, words) != NULL, "'%s' is not in: %s", words, error.text);
}

static status verify(const struct trust *trust, const struct pair *pairs, size_t count,
                     struct trust_signers *ret_signers)
{
    struct buffer texts[8];
    struct view views[8];
    struct error error = {""};
    for (size_t i = 0; i < count; i++) {
        texts[i] = signature_of(&pairs[i], message, "");
        views[i] = buffer_view(&texts[i]);
    }
    status verified = trust_verify(trust, message, views, count, &error, ret_signers);
    for (size_t i = 0; i < count; i++)
        buffer_release(&texts[i]);
    return verified;
}

/* Whether a database of this name, signed by these pairs, would be allowed. */
static bool allows(const struct trust *trust, const struct pair *pairs, size_t count,
                   const char *name)
{
    struct trust_signers signers;
    struct error error = {""};
    ck_assert_int_eq(verify(trust, pairs, count, &signers), ASSAY_OK);
    status allowed = trust_allows(trust, &signers, name, &error);
    ck_assert(allowed == ASSAY_OK || (allowed == ASSAY_ERR_ARGUMENT && error.text[0]));
    return allowed >= 0;
}

static void ini_for(char *text, size_t size, const char *format, const struct pair *pair)
{
    char id[MINISIGN_ID_TEXT];
    minisign_id_text(pair->public.id, id);
    snprintf(text, size, format, id);
}

/* ---- keys ------------------------------------------------------------------------------------ */

START_TEST(a_directory_that_is_not_there_has_no_keys)
{
    char directory[32];
    enter(directory);
    ck_assert_int_eq(mkdir("open", 0755), 0);
    ck_assert_int_eq(chmod("open", 0777), 0);
    struct trust *trust = load("none", "open/none");
    ck_assert_uint_eq(trust_count(trust), 0);
    ck_assert_uint_eq(trust_required(trust), 1);
    trust_free(trust);
    tool_leave(directory);
}
END_TEST

START_TEST(keys_are_read_in_order_of_their_names)
{
    char directory[32], path[PATH_MAX];
    struct pair pairs[3] = {new_pair(), new_pair(), new_pair()};
    enter(directory);
    make_directory("a", pairs, 2);
    make_directory("b", pairs + 1, 2); /* the first of it is in both */
    write_public(&pairs[0], "a/keys/again.pub");
    tool_write("a/keys/notes.txt", message, 0);
    tool_write("a/keys/.pub", message, 0);
    tool_write("a/keys/.hidden.pub", message, 0);
    snprintf(path, sizeof(path), "%s/a", directory);
    struct trust *trust = load(path, "b");
    ck_assert_uint_eq(trust_count(trust), 3);
    for (size_t i = 0; i < 3; i++)
        ck_assert_mem_eq(trust_key(trust, i), &pairs[i].public, sizeof(pairs[i].public));
    snprintf(path, sizeof(path), "%s/a/keys/0.pub", directory);
    ck_assert_str_eq(trust_key_path(trust, 0), path);
    ck_assert_str_eq(trust_key_path(trust, 2), "b/keys/1.pub");
    trust_free(trust);
    tool_leave(directory);
}
END_TEST

/* One secret key must not count as two signers, nor one key's name stand for another's. */
START_TEST(half_a_key_is_not_the_same_key)
{
    char directory[32];
    struct pair pairs[3] = {new_pair(), new_pair(), new_pair()};
    enter(directory);
    pairs[1].public = pairs[0].public;
    pairs[1].public.id[0] ^= 1;
    make_directory("ids", pairs, 2);
    refused("ids", NULL, "two ids");
    memcpy(pairs[2].public.id, pairs[0].public.id, 8);
    pairs[1] = pairs[2];
    make_directory("contents", pairs, 2);
    refused("contents", NULL, "two contents");
    tool_leave(directory);
}
END_TEST

START_TEST(what_is_no_key_is_named)
{
    char directory[32];
    struct pair pair = new_pair();
    enter(directory);
    make_directory("a", &pair, 1);
    tool_write("a/keys/bad.pub", message, 0);
    refused("a", NULL, "a/keys/bad.pub: not a minisign public key");
    unlink("a/keys/bad.pub");
    write_secret(&pair, "", "a/keys/bad.pub");
    refused("a", NULL, "a/keys/bad.pub: this is a secret key");
    unlink("a/keys/bad.pub");
    ck_assert_int_eq(truncate("a/keys/0.pub", 1 << 20), 0);
    refused("a", NULL, "a/keys/0.pub is too long");
    tool_leave(directory);
}
END_TEST

START_TEST(too_many_keys)
{
    char directory[32], path[64];
    enter(directory);
    make_directory("a", NULL, 0);
    for (int i = 0; i < TRUST_KEYS_MAX; i++) {
        struct pair pair = new_pair();
        snprintf(path, sizeof(path), "a/keys/k%d.pub", i);
        write_public(&pair, path);
    }
    struct trust *trust = load("a", NULL);
    ck_assert_uint_eq(trust_count(trust), TRUST_KEYS_MAX);
    trust_free(trust);
    struct pair more = new_pair();
    make_directory("b", &more, 1);
    refused("a", "b", "more than 64 keys");
    write_public(&more, "a/keys/more.pub");
    refused("a", NULL, "more than 64 keys");
    tool_leave(directory);
}
END_TEST

/* ---- who could have written it --------------------------------------------------------------- */

/* test_safe_open.c has more of it. */
START_TEST(what_others_can_write_is_refused)
{
    static const char *const paths[] = {"x", "x/a", "x/a/keys", "x/a/keys/0.pub", "x/a/trust.ini"};
    char directory[32], words[64];
    struct pair pair = new_pair();
    enter(directory);
    ck_assert_int_eq(mkdir("x", 0755), 0);
    make_directory("x/a", &pair, 1);
    write_ini("x/a/trust.ini", "signatures_required = 1\n");
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        struct stat before;
        struct trust *trust = load("x/a", NULL);
        ck_assert_uint_eq(trust_count(trust), 1);
        trust_free(trust);
        ck_assert_int_eq(stat(paths[i], &before), 0);
        ck_assert_int_eq(chmod(paths[i], 0775), 0);
        snprintf(words, sizeof(words), "chmod go-w '%s/%s'", directory, paths[i]);
        refused("x/a", NULL, i < 3 ? words : paths[i]);
        ck_assert_int_eq(chmod(paths[i], before.st_mode & 07777), 0);
    }
    tool_leave(directory);
}
END_TEST

/* ---- who signed ------------------------------------------------------------------------------ */

START_TEST(a_key_and_a_signature_by_minisign)
{
    char directory[32];
    struct trust_signers signers;
    enter(directory);
    make_directory("a", NULL, 0);
    tool_write("f", message, 0);
    shell("minisign -G -W -p a/keys/k.pub -s k.key && minisign -S -s k.key -m f");
    struct buffer text = tool_read("f.minisig");
    struct view view = buffer_view(&text);
    struct trust *trust = load("a", NULL);
    ck_assert_int_eq(trust_verify(trust, message, &view, 1, NULL, &signers), ASSAY_OK);
    ck_assert_uint_eq(signers.count, 1);
    ck_assert_int_eq(trust_allows(trust, &signers, "community", NULL), ASSAY_OK);
    trust_free(trust);
    buffer_release(&text);
    tool_leave(directory);
}
END_TEST

START_TEST(strangers_are_passed_over)
{
    char directory[32], id[MINISIGN_ID_TEXT];
    struct pair pairs[3] = {new_pair(), new_pair(), new_pair()};
    struct trust_signers signers;
    struct error error = {""};
    enter(directory);
    make_directory("a", pairs + 1, 1);
    struct trust *trust = load("a", NULL);
    ck_assert_int_eq(verify(trust, pairs, 3, &signers), ASSAY_OK);
    ck_assert_uint_eq(signers.count, 1);
    minisign_id_text(pairs[1].public.id, id);
    ck_assert_str_eq(signers.ids[0], id);

    struct buffer text = signature_of(&pairs[2], message, "");
    struct view view = buffer_view(&text);
    ck_assert_int_eq(trust_verify(trust, message, &view, 1, &error, &signers), ASSAY_ERR_ARGUMENT);
    minisign_id_text(pairs[2].public.id, id);
    ck_assert_ptr_nonnull(strstr(error.text, id));
    ck_assert_ptr_nonnull(strstr(error.text, "into a/keys/NAME.pub"));
    ck_assert_int_eq(trust_verify(trust, message, NULL, 0, &error, &signers), ASSAY_ERR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(error.text, "not signed"));
    buffer_release(&text);
    trust_free(trust);
    tool_leave(directory);
}
END_TEST

START_TEST(a_wrong_signature_by_a_trusted_key_is_an_error)
{
    char directory[32];
    struct pair pairs[2] = {new_pair(), new_pair()};
    struct trust_signers signers;
    enter(directory);
    make_directory("a", pairs, 2);
    struct trust *trust = load("a", NULL);
    struct buffer right = signature_of(&pairs[0], message, "");
    struct buffer wrong = signature_of(&pairs[1], view_of("another message"), "");
    struct view views[2] = {buffer_view(&right), buffer_view(&wrong)};
    ck_assert_int_eq(trust_verify(trust, message, views, 1, NULL, &signers), ASSAY_OK);
    ck_assert_int_eq(trust_verify(trust, message, views, 2, NULL, &signers), ASSAY_ERR_CORRUPT);
    views[1] = view_of("no signature");
    ck_assert_int_eq(trust_verify(trust, message, views, 2, NULL, &signers), ASSAY_ERR_CORRUPT);
    buffer_release(&right);
    buffer_release(&wrong);
    trust_free(trust);
    tool_leave(directory);
}
END_TEST

/* ---- whether that is enough ------------------------------------------------------------------ */

START_TEST(two_signatures_are_required)
{
    char directory[32];
    struct pair pairs[4] = {new_pair(), new_pair(), new_pair(), new_pair()};
    const struct pair twice[2] = {pairs[0], pairs[0]};
    const struct pair stranger[2] = {pairs[0], pairs[3]};
    struct trust_signers signers;
    enter(directory);
    make_directory("a", pairs, 3);
    struct trust *trust = load("a", NULL);
    ck_assert(allows(trust, pairs, 1, "community"));
    trust_free(trust);
    write_ini("a/trust.ini", "signatures_required = 2\n");
    trust = load("a", NULL);
    ck_assert_uint_eq(trust_required(trust), 2);
    ck_assert(!allows(trust, pairs, 1, "community"));
    ck_assert(allows(trust, pairs, 2, "community"));
    ck_assert(allows(trust, pairs + 1, 2, "community"));
    ck_assert(allows(trust, pairs, 3, "community"));
    ck_assert(!allows(trust, twice, 2, "community"));
    ck_assert(!allows(trust, stranger, 2, "community"));
    /* Signers that were noted down, of keys that are trusted no more. */
    ck_assert_int_eq(verify(trust, pairs, 2, &signers), ASSAY_OK);
    trust_free(trust);
    unlink("a/keys/1.pub");
    trust = load("a", NULL);
    ck_assert_int_eq(trust_allows(trust, &signers, "community", NULL), ASSAY_ERR_ARGUMENT);
    trust_free(trust);
    tool_leave(directory);
}
END_TEST

START_TEST(the_highest_number_of_the_directories_holds)
{
    char directory[32];
    struct pair pairs[2] = {new_pair(), new_pair()};
    enter(directory);
    make_directory("a", pairs, 1);
    make_directory("b", pairs + 1, 1);
    write_ini("a/trust.ini", "signatures_required = 2\n");
    write_ini("b/trust.ini", "signatures_required = 1\n");
    for (int i = 0; i < 2; i++) {
        struct trust *trust = i == 0 ? load("a", "b") : load("b", "a");
        ck_assert_uint_eq(trust_required(trust), 2);
        ck_assert(!allows(trust, pairs, 1, "lab"));
        ck_assert(allows(trust, pairs, 2, "lab"));
        trust_free(trust);
    }
    tool_leave(directory);
}
END_TEST

START_TEST(a_key_is_limited_to_names)
{
    static const struct {
        const char *ini, *name;
        bool allowed;
    } rows[] = {
        {"[key %s]\ndatabases = lab\n", "lab", true},
        {"[key %s]\ndatabases = lab\n", "Lab", false},
        {"[key %s]\ndatabases = lab\n", "la", false},
        {"[key %s]\ndatabases = lab\n", "lab2", false},
        {"[key %s]\ndatabases = community, lab ; and no more\n", "lab", true},
        {"[key %s]\r\ndatabases=community,lab\r\n", "community", true},
        {"[key %s]\ndatabases = community\ndatabases = lab\n", "community", true},
        {"[key %s]\ndatabases = community\n   lab\n", "lab", true},
        {"; all\n[key %s]\n", "lab", true},
        {"signatures_required = 1\n\n[key %s] ; mine\ndatabases: lab", "lab", true},
        {"signatures_required = 1\n\n[key %s]\ndatabases: lab", "community", false},
    };
    char directory[32], text[256];
    struct pair pairs[2] = {new_pair(), new_pair()};
    enter(directory);
    make_directory("a", pairs, 2);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ini_for(text, sizeof(text), rows[i].ini, &pairs[0]);
        write_ini("a/trust.ini", text);
        struct trust *trust = load("a", NULL);
        ck_assert_msg(allows(trust, pairs, 1, rows[i].name) == rows[i].allowed, "row %zu", i);
        ck_assert(allows(trust, pairs + 1, 1, rows[i].name));
        trust_free(trust);
    }
    tool_leave(directory);
}
END_TEST

START_TEST(limits_of_several_directories_all_hold)
{
    char directory[32], text[256];
    struct pair pairs[2] = {new_pair(), new_pair()};
    enter(directory);
    make_directory("a", pairs, 2);
    make_directory("b", pairs, 1);
    ini_for(text, sizeof(text), "[key %s]\ndatabases = one, two\n", &pairs[0]);
    write_ini("a/trust.ini", text);
    ini_for(text, sizeof(text), "[key %s]\ndatabases = two, three\n", &pairs[0]);
    write_ini("b/trust.ini", text);
    struct trust *trust = load("a", "b");
    ck_assert(!allows(trust, pairs, 1, "one"));
    ck_assert(allows(trust, pairs, 1, "two"));
    ck_assert(!allows(trust, pairs, 1, "three"));
    ck_assert(allows(trust, pairs, 2, "one"));
    trust_free(trust);
    write_ini("a/trust.ini", "signatures_required = 2\n");
    trust = load("a", "b");
    ck_assert(!allows(trust, pairs, 2, "one"));
    ck_assert(allows(trust, pairs, 2, "three"));
    trust_free(trust);
    tool_leave(directory);
}
END_TEST

START_TEST(what_trust_ini_does_not_know_is_an_error)
{
    static const struct {
        const char *ini, *words;
    } rows[] = {
        {"signature_required = 2\n", "a/trust.ini:1: 'signature_required' is no setting"},
        {"\n\nsignatures_required = 0\n", "a/trust.ini:3: signatures_required is a number"},
        {"signatures_required = 65\n", "a number"},
        {"signatures_required = -1\n", "a number"},
        {"signatures_required = 2 x\n", "a number"},
        {"signatures_required =\n", "a number"},
        {"signatures_required = 99999999999999999999\n", "a number"},
        {"signatures_required = 2\nsignatures_required = 1\n", ":2: signatures_required is there"},
        {"signatures_required = 2\n  1\n", ":2: signatures_required is there"},
        {"signatures_required\n", ":1: neither"},
        {"databases = lab\n", "'databases' is no setting here"},
        {"[key %s]\ndatabase = lab\n", ":2: 'database' is no setting of a key"},
        {"[key %s]\nsignatures_required = 2\n", ":2: 'signatures_required' is no setting of a key"},
        {"[key %s]\ndatabases =\n", "names with commas"},
        {"[key %s]\ndatabases = a b\n", "names with commas"},
        {"[key %s]\ndatabases = a,\n", "names with commas"},
        {"[key %s]\ndatabases = a/b\n", "names with commas"},
        {"[key %s]\ndatabases = a\n  [key %s]\n", ":3: a section is not indented"},
        {"[key %s] databases = lab\n", "something follows"},
        {"[key %s\ndatabases = lab\n", ":1: a section is [key ID]"},
        {"[%s]\ndatabases = lab\n", "a section is [key ID]"},
        {"[keys %s]\n", "a section is [key ID]"},
        {"[key  %s]\n", "a section is [key ID]"},
        {"[key %s0]\n", "a section is [key ID]"},
        {"[key 123]\n", "a section is [key ID]"},
        {"[key 0123456789abcdeg]\n", "a section is [key ID]"},
        {"[key 0123456789abcdef]\ndatabases = lab\n", "no keys/: correct the id"},
        {"\xef\xbb\xbfsignatures_required = 2\n", "byte order mark"},
    };
    char directory[32], text[256];
    struct pair pair = new_pair();
    enter(directory);
    make_directory("a", &pair, 1);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char id[MINISIGN_ID_TEXT];
        minisign_id_text(pair.public.id, id);
        snprintf(text, sizeof(text), rows[i].ini, id, id);
        write_ini("a/trust.ini", text);
        refused("a", NULL, rows[i].words);
    }
    tool_leave(directory);
}
END_TEST

START_TEST(lines_of_trust_ini_are_whole)
{
    char directory[32], text[400];
    enter(directory);
    make_directory("a", NULL, 0);
    memset(text, ' ', sizeof(text));
    memcpy(text + 300, "signatures_required = 2\n", 25);
    write_ini("a/trust.ini", text);
    refused("a", NULL, ":1: the line is too long");
    unlink("a/trust.ini");
    tool_write("a/trust.ini", (struct view){(const uint8_t *)"; \0\nsignatures_required = 2\n", 28},
               0);
    refused("a", NULL, ":1: the line has a NUL byte");
    ck_assert_int_eq(truncate("a/trust.ini", 1 << 20), 0);
    refused("a", NULL, "a/trust.ini is too long");
    tool_leave(directory);
}
END_TEST

UNIT_MAIN("trust", a_directory_that_is_not_there_has_no_keys, keys_are_read_in_order_of_their_names,
          half_a_key_is_not_the_same_key, what_is_no_key_is_named, too_many_keys,
          what_others_can_write_is_refused, a_key_and_a_signature_by_minisign,
          strangers_are_passed_over, a_wrong_signature_by_a_trusted_key_is_an_error,
          two_signatures_are_required, the_highest_number_of_the_directories_holds,
          a_key_is_limited_to_names, limits_of_several_directories_all_hold,
          what_trust_ini_does_not_know_is_an_error, lines_of_trust_ini_are_whole)
