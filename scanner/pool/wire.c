#include "pool/wire.h"

#include "pool/fields.h"

status wire_encode_source(struct buffer *out, const struct wire_source *source)
{
    return wire_encode_texts(out, source->name, source->database);
}

status wire_decode_source(struct view payload, struct wire_source *ret_source)
{
    return wire_decode_texts(payload, &ret_source->name, &ret_source->database);
}

status wire_encode_number(struct buffer *out, uint64_t number)
{
    out->size = 0;
    return field_put_u64(out, number);
}

status wire_decode_number(struct view payload, uint64_t *ret_number)
{
    struct field_reader reader = {.payload = payload};
    uint64_t number = field_u64(&reader);
    TRY(field_finish(&reader));
    *ret_number = number;
    return ASSAY_OK;
}

status wire_encode_texts(struct buffer *out, const char *first, const char *second)
{
    out->size = 0;
    TRY(field_put_text(out, first));
    return field_put_text(out, second);
}

status wire_decode_texts(struct view payload, const char **ret_first, const char **ret_second)
{
    struct field_reader reader = {.payload = payload};
    const char *first = field_text(&reader);
    const char *second = field_text(&reader);
    TRY(field_finish(&reader));
    *ret_first = first;
    *ret_second = second;
    return ASSAY_OK;
}

status wire_encode_key(struct buffer *out, const uint8_t key[WIRE_KEY_BYTES])
{
    out->size = 0;
    return field_put_bytes(out, (struct assay_bytes){key, WIRE_KEY_BYTES});
}

status wire_decode_key(struct view payload, const uint8_t **ret_key)
{
    struct field_reader reader = {.payload = payload};
    struct assay_bytes key = field_bytes(&reader);
    TRY(field_finish(&reader));
    if (key.size != WIRE_KEY_BYTES)
        return ASSAY_ERR_CORRUPT;
    *ret_key = key.data;
    return ASSAY_OK;
}

status wire_encode_outcome(struct buffer *out, const struct wire_outcome *outcome)
{
    out->size = 0;
    TRY(field_put_u32(out, (uint32_t)-outcome->status));
    TRY(field_put_u64(out, outcome->number));
    return field_put_text(out, outcome->words);
}

status wire_decode_outcome(struct view payload, struct wire_outcome *ret_outcome)
{
    struct field_reader reader = {.payload = payload};
    struct wire_outcome outcome = {
        .status = -(status)field_below(&reader, (uint32_t)-ASSAY_ERR_CHANGED + 1)};
    outcome.number = field_u64(&reader);
    outcome.words = field_text(&reader);
    TRY(field_finish(&reader));
    *ret_outcome = outcome;
    return ASSAY_OK;
}

status wire_encode_diagnostic(struct buffer *out, const struct assay_diagnostic *diagnostic)
{
    out->size = 0;
    TRY(field_put_u32(out, diagnostic->is_error));
    TRY(field_put_u32(out, diagnostic->line > 0 ? (uint32_t)diagnostic->line : 0));
    TRY(field_put_text(out, diagnostic->source));
    TRY(field_put_text(out, diagnostic->rule));
    return field_put_text(out, diagnostic->message);
}

status wire_decode_diagnostic(struct view payload, struct assay_diagnostic *ret_diagnostic)
{
    struct field_reader reader = {.payload = payload};
    struct assay_diagnostic diagnostic = {
        .is_error = field_below(&reader, 2),
        .line = (int)field_below(&reader, INT32_MAX),
    };
    diagnostic.source = field_text(&reader);
    diagnostic.rule = field_text(&reader);
    diagnostic.message = field_text(&reader);
    TRY(field_finish(&reader));
    *ret_diagnostic = diagnostic;
    return ASSAY_OK;
}

status wire_encode_task(struct buffer *out, const struct wire_task *task)
{
    out->size = 0;
    TRY(field_put_u64(out, task->id));
    TRY(field_put_u64(out, task->size));
    TRY(field_put_bytes(out, task->path));
    TRY(field_put_u32(out, task->share));
    TRY(field_put_u32(out, task->shares));
    return field_put_text(out, task->owner);
}

status wire_decode_task(struct view payload, struct wire_task *ret_task)
{
    struct field_reader reader = {.payload = payload};
    struct wire_task task = {.id = field_u64(&reader)};
    task.size = field_u64(&reader);
    task.path = field_bytes(&reader);
    task.share = field_u32(&reader);
    task.shares = field_u32(&reader);
    task.owner = field_text(&reader);
    TRY(field_finish(&reader));
    *ret_task = task;
    return ASSAY_OK;
}

status wire_encode_done(struct buffer *out, const struct wire_done *done)
{
    out->size = 0;
    TRY(field_put_u64(out, done->id));
    TRY(field_put_u32(out, done->result.verdict));
    TRY(field_put_u64(out, done->result.objects));
    TRY(field_put_u64(out, done->result.expanded_bytes));
    return field_put_u32(out, done->retires);
}

status wire_decode_done(struct view payload, struct wire_done *ret_done)
{
    struct field_reader reader = {.payload = payload};
    struct wire_done done = {.id = field_u64(&reader)};
    done.result.verdict = (enum assay_verdict)field_below(&reader, ASSAY_MATCH + 1);
    done.result.objects = field_u64(&reader);
    done.result.expanded_bytes = field_u64(&reader);
    done.retires = field_below(&reader, 2);
    TRY(field_finish(&reader));
    *ret_done = done;
    return ASSAY_OK;
}
