// What stands above a tagger's scores: scores of K labels at every step to a loss, and to labels and probabilities.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "unfold/layers.h"

namespace unfold {

/// The best labels of a sequence of T steps, and of each step by itself the probability of every label.
struct LabelledSteps {
  std::vector<std::int32_t> labels;   // [T]
  std::vector<double> probabilities;  // [T, K]; empty if not asked for
};

/// `scores` are [N, K], the rows as in `unrolling`.
class StepOutput {
 public:
  virtual ~StepOutput() = default;

  virtual const ParameterList& parameters() const = 0;
  /// What training lowers. `nats` receives -log p(labels) over all sequences, per labelled step; `labels` [N] are in
  /// [0, K), or Labels::kNone where a step has none. Throws ContractError where no step has one.
  virtual Variable loss(Tape& tape, Variable scores, const Unrolling& unrolling, std::span<const std::int32_t> labels,
                        double& nats) = 0;
  /// Of each sequence.
  virtual std::vector<LabelledSteps> decode(const Tensor& scores, const Unrolling& unrolling,
                                            bool with_probabilities) const = 0;
};

/// A softmax at every step: steps are labelled independently. With `smoothing` training lowers the cross-entropy to
/// smoothed labels; see softmax_cross_entropy. No parameters.
std::unique_ptr<StepOutput> make_softmax_steps(Index labels, double smoothing = 0);
/// A linear-chain conditional random field; see linear_chain.h. Steps without a label are summed over. Parameters
/// crf.transitions [K, K], crf.start [K] and crf.end [K] begin at zero.
std::unique_ptr<StepOutput> make_random_field(Index labels);

/// The number of steps that have a label. Throws ContractError unless there is one, the labels are those of all rows,
/// in [0, K), and the scores are [N, K].
Index expect_labelled(const Shape& scores, Index labels, const Unrolling& unrolling,
                      std::span<const std::int32_t> targets);

}  // namespace unfold
