/* nice: leave processor and disk to everybody else. */
#ifndef CLI_NICE_H
#define CLI_NICE_H

/* For this process and those it starts. Best effort: what the system refuses is left as it is. */
void nice_be(void);

#endif
