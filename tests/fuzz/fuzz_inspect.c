/* Any bytes through the public API: all readers, nested as the input says, with small bounds. What
 * the result says must be what the events said. */
#include "assay.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A worker's address space has a bound as well: libarchive asks for gigabytes if the input says
 * so. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1:max_allocation_size_mb=1024";
}

enum { DEPTH = 4, EXPANDED = 4 << 20, MEMBERS = 200 };

static const char text[] =
    "rule word { strings: $a = \"needle\" nocase wide ascii condition: $a }\n"
    "rule seeds { strings: $a = \"a harmless payload\" condition: $a }\n"
    "rule named { condition: extension == \".exe\" and filename != \"\" and filetype == \"\" }\n";

struct seen {
    size_t matches, incomplete, clean;
};

static void check(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static int on_event(void *context, const struct assay_event *event)
{
    struct seen *seen = context;
    check(event->object.member_count <= DEPTH);
    for (size_t i = 0; i < event->object.member_count; i++) {
        struct assay_member member = event->object.members[i];
        check(member.occurrence >= 1 && member.occurrence <= MEMBERS);
        check(member.name.data || member.name.size == 0);
    }
    switch (event->type) {
    case ASSAY_EVENT_MATCH:
        seen->matches++;
        check(event->match && event->match->rule[0]);
        break;
    case ASSAY_EVENT_INCOMPLETE:
        seen->incomplete++;
        check(event->reason < ASSAY_REASON_COUNT && event->detail[0]);
        break;
    case ASSAY_EVENT_CLEAN:
        seen->clean++;
        break;
    }
    return 0;
}

/* Made once, and kept for the life of the process. */
static struct assay_scanner *the_scanner(void)
{
    static struct assay_rules *rules;
    static struct assay_scanner *scanner;
    if (scanner)
        return scanner;
    const struct assay_source source = {"fuzz", "fuzz", text, sizeof(text) - 1};
    struct assay_limits limits = assay_limits_default();
    limits.depth = DEPTH;
    limits.expanded = EXPANDED;
    limits.member = EXPANDED / 2;
    limits.members = MEMBERS;
    limits.codec_memory = 64 << 20;
    limits.time_seconds = 5;
    check(assay_rules_compile(&source, 1, NULL, NULL, &rules) == ASSAY_OK);
    check(assay_scanner_new(rules, &limits, &scanner) == ASSAY_OK);
    assay_scanner_report_clean(scanner, true);
    return scanner;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char path[] = "dir/input.bin";
    struct assay_subject subject = {.path = {(const uint8_t *)path, sizeof(path) - 1}};
    struct assay_result result;
    struct seen seen = {0, 0, 0};
    check(assay_scan_buffer(the_scanner(), &subject, data, size, on_event, &seen, &result) ==
          ASSAY_OK);
    check((result.verdict == ASSAY_MATCH) == (seen.matches > 0));
    check(result.verdict != ASSAY_INCOMPLETE || seen.incomplete > 0);
    check(result.verdict != ASSAY_CLEAN || (seen.incomplete == 0 && seen.clean == result.objects));
    check(result.verdict != ASSAY_ERROR);
    check(result.objects >= 1 && result.objects <= MEMBERS + 1);
    check(result.expanded_bytes <= EXPANDED);
    return 0;
}
