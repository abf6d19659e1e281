#include <oneapi/dnnl/dnnl.h>

/* Where the second operand of a product's first post-operation goes; Swift does not import the macros it is made of. */
static const int headatlas_dnnl_binary_operand = DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1;
