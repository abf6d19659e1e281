#include "vectors.h"

int vectors_instruction_sets(void) {
#if defined(__x86_64__)
  int sets = 0;
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx")) sets |= VECTORS_AVX;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) sets |= VECTORS_AVX2;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512bw")
      && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    sets |= VECTORS_AVX512;
  return sets;
#else
  return 0;
#endif
}
