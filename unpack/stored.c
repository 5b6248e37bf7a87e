#include "unpack/stored.h"

void stored_note(struct stored_notes *notes, status why, const char *detail)
{
    unsigned bit = 1U << (unsigned)-why;
    if (!(notes->said & bit))
        notes->env->note(notes->env->note_context, why, detail);
    notes->said |= bit;
}

struct assay_bytes stored_name(struct view bytes)
{
    struct view label = view_sub(bytes, 0, STORED_NAME_MAX);
    size_t size = label.size ? strnlen((const char *)label.data, label.size) : 0;
    return (struct assay_bytes){label.data, size};
}

bool stored_give(struct assay_bytes name, struct view bytes, struct unpack_member *ret_member)
{
    *ret_member = (struct unpack_member){.name = name, .is_stored = true, .stored = bytes};
    return bytes.size > 0;
}

status stored_read(struct unpack_stream *stream, uint8_t *bytes, size_t size, size_t *ret_size)
{
    (void)stream, (void)bytes, (void)size, (void)ret_size;
    return ASSAY_ERR_ARGUMENT;
}
