// A softmax at every step.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "layers/labels/step_output.h"
#include "unfold/error.h"
#include "unfold/labels.h"

namespace unfold {
namespace {

/// Of one row of scores, as probabilities.
std::vector<double> softmax(std::span<const float> scores) {
  const double largest = *std::max_element(scores.begin(), scores.end());
  std::vector<double> row(scores.size());
  double sum = 0;
  for (std::size_t k = 0; k < row.size(); ++k) sum += row[k] = std::exp(scores[k] - largest);
  for (double& probability : row) probability /= sum;
  return row;
}

class SoftmaxSteps final : public StepOutput {
 public:
  SoftmaxSteps(Index labels, double smoothing) : labels_(labels), smoothing_(smoothing) {}

  const ParameterList& parameters() const override { return parameters_; }

  Variable loss(Tape& tape, Variable scores, const Unrolling& unrolling, std::span<const std::int32_t> labels,
                double& nats) override {
    expect_labelled(tape.shape(scores), labels_, unrolling, labels);
    std::vector<Index> rows;
    std::vector<std::int32_t> targets;
    for (std::size_t row = 0; row < labels.size(); ++row) {
      if (labels[row] == Labels::kNone) continue;
      rows.push_back(static_cast<Index>(row));
      targets.push_back(labels[row]);
    }
    if (rows.size() < labels.size()) scores = select_rows(tape, scores, rows);
    return softmax_cross_entropy(tape, scores, targets, smoothing_, &nats);
  }

  std::vector<LabelledSteps> decode(const Tensor& scores, const Unrolling& unrolling,
                                    bool with_probabilities) const override {
    std::vector<LabelledSteps> result(static_cast<std::size_t>(unrolling.batch()));
    for (Index sequence = 0; sequence < unrolling.batch(); ++sequence) {
      LabelledSteps& steps = result[static_cast<std::size_t>(sequence)];
      for (Index t = 0; t < unrolling.lengths()[static_cast<std::size_t>(sequence)]; ++t) {
        const std::span<const float> row(scores.data() + unrolling.row(sequence, t) * labels_,
                                         static_cast<std::size_t>(labels_));
        steps.labels.push_back(static_cast<std::int32_t>(std::max_element(row.begin(), row.end()) - row.begin()));
        if (!with_probabilities) continue;
        const std::vector<double> probabilities = softmax(row);
        steps.probabilities.insert(steps.probabilities.end(), probabilities.begin(), probabilities.end());
      }
    }
    return result;
  }

 private:
  Index labels_;
  double smoothing_;
  ParameterList parameters_;
};

}  // namespace

std::unique_ptr<StepOutput> make_softmax_steps(Index labels, double smoothing) {
  return std::make_unique<SoftmaxSteps>(labels, smoothing);
}

Index expect_labelled(const Shape& scores, Index labels, const Unrolling& unrolling,
                      std::span<const std::int32_t> targets) {
  const Index rows = unrolling.rows();
  if (scores != Shape{rows, labels} || static_cast<Index>(targets.size()) != rows) {
    throw ContractError(fmt::format("expected scores [{}, {}] and as many labels as rows, found {} and {}", rows,
                                    labels, scores.text(), targets.size()));
  }
  Index labelled = 0;
  for (const std::int32_t target : targets) {
    if (target != Labels::kNone && (target < 0 || target >= labels)) {
      throw ContractError(fmt::format("label {} of a step is not in [0, {})", target, labels));
    }
    labelled += target == Labels::kNone ? 0 : 1;
  }
  if (labelled == 0) throw ContractError("no step has a label to learn from");
  return labelled;
}

}  // namespace unfold
