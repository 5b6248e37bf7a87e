/* Keys and signatures go between here and the program minisign in both directions, and nothing that
 * was changed is taken for what was signed. */
#include "database/signing.h"

#include <sodium.h>

#define SECRET_BYTES 158 /* see minisign_key.c */

static const struct view message = {(const uint8_t *)"what is signed\n", 15};

static struct buffer public_text(const struct pair *pair)
{
    struct buffer text = {0};
    ck_assert_int_eq(minisign_write_public_key(&pair->public, &text), ASSAY_OK);
    return text;
}

static struct buffer secret_text(const struct pair *pair, const char *password)
{
    struct buffer text = {0};
    ck_assert_int_eq(minisign_write_secret_key(&pair->secret, text_of(password), &text), ASSAY_OK);
    return text;
}

/* Where line `number` (from 0) begins. */
static size_t line_at(const struct buffer *text, unsigned number)
{
    size_t at = 0;
    while (number > 0 && at < text->size)
        number -= text->data[at++] == '\n';
    return at;
}

static bool same_line(const struct buffer *left, const struct buffer *right, unsigned number)
{
    const uint8_t *a = left->data + line_at(left, number);
    const uint8_t *b = right->data + line_at(right, number);
    size_t size = line_at(left, number + 1) - line_at(left, number);
    return size == line_at(right, number + 1) - line_at(right, number) && memcmp(a, b, size) == 0;
}

static status parse_secret(const struct buffer *text, const char *password,
                           struct minisign_secret_key *ret_key)
{
    return minisign_parse_secret_key(buffer_view(text), text_of(password), NULL, ret_key);
}

/* ---- the program minisign -------------------------------------------------------------------- */

START_TEST(what_minisign_makes_is_read)
{
    char directory[32], id[MINISIGN_ID_TEXT];
    struct minisign_signature signature;
    struct minisign_secret_key secret;
    struct minisign_public_key of_secret, key;
    tool_enter(directory);
    tool_write("f", message, 0);
    shell("minisign -G -W -p k.pub -s k.key && minisign -S -s k.key -m f -t 'a comment'");
    struct buffer public = tool_read("k.pub"), text = tool_read("f.minisig");
    struct buffer locked = tool_read("k.key"), ours = {0};

    ck_assert_int_eq(minisign_parse_public_key(buffer_view(&public), NULL, &key), ASSAY_OK);
    ck_assert_int_eq(minisign_parse_signature(buffer_view(&text), NULL, &signature), ASSAY_OK);
    ck_assert_int_eq(minisign_verify(&signature, &key, message, NULL), ASSAY_OK);
    ck_assert_uint_eq(signature.trusted_comment.size, 9);
    ck_assert_mem_eq(signature.trusted_comment.data, "a comment", 9);
    minisign_id_text(key.id, id);
    const char *shown = id + strspn(id, "0"); /* as minisign does */
    ck_assert_ptr_nonnull(memmem(public.data, public.size, shown, strlen(shown)));

    ck_assert(!minisign_is_locked(buffer_view(&locked)));
    ck_assert_int_eq(parse_secret(&locked, "", &secret), ASSAY_OK);
    minisign_public_of(&secret, &of_secret);
    ck_assert_mem_eq(&of_secret, &key, sizeof(key));
    /* Ed25519 leaves nothing to chance. */
    ck_assert_int_eq(minisign_sign(&secret, message, "a comment", &ours), ASSAY_OK);
    for (unsigned line = 1; line < 4; line++)
        ck_assert(same_line(&ours, &text, line));
    minisign_forget(&secret);
    ck_assert(sodium_is_zero((const uint8_t *)&secret, sizeof(secret)));
    buffer_release(&public);
    buffer_release(&text);
    buffer_release(&ours);
    minisign_wipe(&locked);
    tool_leave(directory);
}
END_TEST

START_TEST(what_is_made_here_minisign_reads)
{
    char directory[32];
    struct pair pair = new_pair();
    tool_enter(directory);
    tool_write("f", message, 0);
    write_public(&pair, "k.pub");
    write_secret(&pair, "", "k.key");
    struct buffer text = signature_of(&pair, message, "a comment");
    tool_write("f.minisig", buffer_view(&text), 0);
    shell("minisign -Vm f -p k.pub && test \"$(minisign -VQm f -p k.pub)\" = 'a comment'");
    shell("echo >>f && ! minisign -Vm f -p k.pub");
    shell("minisign -S -s k.key -m f && minisign -Vm f -p k.pub");
    shell("minisign -R -s k.key -p again.pub");
    struct buffer mine = tool_read("k.pub"), again = tool_read("again.pub");
    ck_assert(same_line(&mine, &again, 1));
    buffer_release(&mine);
    buffer_release(&again);
    buffer_release(&text);
    tool_leave(directory);
}
END_TEST

START_TEST(minisign_unlocks_what_is_made_here)
{
    char directory[32];
    struct pair pair = new_pair();
    tool_enter(directory);
    tool_write("f", message, 0);
    write_public(&pair, "k.pub");
    write_secret(&pair, "a password", "k.key");
    shell("echo 'a password' | minisign -S -s k.key -m f && minisign -Vm f -p k.pub");
    tool_leave(directory);
}
END_TEST

START_TEST(what_minisign_locks_is_unlocked)
{
    char directory[32];
    struct minisign_secret_key secret;
    struct minisign_public_key of_secret, key;
    tool_enter(directory);
    shell("printf 'another\\nanother\\n' | minisign -G -p b.pub -s b.key");
    struct buffer public = tool_read("b.pub"), theirs = tool_read("b.key");
    ck_assert(minisign_is_locked(buffer_view(&theirs)));
    ck_assert_int_eq(parse_secret(&theirs, "wrong", &secret), ASSAY_ERR_ENCRYPTED);
    ck_assert_int_eq(parse_secret(&theirs, "another", &secret), ASSAY_OK);
    minisign_public_of(&secret, &of_secret);
    ck_assert_int_eq(minisign_parse_public_key(buffer_view(&public), NULL, &key), ASSAY_OK);
    ck_assert_mem_eq(&of_secret, &key, sizeof(key));
    /* Without its password again, as minisign does that: with a check sum, unlike -G -W. */
    shell("echo another | minisign -C -W -s b.key");
    struct buffer opened = tool_read("b.key");
    ck_assert(!minisign_is_locked(buffer_view(&opened)));
    ck_assert_int_eq(parse_secret(&opened, "", &secret), ASSAY_OK);
    buffer_release(&public);
    minisign_wipe(&theirs);
    minisign_wipe(&opened);
    tool_leave(directory);
}
END_TEST

START_TEST(legacy_signatures_are_not_supported)
{
    char directory[32];
    struct minisign_signature signature;
    struct error error = {""};
    tool_enter(directory);
    tool_write("f", message, 0);
    shell("minisign -G -W -p k.pub -s k.key && minisign -S -l -s k.key -m f");
    struct buffer text = tool_read("f.minisig");
    ck_assert_int_eq(minisign_parse_signature(buffer_view(&text), &error, &signature),
                     ASSAY_ERR_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(error.text, "without -l"));
    buffer_release(&text);
    tool_leave(directory);
}
END_TEST

START_TEST(the_longest_comment_is_read_by_minisign)
{
    char directory[32];
    char comment[MINISIGN_COMMENT_MAX + 2];
    struct pair pair = new_pair();
    struct buffer none = {0};
    memset(comment, 'c', sizeof(comment));
    comment[MINISIGN_COMMENT_MAX + 1] = '\0';
    ck_assert_int_eq(minisign_sign(&pair.secret, message, comment, &none), ASSAY_ERR_ARGUMENT);
    comment[MINISIGN_COMMENT_MAX] = '\0';
    tool_enter(directory);
    tool_write("f", message, 0);
    write_public(&pair, "k.pub");
    struct buffer text = signature_of(&pair, message, comment);
    tool_write("f.minisig", buffer_view(&text), 0);
    shell("minisign -Vm f -p k.pub");
    struct buffer public = tool_read("k.pub");
    ck_assert_int_eq(verify_texts(buffer_view(&public), buffer_view(&text), message), ASSAY_OK);
    buffer_release(&public);
    buffer_release(&text);
    tool_leave(directory);
}
END_TEST

/* ---- what was changed ------------------------------------------------------------------------ */

START_TEST(no_changed_bit_of_a_signature_is_accepted)
{
    struct pair pair = new_pair();
    struct buffer text = signature_of(&pair, message, "a comment"), public = public_text(&pair);
    size_t untrusted = line_at(&text, 1);
    ck_assert_int_eq(verify_texts(buffer_view(&public), buffer_view(&text), message), ASSAY_OK);
    /* The last byte is the end of the last line, which nothing depends on. */
    for (size_t bit = untrusted * 8; bit < (text.size - 1) * 8; bit++) {
        text.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        ck_assert_int_lt(verify_texts(buffer_view(&public), buffer_view(&text), message), 0);
        text.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t size = 0; size < text.size - 1; size++) {
        struct view cut = view_sub(buffer_view(&text), 0, size);
        ck_assert_int_lt(verify_texts(buffer_view(&public), cut, message), 0);
    }
    buffer_release(&text);
    buffer_release(&public);
}
END_TEST

START_TEST(no_changed_bit_of_a_public_key_or_message_is_accepted)
{
    struct pair pair = new_pair();
    struct buffer text = signature_of(&pair, message, ""), public = public_text(&pair);
    uint8_t changed[15];
    for (size_t bit = line_at(&public, 1) * 8; bit < (public.size - 1) * 8; bit++) {
        public.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        ck_assert_int_lt(verify_texts(buffer_view(&public), buffer_view(&text), message), 0);
        public.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    memcpy(changed, message.data, sizeof(changed));
    for (size_t bit = 0; bit < sizeof(changed) * 8; bit++) {
        struct view view = {changed, sizeof(changed)};
        changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        ck_assert_int_eq(verify_texts(buffer_view(&public), buffer_view(&text), view),
                         ASSAY_ERR_CORRUPT);
        changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    ck_assert_int_eq(verify_texts(buffer_view(&public), buffer_view(&text), message), ASSAY_OK);
    buffer_release(&text);
    buffer_release(&public);
}
END_TEST

/* The bytes between the algorithms and the id say nothing while there is no password. */
START_TEST(no_changed_bit_of_a_secret_key_gives_another_key)
{
    struct minisign_secret_key key;
    struct pair pair = new_pair();
    struct buffer text = secret_text(&pair, "");
    unsigned accepted = 0;
    for (size_t bit = line_at(&text, 1) * 8; bit < (text.size - 1) * 8; bit++) {
        text.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        status parsed = parse_secret(&text, "", &key);
        if (parsed >= 0)
            ck_assert_mem_eq(&key, &pair.secret, sizeof(key));
        accepted += parsed >= 0;
        text.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    ck_assert_uint_lt(accepted, 48 * 8);
    ck_assert_int_eq(parse_secret(&text, "", &key), ASSAY_OK);
    minisign_wipe(&text);
}
END_TEST

/* Without check sum, as minisign -W leaves it. */
START_TEST(halves_that_do_not_belong_together_are_no_key)
{
    struct minisign_secret_key key;
    struct pair pair = new_pair();
    pair.secret.key[40] ^= 1;
    struct buffer text = secret_text(&pair, "");
    ck_assert_int_eq(parse_secret(&text, "", &key), ASSAY_ERR_CORRUPT);
    minisign_wipe(&text);
}
END_TEST

START_TEST(another_key_or_comment_is_refused)
{
    struct pair pair = new_pair(), other = new_pair();
    struct minisign_signature signature;
    struct error error = {""};
    struct buffer text = signature_of(&pair, message, "serial 1");
    ck_assert_int_eq(minisign_parse_signature(buffer_view(&text), NULL, &signature), ASSAY_OK);
    ck_assert_int_eq(minisign_verify(&signature, &other.public, message, &error),
                     ASSAY_ERR_CORRUPT);
    ck_assert_ptr_nonnull(strstr(error.text, "signed by key"));
    memcpy(other.public.id, pair.public.id, sizeof(other.public.id));
    ck_assert_int_eq(minisign_verify(&signature, &other.public, message, &error),
                     ASSAY_ERR_CORRUPT);
    ck_assert_ptr_nonnull(strstr(error.text, "did not sign this:"));
    ck_assert_int_eq(minisign_verify(&signature, &pair.public, message, NULL), ASSAY_OK);
    signature.trusted_comment = text_of("serial 2");
    ck_assert_int_eq(minisign_verify(&signature, &pair.public, message, &error), ASSAY_ERR_CORRUPT);
    ck_assert_ptr_nonnull(strstr(error.text, "trusted comment"));
    buffer_release(&text);
}
END_TEST

/* ---- forms ----------------------------------------------------------------------------------- */

/* The text with each `from` replaced. */
static struct buffer replaced(const struct buffer *text, const char *from, const char *to)
{
    struct buffer out = {0};
    size_t size = strlen(from);
    for (size_t at = 0; at < text->size;) {
        bool here = size <= text->size - at && memcmp(text->data + at, from, size) == 0;
        ck_assert_int_eq(
            buffer_append(&out, here ? (const void *)to : text->data + at, here ? strlen(to) : 1),
            ASSAY_OK);
        at += here ? size : 1;
    }
    return out;
}

START_TEST(forms_of_the_text)
{
    static const struct {
        const char *from, *to;
        bool is_right;
    } rows[] = {
        {"\n", "\r\n", true},
        {"\n", "\r\r\n", false},
        {"\n", " \n", false},
        {"\n", "\n\n", false},
        {"\ntrusted", "\nuntrusted", false},
        {"untrusted comment: ", "comment: ", false},
        {"untrusted comment: ", "untrusted comment: \x01", true},
        {"=\n", "\n", false},
        {"==\n", "=\n", false},
        {"==\n", "==\nmore", false},
        {"RU", "-_", false},
        {"RU", " RU", false},
    };
    struct pair pair = new_pair();
    struct buffer text = signature_of(&pair, message, "a comment"), public = public_text(&pair);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buffer form = replaced(&text, rows[i].from, rows[i].to);
        status verified = verify_texts(buffer_view(&public), buffer_view(&form), message);
        ck_assert_msg((verified >= 0) == rows[i].is_right, "row %zu", i);
        buffer_release(&form);
    }
    struct view whole = buffer_view(&text);
    ck_assert_int_eq(
        verify_texts(buffer_view(&public), view_sub(whole, 0, whole.size - 1), message), ASSAY_OK);
    struct buffer crlf = replaced(&public, "\n", "\r\n");
    ck_assert_int_eq(verify_texts(buffer_view(&crlf), whole, message), ASSAY_OK);
    buffer_release(&crlf);
    buffer_release(&text);
    buffer_release(&public);
}
END_TEST

/* Six bits of the last character are not all of a byte: those that are not are zero. */
START_TEST(base64_has_one_form)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct pair pair = new_pair();
    struct buffer text = signature_of(&pair, message, ""), public = public_text(&pair);
    const unsigned ends[] = {2, 4};
    for (size_t i = 0; i < 2; i++) {
        uint8_t *last = text.data + line_at(&text, ends[i]) - 2; /* before the newline */
        while (*last == '=')
            last--;
        uint8_t right = *last;
        for (size_t k = 0; k < 64; k++) {
            *last = (uint8_t)alphabet[k];
            status verified = verify_texts(buffer_view(&public), buffer_view(&text), message);
            ck_assert((verified >= 0) == (*last == right));
        }
        *last = right;
    }
    buffer_release(&text);
    buffer_release(&public);
}
END_TEST

START_TEST(sizes_are_bounded)
{
    struct minisign_public_key key;
    struct buffer text = {0};
    ck_assert_int_eq(minisign_parse_public_key((struct view){NULL, 0}, NULL, &key),
                     ASSAY_ERR_CORRUPT);
    ck_assert_int_eq(buffer_append_text(&text, "untrusted comment: "), ASSAY_OK);
    while (text.size <= MINISIGN_TEXT_MAX)
        ck_assert_int_eq(buffer_append_text(&text, "more "), ASSAY_OK);
    struct pair pair = new_pair();
    ck_assert_int_eq(buffer_append_text(&text, "\n"), ASSAY_OK);
    struct buffer public = public_text(&pair);
    size_t at = line_at(&public, 1);
    ck_assert_int_eq(buffer_append(&text, public.data + at, public.size - at), ASSAY_OK);
    ck_assert_int_eq(minisign_parse_public_key(buffer_view(&text), NULL, &key), ASSAY_ERR_CORRUPT);
    text.data[0] = 0;
    ck_assert_int_eq(minisign_parse_public_key(buffer_view(&text), NULL, &key), ASSAY_ERR_CORRUPT);
    buffer_release(&text);
    buffer_release(&public);
}
END_TEST

START_TEST(what_minisign_could_not_read_is_not_written)
{
    char long_password[MINISIGN_PASSWORD_MAX + 2];
    static const char *const passwords[] = {"two\nlines", "two\rlines"};
    static const char *const comments[] = {"two\nlines", "a\rb", "\x1b[2J", "\x7f"};
    struct pair pair = new_pair();
    struct buffer out = {0};
    memset(long_password, 'p', sizeof(long_password));
    const struct assay_bytes refused[] = {
        text_of(passwords[0]),
        text_of(passwords[1]),
        {(const uint8_t *)"a\0b", 3},
        {(const uint8_t *)long_password, MINISIGN_PASSWORD_MAX + 1},
    };
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(minisign_write_secret_key(&pair.secret, refused[i], &out),
                         ASSAY_ERR_ARGUMENT);
        ck_assert_int_eq(minisign_sign(&pair.secret, message, comments[i], &out),
                         ASSAY_ERR_ARGUMENT);
    }
    ck_assert_uint_eq(out.size, 0);
}
END_TEST

START_TEST(a_secret_key_is_no_public_one)
{
    struct minisign_public_key key;
    struct error error = {""};
    struct pair pair = new_pair();
    struct buffer text = secret_text(&pair, "");
    ck_assert_int_eq(minisign_parse_public_key(buffer_view(&text), &error, &key),
                     ASSAY_ERR_CORRUPT);
    ck_assert_ptr_nonnull(strstr(error.text, "secret key"));
    minisign_wipe(&text);
}
END_TEST

/* A key that asks for more than minisign's own do is not tried. */
START_TEST(absurd_limits_are_refused)
{
    static const struct {
        size_t at;
        uint8_t byte;
        status wanted;
    } rows[] = {
        {38 + 7, 0x7f, ASSAY_ERR_UNSUPPORTED}, /* operations */
        {38 + 3, 3, ASSAY_ERR_UNSUPPORTED},    {46 + 7, 0x7f, ASSAY_ERR_UNSUPPORTED}, /* memory */
        {46 + 4, 1, ASSAY_ERR_UNSUPPORTED},    {0, 'X', ASSAY_ERR_CORRUPT},
        {2, 'X', ASSAY_ERR_CORRUPT},           {4, 'X', ASSAY_ERR_CORRUPT},
    };
    struct pair pair = new_pair();
    struct minisign_secret_key key;
    struct buffer text = secret_text(&pair, "");
    char *line = (char *)text.data + line_at(&text, 1);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t bytes[SECRET_BYTES];
        struct error error = {""};
        ck_assert_int_eq(sodium_base642bin(bytes, sizeof(bytes), line, 212, NULL, NULL, NULL,
                                           sodium_base64_VARIANT_ORIGINAL),
                         0);
        memcpy(bytes + 2, "Sc", 2);
        bytes[rows[i].at] = rows[i].byte;
        struct buffer changed = {0};
        char base64[256];
        sodium_bin2base64(base64, sizeof(base64), bytes, sizeof(bytes),
                          sodium_base64_VARIANT_ORIGINAL);
        ck_assert_int_eq(buffer_append_format(&changed, "untrusted comment: x\n%s\n", base64),
                         ASSAY_OK);
        ck_assert_int_eq(
            minisign_parse_secret_key(buffer_view(&changed), text_of("a password"), &error, &key),
            rows[i].wanted);
        ck_assert_str_ne(error.text, "");
        buffer_release(&changed);
    }
    minisign_wipe(&text);
}
END_TEST

START_TEST(ids_are_numbers)
{
    static const uint8_t id[8] = {0xdd, 0x42, 0x0f, 0xbc, 0x45, 0xe2, 0x82, 0x0f};
    char text[MINISIGN_ID_TEXT];
    minisign_id_text(id, text);
    ck_assert_str_eq(text, "0F82E245BC0F42DD");
}
END_TEST

UNIT_MAIN("minisign", what_minisign_makes_is_read, what_is_made_here_minisign_reads,
          minisign_unlocks_what_is_made_here, what_minisign_locks_is_unlocked,
          legacy_signatures_are_not_supported, the_longest_comment_is_read_by_minisign,
          no_changed_bit_of_a_signature_is_accepted,
          no_changed_bit_of_a_public_key_or_message_is_accepted,
          no_changed_bit_of_a_secret_key_gives_another_key,
          halves_that_do_not_belong_together_are_no_key, another_key_or_comment_is_refused,
          forms_of_the_text, base64_has_one_form, sizes_are_bounded,
          what_minisign_could_not_read_is_not_written, a_secret_key_is_no_public_one,
          absurd_limits_are_refused, ids_are_numbers)
