// Linear-chain conditional random fields over ragged batches.
#include <vector>

#include "base/tiles.h"
#include "layers/labels/linear_chain.h"
#include "layers/labels/step_output.h"
#include "unfold/error.h"

namespace unfold {
namespace {

std::vector<double> doubles(const Tensor& values) { return {values.data(), values.data() + values.count()}; }

/// The scores of one sequence [T, K].
std::vector<double> scores_of(const Tensor& scores, const Unrolling& unrolling, Index sequence) {
  const Index K = scores.shape()[1];
  std::vector<double> result;
  for (Index t = 0; t < unrolling.lengths()[static_cast<std::size_t>(sequence)]; ++t) {
    const float* const row = scores.data() + unrolling.row(sequence, t) * K;
    result.insert(result.end(), row, row + K);
  }
  return result;
}

/// What a sequence adds to the loss and its gradient: `free` is over all labellings, `agreeing` over those with the
/// labels, and -log p(labels) = log Z(free) - log Z(agreeing).
struct Contribution {
  ChainExpectation free;
  ChainExpectation agreeing;
};

ChainExpectation log_sum_alone(const ChainWeights& weights, std::span<const double> scores) {
  return {.log_sum = log_sum(weights, scores), .steps = {}, .transitions = {}};
}

class RandomField final : public StepOutput {
 public:
  explicit RandomField(Index labels)
      : transitions_("crf.transitions", {labels, labels}), start_("crf.start", {labels}), end_("crf.end", {labels}) {}

  const ParameterList& parameters() const override { return parameters_; }

  Variable loss(Tape& tape, Variable scores, const Unrolling& unrolling, std::span<const std::int32_t> labels,
                double& nats) override {
    const double share = 1 / static_cast<double>(expect_labelled(tape.shape(scores), K(), unrolling, labels));
    const std::vector<Variable> operands = {scores, tape.parameter(transitions_), tape.parameter(start_),
                                            tape.parameter(end_)};
    const auto expect = tape.would_record(operands) ? expectation : log_sum_alone;
    std::vector<Contribution> all = contributions_of(tape.value(scores), unrolling, labels, expect);
    nats = 0;
    for (const Contribution& own : all) nats += share * (own.free.log_sum - own.agreeing.log_sum);
    Tensor loss = Tensor::uninitialised(Shape{});
    loss[0] = static_cast<float>(nats);
    return tape.record(std::move(loss), operands, [=, this, all = std::move(all)](Tape& back, const Tensor& dy) {
      // L = share * sum over sequences of log Z(free) - log Z(agreeing), and d log Z is what is expected
      const double factor = share * dy[0];
      back.add_gradient(scores, score_gradient(Tensor::uninitialised(back.shape(scores)), all, unrolling, factor));
      add_weight_gradients(back, operands, all, factor);
    });
  }

  std::vector<LabelledSteps> decode(const Tensor& scores, const Unrolling& unrolling,
                                    bool with_probabilities) const override {
    const ChainWeights chain = weights();
    std::vector<LabelledSteps> result(static_cast<std::size_t>(unrolling.batch()));
    for_tiles(unrolling.batch(), 1, [&](Index sequence, Index) {
      const std::vector<double> own = scores_of(scores, unrolling, sequence);
      LabelledSteps& steps = result[static_cast<std::size_t>(sequence)];
      steps.labels = best_labelling(chain, own);
      if (with_probabilities) steps.probabilities = expectation(chain, own).steps;
    });
    return result;
  }

 private:
  Index K() const { return start_.shape()[0]; }
  ChainWeights weights() const {
    return {
        .transitions = doubles(transitions_.value()), .start = doubles(start_.value()), .end = doubles(end_.value())};
  }

  template <class Expect>
  std::vector<Contribution> contributions_of(const Tensor& scores, const Unrolling& unrolling,
                                             std::span<const std::int32_t> labels, const Expect& expect) const {
    const ChainWeights chain = weights();
    std::vector<Contribution> contributions(static_cast<std::size_t>(unrolling.batch()));
    for_tiles(unrolling.batch(), 1, [&](Index sequence, Index) {
      const std::vector<double> own = scores_of(scores, unrolling, sequence);
      std::vector<std::int32_t> own_labels;
      for (Index t = 0; t < unrolling.lengths()[static_cast<std::size_t>(sequence)]; ++t) {
        own_labels.push_back(labels[static_cast<std::size_t>(unrolling.row(sequence, t))]);
      }
      Contribution& result = contributions[static_cast<std::size_t>(sequence)];
      result.free = expect(chain, own);
      result.agreeing = expect(chain, agreeing(own, own_labels));
    });
    return contributions;
  }

  Tensor score_gradient(Tensor gradient, const std::vector<Contribution>& contributions, const Unrolling& unrolling,
                        double factor) const {
    for (Index sequence = 0; sequence < unrolling.batch(); ++sequence) {
      const Contribution& own = contributions[static_cast<std::size_t>(sequence)];
      for (Index i = 0; i < static_cast<Index>(own.free.steps.size()); ++i) {
        const auto at = static_cast<std::size_t>(i);
        gradient[unrolling.row(sequence, i / K()) * K() + i % K()] =
            static_cast<float>(factor * (own.free.steps[at] - own.agreeing.steps[at]));
      }
    }
    return gradient;
  }

  /// A step's gradient is also that of `start` at the first step and of `end` at the last one.
  void add_weight_gradients(Tape& tape, const std::vector<Variable>& operands,
                            const std::vector<Contribution>& contributions, double factor) const {
    const auto labels = static_cast<std::size_t>(K());
    std::vector<double> transitions(labels * labels);
    std::vector<double> start(labels);
    std::vector<double> end(labels);
    for (const Contribution& own : contributions) {
      if (own.free.steps.empty()) continue;
      const std::size_t last = own.free.steps.size() - labels;
      for (std::size_t k = 0; k < labels; ++k) {
        start[k] += own.free.steps[k] - own.agreeing.steps[k];
        end[k] += own.free.steps[last + k] - own.agreeing.steps[last + k];
      }
      for (std::size_t e = 0; e < transitions.size(); ++e) {
        transitions[e] += own.free.transitions[e] - own.agreeing.transitions[e];
      }
    }
    std::size_t operand = 1;
    for (const std::vector<double>* sum : {&transitions, &start, &end}) {
      Tensor gradient = Tensor::uninitialised(tape.shape(operands[operand]));
      for (std::size_t i = 0; i < sum->size(); ++i) {
        gradient[static_cast<Index>(i)] = static_cast<float>(factor * (*sum)[i]);
      }
      tape.add_gradient(operands[operand++], std::move(gradient));
    }
  }

  Parameter transitions_;
  Parameter start_;
  Parameter end_;
  ParameterList parameters_ = {&transitions_, &start_, &end_};
};

}  // namespace

std::unique_ptr<StepOutput> make_random_field(Index labels) { return std::make_unique<RandomField>(labels); }

}  // namespace unfold
