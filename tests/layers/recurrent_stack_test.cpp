// Stacks of recurrences: names, gradients through all layers, states, teacher forcing.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/expect_error.h"
#include "tape/gradient_check.h"
#include "unfold/error.h"
#include "unfold/layers.h"

namespace unfold {
namespace {

// Rounding of float32 in values of size 1, a few products deep; planning may fuse runs of different lengths
// differently.
constexpr float kStreamingTolerance = 1e-5F;

StackOptions small_stack(Index input, Index layers) {
  StackOptions options;
  options.input = input;
  options.hidden.assign(static_cast<std::size_t>(layers), 5);
  options.seed = 3;
  return options;
}

std::vector<std::string> names_of(const ParameterList& parameters) {
  std::vector<std::string> names;
  for (const Parameter* parameter : parameters) names.push_back(parameter->name());
  return names;
}

TEST(Linear, NamesAndGradient) {
  Linear layer(3, 4, 7, "output");
  EXPECT_EQ(names_of(layer.parameters()), (std::vector<std::string>{"output.W", "output.b"}));
  // The bound of Glorot and Bengio: sqrt(6 / (3 + 4)).
  for (const float value : layer.parameters()[0]->value().values()) EXPECT_LE(std::abs(value), std::sqrt(6.0 / 7.0));
  for (const float value : layer.parameters()[1]->value().values()) EXPECT_EQ(value, 0.0F);
  const Network network = [&](Tape& tape, const std::vector<Variable>& x) { return layer.forward(tape, x[0]); };
  EXPECT_LT(gradient_error({random_tensor({6, 3}, 1)}, network, layer.parameters()), kGradientTolerance);
}

TEST(RecurrentStack, NamesParametersByLayer) {
  const RecurrentStack stack(Cell::load("elman"), small_stack(3, 2));
  const std::vector<std::string> names = names_of(stack.parameters());
  const auto below = [](const std::string& name) { return name.starts_with("layers.0."); };
  const auto above = [](const std::string& name) { return name.starts_with("layers.1."); };
  EXPECT_EQ(std::count_if(names.begin(), names.end(), below) * 2, static_cast<std::ptrdiff_t>(names.size()));
  EXPECT_EQ(std::count_if(names.begin(), names.end(), above) * 2, static_cast<std::ptrdiff_t>(names.size()));
  EXPECT_EQ(stack.output_size(), 5);
  EXPECT_FALSE(stack.output_is_target());
}

TEST(RecurrentStack, LayersStartDifferently) {
  const RecurrentStack stack(Cell::load("elman"), small_stack(5, 2));
  const ParameterList& list = stack.parameters();
  const std::size_t half = list.size() / 2;
  EXPECT_EQ(list[0]->shape(), list[half]->shape());
  EXPECT_NE(list[0]->value()[0], list[half]->value()[0]);
}

TEST(RecurrentStack, GradientThroughTwoLayers) {
  RecurrentStack stack(Cell::load("lstm"), small_stack(3, 2));
  const Unrolling unrolling = Unrolling::equal(4, 2);
  const Network network = [&](Tape& tape, const std::vector<Variable>& x) {
    return stack.forward(tape, x[0], unrolling, {.batch = 2}, Mode::kTraining).output;
  };
  EXPECT_LT(gradient_error({random_tensor({8, 3}, 1)}, network, stack.parameters()), kGradientTolerance);
}

TEST(RecurrentStack, GradientOfTokensAndOfTheirTable) {
  const std::vector<std::int32_t> tokens = {1, 0, 3, 3, 2, 1, 0, 3};
  const Unrolling unrolling = Unrolling::equal(4, 2);
  const State start = {.batch = 2};

  RecurrentStack one_hot(Cell::load("gru"), small_stack(4, 1));
  const Network of_tokens = [&](Tape& tape, const std::vector<Variable>&) {
    return one_hot.forward(tape, OneHotTokens{tokens}, unrolling, start, Mode::kTraining).output;
  };
  EXPECT_LT(gradient_error({}, of_tokens, one_hot.parameters()), kGradientTolerance);

  Parameter table("table", {4, 3});
  table.edit() = random_tensor({4, 3}, 2);
  RecurrentStack embedded(Cell::load("gru"), small_stack(3, 1));
  const Network of_rows = [&](Tape& tape, const std::vector<Variable>&) {
    return embedded.forward(tape, EmbeddedTokens{tokens, &table}, unrolling, start, Mode::kTraining).output;
  };
  ParameterList parameters = embedded.parameters();
  parameters.push_back(&table);
  EXPECT_LT(gradient_error({}, of_rows, parameters), kGradientTolerance);
}

TEST(RecurrentStack, CarriesItsState) {
  RecurrentStack stack(Cell::load("lstm"), small_stack(3, 2));
  const Tensor x = random_tensor({6, 3}, 1);  // T = 6, B = 1
  Tape tape(Tape::Recording::kOff);
  const auto run = [&](Index first, Index steps, const State& state) {
    const Tensor part({steps, 3},
                      x.values().subspan(static_cast<std::size_t>(first * 3), static_cast<std::size_t>(steps * 3)));
    const auto result = stack.forward(tape, tape.constant(part), Unrolling::equal(steps, 1), state, Mode::kEvaluation);
    return std::pair(Tensor(tape.value(result.output)), result.state);
  };
  const State start{.batch = 1};
  const auto [whole, whole_state] = run(0, 6, start);
  const auto [first, middle] = run(0, 4, start);
  const auto [second, end] = run(4, 2, middle);
  for (Index i = 0; i < second.count(); ++i) EXPECT_NEAR(second[i], whole[first.count() + i], kStreamingTolerance);

  const State restored = stack.restore_state(stack.save_state(middle), 1);
  const auto [again, end_again] = run(4, 2, restored);
  EXPECT_TRUE(std::equal(again.values().begin(), again.values().end(), second.data()));
}

TEST(RecurrentStack, SavedStatesAreNamedAndChecked) {
  RecurrentStack stack(Cell::load("lstm"), small_stack(3, 2));
  const State start{.batch = 2};
  EXPECT_TRUE(stack.save_state(start).empty());
  EXPECT_TRUE(stack.restore_state({}, 2).layers.empty());

  Tape tape(Tape::Recording::kOff);
  const State state =
      stack.forward(tape, tape.constant(Tensor({2, 3})), Unrolling::equal(1, 2), start, Mode::kEvaluation).state;
  std::map<std::string, Tensor> tensors = stack.save_state(state);
  EXPECT_EQ(tensors.size(), 4U);
  EXPECT_EQ(tensors.at("layers.1.c").shape(), (Shape{2, 5}));
  expect_error<InputError>([&] { stack.restore_state(tensors, 3); }, {"layers.0.h", "[2, 5]", "[3, 5]"});
  tensors["layers.2.h"] = Tensor({2, 5});
  EXPECT_THROW(stack.restore_state(tensors, 2), InputError);
  tensors.erase("layers.2.h");
  tensors.erase("layers.0.c");
  expect_error<InputError>([&] { stack.restore_state(tensors, 2); }, {"layers.0.c", "missing"});
}

TEST(RecurrentStack, ALearnedStartHasAGradientWhereTheSequencesBegin) {
  const Cell cell = Cell::parse("cell warm\ninput x\nstate h = learned\nh' = tanh(W_x x + W_h h)\noutput h'\n", "warm");
  RecurrentStack stack(cell, small_stack(3, 2));
  const Unrolling unrolling = Unrolling::equal(4, 2);
  const Network network = [&](Tape& tape, const std::vector<Variable>& x) {
    return stack.forward(tape, x[0], unrolling, {.batch = 2}, Mode::kTraining).output;
  };
  for (Parameter* parameter : stack.parameters()) {
    if (parameter->shape() == Shape{5}) parameter->edit() = random_tensor({5}, 8);
  }
  EXPECT_LT(gradient_error({random_tensor({8, 3}, 1)}, network, stack.parameters()), kGradientTolerance);
}

TEST(RecurrentStack, LayersHaveTheirOwnSizes) {
  StackOptions options = small_stack(3, 2);
  options.hidden = {5, 4};
  RecurrentStack stack(Cell::load("gru"), options);
  EXPECT_EQ(stack.output_size(), 4);
  const Unrolling unrolling = Unrolling::equal(4, 2);
  const Network network = [&](Tape& tape, const std::vector<Variable>& x) {
    return stack.forward(tape, x[0], unrolling, {.batch = 2}, Mode::kTraining).output;
  };
  EXPECT_LT(gradient_error({random_tensor({8, 3}, 4)}, network, stack.parameters()), kGradientTolerance);
  Tape tape(Tape::Recording::kOff);
  const State state =
      stack.forward(tape, tape.constant(Tensor({2, 3})), Unrolling::equal(1, 2), {.batch = 2}, Mode::kEvaluation).state;
  EXPECT_EQ(stack.save_state(state).at("layers.1.h").shape(), (Shape{2, 4}));
}

TEST(RecurrentStack, SkipConnectionsReachEveryLayerAndTheOutput) {
  StackOptions options = small_stack(3, 2);
  options.hidden = {5, 4};
  options.skip = true;
  RecurrentStack stack(Cell::load("elman"), options);
  EXPECT_EQ(stack.output_size(), 9);
  const Unrolling unrolling = Unrolling::equal(4, 2);
  const Network network = [&](Tape& tape, const std::vector<Variable>& x) {
    return stack.forward(tape, x[0], unrolling, {.batch = 2}, Mode::kTraining).output;
  };
  const Tensor x = random_tensor({8, 3}, 1);
  EXPECT_LT(gradient_error({x}, network, stack.parameters()), kGradientTolerance);

  // The second layer by itself, on what it must have read: the first one's output beside the input.
  StackOptions first_options = small_stack(3, 1);
  RecurrentStack first(Cell::load("elman"), first_options);
  StackOptions second_options = small_stack(8, 1);
  second_options.hidden = {4};
  RecurrentStack second(Cell::load("elman"), second_options);
  const std::size_t half = first.parameters().size();
  for (std::size_t p = 0; p < half; ++p) {
    first.parameters()[p]->edit() = std::as_const(*stack.parameters()[p]).value();
    second.parameters()[p]->edit() = std::as_const(*stack.parameters()[half + p]).value();
  }
  Tape tape(Tape::Recording::kOff);
  const Variable input = tape.constant(x);
  const Variable below = first.forward(tape, input, unrolling, {.batch = 2}, Mode::kEvaluation).output;
  const Variable reads = concatenate(tape, std::array{below, input});
  const Variable above = second.forward(tape, reads, unrolling, {.batch = 2}, Mode::kEvaluation).output;
  const Tensor& expected = tape.value(concatenate(tape, std::array{below, above}));
  const Tensor& found = tape.value(network(tape, {input}));
  for (Index i = 0; i < expected.count(); ++i) EXPECT_NEAR(found[i], expected[i], kStreamingTolerance);
}

TEST(RecurrentStack, SkipsTokensOfEveryKind) {
  const std::vector<std::int32_t> tokens = {1, 0, 3, 3, 2, 1, 0, 3};
  const Unrolling unrolling = Unrolling::equal(4, 2);
  StackOptions options = small_stack(4, 2);
  options.skip = true;
  options.workload.input = InputValues::Kind::kOneHot;
  RecurrentStack one_hot_stack(Cell::load("gru"), options);
  const Network of_tokens = [&](Tape& tape, const std::vector<Variable>&) {
    return one_hot_stack.forward(tape, OneHotTokens{tokens}, unrolling, {.batch = 2}, Mode::kTraining).output;
  };
  EXPECT_LT(gradient_error({}, of_tokens, one_hot_stack.parameters()), kGradientTolerance);

  Parameter table("table", {4, 5});
  table.edit() = random_tensor({4, 5}, 2);
  options = small_stack(5, 2);
  options.skip = true;
  options.residual = true;
  options.workload.input = InputValues::Kind::kEmbedded;
  options.workload.vocabulary = 4;
  RecurrentStack embedded(Cell::load("gru"), options);
  const Network of_rows = [&](Tape& tape, const std::vector<Variable>&) {
    return embedded.forward(tape, EmbeddedTokens{tokens, &table}, unrolling, {.batch = 2}, Mode::kTraining).output;
  };
  ParameterList parameters = embedded.parameters();
  parameters.push_back(&table);
  EXPECT_LT(gradient_error({}, of_rows, parameters), kGradientTolerance);
}

TEST(RecurrentStack, ResidualConnectionsAddWhatWasRead) {
  StackOptions options = small_stack(5, 3);
  options.hidden = {5, 5, 4};
  options.residual = true;
  RecurrentStack stack(Cell::load("elman"), options);
  EXPECT_EQ(stack.layers_without_residual(), (std::vector<Index>{2}));
  const Unrolling unrolling = Unrolling::equal(4, 2);
  const Network network = [&](Tape& tape, const std::vector<Variable>& x) {
    return stack.forward(tape, x[0], unrolling, {.batch = 2}, Mode::kTraining).output;
  };
  EXPECT_LT(gradient_error({random_tensor({8, 5}, 1)}, network, stack.parameters()), kGradientTolerance);

  // Layers that compute nothing hand on what they read.
  options.hidden = {5, 5};
  RecurrentStack silent(Cell::load("elman"), options);
  for (Parameter* parameter : silent.parameters()) parameter->edit().fill(0);
  Tape tape(Tape::Recording::kOff);
  const Tensor x = random_tensor({8, 5}, 1);
  const Tensor& y =
      tape.value(silent.forward(tape, tape.constant(x), unrolling, {.batch = 2}, Mode::kEvaluation).output);
  EXPECT_TRUE(std::equal(x.values().begin(), x.values().end(), y.data()));
}

TEST(RecurrentStack, RefusesResidualConnectionsThatFitNowhere) {
  StackOptions options = small_stack(3, 2);
  options.hidden = {5, 4};
  options.residual = true;
  expect_error<InputError>([&] { RecurrentStack(Cell::load("elman"), options); }, {"residual", "reads 3", "gives 5"});
  // As many one-hot symbols as units is a coincidence.
  options = small_stack(5, 1);
  options.residual = true;
  options.workload.input = InputValues::Kind::kOneHot;
  EXPECT_THROW(RecurrentStack(Cell::load("elman"), options), InputError);
}

TEST(RecurrentStack, DropsBetweenLayersInTrainingAndSamplingOnly) {
  StackOptions options = small_stack(3, 2);
  RecurrentStack plain(Cell::load("elman"), options);
  options.dropout = {.mask = Dropout::Mask::kEverySequence, .rate = 0.5};
  RecurrentStack dropped(Cell::load("elman"), options);
  const Tensor x = random_tensor({8, 3}, 1);
  const auto run = [&](RecurrentStack& stack, Mode mode, std::uint64_t step) {
    Tape tape(Tape::Recording::kOff);
    MaskKeys keys;
    keys.training_step = step;
    return Tensor(
        tape.value(stack.forward(tape, tape.constant(x), Unrolling::equal(4, 2), {.batch = 2}, mode, keys).output));
  };
  const auto same = [](const Tensor& a, const Tensor& b) {
    return std::equal(a.values().begin(), a.values().end(), b.data());
  };
  EXPECT_TRUE(same(run(plain, Mode::kEvaluation, 1), run(dropped, Mode::kEvaluation, 1)));
  EXPECT_FALSE(same(run(plain, Mode::kTraining, 1), run(dropped, Mode::kTraining, 1)));
  EXPECT_TRUE(same(run(dropped, Mode::kSampling, 1), run(dropped, Mode::kTraining, 1)));
  EXPECT_FALSE(same(run(dropped, Mode::kSampling, 1), run(dropped, Mode::kSampling, 2)));
  const Network network = [&](Tape& tape, const std::vector<Variable>& v) {
    return dropped.forward(tape, v[0], Unrolling::equal(4, 2), {.batch = 2}, Mode::kTraining).output;
  };
  EXPECT_LT(gradient_error({x}, network, dropped.parameters()), kGradientTolerance);
}

TEST(RecurrentStack, RefusesAStateOfAnotherBatch) {
  RecurrentStack stack(Cell::load("elman"), small_stack(3, 1));
  Tape tape;
  EXPECT_THROW(
      stack.forward(tape, tape.constant(Tensor({2, 3})), Unrolling::equal(1, 2), {.batch = 1}, Mode::kEvaluation),
      ContractError);
}

StackOptions jordan_options(std::vector<Rewrite> rewrites) {
  StackOptions options = small_stack(4, 1);
  options.target = 4;
  options.rewrites = std::move(rewrites);
  return options;
}

TEST(RecurrentStack, KnowsAnOutputDeclaredWithTheLabelsSize) {
  EXPECT_TRUE(RecurrentStack(Cell::load("jordan"), jordan_options({})).output_is_target());
  StackOptions coincidence = jordan_options({});
  coincidence.hidden = {4};
  EXPECT_FALSE(RecurrentStack(Cell::load("lstm"), coincidence).output_is_target());
}

TEST(RecurrentStack, ForcedStatesReadTheTeacherInTrainingAndThemselvesInEvaluation) {
  const std::vector<std::int32_t> tokens = {1, 0, 3, 2};
  const std::vector<std::int32_t> other_teacher = {1, 2, 3, 0};
  const Unrolling unrolling = Unrolling::equal(4, 1);
  const State start{.batch = 1};
  RecurrentStack forced(Cell::load("jordan"), jordan_options({{Rewrite::Kind::kTeacherForcing, "y", 0}}));
  RecurrentStack free(Cell::load("jordan"), jordan_options({}));
  const auto run = [&](RecurrentStack& stack, Mode mode, const std::vector<std::int32_t>& teacher) {
    Tape tape(Tape::Recording::kOff);
    return Tensor(tape.value(stack.forward(tape, OneHotTokens{tokens}, unrolling, start, mode, {}, teacher).output));
  };
  const auto same = [](const Tensor& a, const Tensor& b) {
    return std::equal(a.values().begin(), a.values().end(), b.data());
  };
  EXPECT_FALSE(same(run(forced, Mode::kTraining, tokens), run(forced, Mode::kTraining, other_teacher)));
  EXPECT_TRUE(same(run(forced, Mode::kEvaluation, tokens), run(free, Mode::kEvaluation, {})));

  // The evaluated net follows the trained parameters.
  const Tensor before = run(forced, Mode::kEvaluation, tokens);
  for (Parameter* parameter : forced.parameters()) parameter->edit().fill(0.1F);
  for (Parameter* parameter : free.parameters()) parameter->edit().fill(0.1F);
  EXPECT_FALSE(same(run(forced, Mode::kEvaluation, tokens), before));
  EXPECT_TRUE(same(run(forced, Mode::kEvaluation, tokens), run(free, Mode::kEvaluation, {})));
}

TEST(RecurrentStack, GradientWithATeacher) {
  const std::vector<std::int32_t> tokens = {1, 0, 3, 2, 2, 1, 0, 3};
  const Unrolling unrolling = Unrolling::equal(4, 2);
  RecurrentStack stack(Cell::load("jordan"), jordan_options({{Rewrite::Kind::kTeacherForcing, "y", 0}}));
  const Network network = [&](Tape& tape, const std::vector<Variable>&) {
    return stack.forward(tape, OneHotTokens{tokens}, unrolling, {.batch = 2}, Mode::kTraining, {}, tokens).output;
  };
  EXPECT_LT(gradient_error({}, network, stack.parameters()), kGradientTolerance);
}

TEST(RecurrentStack, RefusesATeacherForAStateOfAnotherSize) {
  StackOptions options = jordan_options({{Rewrite::Kind::kTeacherForcing, "h", 0}});
  expect_error<InputError>([&] { RecurrentStack(Cell::load("elman"), options); }, {"'h'", "[5]", "target"});
}

TEST(RecurrentStack, RefusesCellsWithSeveralInputs) {
  const std::string two_inputs = "cell two\ninput x, z[2]\nstate h\nh' = tanh(W_x x + W_z z + W_h h)\noutput h'\n";
  const Cell cell = Cell::parse(two_inputs, "two.cell");
  expect_error<InputError>([&] { RecurrentStack(cell, small_stack(3, 1)); }, {"'two'", "2 inputs"});
}

}  // namespace
}  // namespace unfold
