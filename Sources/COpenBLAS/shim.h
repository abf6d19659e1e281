#include <cblas.h>

/* LAPACK, as libopenblas exports it (Fortran calling convention; no lapacke.h needed). */
void dsyevd_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w, double *work,
             const int *lwork, int *iwork, const int *liwork, int *info);
