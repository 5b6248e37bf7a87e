#include "cli/source_digest.h"

#include "base/cleanup.h"
#include "base/encode.h"
#include "signatures/digest.h"

#include <stdlib.h>
#include <string.h>

struct source_line {
    char *name;
    uint8_t sha256[32];
};

status source_digest_add(struct source_digest *digest, const char *name, struct view text)
{
    struct source_line *lines =
        reallocarray(digest->lines, digest->count + 1, sizeof(*digest->lines));
    if (!lines)
        return ASSAY_ERR_NOMEM;
    digest->lines = lines;
    struct source_line line;
    TRY(digest_sha256(text, line.sha256));
    line.name = strdup(name);
    if (!line.name)
        return ASSAY_ERR_NOMEM;
    digest->lines[digest->count++] = line;
    return ASSAY_OK;
}

static int by_name(const void *left, const void *right)
{
    const struct source_line *one = left;
    const struct source_line *other = right;
    int order = strcmp(one->name, other->name);
    return order ? order : memcmp(one->sha256, other->sha256, sizeof(one->sha256));
}

status source_digest_finish(struct source_digest *digest, char ret_hex[SOURCE_DIGEST_HEX])
{
    if (digest->count)
        qsort(digest->lines, digest->count, sizeof(*digest->lines), by_name);
    struct buffer text cleanup(buffer_release) = {NULL, 0, 0};
    for (size_t i = 0; i < digest->count; i++) {
        const struct source_line *line = &digest->lines[i];
        TRY(buffer_append(&text, line->name, strlen(line->name) + 1));
        TRY(encode_hex(&text, (struct assay_bytes){line->sha256, sizeof(line->sha256)}));
        TRY(buffer_append_text(&text, "\n"));
    }
    uint8_t sha256[32];
    TRY(digest_sha256(buffer_view(&text), sha256));
    text.size = 0;
    TRY(encode_hex(&text, (struct assay_bytes){sha256, sizeof(sha256)}));
    memcpy(ret_hex, text.data, SOURCE_DIGEST_HEX - 1);
    ret_hex[SOURCE_DIGEST_HEX - 1] = 0;
    return ASSAY_OK;
}

void source_digest_release(struct source_digest *digest)
{
    for (size_t i = 0; i < digest->count; i++)
        free(digest->lines[i].name);
    free(digest->lines);
    *digest = (struct source_digest){NULL, 0};
}
