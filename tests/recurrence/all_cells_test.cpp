// Every shipped cell, found by existing: gradient, plan, streaming, ragged batches.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "recurrence/cell_text.h"
#include "recurrence/checks.h"
#include "recurrence/graph/linearise.h"
#include "recurrence/graph/split_concatenations.h"
#include "recurrence/rewrites/rewrites.h"
#include "recurrence/run/executor.h"
#include "tensor/kernels/map_program.h"

namespace unfold::recurrence {
namespace {

constexpr Sizes kSizes{kOddSizes.input, kOddSizes.hidden, kOddSizes.target};

class AllCells : public testing::TestWithParam<std::string> {
 protected:
  Graph graph() const { return shipped_graph(GetParam()); }
  Graph graph_of_hidden(Index hidden) const {
    return build_graph(Cell::load(GetParam()).definition(), {kSizes.input, hidden, kSizes.target});
  }

  bool has_kink() const {
    using kernels::Function;
    return std::ranges::any_of(graph().nodes, [](const Node& node) {
      return node.op == Op::kMap &&
             (node.function == Function::kRelu || node.function == Function::kMax || node.function == Function::kMin);
    });
  }
};

TEST_P(AllCells, GradientEqualsFiniteDifferences) {
  const Graph step = graph();
  for (const Disagreement& found : check_gradient(step, differentiate(step), {})) {
    EXPECT_LT(found.worst, kGradientTolerance) << describe(found);
  }
}

TEST_P(AllCells, GradientOfTheSplitGraphEqualsFiniteDifferences) {
  const Graph step = split_concatenations(graph());
  for (const Disagreement& found : check_gradient(step, differentiate(step), {})) {
    EXPECT_LT(found.worst, kGradientTolerance) << describe(found);
  }
}

TEST_P(AllCells, PlanEqualsNaive) {
  for (const auto kind : {InputValues::Kind::kDense, InputValues::Kind::kOneHot, InputValues::Kind::kEmbedded}) {
    for (const std::vector<Index>& lengths :
         {std::vector<Index>{4, 4, 4}, {4, 2, 0, 3}, {0, 0}, {1}, std::vector<Index>(37, 3)}) {
      CheckOptions options;
      options.sizes = kSizes;
      options.lengths = lengths;
      for (const Disagreement& found : check_plan(graph(), options, kind)) {
        EXPECT_LT(found.worst, plan_tolerance(graph()))
            << describe(found) << " (kind " << static_cast<int>(kind) << ", B = " << lengths.size() << ")";
      }
    }
  }
}

TEST_P(AllCells, PlanEqualsNaiveWhereRowsAreSeveralBlocks) {
  CheckOptions options;
  options.sizes = {kSizes.input, 2 * kernels::kMapBlock + 3, kSizes.target};
  options.lengths = {2, 1, 2};
  const Graph wide = graph_of_hidden(options.sizes.hidden);
  // The error of a sum grows with the root of its terms.
  const double longer = std::sqrt(static_cast<double>(options.sizes.hidden) / static_cast<double>(kSizes.hidden));
  for (const Disagreement& found : check_plan(wide, options, InputValues::Kind::kDense)) {
    EXPECT_LT(found.worst, longer * plan_tolerance(graph())) << describe(found);
  }
}

TEST_P(AllCells, PlanInBfloat16StaysNearNaive) {
  if (!multiplies_bfloat16()) GTEST_SKIP() << "this machine does not multiply bfloat16";
  for (const auto kind : {InputValues::Kind::kDense, InputValues::Kind::kOneHot, InputValues::Kind::kEmbedded}) {
    CheckOptions options;
    options.sizes = kSizes;
    if (couples_rows(graph())) options.lengths.assign(37, 3);  // see kFewRowsPlanTolerance
    double worst = 0;
    for (const Disagreement& found : check_plan(graph(), options, kind, Precision::kBfloat16)) {
      worst = std::max(worst, found.worst);
      // The slope jumps at a kink, and rounding may put a sum on its other side.
      if (has_kink() && found.name.starts_with("gradient")) continue;
      EXPECT_LT(found.worst, kBfloat16PlanTolerance) << describe(found) << " (kind " << static_cast<int>(kind) << ")";
    }
    if (kind == InputValues::Kind::kDense) {
      EXPECT_GT(worst, kPlanTolerance) << "nothing was rounded";
    }
  }
}

/// In evaluation, where in training rows of a tick read one another.
TEST_P(AllCells, RowsAloneEqualTheRaggedBatch) {
  const Graph step = couples_rows(graph()) ? apply_rewrites(graph(), {}, Mode::kEvaluation) : graph();
  const GradientGraph gradient = differentiate(step);
  CheckOptions options;
  const CheckPoint point = draw_check_point(step, options, 3);
  const auto together = naive_forward(step, point.unrolling, point.arguments);
  const auto back = naive_backward(step, gradient, point.unrolling, point.arguments, together, point.output_weights,
                                   point.final_weights);
  auto sums = point.arguments.parameters;
  for (auto& list : sums) std::fill(list.begin(), list.end(), 0.0);
  for (Index sequence = 0; sequence < point.unrolling.batch(); ++sequence) {
    const Index length = options.lengths[static_cast<std::size_t>(sequence)];
    const Unrolling alone = Unrolling::ragged(std::vector<Index>{length});
    NaiveArguments<double> arguments;
    const auto rows_of = [&](const std::vector<double>& all, Index size) {
      std::vector<double> rows;
      for (Index tick = 0; tick < length; ++tick) {
        const auto begin = all.begin() + point.unrolling.row(sequence, tick) * size;
        rows.insert(rows.end(), begin, begin + size);
      }
      return rows;
    };
    const auto sequence_of = [&](const std::vector<double>& all, Index size) {
      return std::vector<double>(all.begin() + sequence * size, all.begin() + (sequence + 1) * size);
    };
    std::vector<std::vector<double>> final_weights;
    for (std::size_t i = 0; i < step.inputs.size(); ++i)
      arguments.inputs.push_back(rows_of(point.arguments.inputs[i], step.inputs[i].shape.count()));
    for (std::size_t i = 0; i < step.givens.size(); ++i)
      arguments.givens.push_back(sequence_of(point.arguments.givens[i], step.givens[i].shape.count()));
    for (std::size_t s = 0; s < step.states.size(); ++s) {
      arguments.initial.push_back(sequence_of(point.arguments.initial[s], step.states[s].shape.count()));
      final_weights.push_back(sequence_of(point.final_weights[s], step.states[s].shape.count()));
    }
    arguments.parameters = point.arguments.parameters;
    const Index size = step[step.output].size();
    const auto forward = naive_forward(step, alone, arguments);
    EXPECT_EQ(forward.output, rows_of(together.output, size));
    const auto backward =
        naive_backward(step, gradient, alone, arguments, forward, rows_of(point.output_weights, size), final_weights);
    for (std::size_t s = 0; s < step.states.size(); ++s) {
      EXPECT_EQ(forward.final[s], sequence_of(together.final[s], step.states[s].shape.count()));
      EXPECT_EQ(backward.initial[s], sequence_of(back.initial[s], step.states[s].shape.count()));
    }
    for (std::size_t i = 0; i < step.inputs.size(); ++i)
      EXPECT_EQ(backward.inputs[i], rows_of(back.inputs[i], step.inputs[i].shape.count()));
    for (std::size_t p = 0; p < sums.size(); ++p) {
      for (std::size_t i = 0; i < sums[p].size(); ++i) sums[p][i] += backward.parameters[p][i];
    }
  }
  EXPECT_EQ(back.parameters, sums);
}

TEST_P(AllCells, StreamingEqualsTheWholeSequence) {
  const Index steps = 6;
  const Index batch = 3;
  Recurrence recurrence(Cell::load(GetParam()), kSizes, {}, {}, 5);
  const Unrolling whole = Unrolling::equal(steps, batch);
  Tensor x({whole.rows(), kSizes.input});
  for (Index i = 0; i < x.count(); ++i) x[i] = static_cast<float>((i * 37 % 19) - 9) / 9.0F;
  ForwardArguments arguments;
  arguments.unrolling = &whole;
  arguments.inputs = {{InputValues::Kind::kDense, &x, {}}};
  const ForwardResult all = recurrence.forward(arguments);
  CellState state = recurrence.start(batch);
  const Unrolling one = Unrolling::equal(1, batch);
  for (Index tick = 0; tick < steps; ++tick) {
    const Tensor here({batch, kSizes.input}, std::span<const float>(x.data() + tick * batch * kSizes.input,
                                                                    static_cast<std::size_t>(batch * kSizes.input)));
    arguments.unrolling = &one;
    arguments.inputs = {{InputValues::Kind::kDense, &here, {}}};
    arguments.initial = &state;
    ForwardResult step = recurrence.forward(arguments);
    for (Index i = 0; i < step.output.count(); ++i)
      EXPECT_NEAR(step.output[i], all.output[tick * step.output.count() + i], kPlanTolerance);
    state = std::move(step.final);
  }
  for (std::size_t s = 0; s < state.size(); ++s) {
    for (Index i = 0; i < state[s].count(); ++i) EXPECT_NEAR(state[s][i], all.final[s][i], kPlanTolerance);
  }
}

double largest_of(const std::vector<std::vector<double>>& lists) {
  double largest = 0;
  for (const auto& list : lists) {
    for (const double value : list) largest = std::max(largest, std::abs(value));
  }
  return largest;
}

/// A point of values in {-1, 0, 1} for T = 2, as dense as it can be while no gradient leaves the integers that a float
/// holds exactly. Intermediate sums can exceed their result, so results keep well below 2^24.
CheckPoint integer_point(const Graph& step) {
  const double exact = 1 << 16;
  const GradientGraph gradient = differentiate(step);
  CheckOptions options;
  options.lengths = {2, 2, 1, 0, 2};
  for (const double threshold : {0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95}) {
    CheckPoint point = draw_check_point(step, options, 11);
    const auto round_all = [&](std::vector<double>& values, double scale) {
      for (double& value : values) value = value > threshold * scale ? 1 : value < -threshold * scale ? -1 : 0;
    };
    for (auto& values : point.arguments.parameters) round_all(values, 0.8);  // drawn from [-0.8, 0.8]
    for (auto* lists :
         {&point.arguments.inputs, &point.arguments.givens, &point.arguments.initial, &point.final_weights}) {
      for (auto& values : *lists) round_all(values, 1);
    }
    round_all(point.output_weights, 1);
    const auto forward = naive_forward(step, point.unrolling, point.arguments);
    const auto back = naive_backward(step, gradient, point.unrolling, point.arguments, forward, point.output_weights,
                                     point.final_weights);
    const double largest = std::max(
        {largest_of(forward.trace), largest_of(back.parameters), largest_of(back.inputs), largest_of(back.initial)});
    if (largest < exact && largest_of(back.parameters) > 0) return point;
  }
  ADD_FAILURE() << "no point keeps the arithmetic exact";
  return draw_check_point(step, options, 11);
}

/// With small integers and linear functions float arithmetic is exact: then any difference is a fault of the plumbing.
TEST_P(AllCells, LinearisedPlanEqualsNaiveBitForBit) {
  const Graph step = linearise(graph());
  const std::set<std::string> dividing{"jordan", "lstm_layernorm", "gru_layernorm", "min_lstm",
                                       "lstm_batchnorm"};  // softmax, standardisation
  if (dividing.contains(GetParam())) {
    EXPECT_FALSE(inexact_functions(step).empty()) << "this cell can be compared exactly after all";
    return;
  }
  EXPECT_TRUE(inexact_functions(step).empty()) << fmt::format("{}", inexact_functions(step).front());
  const CheckPoint point = integer_point(step);
  for (const auto kind : {InputValues::Kind::kDense, InputValues::Kind::kOneHot}) {
    for (const Disagreement& found : compare_plan(step, point, kind)) EXPECT_EQ(found.worst, 0) << describe(found);
  }
}

INSTANTIATE_TEST_SUITE_P(Cells, AllCells, testing::ValuesIn(shipped_cells()),
                         [](const auto& cell) { return cell.param; });

}  // namespace
}  // namespace unfold::recurrence
