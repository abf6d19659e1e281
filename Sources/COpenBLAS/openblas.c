#define _GNU_SOURCE
#include "openblas.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>

/* CblasRowMajor. */
enum { ROW_MAJOR = 101 };

/* What a thread takes of OpenBLAS on x86-64, BUFFER_SIZE of its sources; the same or less elsewhere. */
enum { WORK_MEMORY = 128 << 20 };

/* What must be left beside it for each thread: what it computes on, and the address space that malloc keeps for it. */
enum { REST = 64 << 20 };

/* As many threads as OpenBLAS has places for, in the builds of distributions. */
enum { MOST_THREADS = 128 };

static struct {
  void *library;
  char *(*config)(void);
  char *(*core_name)(void);
  void (*set_threads)(int);
  void (*sgemm)(
    int, int, int, int, int, int, float, const float *, int, const float *, int, float, float *, int);
  void (*dgemm)(
    int, int, int, int, int, int, double, const double *, int, const double *, int, double, double *, int);
  void (*dsyevd)(
    const char *, const char *, const int *, double *, const int *, double *, double *, const int *, int *, const int *,
    int *);
  /* Not in its headers; absent in some builds. */
  void *(*memory_alloc)(int);
  void (*memory_free)(void *);
} blas;

/* Before `main`, while no other thread can read the environment. Threads that OpenBLAS starts would do nothing, take memory,
   and make it wait for ever, or raise SIGINT, where there is none. */
__attribute__((constructor)) static void keep_to_one_thread(void) { setenv("OPENBLAS_NUM_THREADS", "1", 1); }

const char *openblas_load(const char *core_type) {
  if (blas.library) dlclose(blas.library);
  blas.library = NULL;
  if (core_type) setenv("OPENBLAS_CORETYPE", core_type, 1);
  void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  if (!library) return dlerror();
  static const struct {
    const char *name;
    size_t place;
    int is_needed;
  } symbols[] = {
    {"openblas_get_config", offsetof(__typeof__(blas), config), 1},
    {"openblas_get_corename", offsetof(__typeof__(blas), core_name), 1},
    {"openblas_set_num_threads", offsetof(__typeof__(blas), set_threads), 1},
    {"cblas_sgemm", offsetof(__typeof__(blas), sgemm), 1},
    {"cblas_dgemm", offsetof(__typeof__(blas), dgemm), 1},
    {"dsyevd_", offsetof(__typeof__(blas), dsyevd), 1},
    {"blas_memory_alloc", offsetof(__typeof__(blas), memory_alloc), 0},
    {"blas_memory_free", offsetof(__typeof__(blas), memory_free), 0},
  };
  for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
    void *found = dlsym(library, symbols[i].name);
    if (!found && symbols[i].is_needed) return dlerror();
    *(void **)((char *)&blas + symbols[i].place) = found;
  }
  blas.library = library;
  /* The builds for OpenMP have a number of threads of their own. */
  blas.set_threads(1);
  return NULL;
}

const char *openblas_config(void) { return blas.library ? blas.config() : ""; }
const char *openblas_core_name(void) { return blas.library ? blas.core_name() : ""; }

long openblas_work_memory(void) { return WORK_MEMORY; }

int openblas_take_work_memory(int threads) {
  void *taken[MOST_THREADS];
  int most = threads < MOST_THREADS ? threads : MOST_THREADS;
  int count = 0;
  while (count < most) {
    /* OpenBLAS asks again and again for what it does not get, so that it is asked only for what there is. */
    size_t wanted = WORK_MEMORY + (size_t)REST * (count + 1);
    void *trial = mmap(NULL, wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (trial == MAP_FAILED) break;
    munmap(trial, wanted);
    taken[count++] = blas.memory_alloc && blas.memory_free ? blas.memory_alloc(0) : NULL;
  }
  for (int i = 0; i < count; i++)
    if (taken[i]) blas.memory_free(taken[i]);
  return count == most ? threads : count;
}

void openblas_sgemm(
  int op_a, int op_b, int rows, int columns, int inner, float scale, const float *a, int a_stride, const float *b,
  int b_stride, float keep, float *result, int result_stride) {
  blas.sgemm(
    ROW_MAJOR, op_a, op_b, rows, columns, inner, scale, a, a_stride, b, b_stride, keep, result, result_stride);
}

void openblas_dgemm(
  int op_a, int op_b, int rows, int columns, int inner, double scale, const double *a, int a_stride, const double *b,
  int b_stride, double keep, double *result, int result_stride) {
  blas.dgemm(
    ROW_MAJOR, op_a, op_b, rows, columns, inner, scale, a, a_stride, b, b_stride, keep, result, result_stride);
}

void openblas_dsyevd(
  const char *job, const char *triangle, const int *order, double *a, const int *leading, double *w, double *work,
  const int *work_count, int *integer_work, const int *integer_work_count, int *info) {
  blas.dsyevd(job, triangle, order, a, leading, w, work, work_count, integer_work, integer_work_count, info);
}
