// Sequences that begin at the cell's own start beside others that continue: a reset at a document's end.
#include <gtest/gtest.h>

#include "unfold/error.h"
#include "unfold/recurrence.h"

namespace unfold {
namespace {

/// Some roundings of sums around 10 where the batch is composed in another way: without AVX-512 products add in another
/// order, too. Of what is above 1 in proportion.
constexpr float kTolerance = 2e-6F;

constexpr Sizes kSizes{3, 5, 0};

/// Two states, one with a learned start and one that starts at 0.5.
Recurrence started() {
  const Cell cell = Cell::parse(
      "cell started\ninput x\nstate h = learned, c = 0.5\nc' = tanh(U x + W c + h)\nh' = c' * h + W_2 h\noutput "
      "h' + c'\n",
      "started.cell");
  Recurrence recurrence(cell, kSizes, {}, {}, 4);
  for (Parameter* parameter : recurrence.parameters()) {
    if (parameter->name() == "h_0") {
      for (Index i = 0; i < 5; ++i) parameter->edit()[i] = 0.1F * static_cast<float>(i + 1);
    }
  }
  return recurrence;
}

Tensor some_values(Shape shape, Index first) {
  Tensor result(std::move(shape));
  for (Index i = 0; i < result.count(); ++i) result[i] = static_cast<float>((first + i * 37) % 19 - 9) / 10.0F;
  return result;
}

/// Outputs by sequence and tick, final states, gradients: what a run with dL/doutput = output gives.
struct Outcome {
  std::vector<std::vector<float>> outputs;  // per sequence
  CellState final;
  CellState initial_gradient;
  std::vector<Tensor> gradients;
};

/// Sequence s reads values that depend on its number alone.
Outcome run(Recurrence& recurrence, const std::vector<Index>& numbers, const std::vector<Index>& lengths,
            const CellState* initial, const std::vector<bool>& begins) {
  const Unrolling unrolling = Unrolling::ragged(lengths);
  Tensor x({unrolling.rows(), 3});
  for (std::size_t s = 0; s < lengths.size(); ++s) {
    for (Index tick = 0; tick < lengths[s]; ++tick) {
      const Tensor values = some_values({3}, numbers[s] * 100 + tick * 7);
      std::copy_n(values.data(), 3, x.data() + unrolling.row(static_cast<Index>(s), tick) * 3);
    }
  }
  ForwardArguments arguments;
  arguments.unrolling = &unrolling;
  arguments.inputs = {{InputValues::Kind::kDense, &x, {}}};
  arguments.initial = initial;
  arguments.begins = begins;
  arguments.keep_for_backward = true;
  const ForwardResult forward = recurrence.forward(arguments);
  for (Parameter* parameter : recurrence.parameters()) parameter->gradient().fill(0);
  BackwardArguments back;
  back.output_gradient = forward.output;
  back.want_initial_gradient = true;
  Outcome result;
  result.initial_gradient = recurrence.backward(forward.execution, back).initial;
  result.final = forward.final;
  for (std::size_t s = 0; s < lengths.size(); ++s) {
    result.outputs.emplace_back();
    for (Index tick = 0; tick < lengths[s]; ++tick) {
      const float* row = forward.output.data() + unrolling.row(static_cast<Index>(s), tick) * 5;
      result.outputs.back().insert(result.outputs.back().end(), row, row + 5);
    }
  }
  for (Parameter* parameter : recurrence.parameters()) result.gradients.push_back(parameter->gradient());
  return result;
}

void expect_near(std::span<const float> found, std::span<const float> expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_NEAR(found[i], expected[i], kTolerance * std::max(1.0F, std::abs(expected[i])));
  }
}

TEST(Begins, MixesStartsWithContinuedStates) {
  Recurrence recurrence = started();
  const CellState carried{some_values({4, 5}, 1), some_values({4, 5}, 8)};
  const Outcome mixed = run(recurrence, {0, 1, 2, 3}, {3, 2, 4, 0}, &carried, {false, true, false, true});

  const auto rows = [&](const Tensor& all, const std::vector<Index>& of) {
    Tensor result({static_cast<Index>(of.size()), 5});
    for (std::size_t i = 0; i < of.size(); ++i)
      std::copy_n(all.data() + of[i] * 5, 5, result.data() + static_cast<Index>(i) * 5);
    return result;
  };
  const CellState continued_state{rows(carried[0], {0, 2}), rows(carried[1], {0, 2})};
  const Outcome continued = run(recurrence, {0, 2}, {3, 4}, &continued_state, {});
  const Outcome begun = run(recurrence, {1, 3}, {2, 0}, nullptr, {});

  for (std::size_t i = 0; i < 2; ++i) {
    expect_near(mixed.outputs[2 * i], continued.outputs[i]);
    expect_near(mixed.outputs[2 * i + 1], begun.outputs[i]);
    expect_near(rows(mixed.final[i], {0, 2}).values(), continued.final[i].values());
    expect_near(rows(mixed.final[i], {1, 3}).values(), begun.final[i].values());
    expect_near(rows(mixed.initial_gradient[i], {0, 2}).values(), continued.initial_gradient[i].values());
    expect_near(rows(mixed.initial_gradient[i], {1, 3}).values(), begun.initial_gradient[i].values());
  }
  for (std::size_t p = 0; p < mixed.gradients.size(); ++p) {
    Tensor sum = continued.gradients[p];
    for (Index i = 0; i < sum.count(); ++i) sum[i] += begun.gradients[p][i];
    expect_near(mixed.gradients[p].values(), sum.values());
    if (recurrence.parameters()[p]->name() != "h_0") continue;
    EXPECT_EQ(continued.gradients[p][0], 0) << "who continues has nothing to do with the learned start";
    EXPECT_NE(mixed.gradients[p][0], 0);
  }
}

TEST(Begins, DoesNotReadTheCarriedRow) {
  Recurrence recurrence = started();
  CellState carried{some_values({2, 5}, 1), some_values({2, 5}, 8)};
  const Outcome before = run(recurrence, {0, 1}, {2, 2}, &carried, {false, true});
  for (Tensor& state : carried) std::fill_n(state.data() + 5, 5, std::numeric_limits<float>::quiet_NaN());
  const Outcome after = run(recurrence, {0, 1}, {2, 2}, &carried, {false, true});
  EXPECT_EQ(before.outputs, after.outputs);
}

TEST(Begins, HasAnEntryPerSequence) {
  Recurrence recurrence = started();
  EXPECT_THROW(run(recurrence, {0, 1}, {2, 2}, nullptr, {true}), ContractError);
}

}  // namespace
}  // namespace unfold
