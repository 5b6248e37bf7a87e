/* assay db update: the newest bundle of each channel. */
#include "cli/db/channel.h"
#include "cli/db/verbs.h"
#include "cli/option_kinds.h"
#include "cli/options.h"

#include <stddef.h>
#include <stdio.h>

struct update_options {
    struct installing_options common; /* first: see INSTALLING_ROWS */
    struct text_list channels;
    const char *ca_file;
};

static const struct option_row rows[] = {
    {"channel", 0, "URL", "a channel that is updated when none is named (repeatable)",
     option_add_text, offsetof(struct update_options, channels), false},
    INSTALLING_ROWS,
    {"ca-file", 0, "FILE", "certificates of who may vouch for a server (default: the system's)",
     option_set_text, offsetof(struct update_options, ca_file), false},
};

static const struct option_table table = {
    .verb = "db update",
    .operands = "[URL...]",
    .summary = "Looks at the index of each channel (https://.../NAME.channel, file:, or a path),\n"
               "fetches the newest bundle and installs it. Without a URL, the channels of the\n"
               "configuration:\n\n"
               "    [db update]\n"
               "    channel = https://example.org/assay/community.channel",
    .rows = rows,
    .count = sizeof(rows) / sizeof(rows[0]),
};

/* One channel that fails does not keep the others from being updated. */
static status update_each(const struct update_options *options, const char *const *urls,
                          size_t count, struct error *error)
{
    status worst = ASSAY_OK;
    for (size_t i = 0; i < count; i++) {
        struct error why = {""};
        status done = channel_install(&options->common, urls[i], options->ca_file, &why);
        if (done >= 0)
            continue;
        if (worst < 0)
            db_exit(worst, error);
        worst = error_set(error, done, "%.80s: %.160s", urls[i],
                          why.text[0] ? why.text : assay_status_text((enum assay_status)done));
    }
    return worst;
}

static status run(const struct update_options *options, const char *const *urls, size_t count,
                  struct error *error)
{
    if (count > 0)
        return update_each(options, urls, count, error);
    if (options->channels.count > 0)
        return update_each(options, options->channels.items, options->channels.count, error);
    return error_set(error, ASSAY_ERR_ARGUMENT,
                     "which channel? Write `assay db update https://.../NAME.channel`, or "
                     "`channel = URL` under [db update] in /etc/assay/config.ini");
}

int db_update(int argc, char **argv)
{
    struct update_options options = {.common = INSTALLING_DEFAULTS};
    struct option_values *values = NULL;
    struct error error = {""};
    int first = argc;
    status done = options_read(&table, &options, argc, argv, &error, &values, &first);
    if (done == ASSAY_OK)
        done = run(&options, (const char *const *)(argv + first), (size_t)(argc - first), &error);
    int code = db_exit(done, &error);
    free(options.channels.items);
    option_values_free(values);
    return code;
}
