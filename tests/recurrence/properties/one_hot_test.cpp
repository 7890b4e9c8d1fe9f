// A product with a one-hot vector is a row look-up: the same bits.
#include <gtest/gtest.h>

#include "recurrence/cell_text.h"
#include "recurrence/check/check.h"

namespace unfold::recurrence {
namespace {

constexpr Index kSymbols = 11;
constexpr Index kHidden = 24;
const std::vector<Index> kLengths{5, 2, 0, 7, 7};

std::vector<std::int32_t> tokens_for(Index rows) {
  std::vector<std::int32_t> tokens;
  for (Index i = 0; i < rows; ++i) tokens.push_back(static_cast<std::int32_t>((i * 7 + i / 3) % kSymbols));
  return tokens;
}

template <class Real>
std::vector<Real> one_hot(const std::vector<std::int32_t>& tokens) {
  std::vector<Real> rows(tokens.size() * at(kSymbols), Real(0));
  for (std::size_t row = 0; row < tokens.size(); ++row) rows[row * at(kSymbols) + at(tokens[row])] = Real(1);
  return rows;
}

/// Planned: tokens are looked up, dense rows are multiplied.
TEST(OneHot, TimesAMatrixIsItsLookUpBitForBit) {
  const Unrolling unrolling = Unrolling::ragged(kLengths);
  const auto tokens = tokens_for(unrolling.rows());
  const Tensor dense({unrolling.rows(), kSymbols}, one_hot<float>(tokens));
  for (const std::string& name : shipped_cells()) {
    Recurrence recurrence(Cell::load(name), {kSymbols, kHidden, kSymbols}, {}, {}, 7);
    ForwardArguments arguments;
    arguments.unrolling = &unrolling;
    arguments.inputs = {{InputValues::Kind::kOneHot, nullptr, tokens}};
    const ForwardResult looked_up = recurrence.forward(arguments);
    arguments.inputs = {{InputValues::Kind::kDense, &dense, {}}};
    const ForwardResult multiplied = recurrence.forward(arguments);
    for (Index i = 0; i < looked_up.output.count(); ++i)
      ASSERT_EQ(looked_up.output[i], multiplied.output[i]) << name << ", entry " << i;
  }
}

/// In the naive executor, the gradients too: those of V in h' = tanh(W h + V x) with one-hot x are the gradients of
/// e in h' = tanh(W h + e), added to the columns of the tokens that they belong to.
TEST(OneHot, GradientIsThatOfTheLookUpBitForBit) {
  const Graph product = graph_of("cell p\ninput x\nstate h\nh' = tanh(W h + V x)\noutput h'\n", {kSymbols, kHidden, 0});
  const Graph look_up =
      graph_of("cell l\ninput e[hidden]\nstate h\nh' = tanh(W h + e)\noutput h'\n", {kHidden, kHidden, 0});
  const Unrolling unrolling = Unrolling::ragged(kLengths);
  const auto tokens = tokens_for(unrolling.rows());
  CheckOptions options;
  options.lengths = kLengths;
  CheckPoint point = draw_check_point(product, options, 3);
  point.arguments.inputs = {one_hot<double>(tokens)};
  const std::vector<double>& v = point.arguments.parameters[1];  // [H, V]
  CheckPoint looked_up = point;
  looked_up.arguments.parameters.pop_back();
  looked_up.arguments.inputs = {{}};
  for (const std::int32_t token : tokens) {
    for (Index i = 0; i < kHidden; ++i) looked_up.arguments.inputs[0].push_back(v[at(i * kSymbols + token)]);
  }
  const auto run = [](const Graph& graph, const CheckPoint& here) {
    const auto forward = naive_forward(graph, here.unrolling, here.arguments);
    const auto back = naive_backward(graph, differentiate(graph), here.unrolling, here.arguments, forward,
                                     here.output_weights, here.final_weights);
    return std::pair(forward, back);
  };
  const auto [forward, back] = run(product, point);
  const auto [forward_e, back_e] = run(look_up, looked_up);
  EXPECT_EQ(forward.output, forward_e.output);
  EXPECT_EQ(back.parameters[0], back_e.parameters[0]);
  EXPECT_EQ(back.initial, back_e.initial);

  std::vector<double> expected(v.size(), 0.0);
  for (Index sequence = 0; sequence < unrolling.batch(); ++sequence) {  // in the naive executor's order
    std::vector<double> sums(v.size(), 0.0);
    for (Index tick = kLengths[at(sequence)] - 1; tick >= 0; --tick) {
      const Index row = unrolling.row(sequence, tick);
      for (Index i = 0; i < kHidden; ++i)
        sums[at(i * kSymbols + tokens[at(row)])] += back_e.inputs[0][at(row * kHidden + i)];
    }
    for (std::size_t i = 0; i < sums.size(); ++i) expected[i] += sums[i];
  }
  EXPECT_EQ(back.parameters[1], expected);
}

}  // namespace
}  // namespace unfold::recurrence
