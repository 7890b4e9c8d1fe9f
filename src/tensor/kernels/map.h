// Elementwise kernels: one Highway loop per Function, chosen for the machine at run time.
#pragma once

#include "tensor/kernels/functions.h"
#include "unfold/tensor.h"

namespace unfold::kernels {

/// destination[i] = function(a[i], b[i], c[i]) for i < count. Unused operands may be null. destination may be equal to
/// an operand. An element's result does not depend on its place or on count. Error bounds: math-inl.h.
using MapKernel = void (*)(float* destination, const float* a, const float* b, const float* c, Index count);

/// The fast kernel of a function, or its naive twin (a loop over `apply`) where UNFOLD_KERNELS=naive.
MapKernel map_kernel(Function function);
MapKernel naive_map_kernel(Function function);

/// Sum and largest of a row (0 and -infinity where it is empty; NaN if any element is). The order of summation depends
/// on count alone.
float row_sum(const float* a, Index count);
float row_max(const float* a, Index count);
/// The sum of a[i] b[i], in the same order.
float row_dot(const float* a, const float* b, Index count);

/// The same for whoever calls them often.
struct RowReductions {
  float (*sum)(const float* a, Index count);
  float (*max)(const float* a, Index count);
  float (*dot)(const float* a, const float* b, Index count);
};
RowReductions row_reductions();

/// The sum of an array as eight parts that are read side by side: from the third-level cache that was measured to be a
/// third faster than one part after the other. How fast memory can be read.
float sum_in_streams(const float* a, Index count);

/// Sum of squares, in double precision; the order of summation depends on count alone.
double squared_norm(const float* a, Index count);

/// sums[j] += sum over rows i of a[i * stride + j], rows added in fixed chunks of 64, chunk after chunk. [rows,
/// columns]
void add_column_sums(const float* a, Index stride, Index rows, Index columns, float* sums);

}  // namespace unfold::kernels
