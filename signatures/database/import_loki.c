#include "base/text.h"
#include "signatures/database/import_kind.h"
#include "signatures/database/python_regex.h"
#include "signatures/database/text_set.h"
#include "signatures/database/yara_text.h"
#include "signatures/digest.h"
#include "signatures/severity.h"

#include <stdio.h>

/* The lists of LOKI, as https://github.com/Neo23x0/signature-base describes them at the top of each. */

#define LINE_MAX_BYTES 2000
#define SCORE_MAX      100

/* Takes a score off the front of a comment, when there is one. */
static void take_score(struct view *comment, enum assay_severity *severity)
{
    uint64_t score;
    struct view rest = *comment, field;
    if (!import_field(&rest, ';', &field) || !rest.data || !import_number(field, &score) ||
        score > SCORE_MAX)
        return;
    const struct assay_meta meta = {"score", ASSAY_META_INTEGER, NULL, (int64_t)score};
    *severity = severity_of(&meta, 1);
    *comment = rest;
}

/* HASH;[SCORE;]COMMENT. Most have no score: LOKI gives them 100 of 100, because a hash is no guess,
 * which says nothing of how bad the file is. */
static status take_hash(struct import_file *file, struct view text)
{
    struct view digest;
    struct hash_line line = {.severity = ASSAY_HIGH};
    if (!import_field(&text, ';', &digest) || !text.data)
        return import_skip(file, "is not HASH;COMMENT");
    if (!import_hash_kind(digest.size, &line.kind) || !import_hex(digest, line.digest))
        return import_skip(file, "the hash is not md5, sha1 or sha256 in hexadecimal");
    take_score(&text, &line.severity);
    line.name = (struct assay_bytes){text.data, (size_t)text.size};
    return import_take_hash(file, &line);
}

static status import_loki_hashes(struct import_file *file)
{
    struct view line;
    while (import_next_line(file, &line)) {
        if (!import_is_idle(line))
            TRY(take_hash(file, line));
    }
    return ASSAY_OK;
}

struct filenames {
    struct import_file *file;
    struct view comment; /* the last one: what the names below it are about */
    struct text_set names;
    struct text_set lines; /* with their numbers */
    struct buffer rules;
};

/* A line REGEX;SCORE[;FALSE_POSITIVE_REGEX]. */
struct filename {
    struct view line;
    uint64_t score;
    struct python_regex found;
    struct python_regex excepted;
    bool has_exception;
};

static void filename_release(struct filename *name)
{
    python_regex_release(&name->found);
    python_regex_release(&name->excepted);
}

/* What LOKI does to an expression where paths have slashes: an escaped backslash is a slash, and there
 * is no drive C. */
static status to_slashes(struct view text, struct buffer *out)
{
    for (uint64_t i = 0; i < text.size;) {
        bool slash = view_starts(text, i, "\\\\", 2);
        TRY(buffer_append(out, slash ? (const uint8_t *)"/" : &text.data[i], 1));
        i += slash ? 2 : 1;
    }
    size_t kept = 0;
    for (size_t i = 0; i < out->size;) {
        if (view_starts(buffer_view(out), i, "C:", 2))
            i += 2;
        else
            out->data[kept++] = out->data[i++];
    }
    out->size = kept;
    return ASSAY_OK;
}

static status translate(struct view text, struct python_regex *ret_regex, const char **ret_reason)
{
    cleanup(buffer_release) struct buffer regex = {NULL, 0, 0};
    TRY(to_slashes(text, &regex));
    return python_regex_translate(buffer_view(&regex), ret_regex, ret_reason);
}

/* Errors: ASSAY_ERR_UNSUPPORTED and the reason; ASSAY_ERR_NOMEM. */
static status parse(struct view line, struct filename *name, const char **ret_reason)
{
    struct view regex, score, rest = line;
    *ret_reason = "is not REGEX;SCORE";
    name->line = line;
    if (!import_field(&rest, ';', &regex) || !import_field(&rest, ';', &score))
        return ASSAY_ERR_UNSUPPORTED;
    *ret_reason = "the score is not a number from 0 to 100";
    if (!import_number(score, &name->score) || name->score > SCORE_MAX)
        return ASSAY_ERR_UNSUPPORTED;
    TRY(translate(regex, &name->found, ret_reason));
    name->has_exception = import_field(&rest, ';', &regex) && regex.size > 0;
    *ret_reason = "there is more than REGEX;SCORE;FALSE_POSITIVE_REGEX";
    if (rest.size > 0)
        return ASSAY_ERR_UNSUPPORTED;
    if (name->has_exception)
        TRY(translate(regex, &name->excepted, ret_reason));
    return ASSAY_OK;
}

/* By the line, so that a rule keeps its name when lines come and go around it. */
static status write_name(struct filenames *names, const struct filename *name)
{
    uint8_t digest[32];
    char prefix[32];
    struct view rest = name->line, regex;
    if (!import_field(&rest, ';', &regex))
        return ASSAY_ERR_ARGUMENT;
    TRY(digest_sha256(name->line, digest));
    snprintf(prefix, sizeof(prefix), "Filename_%02x%02x%02x%02x_", digest[0], digest[1], digest[2],
             digest[3]);
    TRY(buffer_append_text(&names->rules, "rule "));
    return text_set_rule_name(&names->names, prefix, view_sub(regex, 0, 60), &names->rules);
}

static status write_rule(struct filenames *names, const struct filename *name)
{
    struct buffer *out = &names->rules;
    TRY(write_name(names, name));
    TRY(buffer_append_text(out, " {\n  meta:\n"));
    if (names->comment.size > 0)
        TRY(yara_meta(out, "description", names->comment));
    TRY(buffer_append_format(out, "    score = %llu\n", (unsigned long long)name->score));
    TRY(yara_meta(out, "original", name->line));
    TRY(buffer_append_text(out, "  condition:\n    "));
    TRY(python_regex_condition(&name->found, "filepath", out));
    if (name->has_exception) {
        TRY(buffer_append_text(out, "\n    and not ("));
        TRY(python_regex_condition(&name->excepted, "filepath", out));
        TRY(buffer_append_text(out, ")"));
    }
    TRY(buffer_append_text(out, "\n}\n\n"));
    names->file->taken++;
    return ASSAY_OK;
}

/* True when nothing in it has to be escaped, and it can be shown: backslashes aside. */
static bool is_showable(struct view line)
{
    for (uint64_t i = 0; i < line.size; i++) {
        uint64_t begin = i;
        while (i < line.size && line.data[i] != '\\' && line.data[i] != '!')
            i++;
        if (!text_is_plain((struct assay_bytes){line.data + begin, (size_t)(i - begin)}))
            return false;
    }
    return true;
}

static status take_filename(struct filenames *names, struct view line)
{
    cleanup(filename_release) struct filename name = {.score = 0};
    const char *reason;
    bool is_new;
    int64_t *first;
    if (line.size > LINE_MAX_BYTES)
        return import_skip(names->file, "the line is longer than 2000 bytes");
    if (!is_showable(line))
        return import_skip(names->file, "there are bytes that are not UTF-8, or cannot be seen");
    status parsed = parse(line, &name, &reason);
    if (parsed == ASSAY_ERR_UNSUPPORTED)
        return import_skip(names->file, reason);
    TRY(parsed);
    TRY(text_set_enter(&names->lines, line, names->file->line, &first, &is_new));
    if (!is_new)
        return import_skip_double(names->file, *first);
    return write_rule(names, &name);
}

static struct view comment_of(struct view line)
{
    while (line.size > 0 && (line.data[0] == '#' || line.data[0] == ' ')) {
        line.data++;
        line.size--;
    }
    return view_sub(line, 0, is_showable(line) ? LINE_MAX_BYTES : 0);
}

static void filenames_release(struct filenames *names)
{
    text_set_release(&names->names);
    text_set_release(&names->lines);
    buffer_release(&names->rules);
}

static status import_loki_filenames(struct import_file *file)
{
    cleanup(filenames_release) struct filenames names = {.file = file};
    struct view line;
    while (import_next_line(file, &line)) {
        if (line.size > 0 && line.data[0] == '#')
            names.comment = comment_of(line);
        else if (line.size > 0)
            TRY(take_filename(&names, line));
    }
    return import_add_source(file, ".yar", &names.rules);
}

status import_loki(struct import_file *file)
{
    struct view name = {(const uint8_t *)file->name, strlen(file->name)};
    return import_ends(name, "hash-iocs.txt") ? import_loki_hashes(file)
                                              : import_loki_filenames(file);
}
