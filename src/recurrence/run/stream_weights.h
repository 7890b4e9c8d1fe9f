// The matrices of a plan's products as streaming reads them: one for each operand of a product, packed for few rows.
#pragma once

#include <vector>

#include "recurrence/plan/plan.h"
#include "tensor/kernels/row_product.h"
#include "unfold/parameter.h"

namespace unfold::recurrence {

/// What a product does with one of its operands.
struct StreamWeights {
  ValueId operand = kNoValue;
  kernels::RowMatrix matrix;  // of a multiplication
  Tensor table;               // of a look-up [V, N]: row t is what token t adds
};

/// Packs a product. Matrices are kept in the format of their parameters, in float32 where those of one operand differ.
/// `table` is the embedding's, null for one-hot tokens.
std::vector<StreamWeights> pack_for_stream(const Plan& plan, const ProductStep& step, const ParameterList& parameters,
                                           const Tensor* table);

}  // namespace unfold::recurrence
