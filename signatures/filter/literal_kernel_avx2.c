#ifdef __x86_64__

#include "signatures/filter/literal_kernel.h"

#include <immintrin.h>

#define AVX2   __attribute__((target("avx2,bmi,popcnt")))
#define INLINE static inline __attribute__((always_inline)) AVX2

AVX2 static void fold(const uint8_t *data, size_t size, uint8_t *ret_folded)
{
    size_t i = 0;
    for (; i + 32 <= size; i += 32) {
        __m256i bytes = _mm256_loadu_si256((const void *)(data + i));
        __m256i upper = _mm256_and_si256(_mm256_srli_epi32(bytes, 1), _mm256_set1_epi8(0x20));
        _mm256_storeu_si256((void *)(ret_folded + i), _mm256_andnot_si256(upper, bytes));
    }
    for (; i < size; i++)
        ret_folded[i] = (uint8_t)literal_fold(data[i]);
}

INLINE __m256i mix(const uint8_t *data, const struct literal_class *class, size_t word)
{
    __m256i bytes = _mm256_loadu_si256((const void *)(data + 4 * word));
    __m256i mask = _mm256_set1_epi32((int)literal_mask(class, (unsigned)word));
    __m256i factor = _mm256_set1_epi32((int)class->factors[word]);
    return _mm256_mullo_epi32(_mm256_and_si256(bytes, mask), factor);
}

/* Four words of the filter. The instruction that gathers them is slower on many processors. */
INLINE __m128i four_words(const uint32_t *words, __m128i indexes)
{
    uint64_t low = (uint64_t)_mm_cvtsi128_si64(indexes);
    uint64_t high = (uint64_t)_mm_extract_epi64(indexes, 1);
    __m128i four = _mm_cvtsi32_si128((int)words[(uint32_t)low]);
    four = _mm_insert_epi32(four, (int)words[low >> 32], 1);
    four = _mm_insert_epi32(four, (int)words[(uint32_t)high], 2);
    return _mm_insert_epi32(four, (int)words[high >> 32], 3);
}

INLINE __m256i eight_words(const uint32_t *words, __m256i indexes)
{
    __m128i low = four_words(words, _mm256_castsi256_si128(indexes));
    __m128i high = four_words(words, _mm256_extracti128_si256(indexes, 1));
    return _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
}

/* A bit for each of the windows at data, data + 4, ... data + 28 that the filter lets through. */
INLINE uint32_t eight_windows(const struct literal_filter *filter,
                              const struct literal_class *class, const uint8_t *data)
{
    const __m256i five_bits = _mm256_set1_epi32(31);
    __m256i hash = mix(data, class, 0);
    if (class->width > 4)
        hash = _mm256_add_epi32(hash, mix(data, class, 1));
    hash = _mm256_xor_si256(hash, _mm256_srli_epi32(hash, 15));
    __m256i index = _mm256_srl_epi32(hash, _mm_cvtsi32_si128(32 - (int)filter->bits));
    __m256i word = eight_words(filter->words, index);
    __m256i one = _mm256_and_si256(_mm256_srli_epi32(hash, 11), five_bits);
    __m256i other = _mm256_and_si256(_mm256_srli_epi32(hash, 6), five_bits);
    __m256i both = _mm256_and_si256(_mm256_srlv_epi32(word, one), _mm256_srlv_epi32(word, other));
    return (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_slli_epi32(both, 31)));
}

/* Bytes from one eight to the next of the four that are looked at in one turn. */
INLINE size_t apart(const struct literal_class *class)
{
    return class->stride == 1 ? 1 : 32;
}

INLINE uint16_t position_of(const struct literal_class *class, size_t at, unsigned bit)
{
    return (uint16_t)(at + (size_t)(bit % 8) * 4 + bit / 8 * apart(class));
}

/* The positions of the bits that are set. Most often they are few: four are written in any case, so
 * that there is no branch that nobody can foretell. */
INLINE size_t put_positions(const struct literal_class *class, size_t at, uint32_t bits,
                            uint16_t *ret_positions)
{
    size_t count = (size_t)_mm_popcnt_u32(bits);
    for (size_t i = 0; i < 4; i++) {
        ret_positions[i] = position_of(class, at, _tzcnt_u32(bits));
        bits &= bits - 1;
    }
    for (size_t i = 4; bits != 0; i++) {
        ret_positions[i] = position_of(class, at, _tzcnt_u32(bits));
        bits &= bits - 1;
    }
    return count;
}

INLINE size_t filter_class(const struct literal_filter *filter, const struct literal_class *class,
                           const uint8_t *folded, size_t end, uint16_t *ret_positions)
{
    const size_t turn = 32 * (size_t) class->stride;
    size_t count = 0, at = 0;
    for (; at + turn <= end; at += turn) {
        uint32_t bits = 0;
        for (size_t i = 0; i < 4; i++)
            bits |= eight_windows(filter, class, folded + at + i * apart(class)) << 8 * i;
        count += put_positions(class, at, bits, ret_positions + count);
    }
    for (; at < end; at += class->stride) {
        ret_positions[count] = (uint16_t)at;
        count += literal_filter_has(filter->words, filter->bits, literal_hash(folded + at, class));
    }
    return count;
}

#define DEFINE_FILTER(class)                                                                       \
    AVX2 static size_t filter_##class(const struct literal_filter *filter, const uint8_t *folded,  \
                                      size_t end, uint16_t *ret_positions)                         \
    {                                                                                              \
        return filter_class(filter, &literal_classes[class], folded, end, ret_positions);          \
    }

DEFINE_FILTER(0)
DEFINE_FILTER(1)
DEFINE_FILTER(2)

static const struct literal_kernel kernel_avx2 = {"AVX2", fold, {filter_0, filter_1, filter_2}};

const struct literal_kernel *literal_kernel_quick(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                   __builtin_cpu_supports("popcnt")
               ? &kernel_avx2
               : NULL;
}

#endif
