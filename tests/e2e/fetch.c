/* Drives fetch() for test_update_fetch.py: fetch URL FILE MAX_BYTES TIMEOUT LOW_SPEED CA_FILE|""
 * [PROGRAM]. Says the status and the words. */
#include "cli/fetch.h"
#include "cli/stop_signal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    if (argc < 7)
        return 2;
    struct error error = {""};
    struct fetch_options options = {
        .max_bytes = strtoull(argv[3], NULL, 10),
        .timeout = strtoull(argv[4], NULL, 10),
        .low_speed = strtoull(argv[5], NULL, 10),
        .ca_file = argv[6][0] ? argv[6] : NULL,
        .program = argc > 7 ? argv[7] : NULL,
        .stop = -1,
    };
    int fd = open(argv[2], O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || stop_signal_open(&options.stop) < 0)
        return 2;
    status fetched = fetch(&options, argv[1], fd, &error);
    printf("%d %s\n", fetched, error.text);
    return 0;
}
