/* Elementwise functions over rows of float32, for the inner loops of a transformer.

   Every function computes in sixteen fixed lanes without fused multiply-add, whatever the width of the machine's
   registers, so that results are the same bits everywhere; the widest instruction set that the processor has is chosen
   when a function is called. Strides are in numbers, not bytes. A bfloat16 is the upper half of a float32, rounded to
   nearest even. */
#ifndef HEADATLAS_VECTORS_H
#define HEADATLAS_VECTORS_H

#include <stdint.h>

/* The instruction sets of x86-64 that the processor has and the system lets programs use, as a sum of these; 0 elsewhere.
   AVX2 is with FMA, AVX-512 what the first servers with it had (F, CD, BW, DQ, VL). */
enum { VECTORS_AVX = 1, VECTORS_AVX2 = 2, VECTORS_AVX512 = 4 };
int vectors_instruction_sets(void);

/* Softmax of scale*scores, row by row. Row i sees all `columns`, or the first i+1 where `causal`; the others become 0.
   `scores` has rows of `stride`, a multiple of 16 that is at least `columns`; what lies between becomes 0.
   `output` is `scores` or other rows of the same stride. */
void vectors_softmax(float *scores, long rows, long columns, long stride, float scale, int causal, float *output);
void vectors_softmax_bfloat16(
  float *scores, long rows, long columns, long stride, float scale, int causal, uint16_t *output);

/* LayerNorm of rows: (x - mean) / sqrt(variance + epsilon) * weight + bias. Where `added` is not null, rows of the same
   shape are added to the input first, which is stored so. `output` may be the input. */
void vectors_layer_norm(
  float *input, const float *added, long rows, long width, const float *weight, const float *bias, float epsilon,
  float *output, long stride);
void vectors_layer_norm_bfloat16(
  float *input, const float *added, long rows, long width, const float *weight, const float *bias, float epsilon,
  uint16_t *output, long stride);
/* The mean and sqrt(variance + epsilon) that LayerNorm uses. */
void vectors_moments(const float *input, long width, float epsilon, float *mean, float *deviation);

/* values = f(values + bias): x*Phi(x) in the exact (erf) form, or x*sigmoid(1.702x). */
void vectors_gelu(float *values, long rows, long width, long stride, const float *bias);
void vectors_quick_gelu(float *values, long rows, long width, long stride, const float *bias);
/* values += bias. */
void vectors_add_bias(float *values, long rows, long width, long stride, const float *bias);

/* sums += the outer product of every row with itself, row after row, in double: rows `[rows, width]`, sums `[width,
   width]`, width a multiple of 8. Blocks of 8 by 8 below the diagonal are left alone. */
void vectors_add_outer_products(const double *rows, long count, long width, double *sums);

/* For every row x of `[rows, width]`, in double and the same whatever the row's place: x*first and x*second; and
   x*matrix*x for a symmetric `[width, width]`. The width is a multiple of 8. */
void vectors_products(
  const double *rows, long count, long width, const double *first, const double *second, double *with_first,
  double *with_second);
void vectors_quadratic_forms(const double *rows, long count, long width, const double *matrix, double *results);

void vectors_to_bfloat16(const float *input, long count, uint16_t *output);
void vectors_from_bfloat16(const uint16_t *input, long count, float *output);

/* Whether the processor has AVX512-BF16. The functions below need it, so they are the ones here that are not the same bits
   everywhere. */
int vectors_has_bfloat16(void);

/* x*Phi(x) in the exact (erf) form, or x*sigmoid(1.702x), of float32 to bfloat16. */
void vectors_gelu_to_bfloat16(const float *values, long count, uint16_t *result);
void vectors_quick_gelu_to_bfloat16(const float *values, long count, uint16_t *result);

/* One head's attention in bfloat16, sums in float32: row i of `result` is the mean of the values by softmax(scale *
   queries*keys) over all tokens, or the first i+1 where `causal`. Queries, keys and values are `[tokens, width]` of one stride,
   `result` of its own; width a multiple of 16. The scores of six rows exist at a time. The attention of row `kept` is written
   to `attention`, `[tokens]`, where that is not null. `scratch` is aligned to 4, of as many bytes as the first function says. */
long vectors_attend_bfloat16_scratch(long tokens, long width);
void vectors_attend_bfloat16(
  const uint16_t *queries, const uint16_t *keys, const uint16_t *values, long stride, long tokens, long width,
  float scale, int causal, uint16_t *result, long result_stride, void *scratch, long kept, float *attention);

#endif
