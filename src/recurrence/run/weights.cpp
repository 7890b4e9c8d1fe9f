#include "recurrence/run/weights.h"

#include <algorithm>

#include "base/threads.h"
#include "recurrence/run/masks.h"

namespace unfold::recurrence {

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

namespace {

bool is_dropped(const ProductStep& step) {
  return std::ranges::any_of(step.blocks, [](const ProductStep::Block& block) { return block.drop > 0; });
}

}  // namespace

Weights::Weights(const Plan& plan, Precision precision)
    : plan_(plan),
      precision_(precision),
      steps_(at(plan.packed_count)),
      packed_(at(plan.packed_count)),
      plain_(at(plan.packed_count)),
      dropped_(plan.flow.graph->parameters.size()) {
  for (const Schedule* schedule : {&plan.forward, &plan.backward}) {
    for (const auto* steps : {&schedule->once, &schedule->before, &schedule->inside, &schedule->after}) {
      for (const Step& step : *steps) {
        if (step.kind == Step::Kind::kProduct) steps_[at(step.product.packed)] = &step.product;
      }
    }
  }
  for (const ProductStep* step : steps_) {
    for (const auto& block : step->blocks) {
      if (block.drop > 0) dropped_[at(block.parameter)].rate = block.drop;
    }
  }
}

void Weights::update(const ParameterList& parameters, const MaskKeys& keys) {
  std::vector<std::uint64_t> versions;
  for (std::size_t i = 0; i < parameters.size();
       ++i) {  // statistics change in every forward run, and no product reads them
    if (!plan_.flow.graph->parameters[i].per_tick) versions.push_back(parameters[i]->version());
  }
  const bool edited = versions != versions_;
  const std::uint64_t mask_key = weight_mask_key(keys);
  const bool redraw = versions_.empty() || mask_key != mask_key_;
  if (edited || redraw) {
    parallel(static_cast<Index>(dropped_.size()), [&](Index parameter) {
      if (dropped_[at(parameter)].rate > 0) drop(parameter, parameters, keys, redraw);
    });
    parallel(static_cast<Index>(steps_.size()), [&](Index i) {
      const ProductStep& step = *steps_[at(i)];
      if (edited || is_dropped(step)) pack(step, parameters);
    });
  }
  versions_ = std::move(versions);
  mask_key_ = mask_key;
}

void Weights::drop(Index parameter, const ParameterList& parameters, const MaskKeys& keys, bool redraw) {
  Dropped& dropped = dropped_[at(parameter)];
  const Tensor& value = parameters[at(parameter)]->value();
  if (redraw) {
    if (dropped.mask.count() == 0) dropped.mask = Tensor::uninitialised(value.shape());
    draw_weight_mask(dropped.rate, parameter, keys, value.count(), dropped.mask.data());
  }
  if (dropped.value.count() == 0) dropped.value = Tensor::uninitialised(value.shape());
  for (Index i = 0; i < value.count(); ++i) dropped.value[i] = value[i] * dropped.mask[i];
}

void Weights::pack(const ProductStep& step, const ParameterList& parameters) {
  Tensor stacked({step.k, step.n});
  for (const ProductStep::Block& block : step.blocks) {
    const Tensor& matrix =
        block.drop > 0 ? dropped_[at(block.parameter)].value : parameters[at(block.parameter)]->value();
    add_block(block, matrix, step.n, stacked.data());
  }
  const auto& operand = plan_.value(step.operands[0]);
  const bool one_hot = step.lookup && plan_.inputs[at(operand.index)] == InputKind::kOneHot;
  if (one_hot)
    plain_[at(step.packed)] = std::move(stacked);
  else
    packed_[at(step.packed)].pack(stacked.data(), step.k, step.n, step.n, false, precision_);
}

}  // namespace unfold::recurrence
