/* signing: what the tests of keys and signatures share: pairs, texts, and the program minisign. */
#ifndef TESTS_SIGNING_H
#define TESTS_SIGNING_H

#include "signatures/database/minisign.h"
#include "unpack/tool.h"

struct pair {
    struct minisign_secret_key secret;
    struct minisign_public_key public;
};

static const struct assay_bytes no_password = {NULL, 0};

static inline struct assay_bytes text_of(const char *text)
{
    return (struct assay_bytes){(const uint8_t *)text, strlen(text)};
}

static inline struct view view_of(const char *text)
{
    return (struct view){(const uint8_t *)text, strlen(text)};
}

static inline struct pair new_pair(void)
{
    struct pair pair;
    ck_assert_int_eq(minisign_generate(&pair.secret, &pair.public), ASSAY_OK);
    return pair;
}

static inline struct buffer signature_of(const struct pair *pair, struct view message,
                                         const char *comment)
{
    struct buffer text = {0};
    ck_assert_int_eq(minisign_sign(&pair->secret, message, comment, &text), ASSAY_OK);
    return text;
}

static inline void write_public(const struct pair *pair, const char *path)
{
    struct buffer text = {0};
    ck_assert_int_eq(minisign_write_public_key(&pair->public, &text), ASSAY_OK);
    tool_write(path, buffer_view(&text), 0);
    buffer_release(&text);
}

static inline void write_secret(const struct pair *pair, const char *password, const char *path)
{
    struct buffer text = {0};
    ck_assert_int_eq(minisign_write_secret_key(&pair->secret, text_of(password), &text), ASSAY_OK);
    tool_write(path, buffer_view(&text), 0);
    minisign_wipe(&text);
}

/* A line of shell, which has to succeed; what it prints is not shown. */
static inline void shell(const char *line)
{
    char quiet[512];
    snprintf(quiet, sizeof(quiet), "{ %s; } >/dev/null 2>&1", line);
    TOOL_RUN("sh", "-c", quiet);
}

/* The status of verifying three texts. */
static inline status verify_texts(struct view public, struct view signature, struct view message)
{
    struct minisign_public_key key;
    struct minisign_signature read;
    TRY(minisign_parse_public_key(public, NULL, &key));
    TRY(minisign_parse_signature(signature, NULL, &read));
    return minisign_verify(&read, &key, message, NULL);
}

#endif
