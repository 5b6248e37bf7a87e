#include "signatures/filter/literal_kernel.h"

/* Windows of which there is nothing left to find are remembered, as many as this for each class. */
#define DONE 1024

struct scan {
    const struct literal_set *set;
    struct view view;
    uint64_t *found;
    unsigned bucket_bits;
    uint32_t done[LITERAL_CLASSES][DONE]; /* hashes, by their bits from 8 on */
};

/* Where a window stands that was let through. */
struct candidates {
    size_t count;
    uint16_t positions[LITERAL_BLOCK + 8];
    uint32_t hashes[LITERAL_BLOCK];
};

/* ---- the tables, which may hold anything ------------------------------------------------------ */

static const struct literal_text *text_at(const struct literal_set *set, uint64_t index)
{
    const struct literal_text *texts = set->tables[LITERAL_TEXTS];
    bool is_good = index < set->sizes[LITERAL_TEXTS] && texts[index].size <= LITERAL_MAX &&
                   texts[index].number < set->count;
    return is_good ? &texts[index] : NULL;
}

static const struct literal_text *member_at(const struct literal_set *set, uint64_t index)
{
    const uint32_t *members = set->tables[LITERAL_MEMBERS];
    return index < set->sizes[LITERAL_MEMBERS] ? text_at(set, members[index]) : NULL;
}

/* It lies before the text, so that there is an end to them. */
static const struct literal_text *prefix_of(const struct literal_set *set,
                                            const struct literal_text *text)
{
    const struct literal_text *prefix = text_at(set, text->prefix);
    return prefix < text ? prefix : NULL;
}

/* ---- texts ------------------------------------------------------------------------------------ */

static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
}

static int compare(const struct literal_text *text, const uint8_t *data, size_t size)
{
    if (!text->any_case)
        return memcmp(text->bytes, data, size);
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = lower(data[i]);
        if (text->bytes[i] != byte)
            return text->bytes[i] < byte ? -1 : 1;
    }
    return 0;
}

static bool is_at(const struct literal_text *text, struct view rest)
{
    return text->size <= rest.size && compare(text, rest.data, text->size) == 0;
}

static bool is_found(const struct scan *scan, const struct literal_text *text)
{
    return (scan->found[text->number / 64] >> text->number % 64 & 1) != 0;
}

static void set_found(const struct scan *scan, const struct literal_text *text)
{
    const uint32_t *numbers = scan->set->tables[LITERAL_NUMBERS];
    uint64_t end = (uint64_t)text->first + text->count, size = scan->set->sizes[LITERAL_NUMBERS];
    for (uint64_t i = text->first; i < end && i < size; i++)
        if (numbers[i] < scan->set->count)
            scan->found[numbers[i] / 64] |= UINT64_C(1) << numbers[i] % 64;
}

/* ---- looking into a candidate ----------------------------------------------------------------- */

/* Those that stand at the begin of `rest`: the last one that is before it in the order or alike as far
 * as both go, and what that begins with. */
static void look_at_members(const struct scan *scan, const struct literal_place *place,
                            struct view rest)
{
    uint32_t first = 0, end = place->check;
    while (first < end) {
        uint32_t middle = first + (end - first) / 2;
        const struct literal_text *text = member_at(scan->set, (uint64_t)place->first + middle);
        if (text == NULL)
            return;
        size_t size = text->size < rest.size ? text->size : (size_t)rest.size;
        if (compare(text, rest.data, size) <= 0)
            first = middle + 1;
        else
            end = middle;
    }
    if (first == 0)
        return;
    const struct literal_text *text = member_at(scan->set, (uint64_t)place->first + first - 1);
    for (; text != NULL; text = prefix_of(scan->set, text))
        if (!is_found(scan, text) && is_at(text, rest))
            set_found(scan, text);
}

static bool is_checked(const struct literal_place *place, struct view rest)
{
    uint32_t four;
    if (!place->checks)
        return true;
    if (!view_has(rest, place->check_at, sizeof(four)))
        return false;
    memcpy(&four, rest.data + place->check_at, sizeof(four));
    return literal_fold(four) == place->check;
}

/* Whether nothing can be found at this place any more, wherever the window stands. */
static bool look_at_place(const struct scan *scan, const struct literal_place *place,
                          uint64_t position)
{
    if (position < place->offset)
        return false;
    uint64_t start = position - place->offset;
    struct view rest = {scan->view.data + start, scan->view.size - start};
    if (place->several) {
        look_at_members(scan, place, rest);
        return false;
    }
    if (!is_checked(place, rest))
        return false;
    const struct literal_text *text = text_at(scan->set, place->first);
    if (text == NULL || is_found(scan, text))
        return true;
    if (is_at(text, rest))
        set_found(scan, text);
    return false;
}

static bool look_into(const struct scan *scan, uint32_t hash, uint64_t position)
{
    const struct literal_set *set = scan->set;
    const uint32_t *bucket =
        (const uint32_t *)set->tables[LITERAL_BUCKETS] + literal_index(hash, scan->bucket_bits);
    const struct literal_place *places = set->tables[LITERAL_PLACES];
    uint64_t end = bucket[1] < set->sizes[LITERAL_PLACES] ? bucket[1] : set->sizes[LITERAL_PLACES];
    bool is_done = true;
    for (uint64_t i = bucket[0]; i < end; i++)
        if (places[i].hash == hash)
            is_done &= look_at_place(scan, &places[i], position);
    return is_done;
}

/* ---- the pass --------------------------------------------------------------------------------- */

static uint32_t *done_entry(struct scan *scan, size_t class, uint32_t hash)
{
    return &scan->done[class][hash >> 8 & (DONE - 1)];
}

/* Leaves those that are not done. Memory is asked for before it is looked at: most is not at hand. */
static void weed_out(struct scan *scan, size_t class, const uint8_t *folded,
                     struct candidates *candidates)
{
    const uint32_t *buckets = scan->set->tables[LITERAL_BUCKETS];
    const struct literal_place *places = scan->set->tables[LITERAL_PLACES];
    size_t left = 0;
    for (size_t i = 0; i < candidates->count; i++) {
        uint16_t position = candidates->positions[i];
        uint32_t hash = literal_hash(folded + position, &literal_classes[class]);
        candidates->positions[left] = position;
        candidates->hashes[left] = hash;
        left += *done_entry(scan, class, hash) != hash;
        __builtin_prefetch(&buckets[literal_index(hash, scan->bucket_bits)]);
    }
    for (size_t i = 0; i < left; i++)
        __builtin_prefetch(
            &places[buckets[literal_index(candidates->hashes[i], scan->bucket_bits)]]);
    candidates->count = left;
}

/* Looks for the windows of a class. `size`: of the bytes that are folded. */
static void scan_class(const struct literal_kernel *kernel, struct scan *scan, size_t class,
                       uint64_t base, const uint8_t *folded, size_t size)
{
    struct candidates candidates;
    uint64_t words = scan->set->sizes[class], width = literal_classes[class].width;
    if (words == 0 || size < width)
        return;
    struct literal_filter filter = {scan->set->tables[class], (unsigned)__builtin_ctzll(words)};
    size_t end = (size_t)(size - width + 1);
    candidates.count = kernel->filters[class](
        &filter, folded, end < LITERAL_BLOCK ? end : LITERAL_BLOCK, candidates.positions);
    weed_out(scan, class, folded, &candidates);
    for (size_t i = 0; i < candidates.count; i++)
        if (look_into(scan, candidates.hashes[i], base + candidates.positions[i]))
            *done_entry(scan, class, candidates.hashes[i]) = candidates.hashes[i];
}

static void scan_block(const struct literal_kernel *kernel, struct scan *scan, uint64_t base)
{
    uint8_t folded[LITERAL_BLOCK_ROOM];
    struct view block = view_sub(scan->view, base, LITERAL_BLOCK + 7);
    kernel->fold(block.data, (size_t)block.size, folded);
    memset(folded + block.size, 0, 8);
    for (size_t i = 0; i < LITERAL_CLASSES; i++)
        scan_class(kernel, scan, i, base, folded, (size_t)block.size);
}

/* All one byte, as the block before it, the bytes before that and those behind it that a literal
 * reaches are: nothing is in it that was not found in the last block. */
static bool is_more_of_a_run(struct view view, uint64_t base)
{
    uint64_t before = LITERAL_BLOCK + LITERAL_MAX, size = before + LITERAL_BLOCK + LITERAL_MAX + 8;
    if (base < before || !view_has(view, base - before, size))
        return false;
    const uint8_t *data = view.data + base - before;
    return data[0] == view.data[base] && memcmp(data, data + 1, (size_t)size - 1) == 0;
}

void literal_set_scan_by(const struct literal_kernel *kernel, const struct literal_set *set,
                         struct view view, uint64_t *found)
{
    struct scan scan = {.set = set, .view = view, .found = found};
    scan.bucket_bits = (unsigned)__builtin_ctzll(set->sizes[LITERAL_BUCKETS] - 1);
    for (size_t i = 0; i < LITERAL_CLASSES; i++)
        scan.done[i][0] = UINT32_MAX; /* no hash that belongs there, as 0 is everywhere else */
    for (uint64_t base = 0; base < view.size; base += LITERAL_BLOCK)
        if (!is_more_of_a_run(view, base))
            scan_block(kernel, &scan, base);
}

void literal_set_scan(const struct literal_set *set, struct view view, uint64_t *found)
{
    const struct literal_kernel *quick = literal_kernel_quick();
    literal_set_scan_by(quick != NULL ? quick : &literal_kernel_portable, set, view, found);
}
