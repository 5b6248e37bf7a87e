#include "json.h"

#include <stdio.h>

#include "base/encode.h"
#include "base/text.h"

void json_scratch_release(struct json_scratch *scratch)
{
    buffer_release(&scratch->text);
}

status json_put(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new_nocheck(object, key, value) == 0 ? ASSAY_OK : ASSAY_ERR_NOMEM;
}

status json_push(json_t *array, json_t *value)
{
    return json_array_append_new(array, value) == 0 ? ASSAY_OK : ASSAY_ERR_NOMEM;
}

status json_put_list(json_t *object, const char *key, json_t **ret_list)
{
    json_t *list = json_array();
    TRY(json_put(object, key, list));
    *ret_list = list;
    return ASSAY_OK;
}

status json_put_object(json_t *object, const char *key, json_t **ret_object)
{
    json_t *inner = json_object();
    TRY(json_put(object, key, inner));
    *ret_object = inner;
    return ASSAY_OK;
}

json_t *json_number(uint64_t value)
{
    return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

/* How all encoders append bytes to text. */
typedef status encode_fn(struct buffer *out, struct assay_bytes bytes);

static json_t *encoded(struct json_scratch *scratch, encode_fn *encode, struct assay_bytes bytes)
{
    scratch->text.size = 0;
    if (encode(&scratch->text, bytes) < 0 || buffer_terminate(&scratch->text) < 0)
        return NULL;
    return json_stringn_nocheck((const char *)scratch->text.data, scratch->text.size);
}

json_t *json_escaped(struct json_scratch *scratch, struct assay_bytes bytes)
{
    return encoded(scratch, text_escape, bytes);
}

json_t *json_hex(struct json_scratch *scratch, struct assay_bytes bytes)
{
    return encoded(scratch, encode_hex, bytes);
}

json_t *json_base64(struct json_scratch *scratch, struct assay_bytes bytes)
{
    return encoded(scratch, encode_base64, bytes);
}

json_t *json_word(struct json_scratch *scratch, const char *text)
{
    return json_escaped(scratch, text_bytes(text ? text : ""));
}

json_t *json_verbatim(struct json_scratch *scratch, const char *text)
{
    json_t *value = json_string(text ? text : "");
    if (!value)
        return json_word(scratch, text);
    if (text && !text_is_plain(text_bytes(text)))
        scratch->unsafe = true;
    return value;
}

/* The key for the next value of that name, into scratch->text. */
static status next_key(struct json_scratch *scratch, const json_t *object, json_t *seen,
                       const char *name)
{
    scratch->text.size = 0;
    TRY(text_escape(&scratch->text, text_bytes(name)));
    TRY(buffer_terminate(&scratch->text));
    size_t length = scratch->text.size;
    const char *key = (const char *)scratch->text.data;
    json_int_t count = json_integer_value(json_object_get(seen, key));
    json_t *counter = json_integer(count + 1);
    TRY(json_put(seen, key, counter));
    /* A name that looks like a numbered one may be there already. */
    while (json_object_get(object, (const char *)scratch->text.data)) {
        json_integer_set(counter, ++count);
        scratch->text.size = length;
        TRY(buffer_append_format(&scratch->text, "#%lld", (long long)count));
    }
    return ASSAY_OK;
}

status json_put_repeated(struct json_scratch *scratch, json_t *object, json_t *seen,
                         const char *name, json_t *value)
{
    status ready = next_key(scratch, object, seen, name);
    if (ready < 0) {
        json_decref(value);
        return ready;
    }
    return json_put(object, (const char *)scratch->text.data, value);
}

static int append_piece(const char *piece, size_t size, void *out)
{
    return buffer_append(out, piece, size) < 0 ? -1 : 0;
}

status json_line(struct json_scratch *scratch, const json_t *value, struct buffer *out)
{
    /* Seconds are the only reals; 15 digits are exact for their three decimals. */
    size_t flags = JSON_COMPACT | JSON_REAL_PRECISION(15);
    if (scratch->unsafe)
        flags |= JSON_ENSURE_ASCII;
    scratch->unsafe = false;
    if (json_dump_callback(value, append_piece, out, flags) != 0)
        return ASSAY_ERR_NOMEM;
    return buffer_append_text(out, "\n");
}
