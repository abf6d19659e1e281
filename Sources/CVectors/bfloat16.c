#include "vectors.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#pragma clang attribute push( \
  __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16"))), apply_to = function)

#define ALWAYS __attribute__((always_inline))

/* Rows of a tile, and vectors of sixteen columns: 24 sums in 32 registers. */
enum { ROWS = 6, ACROSS = 4 };

/* sums = rows * right, for `across` vectors of columns. `right` is `[pairs, stride]`: two numbers of one column, of
   rows 2i and 2i+1, beside each other. */
static inline ALWAYS void tile(
  const uint16_t *const rows[ROWS], long pairs, const uint32_t *right, long stride, const int across,
  __m512 sums[ROWS][ACROSS]
) {
#pragma clang loop unroll(full)
  for (int row = 0; row < ROWS; row++)
#pragma clang loop unroll(full)
    for (int i = 0; i < across; i++) sums[row][i] = _mm512_setzero_ps();
  for (long pair = 0; pair < pairs; pair++) {
    __m512bh columns[ACROSS];
#pragma clang loop unroll(full)
    for (int i = 0; i < across; i++) columns[i] = (__m512bh)_mm512_loadu_si512(right + pair * stride + 16 * i);
#pragma clang loop unroll(full)
    for (int row = 0; row < ROWS; row++) {
      int32_t two;
      memcpy(&two, rows[row] + 2 * pair, sizeof two);
      __m512bh left = (__m512bh)_mm512_set1_epi32(two);
#pragma clang loop unroll(full)
      for (int i = 0; i < across; i++) sums[row][i] = _mm512_dpbf16_ps(sums[row][i], left, columns[i]);
    }
  }
}

static inline ALWAYS void score(
  const uint16_t *const queries[ROWS], long pairs, const uint32_t *keys, long padded, const int across, float *scores
) {
  __m512 sums[ROWS][ACROSS];
  tile(queries, pairs, keys, padded, across, sums);
#pragma clang loop unroll(full)
  for (int row = 0; row < ROWS; row++)
#pragma clang loop unroll(full)
    for (int i = 0; i < across; i++) _mm512_storeu_ps(scores + row * padded + 16 * i, sums[row][i]);
}

static inline ALWAYS void mix(
  const uint16_t *const weights[ROWS], long pairs, const uint32_t *values, long width, const int across,
  const float factors[ROWS], long rows, uint16_t *result, long stride
) {
  __m512 sums[ROWS][ACROSS];
  tile(weights, pairs, values, width, across, sums);
#pragma clang loop unroll(full)
  for (int row = 0; row < ROWS; row++) {
    if (row >= rows) break;
#pragma clang loop unroll(full)
    for (int i = 0; i < across; i++) {
      __m256bh numbers = _mm512_cvtneps_pbh(_mm512_mul_ps(sums[row][i], _mm512_set1_ps(factors[row])));
      memcpy(result + row * stride + 16 * i, &numbers, sizeof numbers);
    }
  }
}

#define EACH_WIDTH(across, call) \
  switch (across) {              \
  case 1: call(1); break;        \
  case 2: call(2); break;        \
  case 3: call(3); break;        \
  default: call(4);              \
  }

/* 2^t = 2^n * 2^r with n the nearest integer; 2^r is a fit of relative error 2.8e-6 on |r| <= 1/2. Lanes outside `inside` are
   0. */
static inline ALWAYS __m512 power_of_two(__m512 t, __mmask16 inside) {
  __m512 n = _mm512_roundscale_ps(t, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC), r = _mm512_sub_ps(t, n);
  __m512 p = _mm512_fmadd_ps(r, _mm512_set1_ps(0.00958285f), _mm512_set1_ps(0.05590643f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.24024099f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.6931242f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1));
  return _mm512_maskz_scalef_ps(inside, p, n);
}

/* exp(scale*(x - largest)) of the first `seen` scores to bfloat16, of the others to `padded` 0; one over their sum. */
static inline ALWAYS float weigh(const float *scores, long seen, long padded, float scale, uint16_t *weights) {
  long whole = seen & ~15L;
  __mmask16 rest = (__mmask16)((1u << (seen - whole)) - 1);
  __m512 most = _mm512_set1_ps(-__builtin_inff());
  for (long i = 0; i < whole; i += 16) most = _mm512_max_ps(most, _mm512_loadu_ps(scores + i));
  if (rest) most = _mm512_mask_max_ps(most, rest, most, _mm512_loadu_ps(scores + whole));
  float slope = scale * 1.44269504f;
  __m512 slopes = _mm512_set1_ps(slope), offset = _mm512_set1_ps(_mm512_reduce_max_ps(most) * slope);
  __m512 total = _mm512_setzero_ps();
  for (long i = 0; i < seen; i += 16) {
    __m512 t = _mm512_fmsub_ps(_mm512_loadu_ps(scores + i), slopes, offset);
    __m512 p = power_of_two(t, i < whole ? (__mmask16)0xffff : rest);
    total = _mm512_add_ps(total, p);
    __m256bh numbers = _mm512_cvtneps_pbh(p);
    memcpy(weights + i, &numbers, sizeof numbers);
  }
  for (long i = (seen + 15) & ~15L; i < padded; i += 16) memset(weights + i, 0, 16 * sizeof *weights);
  return 1 / _mm512_reduce_add_ps(total);
}

/* Sixteen rows of sixteen numbers of 32 bits, transposed. */
static inline ALWAYS void transpose(__m512i x[16]) {
  __m512i y[16];
  for (int i = 0; i < 16; i += 2) {
    y[i] = _mm512_unpacklo_epi32(x[i], x[i + 1]);
    y[i + 1] = _mm512_unpackhi_epi32(x[i], x[i + 1]);
  }
  for (int i = 0; i < 16; i += 4) {
    x[i] = _mm512_unpacklo_epi64(y[i], y[i + 2]);
    x[i + 1] = _mm512_unpackhi_epi64(y[i], y[i + 2]);
    x[i + 2] = _mm512_unpacklo_epi64(y[i + 1], y[i + 3]);
    x[i + 3] = _mm512_unpackhi_epi64(y[i + 1], y[i + 3]);
  }
  for (int i = 0; i < 4; i++) {
    y[i] = _mm512_shuffle_i32x4(x[i], x[i + 4], 0x88);
    y[i + 4] = _mm512_shuffle_i32x4(x[i], x[i + 4], 0xdd);
    y[i + 8] = _mm512_shuffle_i32x4(x[i + 8], x[i + 12], 0x88);
    y[i + 12] = _mm512_shuffle_i32x4(x[i + 8], x[i + 12], 0xdd);
  }
  for (int i = 0; i < 4; i++) {
    x[i] = _mm512_shuffle_i32x4(y[i], y[i + 8], 0x88);
    x[i + 4] = _mm512_shuffle_i32x4(y[i + 4], y[i + 12], 0x88);
    x[i + 8] = _mm512_shuffle_i32x4(y[i], y[i + 8], 0xdd);
    x[i + 12] = _mm512_shuffle_i32x4(y[i + 4], y[i + 12], 0xdd);
  }
}

/* Keys `[tokens, width]` to `[width/2, padded]`, pairs of one token's numbers beside each other. */
static void pack_keys(const uint16_t *keys, long stride, long tokens, long width, long padded, uint32_t *packed) {
  for (long pair = 0; pair < width / 2; pair += 16) {
    __mmask16 inside = width / 2 - pair >= 16 ? 0xffff : (__mmask16)((1u << (width / 2 - pair)) - 1);
    for (long token = 0; token < padded; token += 16) {
      __m512i block[16];
      for (int i = 0; i < 16; i++)
        block[i] = token + i < tokens ? _mm512_maskz_loadu_epi32(inside, keys + (token + i) * stride + 2 * pair)
                                      : _mm512_setzero_si512();
      transpose(block);
      for (int i = 0; i < 16 && pair + i < width / 2; i++)
        _mm512_storeu_si512(packed + (pair + i) * padded + token, block[i]);
    }
  }
}

/* Values `[tokens, width]` to `[padded/2, width]`, the numbers of two tokens beside each other. */
static void pack_values(const uint16_t *values, long stride, long tokens, long width, long padded, uint32_t *packed) {
  __m256i none = _mm256_setzero_si256();
  for (long token = 0; token < padded; token += 2)
    for (long column = 0; column < width; column += 16) {
      const uint16_t *from = values + token * stride + column;
      __m256i first = token < tokens ? _mm256_loadu_si256((const void *)from) : none;
      __m256i second = token + 1 < tokens ? _mm256_loadu_si256((const void *)(from + stride)) : none;
      __m512i both = _mm512_or_si512(
        _mm512_cvtepu16_epi32(first), _mm512_slli_epi32(_mm512_cvtepu16_epi32(second), 16));
      _mm512_storeu_si512(packed + token / 2 * width + column, both);
    }
}

static void attend(
  const uint16_t *queries, const uint16_t *keys, const uint16_t *values, long stride, long tokens, long width,
  float scale, int causal, uint16_t *result, long result_stride, void *scratch, long kept, float *attention
) {
  long padded = (tokens + 15) & ~15L;
  uint32_t *packed_keys = scratch, *packed_values = packed_keys + width / 2 * padded;
  float *scores = (float *)(packed_values + padded / 2 * width);
  uint16_t *weights = (uint16_t *)(scores + ROWS * padded);
  pack_keys(keys, stride, tokens, width, padded, packed_keys);
  pack_values(values, stride, tokens, width, padded, packed_values);
  for (long first = 0; first < tokens; first += ROWS) {
    long rows = tokens - first < ROWS ? tokens - first : ROWS;
    /* Below the last row its copies are computed and thrown away. */
    const uint16_t *asking[ROWS], *weighing[ROWS];
    float factors[ROWS];
    /* The head beside this one is the next: its rows are far apart, so that no prefetcher of the processor's sees them coming. */
    for (long row = first; row < first + rows; row++)
      for (long column = width; column < 2 * width; column += 32) {
        __builtin_prefetch(queries + row * stride + column);
        __builtin_prefetch(keys + row * stride + column);
        __builtin_prefetch(values + row * stride + column);
      }
    for (long row = 0; row < ROWS; row++)
      asking[row] = queries + (first + (row < rows ? row : rows - 1)) * stride;
    long vectors = (causal ? first + rows + 15 : padded) / 16, tiles = (vectors + ACROSS - 1) / ACROSS;
    for (long i = 0; i < tiles; i++) {
      long from = vectors * i / tiles, across = vectors * (i + 1) / tiles - from;
#define SCORE(across) score(asking, width / 2, packed_keys + 16 * from, padded, across, scores + 16 * from)
      EACH_WIDTH(across, SCORE)
    }
    for (long row = 0; row < ROWS; row++) {
      weighing[row] = weights + row * padded;
      long token = first + (row < rows ? row : rows - 1), seen = causal ? token + 1 : tokens;
      factors[row] = weigh(scores + row * padded, seen, 16 * vectors, scale, weights + row * padded);
      if (attention && token == kept)
        for (long i = 0; i < tokens; i++) {
          uint32_t bits = i < seen ? (uint32_t)weighing[row][i] << 16 : 0;
          memcpy(attention + i, &bits, sizeof bits);
          attention[i] *= factors[row];
        }
    }
    for (long column = 0; column < width; column += 16 * ACROSS) {
      long across = (width - column) / 16;
      uint16_t *place = result + first * result_stride + column;
#define MIX(across) \
  mix(weighing, 8 * vectors, packed_values + column, width, across, factors, rows, place, result_stride)
      EACH_WIDTH(across, MIX)
    }
  }
}

/* x*Phi(x): the fit of kernels.h, its factors of sqrt(2) and 2 in the coefficients. */
static inline ALWAYS __m512 gelu(__m512 x) {
  __m512 z = _mm512_min_ps(_mm512_max_ps(x, _mm512_set1_ps(-5.515433f)), _mm512_set1_ps(5.515433f));
  __m512 u = _mm512_mul_ps(z, z);
  __m512 p = _mm512_fmadd_ps(u, _mm512_set1_ps(2.2654243e-08f), _mm512_set1_ps(6.351849e-06f));
  p = _mm512_fmadd_ps(p, u, _mm512_set1_ps(0.0001695573f));
  p = _mm512_fmadd_ps(p, u, _mm512_set1_ps(0.004681596f));
  p = _mm512_fmadd_ps(p, u, _mm512_set1_ps(0.03392974f));
  p = _mm512_fmadd_ps(p, u, _mm512_set1_ps(0.3989422f));
  __m512 q = _mm512_fmadd_ps(u, _mm512_set1_ps(1.1947151e-06f), _mm512_set1_ps(7.385485e-05f));
  q = _mm512_fmadd_ps(q, u, _mm512_set1_ps(0.001888593f));
  q = _mm512_fmadd_ps(q, u, _mm512_set1_ps(0.028688993f));
  q = _mm512_fmadd_ps(q, u, _mm512_set1_ps(0.25171515f));
  q = _mm512_fmadd_ps(q, u, _mm512_set1_ps(1.0f));
  return _mm512_mul_ps(x, _mm512_fmadd_ps(z, _mm512_div_ps(p, q), _mm512_set1_ps(0.5f)));
}

/* x*sigmoid(1.702x). Beyond 2^+-126 the power has no float. */
static inline ALWAYS __m512 quick_gelu(__m512 x) {
  __m512 t = _mm512_mul_ps(x, _mm512_set1_ps(-1.702f * 1.44269504f));
  t = _mm512_min_ps(_mm512_max_ps(t, _mm512_set1_ps(-126)), _mm512_set1_ps(126));
  return _mm512_div_ps(x, _mm512_add_ps(power_of_two(t, 0xffff), _mm512_set1_ps(1)));
}

#define ACTIVATION(name)                                                                                     \
  void vectors_##name##_to_bfloat16(const float *values, long count, uint16_t *result) {                     \
    long whole = count & ~31L;                                                                               \
    for (long i = 0; i < whole; i += 32) {                                                                   \
      __m512 first = name(_mm512_loadu_ps(values + i)), second = name(_mm512_loadu_ps(values + i + 16));     \
      __m512bh numbers = _mm512_cvtne2ps_pbh(second, first);                                                 \
      memcpy(result + i, &numbers, sizeof numbers);                                                          \
    }                                                                                                        \
    for (long i = whole; i < count; i += 16) {                                                               \
      long rest = count - i < 16 ? count - i : 16;                                                           \
      __mmask16 inside = (__mmask16)((1u << rest) - 1);                                                      \
      __m256bh numbers = _mm512_cvtneps_pbh(name(_mm512_maskz_loadu_ps(inside, values + i)));                \
      memcpy(result + i, &numbers, (size_t)rest * sizeof *result);                                           \
    }                                                                                                        \
  }
ACTIVATION(gelu)
ACTIVATION(quick_gelu)
#undef ACTIVATION

#pragma clang attribute pop

int vectors_has_bfloat16(void) {
  return __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512bw")
         && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

long vectors_attend_bfloat16_scratch(long tokens, long width) {
  return ((tokens + 15) & ~15L) * (4 * width + ROWS * 6);
}

void vectors_attend_bfloat16(
  const uint16_t *queries, const uint16_t *keys, const uint16_t *values, long stride, long tokens, long width,
  float scale, int causal, uint16_t *result, long result_stride, void *scratch, long kept, float *attention
) {
  attend(
    queries, keys, values, stride, tokens, width, scale, causal, result, result_stride, scratch, kept, attention);
}
#else
int vectors_has_bfloat16(void) { return 0; }

long vectors_attend_bfloat16_scratch(long tokens, long width) { return 0; }

void vectors_attend_bfloat16(
  const uint16_t *queries, const uint16_t *keys, const uint16_t *values, long stride, long tokens, long width,
  float scale, int causal, uint16_t *result, long result_stride, void *scratch, long kept, float *attention
) {
  __builtin_trap();
}

void vectors_gelu_to_bfloat16(const float *values, long count, uint16_t *result) { __builtin_trap(); }

void vectors_quick_gelu_to_bfloat16(const float *values, long count, uint16_t *result) { __builtin_trap(); }
#endif
