/* The functions of vectors.h for one instruction set: included once for each, with NAME(x) giving their names. */

static inline ALWAYS lanes NAME(load)(const float *from) {
  lanes x;
  memcpy(&x, from, sizeof x);
  return x;
}

static inline ALWAYS void NAME(store)(float *to, lanes x) { memcpy(to, &x, sizeof x); }

/* The first `count` of sixteen numbers; the others are `fill`. */
static inline ALWAYS lanes NAME(load_part)(const float *from, long count, float fill) {
  lanes x = NAME(all)(fill);
  memcpy(&x, from, (size_t)count * sizeof(float));
  return x;
}

static inline ALWAYS float NAME(sum)(lanes x) {
  float eight[8], four[4];
  for (int i = 0; i < 8; i++) eight[i] = x[i] + x[i + 8];
  for (int i = 0; i < 4; i++) four[i] = eight[i] + eight[i + 4];
  return (four[0] + four[2]) + (four[1] + four[3]);
}

/* e^x for x in -87...88; other inputs are taken as the nearer end, beyond which 2^n has no float. x = n*ln 2 + r with
   |r| <= ln 2 / 2; e^r is a least-squares polynomial on Chebyshev nodes, 2^n is put into the exponent bits. */
static inline ALWAYS lanes NAME(exponential)(lanes x) {
  lanes bounded = __builtin_elementwise_min(__builtin_elementwise_max(x, NAME(all)(-87)), NAME(all)(88));
  /* Adding 1.5*2^23 leaves the nearest integer in the low bits of the mantissa. */
  lanes shifted = bounded * 1.44269504f + 12582912.0f;
  lanes n = shifted - 12582912.0f;
  lanes r = (bounded - n * 0.693359375f) - n * -2.1219444e-4f;
  lanes p = r * 0.0013946446f + 0.0083691515f;
  p = p * r + 0.041666262f;
  p = p * r + 0.16666517f;
  p = p * r + 0.5f;
  integers power = (integers)shifted << 23;
  return (r + r * r * p + 1.0f) * (lanes)(power + (integers)NAME(all)(1));
}

/* erf(z) = z*P(z^2)/Q(z^2) on |z| <= 3.9, a reweighted least-squares rational fit; beyond, erf is +-1 to 4e-8. */
static inline ALWAYS lanes NAME(gelu)(lanes x) {
  lanes z = __builtin_elementwise_min(__builtin_elementwise_max(x * 0.70710677f, NAME(all)(-3.9f)), NAME(all)(3.9f));
  lanes u = z * z;
  lanes p = u * 2.0504281e-6f + 2.8745187e-4f;
  p = p * u + 0.0038366436f;
  p = p * u + 0.05296621f;
  p = p * u + 0.1919356f;
  p = p * u + 1.128379f;
  lanes q = u * 3.8230883e-5f + 0.0011816776f;
  q = q * u + 0.015108744f;
  q = q * u + 0.114755973f;
  q = q * u + 0.5034303f;
  q = q * u + 1.0f;
  return x * 0.5f * (z * p / q + 1.0f);
}

static inline ALWAYS lanes NAME(quick_gelu)(lanes x) { return x / (NAME(exponential)(x * -1.702f) + 1.0f); }

/* To the nearest bfloat16, ties to even. A NaN that arithmetic made stays one. */
static inline ALWAYS halves NAME(rounded)(lanes x) {
  words bits = (words)x;
  return __builtin_convertvector((bits + 0x7fff + ((bits >> 16) & 1)) >> 16, halves);
}

/* The same for any numbers, since rounding could turn a NaN of a file into zero. */
static inline ALWAYS halves NAME(rounded_any)(lanes x) {
  words bits = (words)x;
  words nan = (words)((bits & 0x7fffffff) > 0x7f800000);
  return NAME(rounded)((lanes)((bits & ~nan) | (0x7fc00000 & nan)));
}

static inline ALWAYS float NAME(largest)(lanes x) {
  float eight[8], four[4];
  for (int i = 0; i < 8; i++) eight[i] = x[i] > x[i + 8] ? x[i] : x[i + 8];
  for (int i = 0; i < 4; i++) four[i] = eight[i] > eight[i + 4] ? eight[i] : eight[i + 4];
  float left = four[0] > four[2] ? four[0] : four[2], right = four[1] > four[3] ? four[1] : four[3];
  return left > right ? left : right;
}

/* The first `count` of sixteen lanes; the others are `fill`. */
static inline ALWAYS lanes NAME(first)(lanes x, long count, float fill) {
  integers numbers = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  integers inside = numbers < (int32_t)count;
  return (lanes)(((integers)x & inside) | ((integers)NAME(all)(fill) & ~inside));
}

/* Exponentials of one row in place, up to the next multiple of 16, and one over their sum. */
static inline ALWAYS float NAME(softmax_row)(float *row, long seen, float scale) {
  long whole = seen & ~15L, rest = seen - whole;
  lanes most = NAME(all)(-INFINITY);
  for (long i = 0; i < whole; i += 16) most = __builtin_elementwise_max(most, NAME(load)(row + i));
  if (rest) most = __builtin_elementwise_max(most, NAME(first)(NAME(load)(row + whole), rest, -INFINITY));
  float largest = NAME(largest)(most);
  lanes total = NAME(all)(0);
  for (long i = 0; i < whole; i += 16) {
    lanes e = NAME(exponential)((NAME(load)(row + i) - largest) * scale);
    total += e;
    NAME(store)(row + i, e);
  }
  if (rest) {
    lanes e = NAME(first)(NAME(exponential)((NAME(load)(row + whole) - largest) * scale), rest, 0);
    total += e;
    NAME(store)(row + whole, e);
  }
  return 1.0f / NAME(sum)(total);
}

static void NAME(softmax)(float *scores, long rows, long columns, long stride, float scale, int causal, float *output) {
  for (long row = 0; row < rows; row++) {
    long seen = causal ? row + 1 : columns, end = (seen + 15) & ~15L;
    float factor = NAME(softmax_row)(scores + row * stride, seen, scale);
    float *to = output + row * stride;
    for (long i = 0; i < end; i += 16) NAME(store)(to + i, NAME(load)(scores + row * stride + i) * factor);
    for (long i = end; i < stride; i++) to[i] = 0;
  }
}

static void NAME(softmax_bfloat16)(
  float *scores, long rows, long columns, long stride, float scale, int causal, uint16_t *output
) {
  for (long row = 0; row < rows; row++) {
    long seen = causal ? row + 1 : columns, end = (seen + 15) & ~15L;
    float factor = NAME(softmax_row)(scores + row * stride, seen, scale);
    uint16_t *to = output + row * stride;
    for (long i = 0; i < end; i += 16) {
      halves h = NAME(rounded)(NAME(load)(scores + row * stride + i) * factor);
      memcpy(to + i, &h, sizeof h);
    }
    for (long i = end; i < stride; i++) to[i] = 0;
  }
}

static inline ALWAYS lanes NAME(total)(const float *x, long width) {
  long whole = width & ~15L, rest = width - whole;
  lanes total = NAME(all)(0);
  for (long i = 0; i < whole; i += 16) total += NAME(load)(x + i);
  if (rest) total += NAME(load_part)(x + whole, rest, 0);
  return total;
}

/* The same, of x once `added` was added to it. */
static inline ALWAYS lanes NAME(new_total)(float *x, const float *added, long width) {
  long whole = width & ~15L, rest = width - whole;
  lanes total = NAME(all)(0);
  for (long i = 0; i < whole; i += 16) {
    lanes sum = NAME(load)(x + i) + NAME(load)(added + i);
    total += sum;
    NAME(store)(x + i, sum);
  }
  if (rest) {
    lanes sum = NAME(load_part)(x + whole, rest, 0) + NAME(load_part)(added + whole, rest, 0);
    total += sum;
    memcpy(x + whole, &sum, (size_t)rest * sizeof(float));
  }
  return total;
}

static inline ALWAYS void NAME(row_moments)(
  const float *x, lanes total, long width, float epsilon, float *mean, float *deviation
) {
  long whole = width & ~15L, rest = width - whole;
  float middle = NAME(sum)(total) / (float)width;
  total = NAME(all)(0);
  for (long i = 0; i < whole; i += 16) {
    lanes d = NAME(load)(x + i) - middle;
    total += d * d;
  }
  if (rest) {
    lanes d = NAME(load_part)(x + whole, rest, middle) - middle;
    total += d * d;
  }
  *mean = middle;
  *deviation = sqrtf(NAME(sum)(total) / (float)width + epsilon);
}

static inline ALWAYS lanes NAME(normed)(lanes x, lanes weight, lanes bias, float mean, float factor) {
  return (x - mean) * factor * weight + bias;
}

static void NAME(layer_norm)(
  float *input, const float *added, long rows, long width, const float *weight, const float *bias, float epsilon,
  float *output, long stride
) {
  long whole = width & ~15L, rest = width - whole;
  for (long row = 0; row < rows; row++) {
    float *x = input + row * width;
    lanes total = added ? NAME(new_total)(x, added + row * width, width) : NAME(total)(x, width);
    float *y = output + row * stride, mean, deviation;
    NAME(row_moments)(x, total, width, epsilon, &mean, &deviation);
    float factor = 1.0f / deviation;
    for (long i = 0; i < whole; i += 16)
      NAME(store)(y + i, NAME(normed)(NAME(load)(x + i), NAME(load)(weight + i), NAME(load)(bias + i), mean, factor));
    for (long i = whole; i < whole + rest; i++) y[i] = (x[i] - mean) * factor * weight[i] + bias[i];
  }
}

static void NAME(layer_norm_bfloat16)(
  float *input, const float *added, long rows, long width, const float *weight, const float *bias, float epsilon,
  uint16_t *output, long stride
) {
  long whole = width & ~15L, rest = width - whole;
  for (long row = 0; row < rows; row++) {
    float *x = input + row * width;
    lanes total = added ? NAME(new_total)(x, added + row * width, width) : NAME(total)(x, width);
    uint16_t *y = output + row * stride;
    float mean, deviation;
    NAME(row_moments)(x, total, width, epsilon, &mean, &deviation);
    float factor = 1.0f / deviation;
    for (long i = 0; i < whole; i += 16) {
      halves h = NAME(rounded)(
        NAME(normed)(NAME(load)(x + i), NAME(load)(weight + i), NAME(load)(bias + i), mean, factor));
      memcpy(y + i, &h, sizeof h);
    }
    if (rest) {
      halves h = NAME(rounded)(NAME(normed)(
        NAME(load_part)(x + whole, rest, 0), NAME(load_part)(weight + whole, rest, 0),
        NAME(load_part)(bias + whole, rest, 0), mean, factor));
      memcpy(y + whole, &h, (size_t)rest * sizeof(uint16_t));
    }
  }
}

static void NAME(moments)(const float *input, long width, float epsilon, float *mean, float *deviation) {
  NAME(row_moments)(input, NAME(total)(input, width), width, epsilon, mean, deviation);
}

#define ROWS(name, function)                                                                      \
  static void NAME(name)(float *values, long rows, long width, long stride, const float *bias) { \
    long whole = width & ~15L, rest = width - whole;                                              \
    for (long row = 0; row < rows; row++) {                                                       \
      float *x = values + row * stride;                                                           \
      for (long i = 0; i < whole; i += 16) NAME(store)(x + i, function(NAME(load)(x + i) + NAME(load)(bias + i))); \
      if (rest) {                                                                                 \
        lanes y = function(NAME(load_part)(x + whole, rest, 0) + NAME(load_part)(bias + whole, rest, 0)); \
        memcpy(x + whole, &y, (size_t)rest * sizeof(float));                                      \
      }                                                                                           \
    }                                                                                             \
  }
ROWS(gelu_rows, NAME(gelu))
ROWS(quick_gelu_rows, NAME(quick_gelu))
ROWS(add_bias, )
#undef ROWS

static void NAME(to_bfloat16)(const float *input, long count, uint16_t *output) {
  long whole = count & ~15L;
  for (long i = 0; i < whole; i += 16) {
    halves h = NAME(rounded_any)(NAME(load)(input + i));
    memcpy(output + i, &h, sizeof h);
  }
  if (whole < count) {
    halves h = NAME(rounded_any)(NAME(load_part)(input + whole, count - whole, 0));
    memcpy(output + whole, &h, (size_t)(count - whole) * sizeof(uint16_t));
  }
}

static void NAME(add_outer_products)(const double *rows, long count, long width, double *sums) {
  for (long top = 0; top < width; top += 8) {
    for (long left = top; left < width; left += 8) {
      doubles sum[8];
      for (int i = 0; i < 8; i++) memcpy(&sum[i], sums + (top + i) * width + left, sizeof sum[i]);
      for (long row = 0; row < count; row++) {
        const double *numbers = rows + row * width;
        doubles across;
        memcpy(&across, numbers + left, sizeof across);
        for (int i = 0; i < 8; i++) sum[i] += across * numbers[top + i];
      }
      for (int i = 0; i < 8; i++) memcpy(sums + (top + i) * width + left, &sum[i], sizeof sum[i]);
    }
  }
}

static inline ALWAYS double NAME(sum_doubles)(doubles x) {
  double four[4];
  for (int i = 0; i < 4; i++) four[i] = x[i] + x[i + 4];
  return (four[0] + four[2]) + (four[1] + four[3]);
}

static inline ALWAYS doubles NAME(load_doubles)(const double *from) {
  doubles x;
  memcpy(&x, from, sizeof x);
  return x;
}

static void NAME(products)(
  const double *rows, long count, long width, const double *first, const double *second, double *with_first,
  double *with_second
) {
  /* Two rows at a time, so that no sum waits for the one before it. */
  for (long row = 0; row < count; row += 2) {
    long other = row + 1 < count ? row + 1 : row;
    const double *x = rows + row * width, *y = rows + other * width;
    doubles left = {}, right = {}, other_left = {}, other_right = {};
    for (long i = 0; i < width; i += 8) {
      doubles numbers = NAME(load_doubles)(x + i), others = NAME(load_doubles)(y + i);
      doubles one = NAME(load_doubles)(first + i), two = NAME(load_doubles)(second + i);
      left += numbers * one;
      right += numbers * two;
      other_left += others * one;
      other_right += others * two;
    }
    with_first[row] = NAME(sum_doubles)(left);
    with_second[row] = NAME(sum_doubles)(right);
    with_first[other] = NAME(sum_doubles)(other_left);
    with_second[other] = NAME(sum_doubles)(other_right);
  }
}

static void NAME(quadratic_forms)(
  const double *rows, long count, long width, const double *matrix, double *results
) {
  for (long row = 0; row < count; row++) {
    const double *x = rows + row * width;
    doubles total = {};
    /* Eight columns of x*matrix in eight lanes, and four times as many at a time, so that no sum waits for the one before it. */
    long i = 0;
    for (; i + 32 <= width; i += 32) {
      doubles image[4] = {};
      for (long j = 0; j < width; j++) {
        for (int k = 0; k < 4; k++) image[k] += NAME(load_doubles)(matrix + j * width + i + 8 * k) * x[j];
      }
      for (int k = 0; k < 4; k++) total += image[k] * NAME(load_doubles)(x + i + 8 * k);
    }
    for (; i < width; i += 8) {
      doubles image = {};
      for (long j = 0; j < width; j++) image += NAME(load_doubles)(matrix + j * width + i) * x[j];
      total += image * NAME(load_doubles)(x + i);
    }
    results[row] = NAME(sum_doubles)(total);
  }
}
