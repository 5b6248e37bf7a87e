/* Frames and descriptors between two ends, one of which breaks the rules. */
#include "pool/channel.h"
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct ends {
    struct channel a, b;
};

static struct ends connected(int flags)
{
    int fds[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0, fds), 0);
    struct ends ends;
    channel_init(&ends.a, fds[0]);
    channel_init(&ends.b, fds[1]);
    return ends;
}

static void disconnect(struct ends *ends)
{
    channel_release(&ends->a);
    channel_release(&ends->b);
}

static struct view text_view(const char *text)
{
    return (struct view){(const uint8_t *)text, strlen(text)};
}

/* A file that tells its number. */
static int numbered_file(uint8_t number)
{
    int fd = memfd_create("numbered", MFD_CLOEXEC);
    ck_assert_int_eq((int)write(fd, &number, 1), 1);
    return fd;
}

static uint8_t number_of(int fd)
{
    uint8_t number = 0xff;
    ck_assert_int_eq((int)pread(fd, &number, 1, 0), 1);
    return number;
}

static size_t open_descriptors(void)
{
    size_t count = 0;
    for (int fd = 0; fd < 1024; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

START_TEST(frames_arrive_in_order_with_their_bytes)
{
    struct ends ends = connected(0);
    ck_assert_int_eq(channel_send(&ends.a, 7, text_view("one"), -1), ASSAY_OK);
    ck_assert_int_eq(channel_send(&ends.a, 8, (struct view){NULL, 0}, -1), ASSAY_OK);
    ck_assert_int_eq(channel_queue(&ends.a, 9, text_view("three"), -1), ASSAY_OK);
    ck_assert_int_eq(channel_flush(&ends.a), ASSAY_OK);
    static const struct {
        uint8_t type;
        const char *text;
    } wanted[] = {{7, "one"}, {8, ""}, {9, "three"}};
    for (size_t i = 0; i < 3; i++) {
        struct channel_frame frame;
        ck_assert_int_eq(channel_receive(&ends.b, &frame), ASSAY_OK);
        ck_assert_uint_eq(frame.type, wanted[i].type);
        ck_assert_int_eq(frame.fd, -1);
        ck_assert_uint_eq(frame.payload.size, strlen(wanted[i].text));
        ck_assert(view_starts(frame.payload, 0, wanted[i].text, strlen(wanted[i].text)));
    }
    struct channel_frame frame;
    ck_assert_int_eq(channel_take(&ends.b, &frame), ASSAY_END);
    disconnect(&ends);
}
END_TEST

START_TEST(descriptors_belong_to_their_frames)
{
    struct ends ends = connected(0);
    for (uint8_t i = 0; i < 40; i++) {
        int fd = i % 3 ? numbered_file(i) : -1;
        ck_assert_int_eq(channel_queue(&ends.a, i, (struct view){&i, 1}, fd), ASSAY_OK);
        if (i % 7 == 0)
            ck_assert_int_eq(channel_flush(&ends.a), ASSAY_OK);
    }
    ck_assert_int_eq(channel_flush(&ends.a), ASSAY_OK);
    for (uint8_t i = 0; i < 40; i++) {
        struct channel_frame frame;
        ck_assert_int_eq(channel_receive(&ends.b, &frame), ASSAY_OK);
        ck_assert_uint_eq(frame.type, i);
        ck_assert_int_eq(frame.fd >= 0, i % 3 != 0);
        if (frame.fd < 0)
            continue;
        ck_assert_uint_eq(number_of(frame.fd), i);
        ck_assert_int_eq(fcntl(frame.fd, F_GETFD), FD_CLOEXEC);
        close(frame.fd);
    }
    disconnect(&ends);
}
END_TEST

START_TEST(descriptors_that_nobody_took_are_closed)
{
    size_t before = open_descriptors();
    struct ends ends = connected(0);
    int fd = numbered_file(1);
    for (int i = 0; i < 10; i++)
        ck_assert_int_eq(channel_queue(&ends.a, 1, text_view("x"), fd), ASSAY_OK);
    ck_assert_int_eq(channel_flush(&ends.a), ASSAY_OK);
    ck_assert_int_eq(channel_fill(&ends.b), ASSAY_OK);
    ck_assert_uint_eq(ends.b.in_fd_count, 10);
    disconnect(&ends);
    close(fd);
    ck_assert_uint_eq(open_descriptors(), before);
}
END_TEST

START_TEST(frames_come_whole_or_not_at_all)
{
    struct ends ends = connected(0), bytes = connected(0);
    ck_assert_int_eq(channel_queue(&ends.a, 5, text_view("payload"), -1), ASSAY_OK);
    struct view wire = buffer_view(&ends.a.out);
    struct channel_frame frame;
    for (uint64_t i = 0; i < wire.size; i++) {
        ck_assert_int_eq(channel_take(&bytes.b, &frame), ASSAY_END);
        ck_assert_int_eq((int)write(bytes.a.fd, wire.data + i, 1), 1);
        ck_assert_int_eq(channel_fill(&bytes.b), ASSAY_OK);
    }
    ck_assert_int_eq(channel_take(&bytes.b, &frame), ASSAY_OK);
    ck_assert_uint_eq(frame.type, 5);
    ck_assert(view_starts(frame.payload, 0, "payload", 7));
    disconnect(&ends);
    disconnect(&bytes);
}
END_TEST

/* size, type, has an fd, zero */
static void write_header(int fd, uint32_t size, uint8_t type, uint8_t has_fd, uint16_t zero)
{
    uint8_t header[8];
    memcpy(header, &size, 4);
    header[4] = type;
    header[5] = has_fd;
    memcpy(header + 6, &zero, 2);
    ck_assert_int_eq((int)write(fd, header, sizeof(header)), 8);
}

START_TEST(breaches_are_noticed_before_anything_is_read)
{
    static const struct {
        uint32_t size;
        uint8_t has_fd;
        uint16_t zero;
    } breaches[] = {{CHANNEL_FRAME_MAX + 1, 0, 0},
                    {UINT32_MAX, 0, 0},
                    {0, 2, 0},
                    {0, 0, 1},
                    {0, 1, 0} /* and no fd */};
    for (size_t i = 0; i < sizeof(breaches) / sizeof(breaches[0]); i++) {
        struct ends ends = connected(0);
        struct channel_frame frame;
        write_header(ends.a.fd, breaches[i].size, 1, breaches[i].has_fd, breaches[i].zero);
        ck_assert_int_eq(channel_fill(&ends.b), ASSAY_OK);
        ck_assert_int_eq(channel_take(&ends.b, &frame), ASSAY_ERR_CORRUPT);
        ck_assert_int_eq(channel_receive(&ends.b, &frame), ASSAY_ERR_CORRUPT);
        disconnect(&ends);
    }
}
END_TEST

START_TEST(the_largest_frame_passes_and_a_larger_one_is_not_sent)
{
    struct ends ends = connected(0);
    struct buffer bytes = {0};
    ck_assert_int_eq(buffer_reserve(&bytes, CHANNEL_FRAME_MAX + 1), ASSAY_OK);
    memset(bytes.data, 'z', CHANNEL_FRAME_MAX + 1);
    struct view too_large = {bytes.data, CHANNEL_FRAME_MAX + 1};
    ck_assert_int_eq(channel_queue(&ends.a, 1, too_large, -1), ASSAY_ERR_ARGUMENT);
    ck_assert_uint_eq(ends.a.out.size, 0);
    pid_t sender = fork();
    if (sender == 0)
        _exit(channel_send(&ends.a, 3, (struct view){bytes.data, CHANNEL_FRAME_MAX}, -1) < 0);
    struct channel_frame frame;
    ck_assert_int_eq(channel_receive(&ends.b, &frame), ASSAY_OK);
    ck_assert_uint_eq(frame.payload.size, CHANNEL_FRAME_MAX);
    ck_assert(memcmp(frame.payload.data, bytes.data, CHANNEL_FRAME_MAX) == 0);
    int end;
    ck_assert_int_eq(waitpid(sender, &end, 0), sender);
    ck_assert_int_eq(end, 0);
    buffer_release(&bytes);
    disconnect(&ends);
}
END_TEST

START_TEST(too_many_descriptors_are_not_queued)
{
    struct ends ends = connected(0);
    int fd = numbered_file(0);
    for (int i = 0; i < CHANNEL_FDS_MAX; i++)
        ck_assert_int_eq(channel_queue(&ends.a, 1, text_view(""), fd), ASSAY_OK);
    ck_assert_int_eq(channel_queue(&ends.a, 1, text_view(""), fd), ASSAY_ERR_ARGUMENT);
    ck_assert_int_eq(channel_queue(&ends.a, 1, text_view(""), -1), ASSAY_OK);
    ck_assert_int_eq(channel_flush(&ends.a), ASSAY_OK);
    ck_assert_int_eq(channel_queue(&ends.a, 1, text_view(""), fd), ASSAY_OK);
    close(fd);
    disconnect(&ends);
}
END_TEST

/* A peer that sends descriptors without frames for them fills no table but its own. */
START_TEST(descriptors_without_frames_are_bounded)
{
    size_t before = open_descriptors();
    struct ends ends = connected(0);
    int fd = numbered_file(0);
    for (int i = 0; i < 3 * CHANNEL_FDS_MAX; i++) {
        char byte = 0;
        union {
            struct cmsghdr align;
            char bytes[CMSG_SPACE(sizeof(int))];
        } control = {.bytes = {0}};
        struct iovec piece = {&byte, 1};
        struct msghdr message = {.msg_iov = &piece,
                                 .msg_iovlen = 1,
                                 .msg_control = control.bytes,
                                 .msg_controllen = sizeof(control.bytes)};
        struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
        *rights = (struct cmsghdr){
            .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(rights), &fd, sizeof(int));
        ck_assert_int_eq((int)sendmsg(ends.a.fd, &message, 0), 1);
        ck_assert_int_eq(channel_fill(&ends.b), ASSAY_OK);
    }
    ck_assert_uint_eq(ends.b.in_fd_count, CHANNEL_FDS_MAX);
    ck_assert_uint_eq(open_descriptors(), before + 3 + CHANNEL_FDS_MAX);
    close(fd);
    disconnect(&ends);
    ck_assert_uint_eq(open_descriptors(), before);
}
END_TEST

START_TEST(a_closed_peer_is_the_end)
{
    struct ends ends = connected(0);
    struct channel_frame frame;
    ck_assert_int_eq(channel_send(&ends.a, 1, text_view("last words"), -1), ASSAY_OK);
    channel_release(&ends.a);
    ck_assert_int_eq(channel_receive(&ends.b, &frame), ASSAY_OK);
    ck_assert(view_starts(frame.payload, 0, "last words", 10));
    ck_assert_int_eq(channel_receive(&ends.b, &frame), ASSAY_END);
    ck_assert_int_eq(channel_send(&ends.b, 1, text_view("anybody?"), -1), ASSAY_ERR_IO);
    disconnect(&ends);
}
END_TEST

START_TEST(a_slow_peer_holds_up_nobody)
{
    struct ends ends = connected(SOCK_NONBLOCK);
    struct channel_frame frame;
    ck_assert_int_eq(channel_fill(&ends.b), ASSAY_OK);
    ck_assert_int_eq(channel_take(&ends.b, &frame), ASSAY_END);

    static const uint8_t bytes[10000] = {1};
    int file = numbered_file(42);
    size_t sent = 0;
    status flushed = ASSAY_OK;
    for (; flushed == ASSAY_OK; sent++) {
        ck_assert_int_eq(channel_queue(&ends.a, 1, (struct view){bytes, sizeof(bytes)}, file),
                         ASSAY_OK);
        flushed = channel_flush(&ends.a);
    }
    ck_assert_int_eq(flushed, ASSAY_END);
    ck_assert_uint_gt(ends.a.out.size, 0);
    /* It takes up again where it was held up, and each descriptor goes once. */
    for (size_t taken = 0; taken < sent;) {
        ck_assert_int_ge(channel_flush(&ends.a), 0);
        ck_assert_int_eq(channel_fill(&ends.b), ASSAY_OK);
        while (channel_take(&ends.b, &frame) == ASSAY_OK) {
            taken++;
            ck_assert_uint_eq(frame.payload.size, sizeof(bytes));
            ck_assert_uint_eq(number_of(frame.fd), 42);
            close(frame.fd);
        }
    }
    ck_assert_uint_eq(ends.a.out.size, 0);
    ck_assert_uint_eq(ends.b.in_fd_count, 0);
    close(file);
    disconnect(&ends);
}
END_TEST

UNIT_MAIN("channel", frames_arrive_in_order_with_their_bytes, descriptors_belong_to_their_frames,
          descriptors_that_nobody_took_are_closed, frames_come_whole_or_not_at_all,
          breaches_are_noticed_before_anything_is_read,
          the_largest_frame_passes_and_a_larger_one_is_not_sent,
          too_many_descriptors_are_not_queued, descriptors_without_frames_are_bounded,
          a_closed_peer_is_the_end, a_slow_peer_holds_up_nobody)
