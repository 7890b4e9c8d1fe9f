// What the plan promises, read off the plan itself: hoisting, sinking, merging, fusing, deferring, looking up, keeping.
#include "recurrence/plan/plan.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "recurrence/graph/build_graph.h"
#include "recurrence/plan/cost.h"
#include "recurrence/plan/explain.h"
#include "recurrence/plan/passes.h"
#include "recurrence/rewrites/rewrites.h"
#include "recurrence/run/executor.h"

namespace unfold::recurrence {
namespace {

constexpr Index kHidden = 8;

std::unique_ptr<Executor> executor_of(const Cell& cell, const Workload& workload = {},
                                      std::vector<Rewrite> rewrites = {}) {
  const Graph graph = apply_rewrites(build_graph(cell.definition(), {5, kHidden, 7}), rewrites, Mode::kTraining);
  return std::make_unique<Executor>(graph, true, workload);
}

std::unique_ptr<Executor> shipped(const std::string& name, const Workload& workload = {},
                                  std::vector<Rewrite> rewrites = {}) {
  return executor_of(Cell::load(name), workload, std::move(rewrites));
}

std::vector<ProductStep> products(const std::vector<Step>& steps) {
  std::vector<ProductStep> result;
  for (const Step& step : steps) {
    if (step.kind == Step::Kind::kProduct) result.push_back(step.product);
  }
  return result;
}

int programs(const std::vector<Step>& steps) {
  return static_cast<int>(
      std::count_if(steps.begin(), steps.end(), [](const Step& step) { return step.kind == Step::Kind::kProgram; }));
}

Workload tokens() {
  Workload workload;
  workload.input = InputValues::Kind::kOneHot;
  return workload;
}

TEST(Plan, HoistsTheInputsProductsOutOfTheLoopAsOne) {
  const auto executor = shipped("lstm");
  const auto before = products(executor->plan().forward.before);
  ASSERT_EQ(before.size(), 1U);
  EXPECT_EQ(before[0].k, 5);
  EXPECT_EQ(before[0].n, 4 * kHidden);
  EXPECT_FALSE(before[0].accumulate);
}

TEST(Plan, MergesTheMatricesAppliedToOneVector) {
  const auto executor = shipped("lstm");
  const auto inside = products(executor->plan().forward.inside);
  ASSERT_EQ(inside.size(), 1U);
  EXPECT_EQ(inside[0].k, kHidden);
  EXPECT_EQ(inside[0].n, 4 * kHidden);
  EXPECT_FALSE(inside[0].accumulate) << "the program adds it to the hoisted product";
}

TEST(Plan, KeepsWhatTheLoopMultipliesForOneTick) {
  const auto executor = shipped("lstm");
  const Plan& plan = executor->plan();
  const auto before = products(plan.forward.before);
  const auto inside = products(plan.forward.inside);
  for (const ValueId output : before[0].outputs) EXPECT_EQ(plan.buffer(output).rows, Rows::kTick);
  for (const ValueId output : inside[0].outputs) EXPECT_EQ(plan.buffer(output).rows, Rows::kSequence);
}

TEST(Plan, MergesSummedProductsOfBackwardOverStackedOperands) {
  const auto executor = shipped("lstm");
  const auto inside = products(executor->plan().backward.inside);
  ASSERT_EQ(inside.size(), 1U);
  EXPECT_EQ(inside[0].k, 4 * kHidden);
  EXPECT_EQ(inside[0].n, kHidden);
  const auto after = products(executor->plan().backward.after);
  ASSERT_EQ(after.size(), 1U) << "the input's gradient is one product behind the loop";
  EXPECT_EQ(after[0].k, 4 * kHidden);
}

TEST(Plan, ResetAfterGruNeedsOneProductPerTick) {
  const auto executor = shipped("gru_reset_after");
  const auto inside = products(executor->plan().forward.inside);
  ASSERT_EQ(inside.size(), 1U);
  EXPECT_EQ(inside[0].n, 3 * kHidden);
}

TEST(Plan, SplitsTheProductWithAConcatenationToHoistItsInputPart) {
  const Cell cell = Cell::parse("cell joined\ninput x\nstate h\nh' = tanh(W [h, x] + b)\noutput h'\n", "joined.cell");
  const auto executor = executor_of(cell);
  const auto before = products(executor->plan().forward.before);
  const auto inside = products(executor->plan().forward.inside);
  ASSERT_EQ(before.size(), 1U);
  ASSERT_EQ(inside.size(), 1U);
  EXPECT_EQ(before[0].k, 5);
  EXPECT_EQ(before[0].blocks[0].begin, kHidden);
  EXPECT_EQ(inside[0].k, kHidden);
}

TEST(Plan, SinksWhatNoStateDependsOnBehindTheLoop) {
  const Cell cell = Cell::parse(
      "cell observed\ninput x\nstate h\nh' = tanh(W x + U h)\ny = V h' + c_y\nparam c_y[hidden]\noutput y\n",
      "observed.cell");
  const auto executor = executor_of(cell);
  const Plan& plan = executor->plan();
  EXPECT_EQ(products(plan.forward.inside).size(), 1U);
  ASSERT_EQ(products(plan.forward.after).size(), 1U);
  EXPECT_EQ(products(plan.forward.after)[0].blocks.size(), 1U);
  EXPECT_EQ(products(plan.backward.before).size(), 1U) << "and its backward product is before the loop";
}

TEST(Plan, ComputesBehindTheLoopWhatOnlyThatReads) {
  // The gradients of a layer norm's gains read what was normalised, which no step of the loop does.
  const auto executor = shipped("lstm_layernorm");
  const Flow& flow = executor->plan().flow;
  for (ValueId id = 0; id < flow.count(); ++id) {
    const Value& value = flow[id];
    if (value.pass != Pass::kBackward || value.when != When::kBefore || value.op != Op::kMap) continue;
    EXPECT_EQ(value.size, 1) << value.name << " is a row of all ticks, written ahead of the loop";
  }
}

TEST(Plan, FusesAllElementwiseWorkOfATickIntoOneProgram) {
  for (const char* name : {"lstm", "lstm_layernorm", "lstm_peephole", "gru_reset_after", "forget"}) {
    const auto executor = shipped(name);
    EXPECT_EQ(programs(executor->plan().forward.inside), 1) << name;
    EXPECT_EQ(programs(executor->plan().backward.inside) -
                  (std::string(name) == "gru_reset_after" || std::string(name) == "forget"),
              1)
        << name;
  }
}

TEST(Plan, TakesWhatIsReadOnceIntoTheInstructionThatReadsIt) {
  const auto code = [](const Cell& cell) {
    const auto executor = executor_of(cell);
    const Plan& plan = executor->plan();
    const auto program = std::ranges::find(plan.forward.inside, Step::Kind::kProgram, &Step::kind);
    return plan.programs[static_cast<std::size_t>(program->program.program)].code;
  };
  EXPECT_EQ(code(Cell::load("elman")).size(), 1U) << "tanh of W h, U x and b";
  EXPECT_EQ(code(Cell::load("lstm")).size(), 8U) << "four gates of sums, f c, that plus i g, tanh, o times that";

  const auto next = [](const std::string& expression) {
    return Cell::parse("cell c\ninput x\nstate h\np = W h\nq = U x\nh' = " + expression + "\noutput h'\n", "c.cell");
  };
  const auto twice = code(next("tanh(p * q + p * q)"));
  ASSERT_EQ(twice.size(), 2U) << "what is added to itself is computed once";
  EXPECT_EQ(twice[0].function, kernels::Function::kMultiply);
  EXPECT_EQ(code(next("sigmoid(p + q)"))[0].function, kernels::Function::kSigmoidOfSum);
  EXPECT_EQ(code(next("tanh(p + (q + p * q))")).size(), 2U);
  EXPECT_EQ(code(next("tanh(p + q + 1)"))[0].function, kernels::Function::kTanhOfSum);
  EXPECT_EQ(code(next("relu(p + q)"))[0].function, kernels::Function::kReluOfSum);
}

TEST(Plan, SweepsOverTheLayerNormsOfAllGatesTogether) {
  for (const auto& [cell, sweeps] : {std::pair("lstm", 1), std::pair("lstm_layernorm", 9)}) {
    const auto executor = shipped(cell);
    for (const Step& step : executor->plan().forward.inside) {
      if (step.kind != Step::Kind::kProgram) continue;
      EXPECT_EQ(executor->plan().programs[static_cast<std::size_t>(step.program.program)].sweeps, sweeps)
          << cell
          << ": two layer norms in a row, of the gates and of c', each sums twice; beside them sweeps of scalars";
    }
  }
}

TEST(Plan, SumsVectorsGradientsWhereProgramsOutsideTheLoopHaveThem) {
  const auto are_summed = [](const Executor& executor) {
    return std::ranges::all_of(executor.plan().vector_gradients, [&](const VectorGradientStep& step) {
      return executor.plan().buffer(step.gradient).rows == Rows::kPerTick;
    });
  };
  EXPECT_TRUE(are_summed(*shipped("lstm_layernorm")))
      << "the gains' gradients need a program that reads the biases' too";
  EXPECT_TRUE(are_summed(*shipped("mlp")));
  Workload few_ticks;
  few_ticks.steps = 2;
  EXPECT_FALSE(are_summed(*shipped("lstm_layernorm", few_ticks)));
}

TEST(Plan, DefersParameterGradientsBehindTheLoop) {
  const auto executor = shipped("lstm");
  const Plan& plan = executor->plan();
  ASSERT_EQ(plan.matrix_gradients.size(), 2U);
  for (const auto& step : plan.matrix_gradients) EXPECT_EQ(step.rows, 4 * kHidden);
  EXPECT_TRUE(plan.vector_gradients.empty());
}

TEST(Plan, LooksTokensUp) {
  const auto executor = shipped("lstm", tokens());
  const Plan& plan = executor->plan();
  ASSERT_EQ(products(plan.forward.before).size(), 1U);
  EXPECT_TRUE(products(plan.forward.before)[0].lookup);
  EXPECT_TRUE(products(plan.backward.after).empty()) << "nobody asks for the gradient of a token";
  const auto scattered = std::count_if(plan.matrix_gradients.begin(), plan.matrix_gradients.end(),
                                       [](const auto& step) { return step.lookup; });
  EXPECT_EQ(scattered, 1);
  EXPECT_FALSE(plan.input_rows[0]) << "no one-hot vector is ever written";
}

TEST(Plan, ReadsRowsOfTokensInTheTableWhereOnlyProgramsDo) {
  const auto look_up = [](const Executor& executor) { return products(executor.plan().forward.before).at(0); };
  const auto elman = shipped("elman", tokens());
  EXPECT_TRUE(look_up(*elman).is_read_in_place);
  EXPECT_EQ(elman->plan().buffer(look_up(*elman).outputs[0]).rows, Rows::kSequence) << "nothing needs its rows";
  const auto mlstm = shipped("mlstm", tokens());
  EXPECT_TRUE(look_up(*mlstm).is_read_in_place);
  EXPECT_TRUE(mlstm->plan().reads_tables_backward) << "a factor of m";
  const auto lstm = shipped("lstm", tokens());
  EXPECT_TRUE(look_up(*lstm).is_read_in_place);
  EXPECT_FALSE(lstm->plan().reads_tables_backward);
  EXPECT_EQ(lstm->plan().buffer(look_up(*lstm).outputs[0]).rows, Rows::kTick) << "the gates take their place";

  const Cell multiplied =
      Cell::parse("cell c\ninput x\nstate h\nparam V[hidden, hidden]\nh' = tanh(W h + V (U x))\noutput h'\n", "c.cell");
  EXPECT_FALSE(look_up(*executor_of(multiplied, tokens())).is_read_in_place) << "V multiplies its rows";
  Workload words;
  words.input = InputValues::Kind::kEmbedded;
  words.vocabulary = 40000;
  words.batch = 1024;
  const auto large = shipped("lstm", words);
  EXPECT_TRUE(look_up(*large).lookup);
  EXPECT_FALSE(look_up(*large).is_read_in_place) << "few rows of the table would be near";
}

TEST(Plan, LooksUpEmbeddingsWhoseTableIsSmallerThanTheBatch) {
  Workload workload;
  workload.input = InputValues::Kind::kEmbedded;
  workload.vocabulary = 65;
  workload.batch = 8;
  workload.steps = 16;
  EXPECT_EQ(shipped("lstm", workload)->plan().inputs[0], InputKind::kTable);
  EXPECT_TRUE(products(shipped("lstm", workload)->plan().forward.before)[0].lookup);
  workload.vocabulary = 129;
  EXPECT_EQ(shipped("lstm", workload)->plan().inputs[0], InputKind::kGathered);
  EXPECT_FALSE(products(shipped("lstm", workload)->plan().forward.before)[0].lookup);
}

TEST(Plan, LeavesNoProductInTheLoopOfARecurrenceWithoutOne) {
  for (const char* name : {"min_gru", "min_lstm", "indrnn"}) {
    const auto executor = shipped(name, tokens());
    EXPECT_TRUE(products(executor->plan().forward.inside).empty()) << name;
    EXPECT_TRUE(products(executor->plan().backward.inside).empty()) << name;
    EXPECT_EQ(programs(executor->plan().forward.inside), 1) << name;
  }
}

TEST(Plan, ATeacherForcedJordanHasNoLoop) {
  const auto executor = shipped("jordan", tokens(), {{Rewrite::Kind::kTeacherForcing, "y", 0}});
  EXPECT_TRUE(executor->plan().forward.inside.empty());
  EXPECT_TRUE(executor->plan().backward.inside.empty());
  EXPECT_FALSE(shipped("jordan", tokens())->plan().forward.inside.empty());
}

TEST(Plan, RunsWhatDependsOnGivenValuesOncePerSequence) {
  const Cell cell = Cell::parse(
      "cell conditioned\ninput x\ngiven z[3]\nstate h\nh' = tanh(W x + U h + tanh(W_z z + b_z))\noutput h'\n",
      "conditioned.cell");
  const auto executor = executor_of(cell);
  ASSERT_EQ(products(executor->plan().forward.once).size(), 1U);
  EXPECT_EQ(products(executor->plan().forward.once)[0].k, 3);
  EXPECT_EQ(programs(executor->plan().forward.once), 1);
}

TEST(Plan, KeepsOnlyWhatBackwardReads) {
  EXPECT_EQ(kept_per_row(shipped("lstm", tokens())->plan()), 6 * kHidden)
      << "i, f, o, g, c, h; tanh(c) is computed again";
  EXPECT_EQ(kept_per_row(shipped("elman", tokens())->plan()), 1 * kHidden)
      << "h alone: its derivative is written in itself";
  EXPECT_EQ(kept_per_row(shipped("gru", tokens())->plan()), 5 * kHidden) << "z, r, g, r * h, h";
  EXPECT_EQ(kept_per_row(shipped("min_gru", tokens())->plan()), 3 * kHidden) << "z, g, h";
  EXPECT_EQ(kept_per_row(shipped("lstm_batchnorm", tokens())->plan()), 12 * kHidden)
      << "i, f, o, g, c, h, and less their means the state's shares of four gates and c; an input's is in the table";
}

TEST(Plan, GradientsOverwriteWhatTheyConsume) {
  const auto executor = shipped("lstm", tokens());
  const Plan& plan = executor->plan();
  Index per_tick = 0;
  for (const Buffer& buffer : plan.buffers) {
    if (buffer.is_callers) continue;
    if (buffer.rows == Rows::kTick || buffer.rows == Rows::kState) per_tick += buffer.columns;
  }
  EXPECT_EQ(per_tick, 6 * kHidden) << "four gates, their sums and their gradients in one place; c; h";
}

TEST(Plan, AGradientTakesThePlaceOfTheOutputsGradientThatItFollowsFrom) {
  const auto executor = shipped("elman", tokens());
  const Plan& plan = executor->plan();
  const MatrixGradientStep& step = plan.matrix_gradients.front();
  EXPECT_EQ(plan.location(step.gradients[0]).buffer, plan.output_gradient_buffer);
  EXPECT_TRUE(plan.reads_output_gradient_buffer_behind_loop) << "so it stays behind the loop";
  const auto lstm = shipped("lstm", tokens());
  EXPECT_FALSE(lstm->plan().reads_output_gradient_buffer_behind_loop) << "four gradients follow from its one";
}

TEST(Plan, DropoutStaysOnTheFastPath) {
  for (const auto kind : {Rewrite::Kind::kNaiveDropout, Rewrite::Kind::kVariationalDropout}) {
    const auto executor = shipped("lstm", tokens(), {{kind, "", 0.5}});
    const auto inside = products(executor->plan().forward.inside);
    ASSERT_EQ(inside.size(), 1U);
    EXPECT_EQ(inside[0].n, 4 * kHidden);
  }
}

TEST(Plan, ExplainNamesWhatWasDone) {
  const std::string text = explain(shipped("lstm", tokens())->plan());
  for (const char* expected : {"look up  [W_xi, W_xf, W_xo, W_xg] at token x", "product  [W_hi, W_hf, W_ho, W_hg] · h",
                               "kept for backward: 48 values"}) {
    EXPECT_NE(text.find(expected), std::string::npos) << expected << "\n" << text;
  }
}

/// Over the rows of a tick: the messages' means and the gradients of gains and biases share sums.
TEST(Plan, SumsTheRowsOfATickOnce) {
  const auto executor = shipped("lstm_batchnorm", {.batch = 8, .steps = 32});
  const Plan& plan = executor->plan();
  std::vector<ValueId> summed;
  for (const Value& value : plan.flow.values) {
    if (value.op == Op::kTickSum) summed.push_back(value.operands[0]);
  }
  std::ranges::sort(summed);
  EXPECT_EQ(std::ranges::adjacent_find(summed), summed.end());
  for (const VectorGradientStep& step : plan.vector_gradients) {
    const Value& value = plan.value(step.gradient);
    EXPECT_TRUE(value.per_tick || value.op == Op::kTickSum) << value.name;
  }
}

TEST(Plan, LeavesTheSumsOfABiasToTheLookUp) {
  const auto by_token = shipped("lstm", tokens());
  EXPECT_TRUE(by_token->plan().vector_gradients.empty());
  ASSERT_EQ(by_token->plan().matrix_gradients.size(), 2U);
}

/// Each bias once, beside one of the two matrices that the same gradients reach.
TEST(Plan, SumsABiasBesideAMatrixThatReadsTheSameRows) {
  const auto executor = shipped("lstm");
  std::vector<Index> biases;
  for (const auto& step : executor->plan().matrix_gradients) {
    for (const auto& block : step.blocks) {
      if (block.vector >= 0) biases.push_back(block.vector);
    }
  }
  std::ranges::sort(biases);
  EXPECT_EQ(biases.size(), 4U);
  EXPECT_EQ(std::ranges::adjacent_find(biases), biases.end());
}

TEST(Plan, TakesAProductIntoItsSum) {
  const auto executor =
      executor_of(Cell::parse("cell c\ninput x\nstate h\nh' = tanh(W h + U x) * sum(h * h)\noutput h'\n", "c"));
  const auto& code = executor->plan().programs[0].code;
  EXPECT_TRUE(std::ranges::any_of(code, [](const Instruction& i) { return i.kind == Instruction::Kind::kDot; }));
  EXPECT_TRUE(std::ranges::none_of(code, [](const Instruction& i) { return i.kind == Instruction::Kind::kSum; }));
}

}  // namespace
}  // namespace unfold::recurrence
