#include "signatures/filter/literal_texts.h"
#include "signatures/filter/literal_windows.h"

#include "base/cleanup.h"

/* Bits of a filter for each window that are aimed at. Beyond the largest filter, the cache of a
 * processor costs more than looking into what was let through. */
#define FILTER_BITS     16
#define FILTER_LOG2_MAX 17

#define BUCKETS_LOG2_MAX 24

/* Texts that have the same window at the same offset are places of their own up to this many. */
#define PLACES_MAX 4

struct writer {
    struct literal_texts texts;
    struct literal_window *windows;
    size_t window_count;
    struct literal_place *places;
    size_t place_count;
    uint32_t *members;
    size_t member_count;
};

static void writer_release(struct writer *writer)
{
    literal_texts_release(&writer->texts);
    free(writer->windows);
    free(writer->places);
    free(writer->members);
}

/* ---- windows and places ----------------------------------------------------------------------- */

#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))

static int compare_windows(const void *left, const void *right)
{
    const struct literal_window *a = left, *b = right;
    int order = ORDER(a->hash, b->hash);
    if (order == 0)
        order = ORDER(a->offset, b->offset);
    if (order == 0)
        order = ORDER(a->any_case, b->any_case);
    return order != 0 ? order : ORDER(a->text, b->text);
}

static status make_windows(struct writer *writer)
{
    size_t most = literal_windows_most(writer->texts.count);
    writer->windows = calloc(most + 1, sizeof(*writer->windows));
    if (writer->windows == NULL)
        return ASSAY_ERR_NOMEM;
    TRY(literal_windows_choose(writer->texts.texts, writer->texts.count, writer->windows,
                               &writer->window_count));
    qsort(writer->windows, writer->window_count, sizeof(*writer->windows), compare_windows);
    return ASSAY_OK;
}

static bool is_shared(const struct literal_window *a, const struct literal_window *b)
{
    return a->hash == b->hash && a->offset == b->offset && a->any_case == b->any_case;
}

/* The end of the text, which is compared before the whole text is, or its begin where the window is
 * at the end. */
static struct literal_place place_of(const struct writer *writer,
                                     const struct literal_window *window)
{
    const struct literal_text *text = &writer->texts.texts[window->text];
    struct literal_place place = {window->hash, window->text, 0, window->offset, 0, 0, 0};
    size_t width = literal_classes[window->class].width;
    if (text->size < sizeof(place.check))
        return place;
    if (window->offset + width < text->size)
        place.check_at = (uint8_t)(text->size - sizeof(place.check));
    place.checks = true;
    memcpy(&place.check, text->bytes + place.check_at, sizeof(place.check));
    place.check = literal_fold(place.check);
    return place;
}

static void add_places(struct writer *writer, size_t first, size_t end)
{
    const struct literal_window *windows = writer->windows;
    if (end - first <= PLACES_MAX) {
        for (size_t i = first; i < end; i++)
            writer->places[writer->place_count++] = place_of(writer, &windows[i]);
        return;
    }
    writer->places[writer->place_count++] = (struct literal_place){
        .hash = windows[first].hash,
        .first = (uint32_t)writer->member_count,
        .check = (uint32_t)(end - first),
        .offset = windows[first].offset,
        .several = true,
    };
    for (size_t i = first; i < end; i++)
        writer->members[writer->member_count++] = windows[i].text;
}

static status make_places(struct writer *writer)
{
    size_t count = writer->window_count, next;
    writer->places = calloc(count + 1, sizeof(*writer->places));
    writer->members = calloc(count + 1, sizeof(*writer->members));
    if (writer->places == NULL || writer->members == NULL)
        return ASSAY_ERR_NOMEM;
    for (size_t i = 0; i < count; i = next) {
        for (next = i + 1; next < count && is_shared(&writer->windows[i], &writer->windows[next]);)
            next++;
        add_places(writer, i, next);
    }
    return ASSAY_OK;
}

/* ---- tables ----------------------------------------------------------------------------------- */

static unsigned log2_for(uint64_t count, unsigned most)
{
    unsigned bits = 0;
    while (bits < most && UINT64_C(1) << bits < count)
        bits++;
    return bits;
}

static const uint8_t padding[LITERAL_ALIGN] = {0};

static status put(struct buffer *out, struct literal_header *header, size_t table,
                  const void *bytes, size_t size)
{
    header->sizes[table] = size;
    TRY(buffer_append(out, bytes, size));
    return buffer_append(out, padding, -size % LITERAL_ALIGN);
}

static status put_filter(const struct writer *writer, size_t class, struct literal_header *header,
                         struct buffer *out)
{
    uint64_t count = 0;
    for (size_t i = 0; i < writer->window_count; i++)
        count += writer->windows[i].class == class;
    unsigned bits = log2_for(count * FILTER_BITS / 32, FILTER_LOG2_MAX);
    cleanup(free_cleanup) uint32_t *words = calloc((size_t)1 << bits, sizeof(*words));
    if (words == NULL)
        return ASSAY_ERR_NOMEM;
    for (size_t i = 0; i < writer->window_count; i++) {
        uint32_t hash = writer->windows[i].hash;
        if (writer->windows[i].class == class)
            words[literal_index(hash, bits)] |= literal_filter_bits(hash);
    }
    return put(out, header, class, words, count == 0 ? 0 : sizeof(*words) << bits);
}

static status put_buckets(const struct writer *writer, struct literal_header *header,
                          struct buffer *out)
{
    unsigned bits = log2_for(writer->place_count, BUCKETS_LOG2_MAX);
    size_t count = ((size_t)1 << bits) + 1;
    cleanup(free_cleanup) uint32_t *buckets = calloc(count, sizeof(*buckets));
    if (buckets == NULL)
        return ASSAY_ERR_NOMEM;
    for (size_t i = 0; i < writer->place_count; i++)
        buckets[literal_index(writer->places[i].hash, bits) + 1]++;
    for (size_t i = 1; i < count; i++)
        buckets[i] += buckets[i - 1];
    return put(out, header, LITERAL_BUCKETS, buckets, count * sizeof(*buckets));
}

static status put_tables(const struct writer *writer, struct literal_header *header,
                         struct buffer *out)
{
    const struct literal_texts *texts = &writer->texts;
    for (size_t i = 0; i < LITERAL_CLASSES; i++)
        TRY(put_filter(writer, i, header, out));
    TRY(put_buckets(writer, header, out));
    TRY(put(out, header, LITERAL_PLACES, writer->places,
            writer->place_count * sizeof(*writer->places)));
    TRY(put(out, header, LITERAL_MEMBERS, writer->members,
            writer->member_count * sizeof(*writer->members)));
    TRY(put(out, header, LITERAL_TEXTS, texts->texts, texts->count * sizeof(*texts->texts)));
    return put(out, header, LITERAL_NUMBERS, texts->numbers,
               (size_t)header->count * sizeof(*texts->numbers));
}

static status write_set(const struct literal *literals, size_t count, struct buffer *out)
{
    cleanup(writer_release) struct writer writer = {.windows = NULL};
    struct literal_header header = {.magic = LITERAL_MAGIC, .count = count};
    size_t begin = out->size;
    TRY(literal_texts_make(literals, count, &writer.texts));
    TRY(make_windows(&writer));
    TRY(make_places(&writer));
    TRY(buffer_append(out, &header, sizeof(header)));
    TRY(buffer_append(out, padding, -sizeof(header) % LITERAL_ALIGN));
    TRY(put_tables(&writer, &header, out));
    memcpy(out->data + begin, &header, sizeof(header));
    return ASSAY_OK;
}

status literal_set_write(const struct literal *literals, size_t count, struct buffer *out)
{
    size_t begin = out->size;
    status written = write_set(literals, count, out);
    if (written < 0)
        out->size = begin;
    return written;
}
