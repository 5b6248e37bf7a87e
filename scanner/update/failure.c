#include "update/failure.h"

#define AGAIN   "try again: what came is kept"
#define ADDRESS "check the address and this machine's network"

static const struct {
    CURLcode why;
    enum updater_exit exit;
    const char *advice;
} failures[] = {
    {CURLE_COULDNT_RESOLVE_PROXY, UPDATER_NETWORK, "check https_proxy"},
    {CURLE_COULDNT_RESOLVE_HOST, UPDATER_NETWORK, ADDRESS},
    {CURLE_COULDNT_CONNECT, UPDATER_NETWORK, ADDRESS ", or try again later"},
    {CURLE_PROXY, UPDATER_NETWORK, "check https_proxy"},
    {CURLE_URL_MALFORMAT, UPDATER_USAGE, "correct the address"},
    {CURLE_UNSUPPORTED_PROTOCOL, UPDATER_NETWORK,
     "only https is followed: tell whoever runs the server"},
    {CURLE_LOGIN_DENIED, UPDATER_USAGE, "addresses with a user or password are not used"},
    {CURLE_TOO_MANY_REDIRECTS, UPDATER_NETWORK, "tell whoever runs the server"},
    {CURLE_OPERATION_TIMEDOUT, UPDATER_SLOW, AGAIN},
    {CURLE_PARTIAL_FILE, UPDATER_CUT, AGAIN},
    {CURLE_OUT_OF_MEMORY, UPDATER_FAILED, "free some memory and try again"},
    {CURLE_SSL_CONNECT_ERROR, UPDATER_TLS, "TLS 1.2 or later is needed; try again later"},
    {CURLE_SSL_CIPHER, UPDATER_TLS, "tell whoever runs the server"},
    {CURLE_SSL_CACERT_BADFILE, UPDATER_TLS,
     "install the package ca-certificates, or name the right file with --ca-file"},
};

/* What openssl-verify(1) calls these numbers. */
static const struct {
    long verify;
    const char *advice;
} certificates[] = {
    {9, "check the clock of this machine"},                                     /* not yet valid */
    {10, "check the clock of this machine, then tell whoever runs the server"}, /* expired */
    {18, "if it is your own server, name its authority with --ca-file"},        /* self-signed */
    {19, "if it is your own server, name its authority with --ca-file"}, /* self-signed in chain */
    {20, "if it is your own server, name its authority with --ca-file"}, /* issuer not known */
    {21, "if it is your own server, name its authority with --ca-file"}, /* chain not complete */
};

static const char *certificate_advice(long verify)
{
    for (size_t i = 0; i < sizeof(certificates) / sizeof(certificates[0]); i++) {
        if (certificates[i].verify == verify)
            return certificates[i].advice;
    }
    return "this may be another server than the one that was meant: check the address";
}

enum updater_exit failure_describe(CURLcode why, const char *said, long verify, bool started,
                                   struct error *error)
{
    enum updater_exit exit = started ? UPDATER_CUT : UPDATER_NETWORK;
    const char *advice = started ? AGAIN : "try again later";
    for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
        if (failures[i].why == why) {
            exit = failures[i].exit;
            advice = failures[i].advice;
        }
    }
    if (why == CURLE_PEER_FAILED_VERIFICATION || why == CURLE_SSL_ISSUER_ERROR) {
        exit = UPDATER_TLS;
        advice = certificate_advice(verify);
    }
    error_set(error, ASSAY_ERR_IO, "%.140s; %s", said[0] ? said : curl_easy_strerror(why), advice);
    return exit;
}
