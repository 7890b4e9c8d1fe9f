// Output layers: normalisation, the two-step formula of the adaptive softmax written out, gradients, tied weights.
#include "layers/output/output_layer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/expect_error.h"
#include "tape/gradient_check.h"
#include "unfold/error.h"

namespace unfold {
namespace {

// Rounding of float32 logarithms of size 3, from sums in different orders.
constexpr double kTolerance = 1e-5;
constexpr Index kInputs = 8;
constexpr Index kSymbols = 17;
const std::vector<Index> kCutoffs = {5, 9, 12};

struct Layer {
  explicit Layer(const std::string& kind, bool tied) {
    table.edit() = random_tensor({kSymbols, kInputs}, 5);
    const OutputPlace place{.inputs = kInputs, .symbols = kSymbols, .table = tied ? &table : nullptr, .seed = 3};
    output = kind == "full" ? make_full_softmax(place) : make_adaptive_softmax(place, kCutoffs);
    for (Parameter* parameter : output->parameters()) {
      parameter->edit() = random_tensor(parameter->shape(), parameters.size());
      parameters.push_back(parameter);
    }
    if (tied) parameters.push_back(&table);
  }
  const Tensor& value(const std::string& name) const {
    const auto found =
        std::find_if(parameters.begin(), parameters.end(), [&](const Parameter* p) { return p->name() == name; });
    if (found == parameters.end()) throw ContractError("no " + name);
    return std::as_const(**found).value();
  }

  Parameter table{"embedding.W", {kSymbols, kInputs}};
  std::unique_ptr<OutputLayer> output;
  ParameterList parameters;
};

const std::vector<std::int32_t> kTargets = {0, 16, 4, 5, 9, 11, 12, 3};

std::vector<double> softmax(std::vector<double> z) {
  const double largest = *std::max_element(z.begin(), z.end());
  double sum = 0;
  for (double& value : z) sum += value = std::exp(value - largest);
  for (double& value : z) value /= sum;
  return z;
}

/// rows [begin, end) of (matrix times x + bias), in double.
std::vector<double> affine(const Tensor& matrix, const Tensor* bias, Index begin, Index end,
                           const std::vector<double>& x) {
  std::vector<double> y;
  for (Index row = begin; row < end; ++row) {
    double sum = bias == nullptr ? 0 : static_cast<double>((*bias)[row]);
    for (std::size_t i = 0; i < x.size(); ++i) {
      sum += static_cast<double>(matrix[row * static_cast<Index>(x.size()) + static_cast<Index>(i)]) * x[i];
    }
    y.push_back(sum);
  }
  return y;
}

/// p of every symbol as the paper's two steps say, written out.
std::vector<double> two_steps(const Layer& layer, bool tied, const std::vector<double>& x) {
  std::vector<double> logits;
  if (tied) {
    logits = affine(layer.value("embedding.W"), &layer.value("output.b"), 0, 5, x);
    const auto clusters = affine(layer.value("output.clusters.W"), &layer.value("output.clusters.b"), 0, 3, x);
    logits.insert(logits.end(), clusters.begin(), clusters.end());
  } else {
    logits = affine(layer.value("output.head.W"), &layer.value("output.head.b"), 0, 8, x);
  }
  const std::vector<double> head = softmax(logits);
  std::vector<double> p(head.begin(), head.begin() + 5);
  const std::vector<Index> ends = {5, 9, 12, kSymbols};
  for (std::size_t t = 0; t < 3; ++t) {
    const std::string name = "output.tail." + std::to_string(t);
    const Tensor& projection = layer.value(name + ".projection.W");
    const std::vector<double> reduced = affine(projection, nullptr, 0, projection.shape()[0], x);
    const std::vector<double> within =
        tied ? softmax(affine(layer.value("embedding.W"), &layer.value("output.b"), ends[t], ends[t + 1], reduced))
             : softmax(affine(layer.value(name + ".W"), &layer.value(name + ".b"), 0, ends[t + 1] - ends[t], reduced));
    for (const double q : within) p.push_back(head[5 + t] * q);
  }
  return p;
}

TEST(AdaptiveSoftmax, IsThePapersTwoStepsAndSumsToOne) {
  for (const bool tied : {false, true}) {
    Layer layer("adaptive", tied);
    const Tensor x = random_tensor({8, kInputs}, 9);
    const Tensor log_p = layer.output->log_probabilities(x);
    const std::vector<double> nats = layer.output->nats(x, kTargets);
    ASSERT_EQ(log_p.shape(), (Shape{8, kSymbols}));
    for (Index n = 0; n < 8; ++n) {
      const std::vector<double> row(x.data() + n * kInputs, x.data() + (n + 1) * kInputs);
      const std::vector<double> expected = two_steps(layer, tied, row);
      double sum = 0;
      for (Index v = 0; v < kSymbols; ++v) {
        EXPECT_NEAR(log_p[n * kSymbols + v], std::log(expected[static_cast<std::size_t>(v)]), kTolerance);
        sum += std::exp(static_cast<double>(log_p[n * kSymbols + v]));
      }
      EXPECT_NEAR(sum, 1.0, kTolerance);
      const auto at = static_cast<std::size_t>(n);
      EXPECT_NEAR(nats[at], -log_p[n * kSymbols + kTargets[at]], kTolerance);
    }
  }
}

TEST(OutputLayer, GradientOfTheLossAndItsNats) {
  for (const char* kind : {"full", "adaptive"}) {
    for (const bool tied : {false, true}) {
      Layer layer(kind, tied);
      double nats = 0;
      const Network network = [&](Tape& tape, const std::vector<Variable>& x) {
        return layer.output->loss(tape, x[0], kTargets, 0, nats);
      };
      const Tensor x = random_tensor({8, kInputs}, 9);
      EXPECT_LT(gradient_error({x}, network, layer.parameters), kGradientTolerance) << kind << tied;
      double expected = 0;
      for (const double row : layer.output->nats(x, kTargets)) expected += row / 8;
      Tape tape(Tape::Recording::kOff);
      EXPECT_NEAR(tape.value(network(tape, {tape.constant(x)}))[0], expected, kTolerance);
      EXPECT_NEAR(nats, expected, kTolerance);
    }
  }
}

TEST(AdaptiveSoftmax, TailsOfNoTargetCostNothing) {
  Layer layer("adaptive", false);
  const std::vector<std::int32_t> frequent = {0, 4, 2};
  for (Parameter* parameter : layer.parameters) parameter->gradient().fill(0);
  Tape tape;
  double nats = 0;
  tape.backward(layer.output->loss(tape, tape.leaf(random_tensor({3, kInputs}, 9)), frequent, 0, nats));
  for (const Parameter* parameter : layer.parameters) {
    const bool is_head = parameter->name().starts_with("output.head");
    const auto values = std::as_const(*parameter).gradient().values();
    EXPECT_EQ(std::any_of(values.begin(), values.end(), [](float g) { return g != 0; }), is_head) << parameter->name();
  }
}

TEST(AdaptiveSoftmax, RefusesCutoffsThatDoNotRise) {
  const OutputPlace place{.inputs = 4, .symbols = 10};
  for (const std::vector<Index>& cutoffs : {std::vector<Index>{0, 5}, {5, 5}, {6, 3}, {5, 10}}) {
    expect_error<InputError>([&] { make_adaptive_softmax(place, cutoffs); }, {"cutoffs", "rise", "10 symbols"});
  }
}

TEST(AdaptiveSoftmax, WithoutCutoffsItIsTheFullOne) {
  Layer full("full", false);
  const OutputPlace place{.inputs = kInputs, .symbols = kSymbols, .seed = 3};
  const auto adaptive = make_adaptive_softmax(place, {});
  adaptive->parameters()[0]->edit() = full.value("output.W");
  adaptive->parameters()[1]->edit() = full.value("output.b");
  const Tensor x = random_tensor({4, kInputs}, 9);
  const Tensor expected = full.output->log_probabilities(x);
  EXPECT_TRUE(std::equal(expected.values().begin(), expected.values().end(), adaptive->log_probabilities(x).data()));
}

TEST(Cutoffs, RiseAndSuitTheVocabulary) {
  EXPECT_TRUE(choose_cutoffs(100, 256, false).empty());
  for (const bool tied : {false, true}) {
    for (const Index symbols : {10000, 50000, 250000}) {
      const std::vector<Index> cutoffs = choose_cutoffs(symbols, 256, tied);
      ASSERT_GE(cutoffs.size(), 1U);
      EXPECT_GT(cutoffs.front(), 0);
      EXPECT_LT(cutoffs.front(), symbols / 4);  // the head is what most tokens cost
      EXPECT_LT(cutoffs.back(), symbols);
      EXPECT_TRUE(std::is_sorted(cutoffs.begin(), cutoffs.end(), std::less_equal<>()));
    }
  }
  EXPECT_EQ(tail_width(256, 0, false), 64);
  EXPECT_EQ(tail_width(256, 2, false), 4);
  EXPECT_EQ(tail_width(2, 2, false), 1);
  EXPECT_EQ(tail_width(256, 2, true), 256);
}

}  // namespace
}  // namespace unfold
