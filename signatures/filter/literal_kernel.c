#include "signatures/filter/literal_kernel.h"

static void fold(const uint8_t *data, size_t size, uint8_t *ret_folded)
{
    for (size_t i = 0; i < size; i++)
        ret_folded[i] = (uint8_t)literal_fold(data[i]);
}

/* With a class that the compiler knows, most of its arithmetic is gone. */
static inline __attribute__((always_inline)) size_t
filter_class(const struct literal_filter *filter, const struct literal_class *class,
             const uint8_t *folded, size_t end, uint16_t *ret_positions)
{
    size_t count = 0;
    for (size_t i = 0; i < end; i += class->stride) {
        ret_positions[count] = (uint16_t)i;
        count += literal_filter_has(filter->words, filter->bits, literal_hash(folded + i, class));
    }
    return count;
}

#define DEFINE_FILTER(class)                                                                       \
    static size_t filter_##class(const struct literal_filter *filter, const uint8_t *folded,       \
                                 size_t end, uint16_t *ret_positions)                              \
    {                                                                                              \
        return filter_class(filter, &literal_classes[class], folded, end, ret_positions);          \
    }

DEFINE_FILTER(0)
DEFINE_FILTER(1)
DEFINE_FILTER(2)

const struct literal_kernel literal_kernel_portable = {
    "portable", fold, {filter_0, filter_1, filter_2}};

#ifndef __x86_64__
const struct literal_kernel *literal_kernel_quick(void)
{
    return NULL;
}
#endif
