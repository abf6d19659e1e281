/* What is used of OpenBLAS, which is loaded when it is first asked for and not linked.

   OpenBLAS reads its environment, starts its threads and chooses its kernels when it is loaded. A program that links it can
   only come after that; this one looks first (docs/decisions/0018-kernels.md). */
#ifndef HEADATLAS_OPENBLAS_H
#define HEADATLAS_OPENBLAS_H

/* Loads OpenBLAS with its work on the calling thread alone; once loaded, unloads it and loads it again. `core_type` is the
   value of OPENBLAS_CORETYPE that it shall see, or null for that of the environment. No other thread may use it meanwhile.
   Gives null, or why it cannot be loaded. */
const char *openblas_load(const char *core_type);

/* The name, version and options, and the processors that the kernels in use were written for; empty before it is loaded. */
const char *openblas_config(void);
const char *openblas_core_name(void);

/* How much memory a thread that multiplies needs, in bytes. */
long openblas_work_memory(void);

/* Takes work memory for `threads` threads at once, which OpenBLAS keeps: asked for later, it would wait for ever where the
   system has none. Gives the number of threads that there is memory for. */
int openblas_take_work_memory(int threads);

/* The numbers of CBLAS's enumerations. */
enum { OPENBLAS_NORMAL = 111, OPENBLAS_TRANSPOSED = 112 };

/* result = scale * op(a) * op(b) + keep * result, of row-major matrices: cblas_sgemm and cblas_dgemm. */
void openblas_sgemm(
  int op_a, int op_b, int rows, int columns, int inner, float scale, const float *a, int a_stride, const float *b,
  int b_stride, float keep, float *result, int result_stride);
void openblas_dgemm(
  int op_a, int op_b, int rows, int columns, int inner, double scale, const double *a, int a_stride, const double *b,
  int b_stride, double keep, double *result, int result_stride);

/* LAPACK's dsyevd, with all arguments as in Fortran. */
void openblas_dsyevd(
  const char *job, const char *triangle, const int *order, double *a, const int *leading, double *w, double *work,
  const int *work_count, int *integer_work, const int *integer_work_count, int *info);

#endif
