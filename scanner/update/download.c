#include "update/download.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "update/failure.h"
#include "update/response.h"

#include <curl/curl.h>
#include <stdio.h>

#define REDIRECTS       5L
#define CONNECT_SECONDS 30L
#define SLOW_SECONDS    30L
#define HEADER_MAX      (UINT64_C(256) << 10) /* bytes of headers, those of redirects included */
#define SERVER          "tell whoever runs the server"

struct transfer {
    CURL *curl;
    struct target *target;
    struct error *error;
    struct response response;
    uint64_t header_bytes;
    bool began;    /* the answer in front of the body was looked at */
    bool complete; /* there is nothing behind what the target has */
    bool anew;     /* it cannot go on where the target ends */
    /* Why it was ended here and not by libcurl; UPDATER_OK: it was not. */
    enum updater_exit exit;
};

/* False, for a callback that ends the transfer. The words are in error already. */
static bool give_up(struct transfer *transfer, enum updater_exit exit, status described)
{
    (void)described;
    transfer->exit = exit;
    return false;
}

static bool too_large(struct transfer *transfer, uint64_t size)
{
    uint64_t most = transfer->target->most;
    return give_up(transfer, UPDATER_TOO_LARGE,
                   error_set(transfer->error, ASSAY_ERR_LIMIT,
                             "the file has %llu bytes, %llu are allowed: check the address",
                             (unsigned long long)size, (unsigned long long)most));
}

static bool begin_whole(struct transfer *transfer)
{
    curl_off_t length = -1;
    curl_easy_getinfo(transfer->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (length > 0 && (uint64_t)length > transfer->target->most)
        return too_large(transfer, (uint64_t)length);
    status restarted = target_restart(transfer->target, transfer->error);
    return restarted >= 0 || give_up(transfer, UPDATER_NO_WRITING, restarted);
}

static bool begin_part(struct transfer *transfer)
{
    const struct response *response = &transfer->response;
    if (response->range != RANGE_PART || response->first != transfer->target->size) {
        transfer->anew = true;
        return give_up(transfer, UPDATER_NETWORK,
                       error_set(transfer->error, ASSAY_ERR_IO,
                                 "the server sends another part than it was asked for; " SERVER));
    }
    return response->total <= transfer->target->most || too_large(transfer, response->total);
}

/* The target may already have all there is. */
static bool begin_nothing(struct transfer *transfer)
{
    const struct response *response = &transfer->response;
    transfer->complete =
        response->range == RANGE_NO_PART && response->total == transfer->target->size;
    transfer->anew = !transfer->complete;
    if (transfer->complete)
        return false;
    return give_up(transfer, UPDATER_NETWORK,
                   error_set(transfer->error, ASSAY_ERR_IO,
                             "the server cannot send what was asked for (416); " SERVER));
}

static bool begin_other(struct transfer *transfer)
{
    unsigned code = transfer->response.status;
    bool missing = code == 404 || code == 410;
    const char *advice = "check the address, or try again later";
    if (missing)
        advice = "check the address, or ask its publisher";
    return give_up(transfer, missing ? UPDATER_NOT_FOUND : UPDATER_NETWORK,
                   error_set(transfer->error, ASSAY_ERR_IO, "the server answers %u%s; %s", code,
                             response_status_words(code), advice));
}

/* Looks at the answer before the first byte of the body is taken. False: no byte is. */
static bool begin(struct transfer *transfer)
{
    static const struct {
        unsigned status;
        bool (*begin)(struct transfer *transfer);
    } known[] = {{200, begin_whole}, {206, begin_part}, {416, begin_nothing}};
    transfer->began = true;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (known[i].status == transfer->response.status)
            return known[i].begin(transfer);
    }
    return begin_other(transfer);
}

/* CURLOPT_WRITEFUNCTION */
static size_t take_body(char *bytes, size_t one, size_t count, void *context)
{
    struct transfer *transfer = context;
    size_t size = one * count; /* one is 1 */
    if (!transfer->began && !begin(transfer))
        return 0;
    status written = target_write(transfer->target, bytes, size, transfer->error);
    if (written >= 0)
        return size;
    give_up(transfer, written == ASSAY_ERR_LIMIT ? UPDATER_TOO_LARGE : UPDATER_NO_WRITING, written);
    return 0;
}

/* CURLOPT_HEADERFUNCTION */
static size_t take_header(char *bytes, size_t one, size_t count, void *context)
{
    struct transfer *transfer = context;
    size_t size = one * count;
    transfer->header_bytes += size;
    if (transfer->header_bytes > HEADER_MAX) {
        give_up(transfer, UPDATER_NETWORK,
                error_set(transfer->error, ASSAY_ERR_IO, "the server sends headers without end"));
        return 0;
    }
    if (!transfer->began) /* what follows a body says nothing new about it */
        response_take_line(&transfer->response, (struct view){(const uint8_t *)bytes, size});
    return size;
}

static CURLcode set_numbers(CURL *curl, const struct update_options *options, uint64_t milliseconds)
{
    long timeout = (long)options->timeout;
    long slow = timeout / 4 < SLOW_SECONDS ? timeout / 4 : SLOW_SECONDS;
    const struct {
        CURLoption option;
        long value;
    } numbers[] = {
        {CURLOPT_FOLLOWLOCATION, 1},
        {CURLOPT_MAXREDIRS, REDIRECTS},
        {CURLOPT_DISALLOW_USERNAME_IN_URL, 1},
        {CURLOPT_NETRC, CURL_NETRC_IGNORED},
        {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
        {CURLOPT_SSL_VERIFYPEER, 1},
        {CURLOPT_SSL_VERIFYHOST, 2},
        {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1}, /* less code that reads what servers say */
        {CURLOPT_SUPPRESS_CONNECT_HEADERS, 1},
        {CURLOPT_NOSIGNAL, 1},
        {CURLOPT_QUICK_EXIT, 1},
        {CURLOPT_CONNECTTIMEOUT, timeout < CONNECT_SECONDS ? timeout : CONNECT_SECONDS},
        {CURLOPT_TIMEOUT_MS, (long)milliseconds},
        {CURLOPT_LOW_SPEED_LIMIT, (long)options->low_speed},
        {CURLOPT_LOW_SPEED_TIME, slow > 0 ? slow : 1},
    };
    CURLcode set = CURLE_OK;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]) && set == CURLE_OK; i++)
        set = curl_easy_setopt(curl, numbers[i].option, numbers[i].value);
    return set;
}

static CURLcode set_texts(CURL *curl, const struct update_options *options, uint64_t resume_from)
{
    char range[32] = "";
    if (resume_from)
        snprintf(range, sizeof(range), "%llu-", (unsigned long long)resume_from);
    const struct {
        CURLoption option;
        const char *value;
    } texts[] = {
        {CURLOPT_URL, options->url},
        {CURLOPT_PROTOCOLS_STR, "https"},
        {CURLOPT_REDIR_PROTOCOLS_STR, "https"},
        {CURLOPT_USERAGENT, UPDATER_PROGRAM "/" ASSAY_VERSION},
        {CURLOPT_RANGE, resume_from ? range : NULL},
    };
    CURLcode set = CURLE_OK;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]) && set == CURLE_OK; i++)
        set = curl_easy_setopt(curl, texts[i].option, texts[i].value);
    return set;
}

static CURLcode set_authorities(CURL *curl, struct assay_bytes authorities)
{
    if (authorities.size == 0)
        return CURLE_OK;
    struct curl_blob blob = {
        .data = (void *)(uintptr_t)authorities.data,
        .len = authorities.size,
        .flags = CURL_BLOB_NOCOPY,
    };
    /* Else those of the system's directory would be trusted too. */
    CURLcode set = curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
    return set == CURLE_OK ? curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &blob) : set;
}

static void set_callbacks(CURL *curl, struct transfer *transfer, char *said)
{
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, said);
}

/* A part has to be the rest of the file, whatever the length of the body was said to be. */
static enum updater_exit finish(struct transfer *transfer)
{
    const struct response *response = &transfer->response;
    if (!transfer->began && !begin(transfer))
        return transfer->exit;
    if (response->status == 206 && transfer->target->size != response->total) {
        error_set(transfer->error, ASSAY_ERR_TRUNCATED,
                  "only a part of the rest came; try again: what came is kept");
        return UPDATER_CUT;
    }
    return target_finish(transfer->target, transfer->error) < 0 ? UPDATER_NO_WRITING : UPDATER_OK;
}

static enum updater_exit perform(struct transfer *transfer, const char *said)
{
    CURLcode ended = curl_easy_perform(transfer->curl);
    if (transfer->exit != UPDATER_OK)
        return transfer->exit;
    if (transfer->complete)
        return UPDATER_OK;
    if (ended == CURLE_OK)
        return finish(transfer);
    long verify = 0;
    curl_easy_getinfo(transfer->curl, CURLINFO_SSL_VERIFYRESULT, &verify);
    return failure_describe(ended, said, verify, transfer->began, transfer->error);
}

static void free_handle(CURL **curl)
{
    curl_easy_cleanup(*curl);
}

static enum updater_exit attempt(const struct update_options *options,
                                 struct assay_bytes authorities, uint64_t deadline,
                                 struct transfer *transfer)
{
    char said[CURL_ERROR_SIZE] = "";
    uint64_t now = clock_nanoseconds();
    uint64_t milliseconds = deadline > now ? (deadline - now) / (CLOCK_SECOND / 1000) : 0;
    CURL *curl cleanup(free_handle) = curl_easy_init();
    if (!curl) {
        error_set(transfer->error, ASSAY_ERR_NOMEM, "libcurl cannot be started: free some memory");
        return UPDATER_FAILED;
    }
    transfer->curl = curl;
    CURLcode set = set_numbers(curl, options, milliseconds ? milliseconds : 1);
    if (set == CURLE_OK)
        set = set_texts(curl, options, transfer->target->size);
    if (set == CURLE_OK)
        set = set_authorities(curl, authorities);
    if (set != CURLE_OK) {
        error_set(transfer->error, ASSAY_ERR_UNSUPPORTED,
                  "this libcurl cannot do what is needed: %s; install that of the distribution",
                  curl_easy_strerror(set));
        return UPDATER_FAILED;
    }
    set_callbacks(curl, transfer, said);
    return perform(transfer, said);
}

enum updater_exit download(const struct update_options *options, struct assay_bytes authorities,
                           struct target *target, struct error *error)
{
    uint64_t deadline = clock_nanoseconds() + options->timeout * CLOCK_SECOND;
    struct transfer transfer = {.target = target, .error = error};
    bool resumes = target->size > 0;
    enum updater_exit exit = attempt(options, authorities, deadline, &transfer);
    if (!transfer.anew || !resumes)
        return exit;
    if (target_restart(target, error) < 0)
        return UPDATER_NO_WRITING;
    transfer = (struct transfer){.target = target, .error = error};
    return attempt(options, authorities, deadline, &transfer);
}
