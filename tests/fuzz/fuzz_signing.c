/* Any text, as each of those that keys, signatures and trust are kept in. What is read is written again
 * in the same words, apart from comments and ends of lines. */
#include "signatures/database/minisign.h"
#include "signatures/database/trust_ini.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        __builtin_trap();
}

/* The base64 of what was written is in what was read. */
static void check_line(struct view text, const struct buffer *written)
{
    const uint8_t *line = memchr(written->data, '\n', written->size);
    check(line != NULL);
    size_t size = written->size - (size_t)(line - written->data) - 2;
    check(memmem(text.data, text.size, line + 1, size) != NULL);
}

static void read_public(struct view text)
{
    struct minisign_public_key key;
    struct buffer out = {NULL, 0, 0};
    if (minisign_parse_public_key(text, NULL, &key) < 0)
        return;
    check(minisign_write_public_key(&key, &out) == ASSAY_OK);
    check_line(text, &out);
    buffer_release(&out);
}

static void read_signature(struct view text)
{
    static const struct minisign_public_key nobody = {.id = {0}};
    struct minisign_signature signature;
    if (minisign_parse_signature(text, NULL, &signature) < 0)
        return;
    struct assay_bytes comment = signature.trusted_comment;
    check(comment.data >= text.data &&
          view_has(text, (uint64_t)(comment.data - text.data), comment.size));
    check(minisign_verify(&signature, &nobody, text, NULL) == ASSAY_ERR_CORRUPT);
}

static void read_secret(struct view text)
{
    const struct assay_bytes none = {NULL, 0};
    struct minisign_secret_key key;
    struct buffer out = {NULL, 0, 0};
    /* What a password does with it takes a second. */
    if (minisign_is_locked(text) || minisign_parse_secret_key(text, none, NULL, &key) < 0)
        return;
    check(minisign_write_secret_key(&key, none, &out) == ASSAY_OK);
    minisign_wipe(&out);
    minisign_forget(&key);
}

static void read_ini(struct view text)
{
    struct trust_ini ini = {.count = 0};
    struct error error = {""};
    status read = trust_ini_parse(text, "trust.ini", &error, &ini);
    check(read >= 0 || error.text[0] != '\0');
    check(ini.required <= TRUST_REQUIRED_MAX);
    for (size_t i = 0; i < ini.count; i++) {
        check(strlen(ini.limits[i].id) == 16 && ini.limits[i].name[0] != '\0');
        check(trust_ini_allows(&ini, ini.limits[i].id, ini.limits[i].name));
        check(!trust_ini_allows(&ini, ini.limits[i].id, ""));
    }
    trust_ini_release(&ini);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct view text = {data, size};
    read_public(text);
    read_signature(text);
    read_secret(text);
    read_ini(text);
    return 0;
}
