/* stop_signal: the signals that ask a scan to stop, as something to wait for. */
#ifndef CLI_STOP_SIGNAL_H
#define CLI_STOP_SIGNAL_H

#include "base/status.h"

/* From now on SIGINT, SIGTERM and SIGHUP make *ret_fd readable and do nothing else, to the end of
 * the process: an impatient second one must not take its exit code away. Those that the caller had
 * ignored, as nohup(1) does, stay so. SIGPIPE and SIGXFSZ do nothing: the write that is their cause
 * fails. Errors: ASSAY_ERR_IO; errno says why. */
CHECKED status stop_signal_open(int *ret_fd);

/* The name of the signal that came: "SIGINT". */
const char *stop_signal_name(int fd);

#endif
