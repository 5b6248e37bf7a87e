#include "json_finding.h"

#include "base/text.h"

status json_put_path(struct json_scratch *scratch, json_t *event, struct assay_bytes path)
{
    TRY(json_put(event, "path", json_escaped(scratch, path)));
    if (text_is_plain(path))
        return ASSAY_OK;
    return json_put(event, "path_b64", json_base64(scratch, path));
}

static status put_members_raw(struct json_scratch *scratch, json_t *event,
                              const struct assay_object *object)
{
    json_t *raw;
    TRY(json_put_list(event, "members_b64", &raw));
    for (size_t i = 0; i < object->member_count; i++)
        TRY(json_push(raw, json_base64(scratch, object->members[i].name)));
    return ASSAY_OK;
}

static status put_members_nth(json_t *event, const struct assay_object *object)
{
    json_t *nth;
    TRY(json_put_list(event, "members_nth", &nth));
    for (size_t i = 0; i < object->member_count; i++)
        TRY(json_push(nth, json_number(object->members[i].occurrence)));
    return ASSAY_OK;
}

status json_put_members(struct json_scratch *scratch, json_t *event, struct assay_bytes path,
                        const struct assay_object *object)
{
    scratch->text.size = 0;
    TRY(text_object_name(&scratch->text, path, object));
    TRY(json_put(event, "object",
                 json_stringn_nocheck((const char *)scratch->text.data, scratch->text.size)));
    json_t *members;
    TRY(json_put_list(event, "members", &members));
    bool plain = true;
    bool repeated = false;
    for (size_t i = 0; i < object->member_count; i++) {
        const struct assay_member *member = &object->members[i];
        plain = plain && text_is_plain(member->name);
        repeated = repeated || member->occurrence > 1;
        TRY(json_push(members, json_escaped(scratch, member->name)));
    }
    if (!plain)
        TRY(put_members_raw(scratch, event, object));
    return repeated ? put_members_nth(event, object) : ASSAY_OK;
}

static status put_tags(struct json_scratch *scratch, json_t *event, const struct assay_match *match)
{
    json_t *tags;
    TRY(json_put_list(event, "tags", &tags));
    for (size_t i = 0; i < match->tag_count; i++)
        TRY(json_push(tags, json_word(scratch, match->tags[i])));
    return ASSAY_OK;
}

static json_t *meta_value(struct json_scratch *scratch, const struct assay_meta *meta)
{
    if (meta->type == ASSAY_META_STRING)
        return json_verbatim(scratch, meta->string);
    if (meta->type == ASSAY_META_BOOLEAN)
        return json_boolean(meta->integer != 0);
    return json_integer(meta->integer);
}

static status put_metas(struct json_scratch *scratch, json_t *event,
                        const struct assay_match *match)
{
    json_t *metas;
    cleanup(json_decref_cleanup) json_t *seen = json_object();
    TRY(json_put_object(event, "meta", &metas));
    for (size_t i = 0; i < match->meta_count; i++) {
        const struct assay_meta *meta = &match->metas[i];
        TRY(json_put_repeated(scratch, metas, seen, meta->name, meta_value(scratch, meta)));
    }
    return ASSAY_OK;
}

static status put_strings(struct json_scratch *scratch, json_t *event,
                          const struct assay_match *match)
{
    json_t *strings;
    TRY(json_put_list(event, "strings", &strings));
    for (size_t i = 0; i < match->string_count; i++) {
        const struct assay_string_match *string = &match->strings[i];
        json_t *entry = json_object();
        TRY(json_push(strings, entry));
        TRY(json_put(entry, "id", json_word(scratch, string->id)));
        TRY(json_put(entry, "offset", json_number(string->offset)));
        TRY(json_put(entry, "length", json_number(string->length)));
        TRY(json_put(entry, "data", json_hex(scratch, string->data)));
    }
    if (match->strings_omitted == 0)
        return ASSAY_OK;
    return json_put(event, "strings_omitted", json_number(match->strings_omitted));
}

status json_put_match(struct json_scratch *scratch, json_t *event, const struct assay_match *match)
{
    const struct assay_bytes digest = {match->sha256, sizeof(match->sha256)};
    TRY(json_put(event, "sha256", json_hex(scratch, digest)));
    TRY(json_put(event, "rule", json_word(scratch, match->rule)));
    TRY(json_put(event, "namespace", json_word(scratch, match->rule_namespace)));
    TRY(json_put(event, "severity", json_string(assay_severity_name(match->severity))));
    TRY(put_tags(scratch, event, match));
    TRY(put_metas(scratch, event, match));
    TRY(put_strings(scratch, event, match));
    return json_put(event, "db", json_word(scratch, match->database));
}
