#include "recurrence/run/weights.h"

#include <algorithm>
#include <utility>

#include "base/tiles.h"
#include "recurrence/run/masks.h"
#include "tensor/kernels/rows.h"

namespace unfold::recurrence {

void add_block(const ProductStep::Block& block, const Tensor& w, kernels::Columns columns, float* to, Index to_stride) {
  const Index first = std::max(columns.first, block.column);
  const Index count = std::min(columns.last, block.column + block.columns) - first;
  if (count <= 0) return;
  const Index skipped = first - block.column, stride = w.shape()[1];
  float* target = to + block.row * to_stride + first - columns.first;
  if (!block.transposed) {  // W^T
    const float* source = w.data() + skipped * stride + block.begin;
    return kernels::add_transposed(source, stride, count, block.rows, target, to_stride);
  }
  for (Index i = 0; i < block.rows; ++i) {  // W [rows, begin : begin + columns]
    const float* source = w.data() + i * stride + block.begin + skipped;
    for (Index j = 0; j < count; ++j) target[i * to_stride + j] += source[j];
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
      packed_(at(plan.packed_count)),
      plain_(at(plan.packed_count)),
      dropped_(plan.flow.graph->parameters.size()) {
  const auto list = [&](const std::vector<Step>& steps, Stage stage) {
    for (const Step& step : steps) {
      if (step.kind != Step::Kind::kProduct) continue;
      packs(stage).steps.push_back(&step.product);
      for (const auto& block : step.product.blocks) {
        if (block.drop > 0) dropped_[at(block.parameter)].rate = block.drop;
      }
    }
  };
  for (const auto* steps : {&plan.forward.once, &plan.forward.before, &plan.forward.inside, &plan.forward.after})
    list(*steps, Stage::kForward);
  for (const auto* steps : {&plan.backward.once, &plan.backward.before, &plan.backward.inside})
    list(*steps, Stage::kBackward);
  list(plan.backward.after, Stage::kBehindLoop);
}

void Weights::update(Stage stage, const ParameterList& parameters, const MaskKeys& keys) {
  Origin now{.versions = {}, .mask_key = weight_mask_key(keys)};
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    // Statistics change in every forward run, and no product reads them.
    if (!plan_.flow.graph->parameters[i].per_tick) now.versions.push_back(parameters[i]->version());
  }
  update_dropped(now, parameters, keys);
  Packs& mine = packs(stage);
  const bool edited = now.versions != mine.origin.versions;
  const bool redrawn = now.mask_key != mine.origin.mask_key;
  for (const ProductStep* step : mine.steps) {
    if (edited || (redrawn && is_dropped(*step))) pack(*step, parameters);
  }
  mine.origin = std::move(now);
}

void Weights::release(Stage stage) {
  for (const ProductStep* step : packs(stage).steps) {
    packed_[at(step->packed)] = {};
    plain_[at(step->packed)] = {};
  }
  packs(stage).origin = {};
}

void Weights::update_dropped(const Origin& now, const ParameterList& parameters, const MaskKeys& keys) {
  const bool redraw = dropped_origin_.versions.empty() || now.mask_key != dropped_origin_.mask_key;
  if (!redraw && now.versions == dropped_origin_.versions) return;
  parallel(static_cast<Index>(dropped_.size()), [&](Index parameter) {
    if (dropped_[at(parameter)].rate > 0) drop(parameter, parameters, keys, redraw);
  });
  dropped_origin_ = now;
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
  const auto add_columns = [&](kernels::Columns columns, float* to, Index stride) {
    for (const ProductStep::Block& block : step.blocks) {
      const Tensor& matrix =
          block.drop > 0 ? dropped_[at(block.parameter)].value : parameters[at(block.parameter)]->value();
      add_block(block, matrix, columns, to, stride);
    }
  };
  const auto& operand = plan_.value(step.operands[0]);
  if (step.lookup && plan_.inputs[at(operand.index)] == InputKind::kOneHot) {
    Tensor& stacked = plain_[at(step.packed)] = Tensor({1 + step.k, step.n});
    for_tiles(step.n, kernels::kColumnBlock, [&](Index first, Index last) {
      add_columns({first, last}, stacked.data() + step.n + first, step.n);
    });
  } else {
    packed_[at(step.packed)].pack(step.k, step.n, precision_, add_columns);
  }
}

}  // namespace unfold::recurrence
