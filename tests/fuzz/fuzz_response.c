/* Any lines as the head of an answer. What is understood of it never contradicts itself. */
#include "update/response.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct response response = {.status = 0};
    for (size_t at = 0; at < size;) {
        const uint8_t *end = memchr(data + at, '\n', size - at);
        size_t line = end ? (size_t)(end - data) + 1 - at : size - at;
        response_take_line(&response, (struct view){data + at, line});
        at += line;
        check(response.status < 1000);
        check(response.total <= INT64_MAX);
        check(response_status_words(response.status) != NULL);
        if (response.range == RANGE_PART)
            check(response.first <= response.last && response.last < response.total);
    }
    return 0;
}
