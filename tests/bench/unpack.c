/*
 * unpack FILE...: opens everything in the files as a scan does, matches nothing, and prints the
 * bytes that came out and the seconds it took: what unpacking alone costs. Nesting is as deep as it
 * is; hostile files are not for this.
 */
#include "base/buffer.h"
#include "base/clock.h"
#include "unpack/unpacker.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { DEPTH_MAX = 32, CHUNK = 256 << 10 };

/* An object that is being opened: its bytes, the readers that know it, and the one at work. */
struct level {
    struct view view;
    struct buffer held;
    size_t next_reader;
    const struct unpacker *reader;
    struct unpack_stream *stream;
    struct unpack_env env;
};

static void ignore(void *context, status why, const char *detail)
{
    (void)context, (void)why, (void)detail;
}

/* The bytes of the member that the level below is at. */
static void take_member(struct level *level, struct level *below,
                        const struct unpack_member *member)
{
    level->held.size = 0;
    level->next_reader = 0;
    level->view = member->stored;
    if (member->is_stored)
        return;
    size_t got;
    do {
        if (buffer_reserve(&level->held, CHUNK) < 0)
            exit(1);
        got = 0;
        status step =
            below->reader->read(below->stream, level->held.data + level->held.size, CHUNK, &got);
        level->held.size += step == ASSAY_OK ? got : 0;
    } while (got > 0);
    level->view = buffer_view(&level->held);
}

/* Opens the next reader that knows the object. */
static bool open_reader(struct level *level)
{
    size_t count;
    const struct unpacker *const *readers = unpack_registry(&count);
    while (level->next_reader < count) {
        const struct unpacker *reader = readers[level->next_reader++];
        level->env = (struct unpack_env){.codec_memory = UINT64_C(1) << 30,
                                         .member_bytes = UINT64_C(1) << 30,
                                         .covers_to = level->view.size,
                                         .note = ignore};
        if (reader->identify(level->view) == 0 ||
            reader->open(level->view, &level->env, &level->stream) != ASSAY_OK)
            continue;
        level->reader = reader;
        return true;
    }
    return false;
}

static uint64_t unpack(struct level levels[DEPTH_MAX], struct view file)
{
    uint64_t bytes = 0;
    size_t depth = 0;
    levels[0].view = file;
    levels[0].next_reader = 0;
    for (;;) {
        struct level *top = &levels[depth];
        struct unpack_member member = {.is_stored = false};
        if (!top->reader && !open_reader(top)) {
            if (depth-- == 0)
                return bytes;
            continue;
        }
        if (depth + 1 < DEPTH_MAX && top->reader->next(top->stream, &member) == ASSAY_OK) {
            take_member(&levels[++depth], top, &member);
            bytes += levels[depth].view.size;
            continue;
        }
        top->reader->close(top->stream);
        top->reader = NULL;
    }
}

int main(int argc, char **argv)
{
    static struct level levels[DEPTH_MAX];
    uint64_t started = clock_nanoseconds(), bytes = 0;
    for (int i = 1; i < argc; i++) {
        struct buffer file = {0};
        int fd = open(argv[i], O_RDONLY | O_CLOEXEC);
        if (fd < 0 || buffer_append_file(&file, fd, SIZE_MAX) < 0) {
            perror(argv[i]);
            return 1;
        }
        close(fd);
        bytes += unpack(levels, buffer_view(&file));
        buffer_release(&file);
    }
    double seconds = (double)(clock_nanoseconds() - started) / (double)CLOCK_SECOND;
    printf("%llu bytes in %.3f s\n", (unsigned long long)bytes, seconds);
    return 0;
}
