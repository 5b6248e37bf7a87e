#include "base/text.h"
#include "signatures/database/clamav_hex.h"
#include "signatures/database/clamav_where.h"
#include "signatures/database/import_kind.h"
#include "signatures/database/text_set.h"
#include "signatures/database/yara_text.h"

/* Signatures of ClamAV, as https://docs.clamav.net/manual/Signatures.html describes them. */

/* That of ClamAV 1.4. What is for others only is not taken: an older one understood it otherwise, a
 * newer one may. */
#define FUNCTIONALITY_LEVEL 216

/* [:MinFL[:MaxFL]], what is left of a line. False when it is something else. */
static bool parse_levels(struct view rest, bool *ret_ours)
{
    struct view field;
    uint64_t least = 0, most = UINT64_MAX;
    if (import_field(&rest, ':', &field) && !import_number(field, &least))
        return false;
    if (import_field(&rest, ':', &field) && !import_number(field, &most))
        return false;
    *ret_ours = least <= FUNCTIONALITY_LEVEL && FUNCTIONALITY_LEVEL <= most;
    return rest.data == NULL;
}

/* Potentially unwanted applications. */
static enum assay_severity severity_of_name(struct view name)
{
    return view_starts(name, 0, "PUA.", 4) ? ASSAY_LOW : ASSAY_HIGH;
}

/* HASH:SIZE:NAME[:MinFL[:MaxFL]] */
static status take_hash(struct import_file *file, struct view text)
{
    struct view digest, size, name;
    bool ours;
    if (!import_field(&text, ':', &digest) || !import_field(&text, ':', &size) ||
        !import_field(&text, ':', &name) || !parse_levels(text, &ours))
        return import_skip(file, "is not HASH:SIZE:NAME");
    if (!ours)
        return import_skip(file, "is for other versions of ClamAV");
    struct hash_line line = {.severity = severity_of_name(name), .has_size = true};
    if (!import_hash_kind(digest.size, &line.kind) || !import_hex(digest, line.digest))
        return import_skip(file, "the hash is not md5, sha1 or sha256 in hexadecimal");
    if (size.size == 1 && size.data[0] == '*')
        line.has_size = false;
    else if (!import_number(size, &line.size))
        return import_skip(file, "the size is neither a number up to 4294967296 nor *");
    line.name = (struct assay_bytes){name.data, (size_t)name.size};
    return import_take_hash(file, &line);
}

static status import_hash_list(struct import_file *file)
{
    struct view line;
    while (import_next_line(file, &line)) {
        if (!import_is_idle(line))
            TRY(take_hash(file, line));
    }
    return ASSAY_OK;
}

struct bodies {
    struct import_file *file;
    struct text_set names;
    struct text_set lines; /* with their numbers */
    struct buffer rules;
    bool imports[CLAMAV_ELF + 1];
};

struct body {
    struct view name, target, offset, hex;
    struct buffer string, condition;
    enum clamav_module module;
};

static void body_release(struct body *body)
{
    buffer_release(&body->string);
    buffer_release(&body->condition);
}

/* NAME:TARGET:OFFSET:HEX[:MinFL[:MaxFL]] Errors: ASSAY_ERR_UNSUPPORTED and the reason;
 * ASSAY_ERR_NOMEM. */
static status parse(struct view line, struct body *body, const char **ret_reason)
{
    bool ours;
    *ret_reason = "is not NAME:TARGET:OFFSET:HEX";
    if (!import_field(&line, ':', &body->name) || !import_field(&line, ':', &body->target) ||
        !import_field(&line, ':', &body->offset) || !import_field(&line, ':', &body->hex) ||
        !parse_levels(line, &ours))
        return ASSAY_ERR_UNSUPPORTED;
    *ret_reason = "is for other versions of ClamAV";
    if (!ours)
        return ASSAY_ERR_UNSUPPORTED;
    *ret_reason = "the name is empty or has bytes that are not UTF-8";
    if (body->name.size == 0 ||
        !text_is_plain((struct assay_bytes){body->name.data, (size_t)body->name.size}))
        return ASSAY_ERR_UNSUPPORTED;
    TRY(clamav_where_translate(body->target, body->offset, &body->condition, &body->module,
                               ret_reason));
    return clamav_hex_translate(body->hex, &body->string, ret_reason);
}

static status write_rule(struct bodies *bodies, const struct body *body)
{
    struct buffer *out = &bodies->rules;
    TRY(buffer_append_text(out, "rule "));
    TRY(text_set_rule_name(&bodies->names, "ClamAV_", body->name, out));
    TRY(buffer_append_text(out, " {\n  meta:\n"));
    TRY(yara_meta(out, "name", body->name));
    TRY(buffer_append_format(out, "    severity = \"%s\"\n",
                             assay_severity_name(severity_of_name(body->name))));
    TRY(buffer_append_text(out, "  strings:\n    $a = "));
    TRY(buffer_append(out, body->string.data, body->string.size));
    TRY(buffer_append_text(out, "\n  condition:\n    "));
    TRY(buffer_append(out, body->condition.data, body->condition.size));
    TRY(buffer_append_text(out, "\n}\n\n"));
    bodies->imports[body->module] = true;
    bodies->file->taken++;
    return ASSAY_OK;
}

static status take_body(struct bodies *bodies, struct view line)
{
    cleanup(body_release) struct body body = {.module = CLAMAV_NO_MODULE};
    const char *reason;
    bool is_new;
    int64_t *first;
    status parsed = parse(line, &body, &reason);
    if (parsed == ASSAY_ERR_UNSUPPORTED)
        return import_skip(bodies->file, reason);
    TRY(parsed);
    TRY(text_set_enter(&bodies->lines, line, bodies->file->line, &first, &is_new));
    if (is_new)
        return write_rule(bodies, &body);
    return import_skip_double(bodies->file, *first);
}

static void bodies_release(struct bodies *bodies)
{
    text_set_release(&bodies->names);
    text_set_release(&bodies->lines);
    buffer_release(&bodies->rules);
}

static status add_rules(struct bodies *bodies)
{
    cleanup(buffer_release) struct buffer text = {NULL, 0, 0};
    if (bodies->rules.size == 0)
        return ASSAY_OK;
    if (bodies->imports[CLAMAV_PE])
        TRY(buffer_append_text(&text, "import \"pe\"\n"));
    if (bodies->imports[CLAMAV_ELF])
        TRY(buffer_append_text(&text, "import \"elf\"\n"));
    TRY(buffer_append_text(&text, "\n"));
    TRY(buffer_append(&text, bodies->rules.data, bodies->rules.size));
    return import_add_source(bodies->file, ".yar", &text);
}

static status import_bodies(struct import_file *file)
{
    cleanup(bodies_release) struct bodies bodies = {.file = file};
    struct view line;
    while (import_next_line(file, &line)) {
        if (!import_is_idle(line))
            TRY(take_body(&bodies, line));
    }
    return add_rules(&bodies);
}

status import_clamav(struct import_file *file)
{
    struct view name = {(const uint8_t *)file->name, strlen(file->name)};
    return import_ends(name, ".ndb") ? import_bodies(file) : import_hash_list(file);
}
