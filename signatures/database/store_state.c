#include "signatures/database/store_state.h"

#include <jansson.h>
#include <string.h>

static void json_cleanup(json_t **json)
{
    json_decref(*json);
}

static void json_text_cleanup(char **text)
{
    free(*text);
}

void state_release(struct state *state)
{
    free(state->marks);
    *state = (struct state){.marks = NULL};
}

bool state_key_is_safe(const char *key)
{
    return key[0] == 0 ||
           (strnlen(key, STATE_KEY_MAX + 1) <= STATE_KEY_MAX && manifest_name_is_safe(key));
}

static struct state_mark *find(const struct state *state, const char *name, const char *key)
{
    for (size_t i = 0; i < state->count; i++) {
        struct state_mark *mark = &state->marks[i];
        if (strcmp(mark->name, name) == 0 && strcmp(mark->key, key) == 0)
            return mark;
    }
    return NULL;
}

uint64_t state_get(const struct state *state, const char *name, const char *key)
{
    const struct state_mark *mark = find(state, name, key);
    return mark ? mark->serial : 0;
}

/* Name and key are safe, and not there yet. */
static status append(struct state *state, const char *name, const char *key, uint64_t serial)
{
    if (state->count >= STATE_MARKS_MAX)
        return ASSAY_ERR_LIMIT;
    struct state_mark *marks = reallocarray(state->marks, state->count + 1, sizeof(*marks));
    if (!marks)
        return ASSAY_ERR_NOMEM;
    state->marks = marks;
    struct state_mark mark = {.serial = serial};
    memcpy(mark.name, name, strlen(name));
    memcpy(mark.key, key, strlen(key));
    state->marks[state->count++] = mark;
    return ASSAY_OK;
}

status state_set(struct state *state, const char *name, const char *key, uint64_t serial)
{
    struct state_mark *mark = find(state, name, key);
    if (!mark)
        return append(state, name, key, serial);
    mark->serial = serial;
    return ASSAY_OK;
}

status state_raise(struct state *state, const struct state *other)
{
    if (other->newest > state->newest)
        state->newest = other->newest;
    for (size_t i = 0; i < other->count; i++) {
        const struct state_mark *mark = &other->marks[i];
        if (mark->serial > state_get(state, mark->name, mark->key))
            TRY(state_set(state, mark->name, mark->key, mark->serial));
    }
    return ASSAY_OK;
}

bool state_is_same(const struct state *one, const struct state *other)
{
    if (one->newest != other->newest || one->count != other->count)
        return false;
    for (size_t i = 0; i < one->count; i++) {
        const struct state_mark *mark = &one->marks[i];
        if (state_get(other, mark->name, mark->key) != mark->serial)
            return false;
    }
    return true;
}

/* ---- reading ---------------------------------------------------------------------------------- */

/* The marks of one name. A key is there once, because doubled members were refused. */
static status take_keys(struct state *state, const char *name, json_t *keys)
{
    const char *key;
    json_t *value;
    if (!manifest_name_is_safe(name) || !json_is_object(keys))
        return ASSAY_ERR_CORRUPT;
    json_object_foreach(keys, key, value)
    {
        if (!state_key_is_safe(key) || !json_is_integer(value) || json_integer_value(value) < 1)
            return ASSAY_ERR_CORRUPT;
        status appended = append(state, name, key, (uint64_t)json_integer_value(value));
        if (appended < 0)
            return appended == ASSAY_ERR_LIMIT ? ASSAY_ERR_CORRUPT : appended;
    }
    return ASSAY_OK;
}

static status take_highest(struct state *state, json_t *highest)
{
    const char *name;
    json_t *keys;
    if (!json_is_object(highest))
        return ASSAY_ERR_CORRUPT;
    json_object_foreach(highest, name, keys) TRY(take_keys(state, name, keys));
    return ASSAY_OK;
}

static status take(struct state *state, json_t *root, struct error *error)
{
    const char *newest = json_string_value(json_object_get(root, "newest_signed"));
    json_t *format = json_object_get(root, "format");
    if (json_is_integer(format) && json_integer_value(format) > STATE_FORMAT)
        return error_set(error, ASSAY_ERR_UNSUPPORTED,
                         "it was written by a newer assay: use that one");
    if (!json_is_integer(format) || json_integer_value(format) != STATE_FORMAT ||
        json_object_size(root) != 3 || !newest || !manifest_parse_time(newest, &state->newest))
        return error_set(error, ASSAY_ERR_CORRUPT, "it is no state of a store");
    status taken = take_highest(state, json_object_get(root, "highest"));
    return taken < 0 ? error_set(error, taken, "it has no proper list of highest serials") : taken;
}

status state_parse(struct view text, struct error *error, struct state *ret_state)
{
    json_error_t wrong;
    if (text.size > STATE_BYTES_MAX)
        return error_set(error, ASSAY_ERR_CORRUPT, "it is too large");
    cleanup(json_cleanup) json_t *root =
        json_loadb(text.data ? (const char *)text.data : "", (size_t)text.size,
                   JSON_REJECT_DUPLICATES, &wrong);
    if (!root && json_error_code(&wrong) == json_error_out_of_memory)
        return error_set(error, ASSAY_ERR_NOMEM, "out of memory");
    if (!root)
        return error_set(error, ASSAY_ERR_CORRUPT, "line %d: %.120s", wrong.line, wrong.text);
    return take(ret_state, root, error);
}

/* ---- writing ---------------------------------------------------------------------------------- */

static json_t *highest_of(const struct state *state)
{
    cleanup(json_cleanup) json_t *highest = json_object();
    for (size_t i = 0; i < state->count; i++) {
        const struct state_mark *mark = &state->marks[i];
        json_t *keys = json_object_get(highest, mark->name);
        if (!keys) {
            if (json_object_set_new(highest, mark->name, json_object()) != 0)
                return NULL;
            keys = json_object_get(highest, mark->name);
        }
        if (json_object_set_new(keys, mark->key, json_integer((json_int_t)mark->serial)) != 0)
            return NULL;
    }
    return steal_pointer(highest);
}

status state_write(const struct state *state, struct buffer *out)
{
    char newest[MANIFEST_TIME];
    manifest_time_text(state->newest, newest);
    json_t *highest = highest_of(state);
    if (!highest)
        return ASSAY_ERR_NOMEM;
    cleanup(json_cleanup) json_t *root = json_pack("{s:i, s:o, s:s}", "format", STATE_FORMAT,
                                                   "highest", highest, "newest_signed", newest);
    cleanup(json_text_cleanup) char *text = json_dumps(root, JSON_SORT_KEYS | JSON_INDENT(2));
    if (!text)
        return ASSAY_ERR_NOMEM;
    TRY(buffer_append_text(out, text));
    return buffer_append_text(out, "\n");
}
