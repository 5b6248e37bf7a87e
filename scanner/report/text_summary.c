#include "text_summary.h"

#include "base/text.h"
#include "report/human.h"

/* ---- the numbers ------------------------------------------------------------------------- */

static status append_amounts(struct buffer *out, const struct report_summary *summary)
{
    TRY(buffer_append_text(out, "Looked at "));
    TRY(human_count(out, summary->files, "file", "files"));
    TRY(buffer_append_text(out, " ("));
    TRY(human_count(out, summary->objects, "object", "objects"));
    TRY(buffer_append_text(out, ", "));
    TRY(human_bytes(out, summary->bytes));
    if (summary->expanded_bytes) {
        TRY(buffer_append_text(out, ", expanded "));
        TRY(human_bytes(out, summary->expanded_bytes));
    }
    TRY(buffer_append_text(out, ") in "));
    TRY(human_duration(out, summary->seconds));
    return buffer_append_text(out, ".\n");
}

/* "community, serial 57, signed, 2 days old (6,900 rules, 3,300 hashes)" */
static status append_database(struct buffer *out, const struct report_database *database)
{
    TRY(text_escape(out, text_bytes(database->name)));
    if (database->serial)
        TRY(buffer_append_format(out, ", serial %llu", (unsigned long long)database->serial));
    size_t trust = strcspn(database->trust, ":"); /* without who signed it */
    if (strcmp(database->name, database->trust) != 0)
        TRY(buffer_append_format(out, ", %.*s", (int)trust, database->trust));
    if (database->age_days >= 0) {
        TRY(buffer_append_text(out, ", "));
        TRY(human_count(out, (uint64_t)database->age_days, "day old", "days old"));
    }
    if (database->is_stale)
        TRY(buffer_append_text(out, ", TOO OLD"));
    if (database->rules < 0)
        return ASSAY_OK;
    TRY(buffer_append_text(out, " ("));
    TRY(human_count(out, (uint64_t)database->rules, "rule", "rules"));
    if (database->hashes > 0) {
        TRY(buffer_append_text(out, ", "));
        TRY(human_count(out, (uint64_t)database->hashes, "hash", "hashes"));
    }
    return buffer_append_text(out, ")");
}

static status append_databases(struct buffer *out, const struct report_summary *summary)
{
    for (size_t i = 0; i < summary->database_count; i++) {
        TRY(buffer_append_text(out, i == 0 ? "Looked for " : "; "));
        TRY(append_database(out, &summary->databases[i]));
    }
    return summary->database_count > 0 ? buffer_append_text(out, ".\n") : ASSAY_OK;
}

/* Opens a list in brackets at its first item, then separates. */
static status append_separator(struct buffer *out, bool *first)
{
    const char *separator = *first ? " (" : ", ";
    *first = false;
    return buffer_append_text(out, separator);
}

static status append_matches(struct buffer *out, const struct report_summary *summary)
{
    if (summary->matches == 0)
        return buffer_append_text(out, "No matches");
    TRY(human_count(out, summary->matches, "match", "matches"));
    bool first = true;
    for (size_t i = ASSAY_SEVERITY_COUNT; i-- > 0;) {
        if (summary->by_severity[i] == 0)
            continue;
        TRY(append_separator(out, &first));
        TRY(human_number(out, summary->by_severity[i]));
        TRY(buffer_append_format(out, " %s", assay_severity_name((enum assay_severity)i)));
    }
    return first ? ASSAY_OK : buffer_append_text(out, ")");
}

/* "encrypted 2": a name with its number, as an item of a list in brackets; nothing for 0. */
static status append_item(struct buffer *out, const char *name, uint64_t value, bool *first)
{
    if (value == 0)
        return ASSAY_OK;
    TRY(append_separator(out, first));
    TRY(text_escape(out, text_bytes(name)));
    TRY(buffer_append_text(out, " "));
    return human_number(out, value);
}

static status append_incomplete(struct buffer *out, const struct report_summary *summary)
{
    if (summary->incomplete == 0)
        return ASSAY_OK;
    TRY(buffer_append_text(out, "; "));
    TRY(human_number(out, summary->incomplete));
    TRY(buffer_append_text(out, " incomplete"));
    bool first = true;
    for (size_t i = 0; i < ASSAY_REASON_COUNT; i++)
        TRY(append_item(out, assay_reason_name((enum assay_reason)i), summary->by_reason[i],
                        &first));
    return first ? ASSAY_OK : buffer_append_text(out, ")");
}

static status append_skipped(struct buffer *out, const struct report_summary *summary)
{
    uint64_t total = 0;
    for (size_t i = 0; i < summary->skipped_count; i++)
        total += summary->skipped[i].value;
    if (total == 0)
        return ASSAY_OK;
    TRY(buffer_append_text(out, "; skipped "));
    TRY(human_number(out, total));
    bool first = true;
    for (size_t i = 0; i < summary->skipped_count; i++)
        TRY(append_item(out, summary->skipped[i].name, summary->skipped[i].value, &first));
    return buffer_append_text(out, ")");
}

static status append_outcome(struct buffer *out, const struct report_summary *summary)
{
    TRY(append_matches(out, summary));
    TRY(append_incomplete(out, summary));
    if (summary->errors) {
        TRY(buffer_append_text(out, "; "));
        TRY(human_count(out, summary->errors, "error", "errors"));
    }
    TRY(append_skipped(out, summary));
    if (summary->cached) {
        TRY(buffer_append_text(out, "; "));
        TRY(human_number(out, summary->cached));
        TRY(buffer_append_text(out, " unchanged since an earlier scan"));
    }
    return buffer_append_text(out, ".\n");
}

status text_summary(struct buffer *out, const struct report_summary *summary)
{
    TRY(append_amounts(out, summary));
    TRY(append_databases(out, summary));
    return append_outcome(out, summary);
}

/* ---- the verdict ------------------------------------------------------------------------- */

static const struct sentence {
    const char *text;
    enum text_mood mood;
} by_exit[] = {
    [1] = {"Matches were found.", TEXT_BAD},
    [2] = {"The scan could not be done as asked.", TEXT_BAD},
};

/* For exit codes 0 and 3; first index: something matched (below the severity that fails a scan),
 * second: something was not looked at. */
static const struct sentence by_counts[2][2] = {
    {{"Nothing matched, and everything was looked at.", TEXT_GOOD},
     {"Nothing matched, but not everything could be looked at.", TEXT_DOUBTFUL}},
    {{"Matches were found, none severe enough to fail the scan.", TEXT_DOUBTFUL},
     {"Matches were found, none severe enough to fail the scan; not everything could be looked at.",
      TEXT_DOUBTFUL}},
};

const char *text_verdict(const struct report_summary *summary, enum text_mood *ret_mood)
{
    bool holes =
        summary->incomplete || summary->errors || summary->interrupted || summary->exit_code == 3;
    const struct sentence *sentence = &by_counts[summary->matches > 0][holes];
    if (summary->exit_code == 1 || summary->exit_code == 2)
        sentence = &by_exit[summary->exit_code];
    *ret_mood = sentence->mood;
    return sentence->text;
}
