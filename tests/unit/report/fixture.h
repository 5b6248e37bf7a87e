/* fixture: a report whose standard output is caught, and events to feed it. */
#ifndef TESTS_REPORT_FIXTURE_H
#define TESTS_REPORT_FIXTURE_H

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/text.h"
#include "report/report.h"
#include "unit.h"

#define BYTES(literal) ((struct assay_bytes){(const uint8_t *)(literal), sizeof(literal) - 1})

/* Standard output while a test looks at it. */
struct catch
{
    int memory, saved;
};

static inline struct catch catch_output(void)
{
    struct catch caught = {memfd_create("stdout", MFD_CLOEXEC), dup(STDOUT_FILENO)};
    fflush(stdout);
    ck_assert_int_ge(dup2(caught.memory, STDOUT_FILENO), 0);
    return caught;
}

/* What arrived so far, as a string. The caller frees it. */
static inline char *caught_so_far(const struct catch *caught)
{
    struct stat now;
    ck_assert_int_eq(fstat(caught->memory, &now), 0);
    char *text = calloc(1, (size_t)now.st_size + 1);
    ck_assert_int_eq(pread(caught->memory, text, (size_t)now.st_size, 0), now.st_size);
    return text;
}

static inline char *caught_output(struct catch *caught)
{
    char *text = caught_so_far(caught);
    dup2(caught->saved, STDOUT_FILENO);
    close(caught->saved);
    close(caught->memory);
    return text;
}

/* What one sink on standard output makes of the events. The caller frees it. */
static inline char *rendered(const char *format, const struct report_options *options,
                             const struct report_event *events, size_t count)
{
    struct catch caught = catch_output();
    cleanup(report_free_cleanup) struct report *report = NULL;
    struct error error = {""};
    ck_assert_int_eq(report_new(options, &report), ASSAY_OK);
    ck_assert_int_eq(report_add(report, format, NULL, &error), ASSAY_OK);
    for (size_t i = 0; i < count; i++)
        ck_assert_int_eq(report_emit(report, &events[i], &error), ASSAY_OK);
    ck_assert_int_eq(report_close(report, &error), ASSAY_OK);
    return caught_output(&caught);
}

static const struct report_count fixture_skipped[] = {{"symlink", 10}, {"fifo", 0}, {"device", 2}};

static inline struct report_summary fixture_summary(void)
{
    return (struct report_summary){
        .files = 1234,
        .objects = 5678,
        .bytes = UINT64_C(1288490189),
        .expanded_bytes = UINT64_C(3650722202),
        .matches = 2,
        .incomplete = 3,
        .errors = 1,
        .by_severity = {[ASSAY_CRITICAL] = 1, [ASSAY_HIGH] = 1},
        .by_reason = {[ASSAY_REASON_ENCRYPTED] = 2, [ASSAY_REASON_TIME] = 1},
        .skipped = fixture_skipped,
        .skipped_count = 3,
        .seconds = 12.3456,
        .exit_code = 1,
    };
}

#endif
