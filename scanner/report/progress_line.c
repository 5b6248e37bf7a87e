#include "progress_line.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "report/human.h"

/* Less of a name than this says nothing. */
#define NAME_COLUMNS_MIN 12
#define SAMPLE_SECONDS   (1.0 / 3)
/* Estimates from less are wild. */
#define RATE_SECONDS_MIN 0.5
#define LEFT_SECONDS_MIN 2.0

/* ---- columns ----------------------------------------------------------------------------- */

static bool is_continuation(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

/* Columns that the character starting with this byte takes, roughly: three bytes and more may be
 * wide. Too many is a shorter line, too few would be a line that wraps. */
static size_t width_of(uint8_t lead)
{
    return lead >= 0xe1 ? 2 : 1;
}

static size_t columns_of(struct view text)
{
    size_t columns = 0;
    for (uint64_t i = 0; i < text.size; i++) {
        if (!is_continuation(text.data[i]))
            columns += width_of(text.data[i]);
    }
    return columns;
}

/* The bytes at the front of the text, or at its end, that fit. Characters stay whole. */
static struct view front_of(struct view text, size_t columns)
{
    for (uint64_t i = 0; i < text.size; i++) {
        if (is_continuation(text.data[i]))
            continue;
        if (width_of(text.data[i]) > columns)
            return view_sub(text, 0, i);
        columns -= width_of(text.data[i]);
    }
    return text;
}

static struct view end_of(struct view text, size_t columns)
{
    uint64_t start = text.size;
    for (uint64_t i = text.size; i-- > 0;) {
        if (is_continuation(text.data[i]))
            continue;
        if (width_of(text.data[i]) > columns)
            break;
        columns -= width_of(text.data[i]);
        start = i;
    }
    return view_sub(text, start, text.size - start);
}

static status append_view(struct buffer *out, struct view view)
{
    return buffer_append(out, view.data, (size_t)view.size);
}

/* ---- the line ---------------------------------------------------------------------------- */

static status append_rate(struct buffer *out, const struct progress_numbers *numbers)
{
    if (numbers->rate < 0)
        return ASSAY_OK;
    return buffer_append_format(out, ", %.1f MiB/s", numbers->rate / (1 << 20));
}

/* The average so far tells more about what is left than the last seconds do. */
static status append_time_left(struct buffer *out, const struct progress_numbers *numbers)
{
    if (numbers->total_bytes <= numbers->bytes || numbers->bytes == 0 ||
        numbers->seconds < LEFT_SECONDS_MIN)
        return ASSAY_OK;
    double left = (double)(numbers->total_bytes - numbers->bytes);
    TRY(buffer_append_text(out, ", about "));
    TRY(human_duration(out, left * numbers->seconds / (double)numbers->bytes));
    return buffer_append_text(out, " left");
}

static status append_numbers(struct buffer *out, const struct progress_numbers *numbers)
{
    TRY(human_count(out, numbers->files, "file", "files"));
    TRY(buffer_append_text(out, ", "));
    TRY(human_bytes(out, numbers->bytes));
    if (numbers->total_bytes) {
        TRY(buffer_append_text(out, " of "));
        TRY(human_bytes(out, numbers->total_bytes));
    }
    TRY(append_rate(out, numbers));
    TRY(buffer_append_text(out, ", "));
    TRY(human_duration(out, numbers->seconds));
    TRY(append_time_left(out, numbers));
    TRY(buffer_append_text(out, ", "));
    TRY(human_count(out, numbers->matches, "match", "matches"));
    if (numbers->problems == 0)
        return ASSAY_OK;
    TRY(buffer_append_text(out, ", "));
    return human_count(out, numbers->problems, "problem", "problems");
}

/* Both ends of a name tell more than its middle. */
static status append_shortened(struct buffer *out, struct view name, size_t columns)
{
    if (columns_of(name) <= columns)
        return append_view(out, name);
    size_t kept = columns - 3;
    TRY(append_view(out, front_of(name, kept / 2)));
    TRY(buffer_append_text(out, "..."));
    return append_view(out, end_of(name, kept - kept / 2));
}

static status append_current(struct buffer *out, struct assay_bytes current, size_t columns)
{
    cleanup(buffer_release) struct buffer name = {0};
    TRY(text_escape(&name, current));
    TRY(buffer_append_text(out, ": "));
    return append_shortened(out, buffer_view(&name), columns);
}

status progress_line(struct buffer *out, const struct progress_numbers *numbers, size_t columns)
{
    size_t start = out->size;
    TRY(append_numbers(out, numbers));
    size_t used = out->size - start; /* ASCII so far: a byte a column */
    if (used > columns)
        out->size = start + columns;
    else if (numbers->current.size > 0 && columns - used >= NAME_COLUMNS_MIN)
        return append_current(out, numbers->current, columns - used - 2);
    return ASSAY_OK;
}

/* ---- the rate ---------------------------------------------------------------------------- */

void progress_rate_add(struct progress_rate *rate, double seconds, uint64_t bytes)
{
    size_t last = (rate->next + PROGRESS_SAMPLES - 1) % PROGRESS_SAMPLES;
    if (rate->count > 0 && seconds - rate->samples[last].seconds < SAMPLE_SECONDS)
        return;
    rate->samples[rate->next].seconds = seconds;
    rate->samples[rate->next].bytes = bytes;
    rate->next = (rate->next + 1) % PROGRESS_SAMPLES;
    if (rate->count < PROGRESS_SAMPLES)
        rate->count++;
}

double progress_rate_now(const struct progress_rate *rate, double seconds, uint64_t bytes)
{
    size_t oldest = rate->count < PROGRESS_SAMPLES ? 0 : rate->next;
    double span = seconds - rate->samples[oldest].seconds;
    if (rate->count == 0 || span < RATE_SECONDS_MIN || bytes < rate->samples[oldest].bytes)
        return -1;
    return (double)(bytes - rate->samples[oldest].bytes) / span;
}
