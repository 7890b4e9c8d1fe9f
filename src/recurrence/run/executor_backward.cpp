// The backward half of the executor: the loop in reverse, then the deferred gradients.
#include <algorithm>

#include "base/lap.h"
#include "base/threads.h"
#include "base/tiles.h"
#include "recurrence/run/executor.h"
#include "tensor/kernels/gemm.h"
#include "tensor/kernels/map.h"
#include "tensor/kernels/rounded_product.h"
#include "tensor/kernels/rows.h"

namespace unfold::recurrence {
namespace {

/// Units whose columns of a table's gradient one task adds.
constexpr Index kUnitTile = 128;

/// Rows of the stacked gradient that one task computes. A task packs all it reads, so each thread has one, unless the
/// bits of a row depend on the rows beside it.
Index gradient_tile(Index rows, bool rounds) {
  constexpr Index kWidest = 2048;  // beyond it nothing is gained but a larger copy of what is packed
  if (rounds) return ceil_divide(rows, threads_here());
  const Index tasks = kernels::columns_are_independent() ? threads_here() : 2;
  return std::clamp(ceil_divide(ceil_divide(rows, tasks), Index{16}) * 16, Index{64}, kWidest);
}

/// target += sums [rows, columns], times the mask of weight drop where there is one.
void add_sums(const float* sums, Index sums_stride, Index rows, Index columns, const float* mask, float* target,
              Index stride) {
  for (Index i = 0; i < rows; ++i) {
    const float* sum = sums + i * sums_stride;
    float* row = target + i * stride;
    for (Index j = 0; j < columns; ++j) row[j] += mask == nullptr ? sum[j] : sum[j] * mask[i * stride + j];
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
  const Index n = memory.unrolling().rows();
  const Value& operand = plan_.value(step.operand);
  Tensor by_token;  // look-ups: [V, stacked rows]
  MatrixRows v;
  Index reduced = n;
  MatrixRows gradients = d;
  if (step.lookup) {
    const bool one_hot = plan_.inputs[at(operand.index)] == InputKind::kOneHot;
    const Index symbols = one_hot ? step.columns : memory.tables[at(operand.index)]->shape()[0];
    const std::vector<std::int32_t>& tokens = memory.tokens[at(operand.index)];
    by_token = Tensor({symbols, step.rows});
    kernels::scatter_add_rows(d.data, d.stride, tokens, step.rows, by_token.data(), step.rows, symbols);
    for (const auto& vector : step.vectors) {
      float* sums = parameters[at(vector.parameter)]->gradient().data();
      kernels::add_column_sums(by_token.data() + vector.row, step.rows, symbols, vector.rows, sums);
      for (Index row = 0; row < n; ++row) {  // without a token
        if (tokens[at(row)] < 0)
          kernels::add_column_sums(d.data + row * d.stride + vector.row, d.stride, 1, vector.rows, sums);
      }
    }
    if (one_hot) {  // dW[:, token] += d; weight drop leaves the matrices of inputs alone
      for (const auto& block : step.blocks) {
        Tensor& gradient = parameters[at(block.parameter)]->gradient();
        const Index stride = gradient.shape()[1];
        for_tiles(block.rows, kUnitTile, [&](Index begin, Index end) {
          kernels::add_transposed(by_token.data() + block.row + begin, step.rows, symbols, end - begin, nullptr,
                                  gradient.data() + begin * stride + block.begin, stride);
        });
      }
      return;
    }
    gradients = {by_token.data(), step.rows};
    v = {memory.tables[at(operand.index)]->data(), step.columns};
    reduced = symbols;
  } else {
    v = memory.matrix(step.operand);
  }
  const bool rounds = precision_ == Precision::kBfloat16 && !step.lookup;
  // The product of operand^T gradients is a fifth faster in float32; that of gradients^T operand packs less in
  // bfloat16.
  Tensor products = Tensor::uninitialised({step.rows, step.columns});
  const Index tile = gradient_tile(step.rows, rounds);
  parallel(ceil_divide(step.rows, tile), [&](Index task) {
    const Index begin = task * tile;
    const Index end = std::min(begin + tile, step.rows);
    if (rounds) {
      kernels::multiply_transposed_rounded(gradients.data + begin, gradients.stride, v.data, v.stride, end - begin,
                                           step.columns, reduced, products.data() + begin * step.columns, step.columns,
                                           false);
    } else {
      kernels::multiply_transposed(v.data, v.stride, gradients.data + begin, gradients.stride, step.columns,
                                   end - begin, reduced, products.data() + begin, step.rows, false);
    }
    for (const auto& block : step.blocks) {
      Tensor& gradient = parameters[at(block.parameter)]->gradient();
      const Index stride = gradient.shape()[1];
      const Index from = std::max(begin, block.row);
      const Index rows = std::min(end, block.row + block.rows) - from;
      const Index first = (from - block.row) * stride + block.begin;
      if (rows <= 0) continue;
      const float* mask = block.drop > 0 ? weights_.mask(block.parameter).data() + first : nullptr;
      float* target = gradient.data() + first;
      if (rounds) {
        add_sums(products.data() + from * step.columns, step.columns, rows, step.columns, mask, target, stride);
      } else {
        kernels::add_transposed(products.data() + from, step.rows, step.columns, rows, mask, target, stride);
      }
    }
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
