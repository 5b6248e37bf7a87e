/* failure: why libcurl gave up, as an exit code and as words that say what to do next. */
#ifndef UPDATE_FAILURE_H
#define UPDATE_FAILURE_H

#include "base/status.h"
#include "base/updater.h"

#include <curl/curl.h>

/*   why      what curl_easy_perform returned, not CURLE_OK
 *   said     what libcurl left in its CURLOPT_ERRORBUFFER
 *   verify   CURLINFO_SSL_VERIFYRESULT
 *   started  bytes of the body came: they are kept */
enum updater_exit failure_describe(CURLcode why, const char *said, long verify, bool started,
                                   struct error *error);

#endif
