/*
 * output: where a sink writes to. Standard output, or a file that is put in its place at the end.
 * Buffered. Failure is sticky: after the first one nothing more is written and every call fails, so
 * a report with a hole in it never looks whole.
 */
#ifndef REPORT_OUTPUT_H
#define REPORT_OUTPUT_H

#include <sys/stat.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/status.h"

struct output;

/* Opens a target.
 *   path   NULL for standard output. /dev/stdout, /dev/fd/N and the like are that open file. An
 *          existing FIFO or device is written directly. Anything else: see replace.h
 * Errors: ASSAY_ERR_IO, ASSAY_ERR_NOMEM; error says more. */
CHECKED status output_open(const char *path, struct error *error, struct output **ret_output);

/* Without output_commit before it, a file that was being written is removed. NULL is allowed. */
void output_free(struct output *output);
DEFINE_CLEANUP(struct output, output_free);

/* Takes the bytes, all or none. What is written in one call is never cut in two by a full buffer,
 * so a reader of a pipe sees whole events. Errors: ASSAY_ERR_IO, also for every call after it. */
CHECKED status output_write(struct output *output, struct view bytes);

/* Hands everything to the kernel; waits for a slow reader. Errors as output_write. */
CHECKED status output_flush(struct output *output);

/* Flushes and puts a file in its place. Nothing may be written after it. Errors as output_write:
 * an older file is then left as it was. */
CHECKED status output_commit(struct output *output);

/* Something that should have been written is lost; error_number is an errno. The first call
 * counts. */
void output_fail(struct output *output, int error_number);

/* Says in error what went wrong first, and returns ASSAY_ERR_IO; ASSAY_OK when nothing did. */
status output_state(const struct output *output, struct error *error);

/* The path given to output_open. */
const char *output_path(const struct output *output);

/* True when both would end in one file, however each was named: one of them would be lost, or both
 * mixed. */
bool output_is_same(const struct output *one, const struct output *other);

/* True when this is the file that is being written. */
bool output_is_file(const struct output *output, const struct stat *file);

/* True when a reader sees what is flushed at once: not a file that is still to be renamed. */
bool output_is_live(const struct output *output);

#endif
