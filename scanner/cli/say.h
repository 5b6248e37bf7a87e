/* say: messages for people on standard error, one a line, safe whatever is in them. */
#ifndef CLI_SAY_H
#define CLI_SAY_H

/* "assay: " and the words. */
__attribute__((format(printf, 1, 2))) void say(const char *format, ...);

#endif
