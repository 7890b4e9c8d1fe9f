#include "tape/operations/linear_cross_entropy.h"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <numeric>

#include "tape/operations/cross_entropy_rows.h"
#include "tape/operations/tiles.h"
#include "tape/operations/tokens.h"
#include "tensor/kernels/map.h"
#include "tensor/kernels/softmax_cross_entropy.h"
#include "unfold/error.h"

namespace unfold {

namespace {

/// Logits held at a time, at most (128 MiB), and the rows that one task computes.
constexpr Index kChunkElements = Index{1} << 25;
constexpr Index kTaskRows = 128;

Index symbols_of(const LinearBlocks& blocks) {
  Index symbols = 0;
  for (const LinearWeights* block : blocks) symbols += block->outputs();
  return symbols;
}

/// Whole tasks, so that a chunk's end moves no task's rows.
Index rows_per_chunk(Index symbols) { return std::max<Index>(1, kChunkElements / (symbols * kTaskRows)) * kTaskRows; }

/// z [rows, V] = the logits of `rows` rows of x, on the calling thread.
void compute_logits(const float* x, Index rows, const LinearBlocks& blocks, Index symbols, Precision precision,
                    float* z) {
  Index first = 0;
  for (LinearWeights* block : blocks) {
    const Index outputs = block->outputs();
    const float* bias = block->bias_values();
    for (Index row = 0; bias != nullptr && row < rows; ++row) std::copy_n(bias, outputs, z + row * symbols + first);
    kernels::multiply(x, block->inputs(), rows, block->forward(precision), z + first, symbols, bias != nullptr);
    first += outputs;
  }
}

/// dx [rows, I] = dz [rows, V] times the matrices, on the calling thread.
void compute_input_gradient(const float* dz, Index rows, const LinearBlocks& blocks, Index symbols, Precision precision,
                            float* dx) {
  Index first = 0;
  for (LinearWeights* block : blocks) {
    kernels::multiply(dz + first, symbols, rows, block->backward(precision), dx, block->inputs(), first > 0);
    first += block->outputs();
  }
}

/// Packs for the kernels now; afterwards tasks on several threads only read.
void prepare(const LinearBlocks& blocks, bool with_backward, Precision precision) {
  for (LinearWeights* block : blocks) {
    block->forward(precision);
    if (with_backward) block->backward(precision);
  }
}

void expect_operands(const Shape& x, const LinearBlocks& blocks, std::span<const std::int32_t> targets,
                     std::size_t results) {
  const bool fits = !blocks.empty() && std::all_of(blocks.begin(), blocks.end(), [&](const LinearWeights* block) {
    return x.rank() == 2 && x[1] == block->inputs();
  });
  if (!fits || x[0] != static_cast<Index>(targets.size()) || results != targets.size()) {
    throw ContractError(
        fmt::format("linear_cross_entropy expects rows [N, I] for matrices [O, I] and N targets, found {} and {}",
                    x.text(), targets.size()));
  }
  expect_tokens("linear_cross_entropy", targets, symbols_of(blocks));
}

/// The gradients for dL = 1.
struct Gradients {
  Tensor x;                      // [N, I]
  std::vector<Tensor> matrices;  // [O, I] per block
  std::vector<Tensor> biases;    // [O] per block, where it has one
};

Gradients make_gradients(const Shape& x, const LinearBlocks& blocks) {
  Gradients gradients{.x = Tensor::uninitialised(x), .matrices = {}, .biases = {}};
  for (const LinearWeights* block : blocks) {
    gradients.matrices.push_back(Tensor({block->outputs(), block->inputs()}));
    gradients.biases.push_back(Tensor({block->bias_values() == nullptr ? 0 : block->outputs()}));
  }
  return gradients;
}

/// One chunk's part of the matrices' gradients: dW += dz^T x, db += column sums of dz.
void add_parameter_gradients(const float* dz, Index symbols, const float* x, Index rows, const LinearBlocks& blocks,
                             Precision precision, Gradients& gradients) {
  Index first = 0;
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    const Index outputs = blocks[b]->outputs();
    add_matrix_gradient(dz + first, symbols, x, rows, outputs, blocks[b]->inputs(), gradients.matrices[b].data(),
                        precision);
    if (gradients.biases[b].count() > 0) {
      kernels::add_column_sums(dz + first, symbols, rows, outputs, gradients.biases[b].data());
    }
    first += outputs;
  }
}

/// sum[first...] += factor * term, for a gradient of some rows of a parameter.
void add_scaled(const Tensor& term, float factor, Index first, Tensor& sum) {
  for_tiles(term.count(), kElementsPerTile, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) sum[first + i] += factor * term[i];
  });
}

void add_to_parameters(const Gradients& gradients, float factor, const LinearBlocks& blocks) {
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    LinearWeights& block = *blocks[b];
    const Index first = block.first_row();
    if (block.matrix().trainable()) {
      add_scaled(gradients.matrices[b], factor, first * block.inputs(), block.matrix().gradient());
    }
    if (block.bias() != nullptr && block.bias()->trainable()) {
      add_scaled(gradients.biases[b], factor, first, block.bias()->gradient());
    }
  }
}

struct ChunkedLoss {
  const Tensor& x;
  const LinearBlocks& blocks;
  std::span<const std::int32_t> targets;
  CrossEntropyScale scale;
  std::span<double> nats;
  std::span<double> losses;
  Gradients* gradients;  // null: values only
  Precision precision;

  void run(Tensor& logits) const {
    const Index rows = x.shape()[0];
    const Index symbols = logits.shape()[1];
    const Index inputs = x.shape()[1];
    prepare(blocks, gradients != nullptr, precision);
    for (Index begin = 0; begin < rows; begin += logits.shape()[0]) {
      const Index count = std::min(logits.shape()[0], rows - begin);
      for_tiles(count, kTaskRows, [&](Index from, Index to) {
        float* z = logits.data() + from * symbols;
        const Index row = begin + from;
        const auto at = static_cast<std::size_t>(row);
        compute_logits(x.data() + row * inputs, to - from, blocks, symbols, precision, z);
        cross_entropy_rows(z, targets.subspan(at, static_cast<std::size_t>(to - from)), symbols, scale, &nats[at],
                           &losses[at], gradients == nullptr ? nullptr : z);
        if (gradients == nullptr) return;
        compute_input_gradient(z, to - from, blocks, symbols, precision, gradients->x.data() + row * inputs);
      });
      if (gradients == nullptr) continue;
      add_parameter_gradients(logits.data(), symbols, x.data() + begin * inputs, count, blocks, precision, *gradients);
    }
  }
};

Shape chunk_shape(Index rows, const LinearBlocks& blocks) {
  const Index symbols = symbols_of(blocks);
  return {std::min(rows, rows_per_chunk(symbols)), symbols};
}

}  // namespace

Variable linear_cross_entropy(Tape& tape, Variable x, const LinearBlocks& blocks, std::span<const std::int32_t> targets,
                              double weight, double smoothing, std::span<double> nats, Precision precision) {
  expect_operands(tape.shape(x), blocks, targets, nats.size());
  expect_smoothing(smoothing);
  std::vector<Variable> operands = {x};
  for (LinearWeights* block : blocks) {
    operands.push_back(tape.parameter(block->matrix()));
    if (block->bias() != nullptr) operands.push_back(tape.parameter(*block->bias()));
  }
  std::shared_ptr<Gradients> gradients;
  if (tape.would_record(operands)) {
    gradients = std::make_shared<Gradients>(make_gradients(tape.shape(x), blocks));
  }
  std::vector<double> losses(targets.size());
  Tensor logits = Tensor::uninitialised(chunk_shape(tape.shape(x)[0], blocks));
  const CrossEntropyScale scale{.slope = static_cast<float>(weight), .smoothing = smoothing};
  ChunkedLoss{tape.value(x), blocks, targets, scale, nats, losses, gradients.get(), precision}.run(logits);

  Tensor loss = Tensor::uninitialised(Shape{});
  loss[0] = static_cast<float>(weight * std::accumulate(losses.begin(), losses.end(), 0.0));
  return tape.record(std::move(loss), operands, [=](Tape& back, const Tensor& dy) {
    // L = w * sum over n of the cross-entropy of z_n = W x_n + b:  dz_n = dL w (softmax(z_n) - label_n),
    // dW = dz^T x,  db = column sums of dz,  dx = dz W; all computed with dL = 1
    add_to_parameters(*gradients, dy[0], blocks);
    if (dy[0] != 1.0F) {
      for (float& slope : gradients->x.values()) slope *= dy[0];
    }
    back.add_gradient(x, std::move(gradients->x));
  });
}

void linear_nats(const Tensor& x, const LinearBlocks& blocks, std::span<const std::int32_t> targets,
                 std::span<double> nats) {
  expect_operands(x.shape(), blocks, targets, nats.size());
  std::vector<double> losses(targets.size());
  Tensor logits = Tensor::uninitialised(chunk_shape(x.shape()[0], blocks));
  ChunkedLoss{x, blocks, targets, {}, nats, losses, nullptr, Precision::kFloat32}.run(logits);
}

Tensor linear_log_softmax(const Tensor& x, const LinearBlocks& blocks) {
  const Index rows = x.shape()[0];
  const Index inputs = x.shape()[1];
  const Index symbols = symbols_of(blocks);
  Tensor result = Tensor::uninitialised({rows, symbols});
  prepare(blocks, false, Precision::kFloat32);
  for_tiles(rows, kTaskRows, [&](Index begin, Index end) {
    float* z = result.data() + begin * symbols;
    compute_logits(x.data() + begin * inputs, end - begin, blocks, symbols, Precision::kFloat32, z);
    kernels::log_softmax(z, symbols, end - begin, symbols, z, symbols);
  });
  return result;
}

}  // namespace unfold
