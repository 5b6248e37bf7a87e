/*
 * sink_tree: what `assay explain` prints: each file as the tree of what was found in it, with the
 * readers, the sizes, the verdict, and why.
 *
 * Events come from the inside out: an object's own line is known only when all below it is done. So
 * for each depth there is what was said of the object that is open there, and the finished lines of
 * its members. As everywhere, what an attacker could have chosen is escaped.
 */
#include <stdio.h>
#include <string.h>

#include "base/encode.h"
#include "base/text.h"
#include "report/human.h"
#include "report/sink.h"

#define RED    "\033[31m"
#define YELLOW "\033[33m"
#define RESET  "\033[0m"

struct level {
    struct buffer facts;   /* lines about the object */
    struct buffer members; /* lines of what is in it */
};

struct tree {
    struct output *output;
    bool color;
    struct buffer path; /* of the file that is being told about */
    bool is_open;       /* something was said that is not written yet */
    struct level *levels;
    size_t level_count;
    struct buffer line;
};

static status indent(struct buffer *out, size_t depth)
{
    for (size_t i = 0; i < depth; i++)
        TRY(buffer_append_text(out, "  "));
    return ASSAY_OK;
}

static status paint(const struct tree *tree, struct buffer *out, const char *color)
{
    return tree->color ? buffer_append_text(out, color) : ASSAY_OK;
}

/* A name that begins with blanks must not look like one that is further in. */
static status append_name(struct buffer *out, struct assay_bytes name)
{
    if (name.size == 0)
        return buffer_append_text(out, "(no name)");
    if (name.data[0] == ' ') {
        TRY(buffer_append_text(out, "\\x20"));
        name.data++;
        name.size--;
    }
    return text_escape(out, name);
}

static status reserve_levels(struct tree *tree, size_t count)
{
    if (count <= tree->level_count)
        return ASSAY_OK;
    struct level *levels = reallocarray(tree->levels, count, sizeof(*levels));
    if (!levels)
        return ASSAY_ERR_NOMEM;
    memset(levels + tree->level_count, 0, (count - tree->level_count) * sizeof(*levels));
    tree->levels = levels;
    tree->level_count = count;
    return ASSAY_OK;
}

/* ---- facts ----------------------------------------------------------------------------------- */

static status add_string(struct buffer *out, size_t depth, const struct assay_string_match *string)
{
    TRY(indent(out, depth));
    TRY(text_escape(out, text_bytes(string->id)));
    TRY(buffer_append_format(out, " at %llu, ", (unsigned long long)string->offset));
    TRY(human_count(out, string->length, "byte", "bytes"));
    TRY(buffer_append_text(out, ": "));
    TRY(encode_hex(out, string->data));
    return buffer_append_text(out, string->length > string->data.size ? "...\n" : "\n");
}

static status add_match(struct tree *tree, size_t depth, const struct assay_event *event)
{
    struct buffer *out = &tree->levels[depth].facts;
    const struct assay_match *match = event->match;
    TRY(indent(out, depth + 1));
    TRY(paint(tree, out, RED));
    TRY(text_escape(out, text_bytes(match->rule)));
    TRY(buffer_append_format(out, " (%s)", assay_severity_name(match->severity)));
    TRY(paint(tree, out, RESET));
    TRY(buffer_append_text(out, " from "));
    TRY(text_escape(out, text_bytes(match->rule_namespace)));
    TRY(buffer_append_text(out, "\n"));
    for (size_t i = 0; i < match->string_count; i++)
        TRY(add_string(out, depth + 2, &match->strings[i]));
    if (match->strings_omitted == 0)
        return ASSAY_OK;
    TRY(indent(out, depth + 2));
    return buffer_append_format(out, "and %llu more\n", (unsigned long long)match->strings_omitted);
}

static status add_incomplete(struct tree *tree, size_t depth, const struct assay_event *event)
{
    struct buffer *out = &tree->levels[depth].facts;
    TRY(indent(out, depth + 1));
    TRY(paint(tree, out, YELLOW));
    TRY(buffer_append_text(out, assay_reason_name(event->reason)));
    TRY(paint(tree, out, RESET));
    if (event->detail[0]) {
        TRY(buffer_append_text(out, ": "));
        TRY(text_escape(out, text_bytes(event->detail)));
    }
    return buffer_append_text(out, "\n");
}

/* ---- objects --------------------------------------------------------------------------------- */

static status append_view(const struct tree *tree, struct buffer *out,
                          const struct assay_event *view)
{
    TRY(human_bytes(out, view->object.size));
    if (view->readers[0]) {
        TRY(buffer_append_text(out, ", read as "));
        TRY(text_escape(out, text_bytes(view->readers)));
    }
    if (view->given > 0) {
        double ratio = (double)view->given / (double)(view->object.size ? view->object.size : 1);
        TRY(buffer_append_text(out, ", gave "));
        TRY(human_bytes(out, view->given));
        TRY(buffer_append_format(out, " (%.1f:1)", ratio));
    }
    const char *color = view->verdict == ASSAY_MATCH ? RED : YELLOW;
    TRY(buffer_append_text(out, ": "));
    TRY(paint(tree, out, view->verdict == ASSAY_CLEAN ? "" : color));
    TRY(buffer_append_text(out, assay_verdict_name(view->verdict)));
    return paint(tree, out, view->verdict == ASSAY_CLEAN ? "" : RESET);
}

static status append_object_name(struct tree *tree, struct buffer *out, size_t depth,
                                 const struct assay_object *object)
{
    if (depth == 0)
        return append_name(out, (struct assay_bytes){tree->path.data, tree->path.size});
    const struct assay_member *member = &object->members[depth - 1];
    TRY(append_name(out, member->name));
    return member->occurrence > 1 ? buffer_append_format(out, "#%u", member->occurrence) : ASSAY_OK;
}

/* Puts an object that is done among the members of the one it is in, or on the output. `view` may
 * be NULL: then nothing is known but what was said. */
static status close_object(struct tree *tree, size_t depth, const struct assay_event *view)
{
    struct level *level = &tree->levels[depth];
    struct buffer *out = depth > 0 ? &tree->levels[depth - 1].members : &tree->line;
    TRY(indent(out, depth));
    if (view || depth == 0)
        TRY(append_object_name(tree, out, depth, view ? &view->object : NULL));
    else
        TRY(buffer_append_text(out, "something in it"));
    TRY(buffer_append_text(out, ": "));
    TRY(view ? append_view(tree, out, view) : buffer_append_text(out, "not finished"));
    TRY(buffer_append_text(out, "\n"));
    TRY(buffer_append(out, level->facts.data, level->facts.size));
    TRY(buffer_append(out, level->members.data, level->members.size));
    level->facts.size = level->members.size = 0;
    if (depth > 0)
        return ASSAY_OK;
    tree->is_open = false;
    status written = output_write(tree->output, buffer_view(&tree->line));
    tree->line.size = 0;
    return written;
}

/* Writes what is there of a file whose end was never told: its worker died. */
static status flush(struct tree *tree)
{
    if (!tree->is_open)
        return ASSAY_OK;
    for (size_t depth = tree->level_count; depth-- > 0;) {
        const struct level *level = &tree->levels[depth];
        if (depth == 0 || level->facts.size > 0 || level->members.size > 0)
            TRY(close_object(tree, depth, NULL));
    }
    return ASSAY_OK;
}

static status begin_file(struct tree *tree, struct assay_bytes path)
{
    bool same = tree->path.size == path.size &&
                (path.size == 0 || memcmp(tree->path.data, path.data, path.size) == 0);
    if (tree->is_open && same)
        return ASSAY_OK;
    TRY(flush(tree));
    tree->path.size = 0;
    tree->is_open = true;
    return buffer_append(&tree->path, path.data, path.size);
}

/* ---- the sink -------------------------------------------------------------------------------- */

static status take_finding(struct tree *tree, const struct report_event *event)
{
    static status (*const facts[])(struct tree *, size_t, const struct assay_event *) = {
        [ASSAY_EVENT_MATCH] = add_match,
        [ASSAY_EVENT_INCOMPLETE] = add_incomplete,
        [ASSAY_EVENT_VIEW] = close_object,
    };
    const struct assay_event *finding = event->finding;
    size_t depth = finding->object.member_count;
    if ((size_t)finding->type >= sizeof(facts) / sizeof(facts[0]) || !facts[finding->type])
        return ASSAY_OK;
    TRY(begin_file(tree, event->path));
    TRY(reserve_levels(tree, depth + 1));
    return facts[finding->type](tree, depth, finding);
}

static status write_error(struct tree *tree, const struct report_event *event)
{
    struct buffer *out = &tree->line;
    if (event->path.size > 0) {
        TRY(append_name(out, event->path));
        TRY(buffer_append_text(out, ": "));
    }
    TRY(buffer_append_text(out, "error: "));
    TRY(text_escape(out, text_bytes(event->detail ? event->detail : "cannot be looked at")));
    if (event->error_number)
        TRY(buffer_append_format(out, " (%s)", strerrordesc_np(event->error_number)));
    TRY(buffer_append_text(out, "\n"));
    status written = output_write(tree->output, buffer_view(out));
    out->size = 0;
    return written;
}

static status tree_event(void *state, const struct report_event *event)
{
    struct tree *tree = state;
    if (event->type == REPORT_FINDING)
        return take_finding(tree, event);
    if (event->type == REPORT_ERROR)
        return write_error(tree, event);
    return event->type == REPORT_SUMMARY ? flush(tree) : ASSAY_OK;
}

static status tree_open(const struct report_options *options, struct output *output,
                        void **ret_state)
{
    struct tree *tree = calloc(1, sizeof(*tree));
    if (!tree)
        return ASSAY_ERR_NOMEM;
    tree->output = output;
    tree->color = options->color && !output_path(output);
    *ret_state = tree;
    return ASSAY_OK;
}

static void tree_free(void *state)
{
    struct tree *tree = state;
    for (size_t i = 0; i < tree->level_count; i++) {
        buffer_release(&tree->levels[i].facts);
        buffer_release(&tree->levels[i].members);
    }
    free(tree->levels);
    buffer_release(&tree->path);
    buffer_release(&tree->line);
    free(tree);
}

const struct sink_ops sink_tree = {
    .name = "tree",
    .open = tree_open,
    .event = tree_event,
    .free = tree_free,
};
