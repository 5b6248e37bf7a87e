/* fixture: what the tests of this room share: archives made in memory, a small ruleset, and what a
 * scan said, remembered. */
#ifndef TESTS_INSPECT_FIXTURE_H
#define TESTS_INSPECT_FIXTURE_H

#include "assay.h"
#include "base/text.h"
#include "unit.h"
#include "unpack/pack.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>

#define NEEDLE "a needle in the hay"

static const char fixture_rules_text[] =
    "rule needle : test { strings: $a = \"" NEEDLE "\" condition: $a }\n"
    "rule names { strings: $a = \"by its name\" condition: $a and extension == \".txt\" and "
    "filename == \"read.me.txt\" and owner == \"root\" }\n"
    "rule path { strings: $a = \"by its path\" condition: $a and filepath == \"d/inner.sh\" }\n";

static inline struct assay_rules *fixture_rules(void)
{
    const struct assay_source source = {"fixture.yar", "fixture", fixture_rules_text,
                                        sizeof(fixture_rules_text) - 1};
    struct assay_rules *rules;
    ck_assert_int_eq(assay_rules_compile(&source, 1, NULL, NULL, &rules), ASSAY_OK);
    return rules;
}

/* ---- archives -------------------------------------------------------------------------------- */

struct part {
    const char *name;
    struct view bytes;
};

static inline struct view text_view(const char *text)
{
    return (struct view){(const uint8_t *)text, strlen(text)};
}

/* format: ARCHIVE_FORMAT_ZIP, ARCHIVE_FORMAT_TAR_USTAR... */
static inline struct buffer make_archive(int format, const struct part *parts, size_t count)
{
    size_t room = 1 << 16, used = 0;
    for (size_t i = 0; i < count; i++)
        room += parts[i].bytes.size + 4096;
    struct buffer out = {0};
    ck_assert_int_eq(buffer_reserve(&out, room), ASSAY_OK);
    struct archive *archive = archive_write_new();
    ck_assert_int_eq(archive_write_set_format(archive, format), ARCHIVE_OK);
    ck_assert_int_eq(archive_write_set_bytes_in_last_block(archive, 1), ARCHIVE_OK);
    ck_assert_int_eq(archive_write_open_memory(archive, out.data, room, &used), ARCHIVE_OK);
    for (size_t i = 0; i < count; i++) {
        struct archive_entry *entry = archive_entry_new();
        archive_entry_set_pathname(entry, parts[i].name);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_size(entry, (int64_t)parts[i].bytes.size);
        if (archive_write_header(archive, entry) != ARCHIVE_OK ||
            archive_write_data(archive, parts[i].bytes.data, parts[i].bytes.size) < 0)
            ck_abort_msg("%s", archive_error_string(archive));
        archive_entry_free(entry);
    }
    ck_assert_int_eq(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
    out.size = used;
    return out;
}

#define ZIP(...)                                                                                   \
    make_archive(ARCHIVE_FORMAT_ZIP, (struct part[]){__VA_ARGS__},                                 \
                 sizeof((struct part[]){__VA_ARGS__}) / sizeof(struct part))
#define TAR(...)                                                                                   \
    make_archive(ARCHIVE_FORMAT_TAR_USTAR, (struct part[]){__VA_ARGS__},                           \
                 sizeof((struct part[]){__VA_ARGS__}) / sizeof(struct part))

static inline struct buffer gzip_of(struct view bytes)
{
    struct buffer out = {0};
    pack_gzip(&out, bytes);
    return out;
}

/* The bytes inside so many layers of gzip. */
static inline struct buffer gzip_layers(struct view bytes, unsigned layers)
{
    struct buffer inner = gzip_of(bytes);
    for (unsigned i = 1; i < layers; i++) {
        struct buffer outer = gzip_of(buffer_view(&inner));
        buffer_release(&inner);
        inner = outer;
    }
    return inner;
}

/* So many bytes of one value. */
static inline struct buffer filled(uint8_t value, size_t size)
{
    struct buffer out = {0};
    ck_assert_int_eq(buffer_reserve(&out, size), ASSAY_OK);
    memset(out.data, value, size);
    out.size = size;
    return out;
}

/* ---- what a scan said ------------------------------------------------------------------------ */

#define SAID_MAX 4096

struct said {
    enum assay_event_type type;
    enum assay_reason reason;
    char object[512]; /* display name, the top-level file being "top" */
    char rule[32];
    char detail[128];
    uint64_t size;
    uint32_t occurrence; /* of the innermost member; 0 for the file */
    uint8_t sha256[32];
};

struct heard {
    struct said said[SAID_MAX];
    size_t count;
    size_t stop_at; /* the event that ends the scan; 0: none */
    struct assay_result result;
    int status;
};

static inline int hear(void *context, const struct assay_event *event)
{
    struct heard *heard = context;
    if (heard->count == SAID_MAX)
        ck_abort_msg("more events than the test expects");
    struct said *said = &heard->said[heard->count++];
    *said = (struct said){.type = event->type, .size = event->object.size};
    struct buffer name = {0};
    if (text_object_name(&name, text_bytes("top"), &event->object) < 0 ||
        buffer_terminate(&name) < 0)
        ck_abort_msg("no memory");
    snprintf(said->object, sizeof(said->object), "%s", (char *)name.data);
    buffer_release(&name);
    if (event->object.member_count)
        said->occurrence = event->object.members[event->object.member_count - 1].occurrence;
    if (event->type == ASSAY_EVENT_MATCH) {
        snprintf(said->rule, sizeof(said->rule), "%s", event->match->rule);
        memcpy(said->sha256, event->match->sha256, sizeof(said->sha256));
    } else if (event->type == ASSAY_EVENT_INCOMPLETE) {
        said->reason = event->reason;
        snprintf(said->detail, sizeof(said->detail), "%s", event->detail);
        if (!event->detail[0])
            ck_abort_msg("no words for %s", assay_reason_name(event->reason));
    }
    return heard->stop_at && heard->count >= heard->stop_at;
}

/* Forgets what was heard and scans these bytes. */
static inline void listen_to(struct heard *heard, struct assay_scanner *scanner, struct view bytes)
{
    size_t stop_at = heard->stop_at;
    *heard = (struct heard){.stop_at = stop_at};
    struct assay_subject subject = {.path = text_bytes("dir/top"), .owner = "root"};
    heard->status =
        assay_scan_buffer(scanner, &subject, bytes.data, bytes.size, hear, heard, &heard->result);
}

static inline size_t heard_of_type(const struct heard *heard, enum assay_event_type type)
{
    size_t count = 0;
    for (size_t i = 0; i < heard->count; i++)
        count += heard->said[i].type == type;
    return count;
}

static inline void print_heard(const struct heard *heard)
{
    for (size_t i = 0; i < heard->count; i++)
        fprintf(stderr, "heard: %d %s %s %s %s\n", (int)heard->said[i].type, heard->said[i].object,
                heard->said[i].rule, assay_reason_name(heard->said[i].reason),
                heard->said[i].detail);
}

static inline bool heard_match(const struct heard *heard, const char *object, const char *rule)
{
    for (size_t i = 0; i < heard->count; i++) {
        const struct said *said = &heard->said[i];
        if (said->type == ASSAY_EVENT_MATCH && strcmp(said->object, object) == 0 &&
            strcmp(said->rule, rule) == 0)
            return true;
    }
    print_heard(heard);
    return false;
}

/* Exactly one incomplete object was told of, it is this one, and this is why. */
static inline bool heard_only_reason(const struct heard *heard, const char *object,
                                     enum assay_reason reason)
{
    const struct said *only = NULL;
    for (size_t i = 0; i < heard->count; i++)
        if (heard->said[i].type == ASSAY_EVENT_INCOMPLETE)
            only = &heard->said[i];
    if (heard_of_type(heard, ASSAY_EVENT_INCOMPLETE) == 1 && only->reason == reason &&
        strcmp(only->object, object) == 0)
        return true;
    print_heard(heard);
    return false;
}

#endif
