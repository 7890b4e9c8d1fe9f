// Batch normalisation: statistics over the rows of a tick, differentiated; stored ones where there are no rows to take
// them from.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "base/thread_count_kept.h"
#include "recurrence/cell_text.h"
#include "recurrence/checks.h"
#include "recurrence/rewrites/rewrites.h"
#include "recurrence/run/executor.h"
#include "unfold/streaming.h"

namespace unfold::recurrence {
namespace {

constexpr double kEpsilon = 1e-5;

/// y = batch_norm(x): what is observed are the mean and the variance of x itself.
const char* const kPlain = "cell plain\ninput x\ny[input] = batch_norm(x)\noutput y\n";

/// One cell of several kinds of use: of products, of a state, before, inside and after what recurs, twice of one value.
const char* const kEverywhere =
    "cell everywhere\n"
    "input x\n"
    "state h\n"
    "u[hidden] = batch_norm(W_x x)\n"
    "h' = tanh(W h + V u + batch_norm(h * u) + batch_norm(W_x x))\n"
    "y[hidden] = W_y batch_norm(h')\n"
    "output softplus(y)\n";

CheckOptions with_lengths(std::vector<Index> lengths) {
  CheckOptions options;
  options.lengths = std::move(lengths);
  return options;
}

std::vector<Graph> graphs() {
  return {shipped_graph("lstm_batchnorm"), graph_of(kPlain), graph_of(kEverywhere),
          graph_of(stepping("tanh(W h + batch_norm(mean(x)) * batch_norm(2))"))};
}

TEST(BatchNorm, GradientsFlowThroughTheStatistics) {
  for (const Graph& graph : graphs()) {
    for (const std::vector<Index>& lengths : {std::vector<Index>{4, 2, 0, 3}, {3, 3, 3, 3, 3}, {2}}) {
      for (const Disagreement& found : check_gradient(graph, differentiate(graph), with_lengths(lengths)))
        EXPECT_LT(found.worst, kGradientTolerance)
            << graph.cell << ", B = " << lengths.size() << ": " << describe(found);
    }
  }
}

TEST(BatchNorm, PlanEqualsNaive) {
  for (const Graph& graph : graphs()) {
    for (const auto kind : {InputValues::Kind::kDense, InputValues::Kind::kOneHot, InputValues::Kind::kEmbedded}) {
      for (const std::vector<Index>& lengths :
           {std::vector<Index>{4, 4, 4}, {4, 2, 0, 3}, {1}, {0, 0}, std::vector<Index>(71, 3)}) {
        const double tolerance = lengths.size() > 70 ? kPlanTolerance : kFewRowsPlanTolerance;
        for (const Disagreement& found : check_plan(graph, with_lengths(lengths), kind))
          EXPECT_LT(found.worst, tolerance) << graph.cell << ", B = " << lengths.size() << ": " << describe(found);
      }
    }
  }
}

TEST(BatchNorm, OutsideTrainingRowsAreIndependentAndThePlanEqualsNaive) {
  for (const Graph& training : graphs()) {
    const Graph graph = apply_rewrites(training, {}, Mode::kEvaluation);
    EXPECT_TRUE(couples_rows(training));
    EXPECT_FALSE(couples_rows(graph));
    expect_gradient_is_right(graph);
    expect_plan_is_right(graph);
  }
}

/// A recurrence with a batch of rows drawn at random.
struct Case {
  Recurrence recurrence;
  Unrolling unrolling;
  Tensor x;

  Case(const char* cell, const std::vector<Index>& lengths, Index size = 3)
      : recurrence(Cell::parse(cell, "test.cell"), {size, size, size}, {}, {}, 5),
        unrolling(Unrolling::ragged(lengths)),
        x({unrolling.rows(), size}) {
    draw(1);
  }

  void draw(std::uint64_t seed) {
    Random random(seed);
    for (float& value : x.values()) value = static_cast<float>(3 * random.normal() + 1);
  }

  ForwardResult run(Mode mode) {
    ForwardArguments arguments;
    arguments.unrolling = &unrolling;
    arguments.inputs = {{InputValues::Kind::kDense, &x, {}}};
    arguments.mode = mode;
    arguments.keep_for_backward = mode == Mode::kTraining;
    return recurrence.forward(arguments);
  }

  const Tensor& stored(const std::string& name) const {
    const auto found = std::ranges::find(recurrence.parameters(), name, &Parameter::name);
    EXPECT_NE(found, recurrence.parameters().end()) << name;
    return (*found)->value();
  }

  /// Mean and variance of unit j over the rows of a tick.
  std::pair<double, double> moments(Index tick, Index j) const {
    const auto rows = static_cast<double>(unrolling.rows_at(tick));
    double mean = 0, variance = 0;
    const auto at_row = [&](Index p) { return double{x[(unrolling.start(tick) + p) * x.shape()[1] + j]}; };
    for (Index p = 0; p < unrolling.rows_at(tick); ++p) mean += at_row(p) / rows;
    for (Index p = 0; p < unrolling.rows_at(tick); ++p) variance += std::pow(at_row(p) - mean, 2) / rows;
    return {mean, variance};
  }
};

TEST(BatchNorm, TrainingStandardisesTheRowsThatStillRun) {
  Case of(kPlain, {4, 2, 3, 0, 3});
  const ForwardResult result = of.run(Mode::kTraining);
  for (Index tick = 0; tick < 3; ++tick) {
    for (Index j = 0; j < 3; ++j) {
      const auto [mean, variance] = of.moments(tick, j);
      for (Index p = 0; p < of.unrolling.rows_at(tick); ++p) {
        const Index i = (of.unrolling.start(tick) + p) * 3 + j;
        EXPECT_NEAR(result.output[i], (of.x[i] - mean) / std::sqrt(variance + kEpsilon), 1e-5);
      }
      EXPECT_NEAR(of.stored("batch_norm.1.mean")[tick * 3 + j], mean, 1e-5);
      EXPECT_NEAR(of.stored("batch_norm.1.variance")[tick * 3 + j], variance, 1e-4);
    }
  }
  EXPECT_EQ(of.stored("batch_norm.1.mean").shape(), (Shape{3, 3})) << "the last tick has one row, and no statistics";
}

TEST(BatchNorm, ATickOfOneRowReadsWhatIsStored) {
  Case of(kPlain, {3, 2});
  of.run(Mode::kTraining);
  const Tensor mean = of.stored("batch_norm.1.mean");
  const Tensor variance = of.stored("batch_norm.1.variance");
  const ForwardResult result = of.run(Mode::kTraining);
  for (Index j = 0; j < 3; ++j) {  // tick 2 reuses tick 1
    const double expected = (of.x[4 * 3 + j] - mean[3 + j]) / std::sqrt(variance[3 + j] + kEpsilon);
    EXPECT_NEAR(result.output[4 * 3 + j], expected, 1e-5);
  }
}

TEST(BatchNorm, BeforeAnyTrainingMeanIsZeroAndVarianceOne) {
  Case of(kPlain, {2, 1});
  const ForwardResult result = of.run(Mode::kEvaluation);
  for (Index i = 0; i < result.output.count(); ++i)
    EXPECT_NEAR(result.output[i], of.x[i] / std::sqrt(1 + kEpsilon), 1e-6);
}

TEST(BatchNorm, StoredStatisticsMoveByATenthAndGrowWithTheLongestBatch) {
  Case of(kPlain, {2, 2});
  of.run(Mode::kTraining);
  const Tensor before = of.stored("batch_norm.1.mean");
  Case longer(kPlain, {3, 3, 3});
  longer.recurrence = std::move(of.recurrence);
  longer.draw(2);
  longer.run(Mode::kTraining);
  const Tensor& after = longer.stored("batch_norm.1.mean");
  ASSERT_EQ(after.shape(), (Shape{3, 3}));
  for (Index tick = 0; tick < 3; ++tick) {
    for (Index j = 0; j < 3; ++j) {
      const double newest = longer.moments(tick, j).first;
      const double expected = tick < 2 ? 0.9 * before[tick * 3 + j] + 0.1 * newest : newest;
      EXPECT_NEAR(after[tick * 3 + j], expected, 1e-5);
    }
  }
}

TEST(BatchNorm, EvaluationReusesTheLastTickAndChangesNothing) {
  Case of(kPlain, {2, 2, 2});
  of.run(Mode::kTraining);
  const Tensor mean = of.stored("batch_norm.1.mean");
  const Tensor variance = of.stored("batch_norm.1.variance");
  Case longer(kPlain, {5, 1});
  longer.recurrence = std::move(of.recurrence);
  for (const Mode mode : {Mode::kEvaluation, Mode::kSampling}) {
    const ForwardResult result = longer.run(mode);
    for (Index tick = 0; tick < 5; ++tick) {
      const Index known = std::min(tick, Index{1});
      for (Index p = 0; p < longer.unrolling.rows_at(tick); ++p) {
        for (Index j = 0; j < 3; ++j) {
          const Index i = (longer.unrolling.start(tick) + p) * 3 + j;
          const double expected = (longer.x[i] - mean[known * 3 + j]) / std::sqrt(variance[known * 3 + j] + kEpsilon);
          EXPECT_NEAR(result.output[i], expected, 1e-5) << "tick " << tick;
        }
      }
    }
  }
  EXPECT_TRUE(std::ranges::equal(longer.stored("batch_norm.1.mean").values(), mean.values()));
}

/// The tick is part of the state, so a sequence goes on counting where it was.
TEST(BatchNorm, AStreamAndASequenceInPiecesEqualTheWhole) {
  Case of(kEverywhere, {6, 6, 6, 6}, 5);
  for (std::uint64_t seed = 1; seed < 4; ++seed) {
    of.draw(seed);
    of.run(Mode::kTraining);
  }
  Case longer(kEverywhere, {9, 9}, 5);
  longer.recurrence = std::move(of.recurrence);
  const ForwardResult whole = longer.run(Mode::kEvaluation);

  RecurrenceStream stream(longer.recurrence);
  stream.reserve(2);
  CellState state = longer.recurrence.start(2);
  const Unrolling one = Unrolling::equal(1, 2);
  for (Index tick = 0; tick < 9; ++tick) {
    const float* here = longer.x.data() + tick * 10;
    for (Index row = 0; row < 2; ++row) std::copy_n(here + row * 5, 5, stream.input(row));
    stream.step(2);
    const Tensor x({2, 5}, std::span<const float>(here, 10));
    ForwardArguments arguments;
    arguments.unrolling = &one;
    arguments.inputs = {{InputValues::Kind::kDense, &x, {}}};
    arguments.initial = &state;
    ForwardResult step = longer.recurrence.forward(arguments);
    for (Index i = 0; i < 10; ++i) {
      EXPECT_NEAR(stream.output(i / 5)[i % 5], whole.output[tick * 10 + i], kPlanTolerance);
      EXPECT_NEAR(step.output[i], whole.output[tick * 10 + i], kPlanTolerance);
    }
    state = std::move(step.final);
  }
}

TEST(BatchNorm, ThreadsChangeNoBit) {
  const ThreadCountKept kept;
  std::vector<Tensor> outputs, gradients;
  for (const int threads : {1, 2, 3}) {
    set_thread_count(threads);
    std::vector<Index> lengths(67, 4);
    lengths[3] = 5;
    lengths[4] = 2;
    Case of(kEverywhere, lengths, 17);
    ForwardResult result = of.run(Mode::kTraining);
    outputs.push_back(result.output);
    BackwardArguments back;
    back.output_gradient = outputs.back();
    of.recurrence.backward(result.execution, back);
    gradients.push_back(of.recurrence.parameters()[0]->gradient());
  }
  for (std::size_t i = 1; i < outputs.size(); ++i) {
    EXPECT_TRUE(std::ranges::equal(outputs[0].values(), outputs[i].values()));
    EXPECT_TRUE(std::ranges::equal(gradients[0].values(), gradients[i].values()));
  }
}

TEST(BatchNorm, OnlyTheTrainingPlanCouplesRowsAndItsStatisticsAreWorkedOnOncePerTick) {
  const Graph training = shipped_graph("lstm_batchnorm");
  const Executor trained(training, true, {});
  const Executor evaluated(apply_rewrites(training, {}, Mode::kEvaluation), false, {});
  EXPECT_TRUE(trained.plan().couples_rows);
  EXPECT_FALSE(evaluated.plan().couples_rows);
  Index square_roots = 0;
  for (const Program& program : trained.plan().programs) {
    EXPECT_TRUE(program.is_one_sweep) << "the count of ticks, of size 1, is in a program of its own";
    for (const Instruction& instruction : program.code) {
      if (instruction.function != kernels::Function::kSqrt) continue;
      EXPECT_TRUE(program.per_tick);
      ++square_roots;
    }
  }
  EXPECT_EQ(square_roots, 9) << "one for each normalisation";
}

TEST(BatchNorm, TheSameValueIsObservedOnce) {
  const Graph graph = graph_of(kEverywhere);
  EXPECT_EQ(std::ranges::count_if(graph.parameters, &ParameterDeclaration::per_tick), 6) << "three values, two each";
}

TEST(BatchNorm, RewritesLeaveTheCounterAlone) {
  const std::vector<Rewrite> rewrites{{.kind = Rewrite::Kind::kVariationalDropout, .rate = 0.4},
                                      {.kind = Rewrite::Kind::kZoneout, .rate = 0.3},
                                      {.kind = Rewrite::Kind::kWeightDrop, .rate = 0.5},
                                      {.kind = Rewrite::Kind::kMessageClip, .bound = 1e9}};
  const Graph plain = shipped_graph("lstm_batchnorm");
  for (const Mode mode : {Mode::kTraining, Mode::kEvaluation, Mode::kSampling}) {
    const Graph graph = apply_rewrites(plain, rewrites, mode);
    expect_gradient_is_right(graph);
    expect_plan_is_right(graph);
    CheckPoint point = draw_check_point(graph, with_lengths({4, 2}), 1);
    const auto final = naive_forward(graph, point.unrolling, point.arguments).final;
    EXPECT_EQ(final.back(), (std::vector<double>{4, 2})) << "steps of each sequence";
  }
  EXPECT_THROW(
      apply_rewrites(plain, std::vector<Rewrite>{{.kind = Rewrite::Kind::kTeacherForcing, .state = "batch_norm.tick"}},
                     Mode::kTraining),
      InputError);
}

}  // namespace
}  // namespace unfold::recurrence
