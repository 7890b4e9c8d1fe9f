// The backward half of the executor: the loop in reverse, then the deferred gradients.
#include <algorithm>
#include <span>
#include <vector>

#include "base/lap.h"
#include "base/threads.h"
#include "base/tiles.h"
#include "recurrence/run/executor.h"
#include "tensor/kernels/gemm.h"
#include "tensor/kernels/gradient_product.h"
#include "tensor/kernels/map.h"
#include "tensor/kernels/rows.h"

namespace unfold::recurrence {
namespace {

/// Units whose columns of a table's gradient one task adds.
constexpr Index kUnitTile = 128;

/// Columns of the stacked gradients that one task multiplies. A task packs all that stands beside them, so each thread
/// has one, unless the bits of a column depend on the columns beside it.
Index gradient_tile(Index columns) {
  constexpr Index kWidest = 2048;  // beyond it nothing is gained but a larger copy of what is packed
  const Index tasks = kernels::columns_are_independent() ? threads_here() : 2;
  return std::clamp(ceil_divide(ceil_divide(columns, tasks), Index{16}) * 16, Index{64}, kWidest);
}

/// A product of which weight drop lets through some elements, and the gradient that these are added to.
struct DroppedPart {
  Tensor product;     // [rows, I]
  const float* mask;  // and the gradient: [rows, stride]
  float* gradient;
  Index stride;
};

void add_masked(const DroppedPart& part) {
  const Index inputs = part.product.shape()[1];
  for (Index i = 0; i < part.product.shape()[0]; ++i) {
    const float* product = part.product.data() + i * inputs;
    const Index row = i * part.stride;
    for (Index j = 0; j < inputs; ++j) part.gradient[row + j] += product[j] * part.mask[row + j];
  }
}

/// The gradients of vectors beside a look-up: the sums of all rows, `d`, which are summed by token but for those
/// without one.
void add_vectors_by_token(const MatrixGradientStep& step, MatrixRows d, std::span<const std::int32_t> tokens,
                          const Tensor& by_token, const ParameterList& parameters) {
  for (const auto& vector : step.vectors) {
    float* sums = parameters[at(vector.parameter)]->gradient().data();
    kernels::add_column_sums(by_token.data() + vector.row, step.rows, by_token.shape()[0], vector.rows, sums);
    for (Index row = 0; row < std::ssize(tokens); ++row) {
      if (tokens[at(row)] < 0)
        kernels::add_column_sums(d.data + row * d.stride + vector.row, d.stride, 1, vector.rows, sums);
    }
  }
}

}  // namespace

BackwardResult Executor::backward(Memory& memory, BackwardArguments arguments, const ParameterList& parameters) {
  weights_.update(Stage::kBackward, parameters, memory.keys);
  memory.begin_backward(std::move(arguments.output_gradient));
  send_final_gradient(memory, arguments.final_gradient);
  Lap lap;
  run_rows(plan_.backward.before, memory);
  seconds_.outside += lap.seconds();
  run_loop(plan_.backward.inside, memory, true);
  seconds_.loop += lap.seconds();
  weights_.release(Stage::kBackward);
  weights_.update(Stage::kBehindLoop, parameters, memory.keys);
  memory.begin_behind_loop();
  run_rows(plan_.backward.after, memory);
  weights_.release(Stage::kBehindLoop);
  seconds_.outside += lap.seconds();
  for (const MatrixGradientStep& step : plan_.matrix_gradients) add_matrix_gradient(step, memory, parameters);
  for (const VectorGradientStep& step : plan_.vector_gradients) add_vector_gradient(step, memory, parameters);
  seconds_.gradients += lap.seconds();

  BackwardResult result;
  for (std::size_t i = 0; i < plan_.inputs.size(); ++i) {
    result.inputs.push_back(arguments.want_input_gradient ? input_gradient(i, memory) : Tensor{});
  }
  for (std::size_t i = 0; i < graph_.givens.size(); ++i) result.givens.push_back(given_gradient(i, memory));
  if (arguments.want_initial_gradient) {
    for (std::size_t s = 0; s < graph_.states.size(); ++s) {
      result.initial.push_back(initial_gradient(s, memory, arguments.final_gradient));
    }
  }
  return result;
}

/// The gradient of the final states is the message that the last tick of each sequence receives.
void Executor::send_final_gradient(Memory& memory, const CellState* final_gradient) const {
  const Unrolling& unrolling = memory.unrolling();
  const Index batch = unrolling.batch();
  for (std::size_t s = 0; s < graph_.states.size(); ++s) {
    const int number = plan_.message_buffers[s];
    const Index stride = memory.stride(number);
    const Index size = graph_.states[s].shape.count();
    const bool sends = plan_.flow.sends_message[s] != 0;
    const Index rows = sends ? 2 * batch : unrolling.rows();
    std::fill_n(memory.buffer(number), rows * stride, 0.0F);
    if (final_gradient == nullptr) continue;
    for (Index p = 0; p < batch; ++p) {
      const Index sequence = unrolling.order()[at(p)];
      const Index length = unrolling.lengths()[at(sequence)];
      const float* source = (*final_gradient)[s].data() + sequence * size;
      if (sends) {
        for (const Index half : {Index{0}, Index{1}})
          std::copy_n(source, size, memory.buffer(number) + (half * batch + p) * stride);
      } else if (length > 0) {
        std::copy_n(source, size, memory.buffer(number) + (unrolling.start(length - 1) + p) * stride);
      }
    }
  }
}

void Executor::add_matrix_gradient(const MatrixGradientStep& step, Memory& memory,
                                   const ParameterList& parameters) const {
  const MatrixRows d = memory.matrix(step.gradients[0]);
  if (!step.lookup) {
    const Index rows = memory.unrolling().rows();
    return add_gradient_products(step, d, memory.matrix(step.operand), rows, precision_, parameters);
  }
  const auto input = at(plan_.value(step.operand).index);
  const bool one_hot = plan_.inputs[input] == InputKind::kOneHot;
  const Index symbols = one_hot ? step.columns : memory.tables[input]->shape()[0];
  Tensor by_token({symbols, step.rows});
  kernels::scatter_add_rows(d.data, d.stride, memory.tokens[input], step.rows, by_token.data(), step.rows, symbols);
  add_vectors_by_token(step, d, memory.tokens[input], by_token, parameters);
  if (!one_hot) {
    const MatrixRows table = {memory.tables[input]->data(), step.columns};
    return add_gradient_products(step, {by_token.data(), step.rows}, table, symbols, Precision::kFloat32, parameters);
  }
  for (const auto& block : step.blocks) {  // dW[:, token] += d; weight drop leaves the matrices of inputs alone
    Tensor& gradient = parameters[at(block.parameter)]->gradient();
    const Index stride = gradient.shape()[1];
    for_tiles(block.rows, kUnitTile, [&](Index begin, Index end) {
      kernels::add_transposed(by_token.data() + block.row + begin, step.rows, symbols, end - begin,
                              gradient.data() + begin * stride + block.begin, stride);
    });
  }
}

void Executor::add_gradient_products(const MatrixGradientStep& step, MatrixRows gradients, MatrixRows operand,
                                     Index rows, Precision precision, const ParameterList& parameters) const {
  for_tiles(step.rows, gradient_tile(step.rows), [&](Index begin, Index end) {
    std::vector<kernels::GradientPart> parts;
    std::vector<DroppedPart> dropped;
    for (const auto& block : step.blocks) {
      const kernels::Columns columns = {std::max(begin, block.row), std::min(end, block.row + block.rows)};
      if (columns.last <= columns.first) continue;
      Tensor& gradient = parameters[at(block.parameter)]->gradient();
      const Index stride = gradient.shape()[1], unit = columns.first - block.row, first = unit * stride + block.begin;
      float* sums = block.vector < 0 ? nullptr : parameters[at(block.vector)]->gradient().data() + unit;
      if (block.drop > 0) {
        dropped.push_back({Tensor({columns.last - columns.first, step.columns}),
                           weights_.mask(block.parameter).data() + first, gradient.data() + first, stride});
        parts.push_back({columns, dropped.back().product.data(), step.columns, sums});
      } else {
        parts.push_back({columns, gradient.data() + first, stride, sums});
      }
    }
    kernels::add_gradient_products(gradients, operand, step.columns, rows, parts, precision);
    for (const DroppedPart& part : dropped) add_masked(part);
  });
}

void Executor::add_vector_gradient(const VectorGradientStep& step, Memory& memory,
                                   const ParameterList& parameters) const {
  const Access where = memory.access(step.gradient);
  const bool is_summed = where.kind == Access::Kind::kPerTick;  // for each tick already
  const MatrixRows d = is_summed ? MatrixRows{where.base, where.from_tick_to_tick} : memory.matrix(step.gradient);
  const Index rows = is_summed ? memory.unrolling().steps() : memory.unrolling().rows();
  const Index size = plan_.value(step.gradient).size;
  float* sums = parameters[at(step.parameter)]->gradient().data();
  const Index tile = 64;
  parallel((size + tile - 1) / tile, [&](Index task) {
    const Index begin = task * tile;
    kernels::add_column_sums(d.data + begin, d.stride, rows, std::min(tile, size - begin), sums + begin);
  });
}

Tensor Executor::input_gradient(std::size_t input, Memory& memory) const {
  const ValueId id = plan_.flow.input_gradients[input];
  const InputDeclaration& declaration = graph_.inputs[input];
  if (declaration.forces_state >= 0 || plan_.inputs[input] == InputKind::kOneHot) return {};
  const Index size = declaration.shape.count();
  const Tensor* table = memory.tables[input];
  if (id == kNoValue) return Tensor(table != nullptr ? table->shape() : Shape{memory.unrolling().rows(), size});
  if (table == nullptr) {
    const auto uses =
        std::ranges::count(plan_.flow.input_gradients, id) + std::ranges::count(plan_.flow.given_gradients, id);
    return memory.rows(id, uses == 1);
  }
  Tensor result(table->shape());
  const MatrixRows d = memory.matrix(id);
  kernels::scatter_add_rows(d.data, d.stride, memory.tokens[input], size, result.data(), size, table->shape()[0]);
  return result;
}

Tensor Executor::given_gradient(std::size_t given, Memory& memory) const {
  const Unrolling& unrolling = memory.unrolling();
  const Index size = graph_.givens[given].shape.count();
  Tensor result({unrolling.batch(), size});
  const ValueId id = plan_.flow.given_gradients[given];
  if (id == kNoValue) return result;
  const MatrixRows d = memory.matrix(id);
  for (Index tick = unrolling.steps() - 1; tick >= 0; --tick) {
    for (Index p = 0; p < unrolling.rows_at(tick); ++p) {
      const float* source = d.data + (unrolling.start(tick) + p) * d.stride;
      float* target = result.data() + unrolling.order()[at(p)] * size;
      for (Index j = 0; j < size; ++j) target[j] += source[j];
    }
  }
  return result;
}

Tensor Executor::initial_gradient(std::size_t state, Memory& memory, const CellState* final_gradient) const {
  const Unrolling& unrolling = memory.unrolling();
  const Index size = graph_.states[state].shape.count();
  Tensor result({unrolling.batch(), size});
  const int number = plan_.message_buffers[state];
  for (Index p = 0; p < unrolling.batch(); ++p) {
    const Index sequence = unrolling.order()[at(p)];
    float* target = result.data() + sequence * size;
    if (plan_.flow.sends_message[state]) {
      // Tick 0 wrote the second half; a sequence without a tick still has there what it was sent.
      std::copy_n(memory.buffer(number) + (unrolling.batch() + p) * memory.stride(number), size, target);
    } else if (final_gradient != nullptr && unrolling.lengths()[at(sequence)] == 0) {
      std::copy_n((*final_gradient)[state].data() + sequence * size, size, target);
    }
  }
  return result;
}

}  // namespace unfold::recurrence
