#include "signatures/database/manifest_json.h"

#include "signatures/database/manifest.h"

#define CANONICAL (JSON_SORT_KEYS | JSON_INDENT(2) | JSON_ENSURE_ASCII)

/* jansson goes down by recursion, and needs up to 300 bytes for two of the text. A manifest has three
 * levels; its values are four for each entry of its lists, and some for keys that nobody knows yet. */
#define DEPTH_MAX  8
#define VALUES_MAX (UINT64_C(5) * (MANIFEST_FILES_MAX + MANIFEST_SKIPPED_MAX))

/* Outside of strings, a point is in numbers only, an E also in true and false. */
static bool is_fraction(struct view text, uint64_t at)
{
    uint8_t c = text.data[at];
    return c == '.' || c == 'E' ||
           (c == 'e' && at > 0 && text.data[at - 1] >= '0' && text.data[at - 1] <= '9');
}

/* One pass over the text that only knows what is inside of a string. Every value but the first follows
 * one of three characters. */
static status check_bounds(struct view text, struct error *error)
{
    unsigned depth = 0;
    uint64_t values = 0;
    bool in_string = false;
    for (uint64_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];
        if (in_string) {
            i += c == '\\';
            in_string = c != '"';
            continue;
        }
        in_string = c == '"';
        values += c == '[' || c == '{' || c == ',';
        depth += c == '[' || c == '{';
        depth -= depth > 0 && (c == ']' || c == '}');
        if (depth > DEPTH_MAX || values > VALUES_MAX)
            return error_set(error, ASSAY_ERR_CORRUPT,
                             "the manifest has too many values, or they are nested too deep");
        if (is_fraction(text, i))
            return error_set(error, ASSAY_ERR_CORRUPT,
                             "the manifest has a number that is no integer");
    }
    return ASSAY_OK;
}

status manifest_json_parse(struct view text, struct error *error, json_t **ret_object)
{
    if (text.size == 0 || text.size > MANIFEST_BYTES_MAX)
        return error_set(error, ASSAY_ERR_CORRUPT, "the manifest is empty or larger than %u MiB",
                         MANIFEST_BYTES_MAX >> 20);
    TRY(check_bounds(text, error));
    json_error_t problem;
    json_t *object cleanup(json_decref_cleanup) =
        json_loadb((const char *)text.data, (size_t)text.size, JSON_REJECT_DUPLICATES, &problem);
    if (!object && json_error_code(&problem) == json_error_out_of_memory)
        return ASSAY_ERR_NOMEM;
    if (!object)
        return error_set(error, ASSAY_ERR_CORRUPT, "the manifest is no JSON: line %d: %s",
                         problem.line, problem.text);
    if (!json_is_object(object))
        return error_set(error, ASSAY_ERR_CORRUPT, "the manifest is no JSON object");
    *ret_object = steal_pointer(object);
    return ASSAY_OK;
}

/* What has been compared so far. */
struct comparison {
    struct view text;
    uint64_t at;
};

static int compare(const char *piece, size_t size, void *context)
{
    struct comparison *this = context;
    if (!view_starts(this->text, this->at, piece, size))
        return -1;
    this->at += size;
    return 0;
}

status manifest_json_check(const json_t *object, struct view text, struct error *error)
{
    struct comparison this = {.text = text};
    if (json_dump_callback(object, compare, &this, CANONICAL) == 0 &&
        compare("\n", 1, &this) == 0 && this.at == text.size)
        return ASSAY_OK;
    uint64_t line = 1;
    for (uint64_t i = 0; i < this.at; i++)
        line += text.data[i] == '\n';
    return error_set(error, ASSAY_ERR_CORRUPT,
                     "the manifest is not in canonical form, from line %llu on",
                     (unsigned long long)line);
}

static int append(const char *piece, size_t size, void *context)
{
    return buffer_append(context, piece, size) < 0 ? -1 : 0;
}

status manifest_json_write(const json_t *object, struct buffer *out)
{
    size_t before = out->size;
    if (json_dump_callback(object, append, out, CANONICAL) == 0 && append("\n", 1, out) == 0)
        return ASSAY_OK;
    out->size = before;
    return ASSAY_ERR_NOMEM;
}
