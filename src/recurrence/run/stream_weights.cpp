#include "recurrence/run/stream_weights.h"

#include <algorithm>

#include "recurrence/run/weights.h"
#include "tensor/kernels/gemm.h"

namespace unfold::recurrence {
namespace {

using Blocks = std::vector<ProductStep::Block>;

/// The blocks that multiply the operand at rows [first, first + size) of the stacked matrix, numbered from its row 0.
Blocks blocks_of(const ProductStep& step, Index first, Index size) {
  Blocks blocks;
  for (ProductStep::Block block : step.blocks) {
    if (block.row < first || block.row >= first + size) continue;
    block.row -= first;
    blocks.push_back(block);
  }
  return blocks;
}

WeightFormat common_format(const Blocks& blocks, const ParameterList& parameters) {
  if (blocks.empty()) return WeightFormat::kF32;
  const WeightFormat first = parameters[at(blocks[0].parameter)]->format();
  const bool same = std::ranges::all_of(
      blocks, [&](const auto& block) { return parameters[at(block.parameter)]->format() == first; });
  return same ? first : WeightFormat::kF32;
}

/// Per column of the stacked matrix [K, N], the scale of its parameter's row. Where a column is the sum of several
/// blocks it has none and gets one of its own.
std::vector<float> int8_scales(const Blocks& blocks, const ParameterList& parameters, const Tensor& stacked) {
  const Index k = stacked.shape()[0], n = stacked.shape()[1];
  std::vector<float> scales(at(n), 0.0F);
  std::vector<int> sources(at(n), 0);
  for (const auto& block : blocks) {
    const Tensor& w = parameters[at(block.parameter)]->value();
    const Index stride = w.shape()[1];
    for (Index j = 0; j < block.columns; ++j) {
      scales[at(block.column + j)] = kernels::int8_scale(w.data() + j * stride, stride);
      ++sources[at(block.column + j)];
    }
  }
  for (Index j = 0; j < n; ++j) {
    if (sources[at(j)] == 1) continue;
    std::vector<float> column;
    for (Index i = 0; i < k; ++i) column.push_back(stacked[i * n + j]);
    scales[at(j)] = kernels::int8_scale(column.data(), k);
  }
  return scales;
}

/// The whole embedding table times a matrix: [V, N].
Tensor table_product(const Tensor& table, const Tensor& matrix) {
  const Index symbols = table.shape()[0], k = matrix.shape()[0], n = matrix.shape()[1];
  Tensor product = Tensor::uninitialised({symbols, n});
  kernels::multiply_plain(table.data(), k, matrix.data(), n, symbols, n, k, product.data(), n, false);
  return product;
}

}  // namespace

std::vector<StreamWeights> pack_for_stream(const Plan& plan, const ProductStep& step, const ParameterList& parameters,
                                           const Tensor* table) {
  std::vector<StreamWeights> result;
  Index row = 0;
  for (const ValueId operand : step.operands) {
    const Index size = plan.value(operand).size;
    const Blocks blocks = blocks_of(step, row, size);
    row += size;
    Tensor stacked({size, step.n});
    for (const auto& block : blocks) {
      add_block(block, parameters[at(block.parameter)]->value(), {0, step.n}, stacked.data(), step.n);
    }
    StreamWeights& weights = result.emplace_back();
    weights.operand = operand;
    if (step.lookup) {
      weights.table = table != nullptr ? table_product(*table, stacked) : std::move(stacked);
      continue;
    }
    const WeightFormat format = common_format(blocks, parameters);
    std::vector<float> scales;
    if (format == WeightFormat::kInt8) scales = int8_scales(blocks, parameters, stacked);
    weights.matrix = kernels::RowMatrix(stacked.data(), size, step.n, step.n, format, scales);
  }
  return result;
}

}  // namespace unfold::recurrence
