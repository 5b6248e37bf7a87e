/* embed FILE...: scans files with the built-in rules, in this process, and prints what is found.
 * Uses nothing but assay.h. Exit code: 0 clean, 1 something matched, 3 not all could be looked
 * at. */
#include <assay.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Names come from attackers: a terminal gets to see none of their control bytes. */
static void print_name(struct assay_bytes name)
{
    for (size_t i = 0; i < name.size; i++)
        putchar(name.data[i] >= ' ' && name.data[i] < 127 ? name.data[i] : '?');
}

static int print_event(void *context, const struct assay_event *event)
{
    struct assay_bytes path = {context, strlen(context)};
    print_name(path);
    for (size_t i = 0; i < event->object.member_count; i++) {
        fputs("!/", stdout);
        print_name(event->object.members[i].name);
    }
    if (event->type == ASSAY_EVENT_MATCH)
        printf(": %s (%s)\n", event->match->rule, assay_severity_name(event->match->severity));
    else if (event->type == ASSAY_EVENT_INCOMPLETE)
        printf(": incomplete: %s: %s\n", assay_reason_name(event->reason), event->detail);
    return 0; /* anything else ends the scan */
}

static enum assay_verdict scan_file(struct assay_scanner *scanner, char *path)
{
    struct assay_subject subject = {.path = {(const uint8_t *)path, strlen(path)}};
    struct assay_result result = {.verdict = ASSAY_ERROR};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    int status = ASSAY_ERR_IO;
    if (fd >= 0) {
        status = assay_scan_fd(scanner, &subject, fd, print_event, path, &result);
        close(fd);
    }
    if (status < 0)
        fprintf(stderr, "%s: %s\n", path, assay_status_text((enum assay_status)status));
    return result.verdict;
}

int main(int argc, char **argv)
{
    const struct assay_source *sources;
    size_t count;
    assay_builtin_sources(&sources, &count);

    struct assay_rules *rules;
    struct assay_scanner *scanner;
    struct assay_limits limits = assay_limits_default();
    if (assay_rules_compile(sources, count, NULL, NULL, &rules) < 0)
        return 3;
    if (assay_scanner_new(rules, &limits, &scanner) < 0) {
        assay_rules_free(rules);
        return 3;
    }
    enum assay_verdict worst = ASSAY_CLEAN; /* verdicts are in the order of how bad they are */
    for (int i = 1; i < argc; i++) {
        enum assay_verdict verdict = scan_file(scanner, argv[i]);
        if (verdict > worst)
            worst = verdict;
    }
    assay_scanner_free(scanner);
    assay_rules_free(rules);
    static const int exit_codes[] = {
        [ASSAY_CLEAN] = 0, [ASSAY_INCOMPLETE] = 3, [ASSAY_ERROR] = 3, [ASSAY_MATCH] = 1};
    return exit_codes[worst];
}
