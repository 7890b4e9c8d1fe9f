#include "generate/free_running.h"

#include <algorithm>
#include <cmath>

#include "layers/vectors/vector_output.h"
#include "tensor/row.h"
#include "unfold/error.h"

namespace unfold {
namespace {

/// What a network would write that predicts the first step: outputs whose bits or symbols have these probabilities.
Tensor before_the_beginning(const VectorCoding& coding, const std::vector<float>& start) {
  Tensor y({1, coding.outputs()}, start);
  for (float& value : y.values()) {
    if (coding.target == VectorTarget::kBernoulli) value = std::log(value / (1 - value));
    if (coding.target == VectorTarget::kCategorical) value = std::log(value);
  }
  return y;
}

/// Draws steps from outputs, and reads them.
class Dice {
 public:
  Dice(const SequenceModel& model, const FreeRunOptions& options)
      : model_(model), inputs_({options.count, model.coding().inputs()}) {
    for (Index n = 0; n < options.count; ++n) random_.emplace_back(options.seed + static_cast<std::uint64_t>(n));
  }

  /// All sequences read one row [F].
  void read(std::span<const float> row) {
    for (Index n = 0; n < inputs_.shape()[0]; ++n) model_.coding().read(row, row_of(inputs_, n));
  }
  /// Sequence n reads what it draws from its row of outputs, [count, O] or one for all; the draw as a row [F].
  std::vector<float> draw(Index n, const Tensor& outputs, const std::vector<float>& noise) {
    std::vector<float> target(static_cast<std::size_t>(model_.coding().targets()));
    const std::span<const float> y = row_of(outputs, outputs.shape()[0] == 1 ? 0 : n);
    model_.output().sample(y, noise, random_[static_cast<std::size_t>(n)], target);
    std::vector<float> row = model_.coding().restored(target);
    model_.coding().read(row, row_of(inputs_, n));
    return row;
  }
  const Tensor& inputs() const { return inputs_; }

 private:
  const SequenceModel& model_;
  Tensor inputs_;  // [count, I]
  std::vector<Random> random_;
};

}  // namespace

std::vector<Tensor> free_run(SequenceModel& model, const SequenceStatistics& statistics,
                             const FreeRunOptions& options) {
  const VectorCoding& coding = model.coding();
  if (!coding.predicts_next()) {
    throw UsageError("the model predicts some numbers from others of the same step, and cannot go on without those");
  }
  const Index primed = options.prime.count() > 0 ? options.prime.shape()[0] : 0;
  std::vector<Tensor> sequences;
  for (Index n = 0; n < options.count; ++n) {
    sequences.emplace_back(Shape{primed + options.length, static_cast<Index>(coding.names.size())});
    std::copy_n(options.prime.data(), primed > 0 ? options.prime.count() : 0, sequences.back().data());
  }
  State state{.batch = options.count};
  Dice dice(model, options);
  Tensor outputs = before_the_beginning(coding, statistics.start);
  for (Index step = 0; step < primed; ++step) {
    dice.read(row_of(options.prime, step));
    outputs = model.step(dice.inputs(), state);
  }
  const std::vector<float> none(statistics.noise.size());  // of the first step
  for (Index step = primed; step < primed + options.length; ++step) {
    for (Index n = 0; n < options.count; ++n) {
      const std::vector<float> row = dice.draw(n, outputs, step == 0 ? none : statistics.noise);
      std::ranges::copy(row, row_of(sequences[static_cast<std::size_t>(n)], step).begin());
    }
    if (step + 1 < primed + options.length) outputs = model.step(dice.inputs(), state);
  }
  return sequences;
}

}  // namespace unfold
