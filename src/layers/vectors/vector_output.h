// What stands above a recurrence that predicts vectors: the O numbers y that the network writes for a step to the
// distribution of what is predicted, W numbers: its cost, its most probable value, draws from it.
#pragma once

#include <memory>
#include <span>

#include "base/random.h"
#include "unfold/tape.h"

namespace unfold {

class VectorOutput {
 public:
  virtual ~VectorOutput() = default;

  /// What training lowers: y [N, O], targets [N, W], NaN where one is missing. `cost` receives the mean of what the N
  /// rows cost.
  virtual Variable loss(Tape& tape, Variable y, const Tensor& targets, double& cost) const = 0;
  /// Of one row: y [O], target [W].
  virtual double cost(std::span<const float> y, std::span<const float> target) const = 0;
  /// What a model that knows nothing costs: every number the mean, every bit and symbol equally probable.
  virtual double uninformed() const = 0;

  /// The most probable target [W].
  virtual void best(std::span<const float> y, std::span<float> target) const = 0;
  /// The probability of a 1 in each bit, or of each symbol [O]; of numbers their means.
  virtual void probabilities(std::span<const float> y, std::span<float> result) const = 0;
  /// A draw [W]. Numbers have deviations `noise` [W] around their means; bits and symbols need none.
  virtual void sample(std::span<const float> y, std::span<const float> noise, Random& random,
                      std::span<float> target) const = 0;
};

/// Numbers; a row costs the mean of its W squared errors. O = W.
std::unique_ptr<VectorOutput> make_squared_output(Index size);
/// Bits, y being their logits; a row costs the sum of -log p of its bits, in nats. O = W.
std::unique_ptr<VectorOutput> make_bernoulli_output(Index size);
/// One of `symbols`, y being their logits; a row costs -log p, in nats. O = symbols, W = 1: the symbol's number.
std::unique_ptr<VectorOutput> make_categorical_output(Index symbols, double smoothing);

}  // namespace unfold
