#include "signatures/match_event.h"

#include "signatures/severity.h"

static status fill_tags(struct match_event *event, const YR_RULE *rule)
{
    const char *tag;
    event->tags.size = 0;
    yr_rule_tags_foreach(rule, tag)
    {
        TRY(buffer_append(&event->tags, &tag, sizeof(tag)));
    }
    event->match.tags = (const char *const *)(const void *)event->tags.data;
    event->match.tag_count = event->tags.size / sizeof(tag);
    return ASSAY_OK;
}

static struct assay_meta meta_of(const YR_META *meta)
{
    struct assay_meta made = {.name = meta->identifier, .integer = meta->integer};
    if (meta->type == META_TYPE_STRING) {
        made.type = ASSAY_META_STRING;
        made.string = meta->string;
        made.integer = 0;
    } else {
        made.type = meta->type == META_TYPE_BOOLEAN ? ASSAY_META_BOOLEAN : ASSAY_META_INTEGER;
    }
    return made;
}

static status fill_metas(struct match_event *event, const YR_RULE *rule)
{
    const YR_META *meta;
    event->metas.size = 0;
    yr_rule_metas_foreach(rule, meta)
    {
        struct assay_meta made = meta_of(meta);
        TRY(buffer_append(&event->metas, &made, sizeof(made)));
    }
    event->match.metas = (const struct assay_meta *)(const void *)event->metas.data;
    event->match.meta_count = event->metas.size / sizeof(*event->match.metas);
    return ASSAY_OK;
}

static struct assay_string_match string_match_of(const YR_STRING *string, const YR_MATCH *match,
                                                 struct view view)
{
    uint64_t offset = (uint64_t)match->base + (uint64_t)match->offset;
    uint64_t length = match->match_length > 0 ? (uint64_t)match->match_length : 0;
    uint64_t shown = length < ASSAY_STRING_DATA_MAX ? length : ASSAY_STRING_DATA_MAX;
    struct view data = view_sub(view, offset, shown);
    return (struct assay_string_match){
        .id = string->identifier,
        .offset = offset,
        .length = length,
        .data = {data.data, (size_t)data.size},
    };
}

/* libyara keeps the matches of a string in the order of their offsets. */
static void fill_strings(struct match_event *event, YR_SCAN_CONTEXT *context, const YR_RULE *rule,
                         struct view view)
{
    const YR_STRING *string;
    const YR_MATCH *match;
    size_t count = 0;
    uint64_t omitted = 0;
    yr_rule_strings_foreach(rule, string)
    {
        yr_string_matches_foreach(context, string, match)
        {
            if (count < MATCH_EVENT_STRINGS)
                event->strings[count++] = string_match_of(string, match, view);
            else
                omitted++;
        }
    }
    event->match.strings = event->strings;
    event->match.string_count = count;
    event->match.strings_omitted = omitted;
}

status match_event_fill(struct match_event *event, const struct rules_part *part,
                        YR_SCAN_CONTEXT *context, const YR_RULE *rule, struct view view)
{
    event->match = (struct assay_match){
        .rule = rule->identifier,
        .rule_namespace = rule->ns->name,
        .database = rules_part_database(part, rule),
    };
    TRY(fill_tags(event, rule));
    TRY(fill_metas(event, rule));
    event->match.severity = severity_of(event->match.metas, event->match.meta_count);
    fill_strings(event, context, rule, view);
    return ASSAY_OK;
}

void match_event_release(struct match_event *event)
{
    buffer_release(&event->tags);
    buffer_release(&event->metas);
}
