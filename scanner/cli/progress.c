#include "progress.h"

#include <string.h>
#include <sys/ioctl.h>

#include "base/clock.h"
#include "report/progress_line.h"

#define REDRAW_SECONDS  0.1
#define LINE_SECONDS    5.0
#define SLOW_SECONDS    2.0
#define DEFAULT_COLUMNS 80

struct progress {
    int fd;
    bool shown;    /* at all */
    bool terminal; /* one line, redrawn */
    bool drawn;    /* the line is on the terminal now */
    double started;
    double next; /* seconds since the start: not before */
    struct progress_rate rate;
    struct buffer line;
};

static double now(void)
{
    return (double)clock_nanoseconds() / (double)CLOCK_SECOND;
}

static bool can_redraw(int fd)
{
    const char *term = getenv("TERM");
    return isatty(fd) && term && strcmp(term, "dumb") != 0;
}

status progress_new(enum progress_mode mode, int fd, struct progress **ret_progress)
{
    struct progress *progress = calloc(1, sizeof(*progress));
    if (!progress)
        return ASSAY_ERR_NOMEM;
    progress->fd = fd;
    progress->terminal = can_redraw(fd);
    progress->shown = mode == PROGRESS_ALWAYS || (mode == PROGRESS_AUTO && progress->terminal);
    progress->started = now();
    progress->next = progress->terminal ? REDRAW_SECONDS : LINE_SECONDS;
    *ret_progress = progress;
    return ASSAY_OK;
}

/* One column less than there are: some terminals wrap when the last one is filled. */
static size_t columns(int fd)
{
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col < 2)
        return DEFAULT_COLUMNS - 1;
    return (size_t)size.ws_col - 1;
}

static status make_line(struct progress *progress, const struct progress_numbers *numbers)
{
    progress->line.size = 0;
    if (progress->terminal) {
        TRY(buffer_append_text(&progress->line, "\r"));
        TRY(progress_line(&progress->line, numbers, columns(progress->fd)));
        return buffer_append_text(&progress->line, "\033[K");
    }
    TRY(progress_line(&progress->line, numbers, SIZE_MAX));
    return buffer_append_text(&progress->line, "\n");
}

static void put(struct progress *progress, const void *bytes, size_t size)
{
    /* A display that does not arrive is no reason to stop. */
    if (write(progress->fd, bytes, size) < 0)
        return;
}

bool progress_is_shown(const struct progress *progress)
{
    return progress->shown;
}

void progress_update(struct progress *progress, const struct progress_counters *counters)
{
    if (!progress || !progress->shown)
        return;
    double seconds = now() - progress->started;
    progress_rate_add(&progress->rate, seconds, counters->bytes);
    if (seconds < progress->next)
        return;
    progress->next = seconds + (progress->terminal ? REDRAW_SECONDS : LINE_SECONDS);
    struct progress_numbers numbers = {
        .files = counters->files,
        .bytes = counters->bytes,
        .total_bytes = counters->total_bytes,
        .matches = counters->matches,
        .problems = counters->problems,
        .seconds = seconds,
        .rate = progress_rate_now(&progress->rate, seconds, counters->bytes),
    };
    if (counters->current_seconds >= SLOW_SECONDS)
        numbers.current = counters->current;
    if (make_line(progress, &numbers) < 0)
        return;
    put(progress, progress->line.data, progress->line.size);
    progress->drawn = progress->terminal;
}

void progress_clear(struct progress *progress)
{
    static const char erase[] = "\r\033[K";
    if (!progress || !progress->drawn)
        return;
    put(progress, erase, sizeof(erase) - 1);
    progress->drawn = false;
}

void progress_free(struct progress *progress)
{
    if (!progress)
        return;
    progress_clear(progress);
    buffer_release(&progress->line);
    free(progress);
}
