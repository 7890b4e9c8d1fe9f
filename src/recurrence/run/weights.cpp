#include "recurrence/run/weights.h"

#include <algorithm>

#include "base/threads.h"

namespace unfold::recurrence {
namespace {

/// Adds one block to the stacked matrix [K, N]; two blocks share a place where a cell multiplies one vector twice, as
/// in W [h, x, h]. A product W v multiplies rows v^T by W^T, a transposed one by W.
void add_block(const ProductStep::Block& block, const Tensor& w, Index n, float* stacked) {
  const Index stride = w.shape()[1];
  float* target = stacked + block.row * n + block.column;
  if (block.transposed) {  // W [rows, begin : begin + columns]
    for (Index i = 0; i < block.rows; ++i) {
      const float* source = w.data() + i * stride + block.begin;
      for (Index j = 0; j < block.columns; ++j) target[i * n + j] += source[j];
    }
    return;
  }
  const Index tile = 32;  // W^T, in tiles that stay in L1
  for (Index i0 = 0; i0 < block.rows; i0 += tile) {
    for (Index j0 = 0; j0 < block.columns; j0 += tile) {
      for (Index i = i0; i < std::min(i0 + tile, block.rows); ++i) {
        for (Index j = j0; j < std::min(j0 + tile, block.columns); ++j) {
          target[i * n + j] += w[j * stride + block.begin + i];
        }
      }
    }
  }
}

}  // namespace

Weights::Weights(const Plan& plan)
    : plan_(plan), steps_(at(plan.packed_count)), packed_(at(plan.packed_count)), plain_(at(plan.packed_count)) {
  for (const Schedule* schedule : {&plan.forward, &plan.backward}) {
    for (const auto* steps : {&schedule->once, &schedule->before, &schedule->inside, &schedule->after}) {
      for (const Step& step : *steps) {
        if (step.kind == Step::Kind::kProduct) steps_[at(step.product.packed)] = &step.product;
      }
    }
  }
}

void Weights::update(const ParameterList& parameters) {
  std::vector<std::uint64_t> versions;
  for (const Parameter* parameter : parameters) versions.push_back(parameter->version());
  if (versions == versions_) return;
  parallel(static_cast<Index>(steps_.size()), [&](Index i) { pack(*steps_[at(i)], parameters); });
  versions_ = std::move(versions);
}

void Weights::pack(const ProductStep& step, const ParameterList& parameters) {
  Tensor stacked({step.k, step.n});
  for (const ProductStep::Block& block : step.blocks) {
    add_block(block, parameters[at(block.parameter)]->value(), step.n, stacked.data());
  }
  const auto& operand = plan_.value(step.operands[0]);
  const bool one_hot = step.lookup && plan_.inputs[at(operand.index)] == InputKind::kOneHot;
  if (one_hot)
    plain_[at(step.packed)] = std::move(stacked);
  else
    packed_[at(step.packed)].pack(stacked.data(), step.k, step.n, step.n, false);
}

}  // namespace unfold::recurrence
