#include "walk/glob.h"

#include <stdlib.h>

#define NOWHERE UINT64_MAX

static const struct view any_directories = {(const uint8_t *)"**", 2};

static bool view_equals(struct view a, struct view b)
{
    return a.size == b.size && view_starts(a, 0, b.data, b.size);
}

/* The name at `offset` of a path or pattern, up to the next slash or the end. */
static struct view name_at(struct view path, uint64_t offset)
{
    struct view rest = view_sub(path, offset, path.size);
    const uint8_t *slash = rest.size ? memchr(rest.data, '/', rest.size) : NULL;
    return slash ? view_sub(rest, 0, (uint64_t)(slash - rest.data)) : rest;
}

/* ---- one bracket expression: [abx-z] --------------------------------------------------------- */

/* One member of a bracket expression: a byte, or a range of them. */
struct bracket_range {
    uint8_t first;
    uint8_t last;
};

/* Reads one byte, escaped or not, and moves on. */
static bool bracket_byte(struct view pattern, uint64_t *at, uint8_t *ret_byte)
{
    if (*at < pattern.size && pattern.data[*at] == '\\')
        ++*at;
    if (*at >= pattern.size)
        return false;
    *ret_byte = pattern.data[(*at)++];
    return true;
}

/* Reads one range; false at the end of the pattern, which is no way to end a bracket. */
static bool bracket_range(struct view pattern, uint64_t *at, struct bracket_range *ret_range)
{
    uint8_t first;
    if (!bracket_byte(pattern, at, &first))
        return false;
    uint8_t last = first;
    bool is_range = view_starts(pattern, *at, "-", 1) && !view_starts(pattern, *at, "-]", 2);
    if (is_range) {
        ++*at;
        if (!bracket_byte(pattern, at, &last))
            return false;
    }
    *ret_range = (struct bracket_range){first, last};
    return true;
}

/* Where the ranges begin, for a bracket that opens at `at`. */
static uint64_t bracket_begin(struct view pattern, uint64_t at, bool *ret_negated)
{
    at++;
    *ret_negated = view_starts(pattern, at, "!", 1) || view_starts(pattern, at, "^", 1);
    return at + *ret_negated;
}

/* Whether the bracket that opens at `at` takes the byte; *ret_end is behind its "]". The bracket
 * was validated. */
static bool bracket_match(struct view pattern, uint64_t at, uint8_t byte, uint64_t *ret_end)
{
    bool negated;
    bool found = false;
    struct bracket_range range;
    at = bracket_begin(pattern, at, &negated);
    do {
        if (!bracket_range(pattern, &at, &range))
            break;
        found |= range.first <= byte && byte <= range.last;
    } while (!view_starts(pattern, at, "]", 1));
    *ret_end = at + 1;
    return found != negated;
}

/* ---- one name -------------------------------------------------------------------------------- */

/* Whether the element at `at`, which is no "*", takes the byte; *ret_next is behind it. */
static bool element_match(struct view pattern, uint64_t at, uint8_t byte, uint64_t *ret_next)
{
    uint8_t element = pattern.data[at];
    if (element == '[')
        return bracket_match(pattern, at, byte, ret_next);
    if (element == '\\')
        element = pattern.data[++at];
    else if (element == '?')
        element = byte;
    *ret_next = at + 1;
    return element == byte;
}

/* On a mismatch only the last "*" is tried with one byte more: what an earlier one could take
 * instead, the last can take as well. */
static bool name_match(struct view pattern, struct view name)
{
    uint64_t p = 0;
    uint64_t n = 0;
    uint64_t star = NOWHERE; /* behind the last "*" */
    uint64_t star_end = 0;   /* what it has taken ends here */
    while (n < name.size || p < pattern.size) {
        uint64_t next;
        if (p < pattern.size && pattern.data[p] == '*') {
            star = ++p;
            star_end = n;
        } else if (p < pattern.size && n < name.size &&
                   element_match(pattern, p, name.data[n], &next)) {
            p = next;
            n++;
        } else if (star != NOWHERE && star_end < name.size) {
            p = star;
            n = ++star_end;
        } else {
            return false;
        }
    }
    return true;
}

/* ---- paths ----------------------------------------------------------------------------------- */

/* The same way through names as name_match goes through bytes, with "**" for "*". Offsets past the
 * end say that no name is left. */
static bool path_match(struct view pattern, struct view path)
{
    uint64_t p = 0;
    uint64_t n = 0;
    uint64_t star = NOWHERE;
    uint64_t star_end = 0;
    while (n <= path.size || p <= pattern.size) {
        struct view want = name_at(pattern, p);
        struct view have = name_at(path, n);
        if (p <= pattern.size && view_equals(want, any_directories)) {
            p += want.size + 1;
            if (p > pattern.size)
                return n <= path.size; /* at the end it takes everything, but not nothing */
            star = p;
            star_end = n;
        } else if (p <= pattern.size && n <= path.size && name_match(want, have)) {
            p += want.size + 1;
            n += have.size + 1;
        } else if (star != NOWHERE && star_end <= path.size) {
            star_end += name_at(path, star_end).size + 1;
            p = star;
            n = star_end;
        } else {
            return false;
        }
    }
    return true;
}

static struct view last_name(struct view path)
{
    const uint8_t *slash = path.size ? memrchr(path.data, '/', path.size) : NULL;
    return slash ? view_sub(path, (uint64_t)(slash - path.data) + 1, path.size) : path;
}

bool glob_match(const struct glob *glob, struct view path, bool is_directory)
{
    if (glob->directories_only && !is_directory)
        return false;
    if (glob->anchored)
        return path_match(glob->pattern, path);
    return name_match(glob->pattern, last_name(path));
}

/* ---- what can be a pattern ------------------------------------------------------------------- */

/* NULL, or what is wrong with the bracket that opens at `at`; then *ret_end is behind it. */
static const char *bracket_fault(struct view name, uint64_t at, uint64_t *ret_end)
{
    bool negated;
    struct bracket_range range;
    at = bracket_begin(name, at, &negated);
    do {
        if (view_starts(name, at, "[:", 2))
            return "[:classes:] are not supported, write the range: [0-9]";
        if (!bracket_range(name, &at, &range))
            return "a \"[\" has no \"]\" in the same name (write \\[ for the character)";
        if (range.first > range.last)
            return "a range in brackets is empty";
        if (at >= name.size)
            return "a \"[\" has no \"]\" in the same name (write \\[ for the character)";
    } while (name.data[at] != ']');
    *ret_end = at + 1;
    return NULL;
}

static const char *name_fault(struct view name)
{
    if (name.size == 0)
        return "there is no name before, between or after its slashes";
    if (view_equals(name, (struct view){(const uint8_t *)".", 1}) ||
        view_equals(name, (struct view){(const uint8_t *)"..", 2}))
        return "\".\" and \"..\" match nothing: patterns are relative to the root";
    uint64_t at = 0;
    while (at < name.size) {
        const char *fault = NULL;
        if (name.data[at] == '[')
            fault = bracket_fault(name, at, &at);
        else
            at += name.data[at] == '\\' ? 2 : 1;
        if (fault)
            return fault;
    }
    return at > name.size ? "a \"\\\" has nothing behind it (write \\\\ for the character)" : NULL;
}

static const char *pattern_fault(struct view pattern)
{
    uint64_t at = 0;
    while (at <= pattern.size) {
        struct view name = name_at(pattern, at);
        const char *fault = name_fault(name);
        if (fault)
            return fault;
        at += name.size + 1;
    }
    return NULL;
}

status glob_compile(const char *text, struct error *error, struct glob *ret_glob)
{
    struct glob glob = {.pattern = {(const uint8_t *)text, strlen(text)}};
    if (text[0] == '!')
        return error_set(
            error, ASSAY_ERR_ARGUMENT,
            "pattern \"%.80s\": \"!\" does not negate: give what you want with --include "
            "and what you do not with --exclude (write \\! for the character)",
            text);
    if (view_starts(glob.pattern, 0, "/", 1)) {
        glob.anchored = true;
        glob.pattern = view_sub(glob.pattern, 1, glob.pattern.size);
    }
    if (glob.pattern.size > 0 && glob.pattern.data[glob.pattern.size - 1] == '/') {
        glob.directories_only = true;
        glob.pattern.size--;
    }
    const char *fault = pattern_fault(glob.pattern);
    if (fault)
        return error_set(error, ASSAY_ERR_ARGUMENT, "pattern \"%.80s\": %s", text, fault);
    glob.anchored |= name_at(glob.pattern, 0).size < glob.pattern.size;
    *ret_glob = glob;
    return ASSAY_OK;
}

/* ---- lists ----------------------------------------------------------------------------------- */

status glob_list_compile(struct glob_list *list, const char *const *texts, size_t count,
                         struct error *error)
{
    if (count == 0)
        return ASSAY_OK;
    cleanup(free_cleanup) struct glob *globs = calloc(count, sizeof(*globs));
    if (!globs)
        return ASSAY_ERR_NOMEM;
    for (size_t i = 0; i < count; i++)
        TRY(glob_compile(texts[i], error, &globs[i]));
    *list = (struct glob_list){steal_pointer(globs), count};
    return ASSAY_OK;
}

bool glob_list_match(const struct glob_list *list, struct view path, bool is_directory)
{
    for (size_t i = 0; i < list->count; i++) {
        if (glob_match(&list->globs[i], path, is_directory))
            return true;
    }
    return false;
}

void glob_list_release(struct glob_list *list)
{
    free(list->globs);
    *list = (struct glob_list){NULL, 0};
}
