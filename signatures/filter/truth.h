/* truth: what is known about a condition before libyara is asked. */
#ifndef FILTER_TRUTH_H
#define FILTER_TRUTH_H

enum truth {
    TRUTH_FALSE,
    TRUTH_TRUE,
    TRUTH_UNKNOWN,
};

#endif
