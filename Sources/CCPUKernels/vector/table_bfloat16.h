/* What multiplies matrices of bfloat16, and its table FLOW_TABLE, for one instruction set. */
#include "vector.h"
#include "product_bfloat16.h"
#include "attention.h"
#include "winograd.h"
#include "winograd_products.h"

const FlowProductKernels FLOW_TABLE =
#include "product_table.h"
    ;
