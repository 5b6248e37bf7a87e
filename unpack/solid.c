#include "unpack/solid.h"

#include "unpack/residue.h"

#include <stdio.h>
#include <stdlib.h>

#define START_COST 65536 /* for a decoder's window and tables */

static int compare_files(const void *a, const void *b)
{
    const struct solid_file *x = a, *y = b;
    if (x->stream != y->stream)
        return x->stream < y->stream ? -1 : 1;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

void solid_sort(struct solid_file *files, size_t count)
{
    for (size_t i = 0; i < count; i++)
        files[i].order = i;
    if (count > 1)
        qsort(files, count, sizeof(*files), compare_files);
}

bool solid_spend(uint64_t *allowance, uint64_t cost)
{
    bool has_enough = *allowance >= cost;
    *allowance = has_enough ? *allowance - cost : 0;
    return has_enough;
}

/* ---- the stream ----------------------------------------------------------------------------- */

static uint64_t piece_end(const struct solid *solid)
{
    return solid->piece_at + solid->piece.bytes.size;
}

/* Nothing comes behind the piece, which is forgotten: the decoder may have written over it. */
static void stop(struct solid *solid, status why)
{
    solid->piece_at = piece_end(solid);
    solid->piece.bytes.size = 0;
    solid->failure = why;
    solid->reason = solid->env->error;
    solid->is_told = false;
}

static bool must_start(const struct solid *solid, uint64_t at)
{
    return !solid->is_started || at < solid->piece_at ||
           solid->decoder->find_start(solid->context, at) > piece_end(solid);
}

static void start(struct solid *solid, uint64_t at)
{
    solid->is_started = true;
    solid->piece_at = solid->decoder->find_start(solid->context, at);
    solid->piece.bytes.size = 0;
    solid->failure = ASSAY_OK;
    status started = solid->decoder->start(solid->context, solid->piece_at);
    if (started != ASSAY_OK)
        stop(solid, started);
}

static void decode_piece(struct solid *solid)
{
    struct solid_piece piece = {.damage = ASSAY_OK};
    status decoded = solid->decoder->next(solid->context, &piece);
    if (decoded != ASSAY_OK) {
        stop(solid, decoded);
        return;
    }
    solid->piece_at = piece_end(solid);
    solid->piece = piece;
    if (piece.damage != ASSAY_OK)
        solid->reason = solid->env->error;
}

static status spend(struct solid *solid, uint64_t cost)
{
    if (solid_spend(solid->allowance, cost))
        return ASSAY_OK;
    return error_set(&solid->env->error, ASSAY_ERR_CORRUPT,
                     "too much of what is compressed belongs to no file or to several");
}

/* Makes the piece one that has the byte at `at`. ASSAY_END: the stream ends before. */
static status reach(struct solid *solid, uint64_t at)
{
    if (must_start(solid, at)) {
        TRY(spend(solid, START_COST));
        start(solid, at);
    }
    while (solid->failure == ASSAY_OK && piece_end(solid) <= at) {
        decode_piece(solid);
        if (piece_end(solid) <= at)
            TRY(spend(solid, solid->piece.bytes.size));
    }
    if (at < piece_end(solid))
        return ASSAY_OK;
    solid->env->error = solid->reason;
    return solid->failure;
}

/* Damage where no member says it. */
static void note(struct solid *solid, status why)
{
    if (!solid->is_told)
        solid->env->note(solid->env->note_context, why, solid->env->error.text);
    solid->is_told = true;
}

/* ---- members -------------------------------------------------------------------------------- */

/* Moves `covered` up to `to`, or to the first piece before it that is not all zeros. */
static bool find_rest(struct solid *solid, uint64_t to)
{
    status reached = ASSAY_OK;
    while (solid->covered < to && reached == ASSAY_OK) {
        reached = reach(solid, solid->covered);
        if (reached != ASSAY_OK)
            break;
        struct view part =
            view_sub(solid->piece.bytes, solid->covered - solid->piece_at, to - solid->covered);
        if (!bytes_are_zero(part))
            return true;
        solid->covered += part.size;
        reached = spend(solid, part.size);
    }
    if (reached < 0)
        note(solid, reached);
    return false;
}

static void begin(struct solid *solid, uint64_t from, uint64_t to, status ended)
{
    solid->at = from;
    solid->end = to;
    solid->ended = ended;
    if (to > solid->covered)
        solid->covered = to;
}

static void give_rest(struct solid *solid, uint64_t to, struct unpack_member *ret_member)
{
    int length = snprintf(solid->name, sizeof(solid->name), "<%s@%llu>", solid->rest,
                          (unsigned long long)solid->covered);
    *ret_member = (struct unpack_member){.name = {(const uint8_t *)solid->name, (size_t)length}};
    begin(solid, solid->covered, to, ASSAY_OK);
    solid->is_rest = true;
}

static void give_file(struct solid *solid, const struct solid_file *file,
                      struct unpack_member *ret_member)
{
    uint64_t end;
    if (__builtin_add_overflow(file->offset, file->size, &end))
        end = UINT64_MAX;
    *ret_member = (struct unpack_member){.name = file->name};
    begin(solid, file->offset, end, file->ended);
    solid->is_rest = false;
    if (file->ended == ASSAY_ERR_MISSING_VOLUME)
        error_set(&solid->outcome, file->ended, "the rest is in another volume");
}

status solid_next(struct solid *solid, struct unpack_member *ret_member)
{
    for (;;) {
        bool has_file = solid->cursor < solid->count;
        const struct solid_file *file = has_file ? &solid->files[solid->cursor] : NULL;
        uint64_t to = has_file ? file->offset : UINT64_MAX;
        if (find_rest(solid, to)) {
            give_rest(solid, to, ret_member);
            return ASSAY_OK;
        }
        if (!has_file)
            break;
        solid->cursor++;
        if (file->size == 0)
            continue;
        give_file(solid, file, ret_member);
        return ASSAY_OK;
    }
    return ASSAY_END;
}

static status finish(const struct solid *solid)
{
    if (solid->ended == ASSAY_OK)
        return ASSAY_END;
    solid->env->error = solid->outcome;
    return solid->ended;
}

status solid_read(struct solid *solid, uint8_t *bytes, size_t size, size_t *ret_size)
{
    if (solid->at >= solid->end)
        return finish(solid);
    status reached = reach(solid, solid->at);
    if (reached == ASSAY_END && (solid->is_rest || solid->ended != ASSAY_OK))
        return finish(solid);
    if (reached == ASSAY_END)
        return error_set(&solid->env->error, ASSAY_ERR_TRUNCATED,
                         "what it lies in ends before it does");
    if (reached != ASSAY_OK) {
        solid->is_told = true;
        return reached;
    }
    uint64_t left = solid->end - solid->at;
    struct view part =
        view_sub(solid->piece.bytes, solid->at - solid->piece_at, left < size ? left : size);
    memcpy(bytes, part.data, part.size);
    solid->at += part.size;
    if (solid->piece.damage != ASSAY_OK && solid->ended == ASSAY_OK) {
        solid->ended = solid->piece.damage;
        solid->outcome = solid->reason;
    }
    *ret_size = (size_t)part.size;
    return ASSAY_OK;
}
