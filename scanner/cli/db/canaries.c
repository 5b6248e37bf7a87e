#include "cli/db/canaries.h"

#include <stdio.h>

struct canary canary_eicar(char room[CANARY_EICAR_SIZE])
{
    int size = snprintf(room, CANARY_EICAR_SIZE, "%s%s%s", "X5O!P%@AP[4\\PZX54(P^)7CC)7}",
                        "$EICAR-STANDARD-", "ANTIVIRUS-TEST-FILE!$H+H*");
    return (struct canary){"eicar.com", {(const uint8_t *)room, (uint64_t)size}};
}

#define CANARY(name, text)                                                                         \
    {                                                                                              \
        name,                                                                                      \
        {                                                                                          \
            (const uint8_t *)(text), sizeof(text) - 1                                              \
        }                                                                                          \
    }

static const struct canary canaries[] = {
    CANARY("an empty file", ""),
    CANARY("a file of zeros", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
    CANARY("a letter.txt", "Dear Ada,\n\nthe parcel has come, and nothing in it is broken. The "
                           "cups are on the shelf\nnow, beside the blue ones. Will you visit us in "
                           "June?\n\nYours,\nMary\n"),
    CANARY("a script.sh", "#!/bin/sh\nset -eu\nfor file in *.txt; do\n    wc -l \"$file\"\ndone\n"),
    CANARY("a program.py", "#!/usr/bin/env python3\n\"\"\"Adds up the numbers in a file.\"\"\"\n\n"
                           "import sys\n\nwith open(sys.argv[1]) as lines:\n"
                           "    print(sum(int(line) for line in lines))\n"),
    CANARY("a page.html", "<!DOCTYPE html>\n<html lang=\"en\">\n<head><title>Bread</title></head>\n"
                          "<body>\n<h1>Bread</h1>\n<p>Flour, water, salt and time.</p>\n"
                          "<script>document.title = 'Bread, fresh';</script>\n</body>\n</html>\n"),
    CANARY("settings.ini", "[window]\nwidth = 800\nheight = 600\n\n[recent]\nfile = letter.txt\n"),
    CANARY("data.json", "{\"name\": \"bread\", \"weight\": 750, \"slices\": [12, 14, 15]}\n"),
};

const struct canary *canary_list(size_t *ret_count)
{
    *ret_count = sizeof(canaries) / sizeof(canaries[0]);
    return canaries;
}
