#include "vectors.h"

#include <math.h>
#include <string.h>

/* Functions that pass lanes are inlined, so that no calling convention is at stake. */
#pragma clang diagnostic ignored "-Wpsabi"
/* A product and a sum are rounded apart, on every machine. */
#pragma STDC FP_CONTRACT OFF

typedef float lanes __attribute__((vector_size(64)));
typedef int32_t integers __attribute__((vector_size(64)));
typedef uint32_t words __attribute__((vector_size(64)));
typedef double doubles __attribute__((vector_size(64)));
typedef uint16_t halves __attribute__((vector_size(32)));

#define ALWAYS __attribute__((always_inline))
#define JOIN(a, b) a##_##b
#define JOINED(a, b) JOIN(a, b)
#define NAME(x) JOINED(x, SET)

#define SET plain
#define all_plain(x) ((lanes){} + (x))
#include "kernels.h"
#undef SET

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define SET avx2
#define all_avx2(x) ((lanes){} + (x))
#include "kernels.h"
#undef SET
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl"))), apply_to = function)
#define SET avx512
#define all_avx512(x) ((lanes){} + (x))
#include "kernels.h"
#undef SET
#pragma clang attribute pop

#define CHOOSE(name, arguments)                                                              \
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")                \
      && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))           \
    name##_avx512 arguments;                                                                 \
  else if (__builtin_cpu_supports("avx2"))                                                   \
    name##_avx2 arguments;                                                                   \
  else                                                                                       \
    name##_plain arguments
#else
#define CHOOSE(name, arguments) name##_plain arguments
#endif

void vectors_softmax(float *scores, long rows, long columns, long stride, float scale, int causal, float *output) {
  CHOOSE(softmax, (scores, rows, columns, stride, scale, causal, output));
}

void vectors_softmax_bfloat16(
  float *scores, long rows, long columns, long stride, float scale, int causal, uint16_t *output
) {
  CHOOSE(softmax_bfloat16, (scores, rows, columns, stride, scale, causal, output));
}

void vectors_layer_norm(
  float *input, const float *added, long rows, long width, const float *weight, const float *bias, float epsilon,
  float *output, long stride
) {
  CHOOSE(layer_norm, (input, added, rows, width, weight, bias, epsilon, output, stride));
}

void vectors_layer_norm_bfloat16(
  float *input, const float *added, long rows, long width, const float *weight, const float *bias, float epsilon,
  uint16_t *output, long stride
) {
  CHOOSE(layer_norm_bfloat16, (input, added, rows, width, weight, bias, epsilon, output, stride));
}

void vectors_moments(const float *input, long width, float epsilon, float *mean, float *deviation) {
  CHOOSE(moments, (input, width, epsilon, mean, deviation));
}

void vectors_gelu(float *values, long rows, long width, long stride, const float *bias) {
  CHOOSE(gelu_rows, (values, rows, width, stride, bias));
}

void vectors_quick_gelu(float *values, long rows, long width, long stride, const float *bias) {
  CHOOSE(quick_gelu_rows, (values, rows, width, stride, bias));
}

void vectors_add_bias(float *values, long rows, long width, long stride, const float *bias) {
  CHOOSE(add_bias, (values, rows, width, stride, bias));
}

void vectors_add_outer_products(const double *rows, long count, long width, double *sums) {
  CHOOSE(add_outer_products, (rows, count, width, sums));
}

void vectors_products(
  const double *rows, long count, long width, const double *first, const double *second, double *with_first,
  double *with_second
) {
  CHOOSE(products, (rows, count, width, first, second, with_first, with_second));
}

void vectors_quadratic_forms(const double *rows, long count, long width, const double *matrix, double *results) {
  CHOOSE(quadratic_forms, (rows, count, width, matrix, results));
}

void vectors_to_bfloat16(const float *input, long count, uint16_t *output) {
  CHOOSE(to_bfloat16, (input, count, output));
}

void vectors_from_bfloat16(const uint16_t *input, long count, float *output) {
  for (long i = 0; i < count; i++) {
    uint32_t bits = (uint32_t)input[i] << 16;
    memcpy(output + i, &bits, sizeof bits);
  }
}
