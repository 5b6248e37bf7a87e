/* stop_signal: the signals that ask a scan to stop, as something to wait for. */
#ifndef CLI_STOP_SIGNAL_H
#define CLI_STOP_SIGNAL_H

#include "base/status.h"

/* From now on SIGINT, SIGTERM and SIGHUP make *ret_fd readable and do nothing else; SIGPIPE does
 * nothing. Errors: ASSAY_ERR_IO. */
CHECKED status stop_signal_open(int *ret_fd);

/* The name of the signal that came: "SIGINT". */
const char *stop_signal_name(int fd);

/* The signals kill again, as they do by default. Takes -1. */
void stop_signal_close(int fd);

#endif
