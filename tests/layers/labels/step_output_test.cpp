// What stands above a tagger's scores: losses, gradients, and that a batch is no more than its rows.
#include "layers/labels/step_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "layers/labels/linear_chain.h"
#include "tape/gradient_check.h"
#include "unfold/error.h"
#include "unfold/labels.h"

namespace unfold {
namespace {

constexpr Index K = 4;
constexpr std::int32_t kNone = Labels::kNone;
const std::array<Index, 4> kLengths = {3, 5, 0, 1};

/// The labels of the rows of a ragged batch of kLengths.
std::vector<std::int32_t> batch_labels(const Unrolling& unrolling) {
  const std::array<std::vector<std::int32_t>, 4> labels = {{{0, 3, 1}, {2, kNone, kNone, 0, kNone}, {}, {1}}};
  std::vector<std::int32_t> rows(static_cast<std::size_t>(unrolling.rows()));
  for (std::size_t b = 0; b < labels.size(); ++b) {
    for (std::size_t t = 0; t < labels[b].size(); ++t) {
      rows[static_cast<std::size_t>(unrolling.row(static_cast<Index>(b), static_cast<Index>(t)))] = labels[b][t];
    }
  }
  return rows;
}

void set_random(const ParameterList& parameters) {
  std::uint64_t seed = 70;
  for (Parameter* parameter : parameters) parameter->edit() = random_tensor(parameter->shape(), seed++);
}

double loss_of(StepOutput& output, const Tensor& scores, const Unrolling& unrolling,
               std::span<const std::int32_t> labels) {
  Tape tape(Tape::Recording::kOff);
  double nats = 0;
  output.loss(tape, tape.constant(Tensor(scores)), unrolling, labels, nats);
  return nats;
}

class StepOutputs : public testing::TestWithParam<bool> {
 protected:
  StepOutputs() { set_random(output->parameters()); }

  std::unique_ptr<StepOutput> output = GetParam() ? make_random_field(K) : make_softmax_steps(K);
  Unrolling unrolling = Unrolling::ragged(kLengths);
  std::vector<std::int32_t> labels = batch_labels(unrolling);
  Tensor scores = random_tensor({unrolling.rows(), K}, 1);

  /// The scores of one sequence alone.
  Tensor alone(Index sequence) const {
    Tensor result({kLengths[static_cast<std::size_t>(sequence)], K});
    for (Index t = 0; t < result.shape()[0]; ++t) {
      std::copy_n(scores.data() + unrolling.row(sequence, t) * K, K, result.data() + t * K);
    }
    return result;
  }
};
INSTANTIATE_TEST_SUITE_P(Kinds, StepOutputs, testing::Bool(),
                         [](const auto& kind) { return kind.param ? "RandomField" : "Softmax"; });

TEST_P(StepOutputs, TheGradientIsThatOfTheLoss) {
  const Network network = [&](Tape& tape, const std::vector<Variable>& x) {
    double nats = 0;
    return output->loss(tape, x[0], unrolling, labels, nats);
  };
  EXPECT_LT(gradient_error({scores}, network, output->parameters()), kGradientTolerance);
}

TEST_P(StepOutputs, ASequenceInABatchIsDecodedAsAlone) {
  const std::vector<LabelledSteps> together = output->decode(scores, unrolling, true);
  for (Index b = 0; b < unrolling.batch(); ++b) {
    const Unrolling single = Unrolling::ragged(std::array{kLengths[static_cast<std::size_t>(b)]});
    const LabelledSteps own = output->decode(alone(b), single, true).front();
    EXPECT_EQ(together[static_cast<std::size_t>(b)].labels, own.labels);
    EXPECT_EQ(together[static_cast<std::size_t>(b)].probabilities, own.probabilities);
    EXPECT_EQ(static_cast<Index>(own.labels.size()), kLengths[static_cast<std::size_t>(b)]);
  }
  EXPECT_TRUE(output->decode(scores, unrolling, false)[1].probabilities.empty());
}

TEST_P(StepOutputs, ProbabilitiesOfAStepSumToOne) {
  for (const LabelledSteps& steps : output->decode(scores, unrolling, true)) {
    for (std::size_t t = 0; t < steps.labels.size(); ++t) {
      double sum = 0;
      for (std::size_t k = 0; k < K; ++k) sum += steps.probabilities[t * K + k];
      EXPECT_NEAR(sum, 1, 1e-12);
    }
  }
}

TEST_P(StepOutputs, TheLossOfABatchIsTheMeanOverItsLabelledSteps) {
  double sum = 0;
  for (const Index b : {0, 1, 3}) {
    const auto length = kLengths[static_cast<std::size_t>(b)];
    std::vector<std::int32_t> own;
    for (Index t = 0; t < length; ++t) own.push_back(labels[static_cast<std::size_t>(unrolling.row(b, t))]);
    const auto labelled =
        static_cast<double>(own.size() - static_cast<std::size_t>(std::count(own.begin(), own.end(), kNone)));
    sum += labelled * loss_of(*output, alone(b), Unrolling::ragged(std::array{length}), own);
  }
  constexpr double kRounding = 1e-6;  // of the losses, which are float32
  EXPECT_NEAR(loss_of(*output, scores, unrolling, labels), sum / 6, kRounding);
}

TEST_P(StepOutputs, WrongLabelsAreRefused) {
  Tape tape;
  const Variable x = tape.leaf(Tensor(scores));
  const std::vector<std::int32_t> none(labels.size(), kNone);
  std::vector<std::int32_t> outside = labels;
  outside[0] = static_cast<std::int32_t>(K);
  double nats = 0;
  EXPECT_THROW(output->loss(tape, x, unrolling, none, nats), ContractError);
  EXPECT_THROW(output->loss(tape, x, unrolling, outside, nats), ContractError);
  EXPECT_THROW(output->loss(tape, x, unrolling, std::span(labels).first(3), nats), ContractError);
}

TEST(RandomField, WithoutTransitionsItIsASoftmaxAtEveryStep) {
  const Unrolling unrolling = Unrolling::ragged(kLengths);
  const std::vector<std::int32_t> labels = batch_labels(unrolling);
  const Tensor scores = random_tensor({unrolling.rows(), K}, 2);
  const auto field = make_random_field(K);
  const auto softmax = make_softmax_steps(K);
  constexpr double kRounding = 1e-6;  // of float32
  EXPECT_NEAR(loss_of(*field, scores, unrolling, labels), loss_of(*softmax, scores, unrolling, labels), kRounding);
  const auto of_field = field->decode(scores, unrolling, true);
  const auto of_softmax = softmax->decode(scores, unrolling, true);
  for (std::size_t b = 0; b < of_field.size(); ++b) {
    EXPECT_EQ(of_field[b].labels, of_softmax[b].labels);
    EXPECT_THAT(of_field[b].probabilities, testing::Pointwise(testing::DoubleNear(1e-12), of_softmax[b].probabilities));
  }
}

TEST(RandomField, TheLossIsMinusTheLogOfTheLabelsShare) {
  const auto field = make_random_field(K);
  set_random(field->parameters());
  const Tensor scores = random_tensor({3, K}, 3);
  const std::vector<std::int32_t> labels = {2, 0, 1};
  const auto doubles = [](const Tensor& t) { return std::vector<double>(t.data(), t.data() + t.count()); };
  const ParameterList& p = field->parameters();
  const ChainWeights weights{
      .transitions = doubles(p[0]->value()), .start = doubles(p[1]->value()), .end = doubles(p[2]->value())};
  const double path = weights.start[2] + weights.end[1] + scores[2] + scores[K] + scores[2 * K + 1] +
                      weights.transitions[2 * K] + weights.transitions[1];
  const double nats = log_sum(weights, doubles(scores)) - path;
  EXPECT_NEAR(loss_of(*field, scores, Unrolling::equal(3, 1), labels), nats / 3, 1e-6);
}

}  // namespace
}  // namespace unfold
