/* mend: makes a mutated input pass the first tests of its format again, in place: the magic, and the
 * check sums of headers. Bytes that come out are what is tried and kept, so that an input of the
 * corpus says the same without this. */
#ifndef TESTS_MEND_H
#define TESTS_MEND_H

#include <stddef.h>
#include <stdint.h>

typedef void mend_function(uint8_t *data, size_t size);

/* NULL when there is nothing to mend in the format. */
mend_function *mend_of(const char *format);

#endif
