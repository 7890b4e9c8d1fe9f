// Bidirectional stacks: forward and reversed forward, joined, whatever the lengths.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "base/expect_error.h"
#include "base/thread_count_kept.h"
#include "layers/stack_stream.h"
#include "tape/gradient_check.h"
#include "unfold/error.h"
#include "unfold/layers.h"

namespace unfold {
namespace {

// Rounding of float32 in values of size 1, a few products deep; the planned executor may sum batches of different
// sizes in another order. The naive executor has no such freedom: it is compared bit for bit.
constexpr float kBatchingTolerance = 1e-5F;

constexpr Index kInput = 3;
const std::vector<Index> kLengths = {2, 5, 0, 1, 5, 3};

StackOptions options_of(Index layers, bool bidirectional) {
  StackOptions options;
  options.input = kInput;
  options.hidden.assign(static_cast<std::size_t>(layers), 4);
  options.bidirectional = bidirectional;
  options.seed = 3;
  return options;
}

/// Gives `to` the values of the parameters of `from` whose names begin with the prefix, in their order.
void copy_parameters(const RecurrentStack& from, const std::string& prefix, RecurrentStack& to) {
  auto target = to.parameters().begin();
  for (const Parameter* parameter : from.parameters()) {
    if (parameter->name().starts_with(prefix)) (*target++)->edit() = parameter->value();
  }
  ASSERT_EQ(target, to.parameters().end());
}

Tensor run(RecurrentStack& stack, const Tensor& x, const Unrolling& unrolling) {
  Tape tape(Tape::Recording::kOff);
  const State start{.batch = unrolling.batch()};
  return tape.value(stack.forward(tape, tape.constant(x), unrolling, start, Mode::kEvaluation).output);
}

/// The rows of one sequence of a batch [N, F], first step first or last step first.
Tensor rows_of(const Tensor& batch, const Unrolling& unrolling, Index sequence, bool reversed) {
  const Index steps = unrolling.lengths()[static_cast<std::size_t>(sequence)];
  const Index width = batch.shape()[1];
  Tensor rows({steps, width});
  for (Index t = 0; t < steps; ++t) {
    const Index row = unrolling.row(sequence, reversed ? steps - 1 - t : t);
    std::copy_n(batch.data() + row * width, width, rows.data() + t * width);
  }
  return rows;
}

TEST(Unrolling, ReversesEverySequenceWithinItsLength) {
  const Unrolling unrolling = Unrolling::ragged(std::array<Index, 3>{1, 3, 2});
  // Rows: tick 0 of sequences 1, 2, 0; tick 1 of 1, 2; tick 2 of 1.
  EXPECT_EQ(unrolling.reversal(), (std::vector<Index>{5, 4, 2, 3, 1, 0}));
  EXPECT_TRUE(Unrolling().reversal().empty());
}

TEST(Bidirectional, NamesItsParametersByDirectionAndStartsThemDifferently) {
  const RecurrentStack stack(Cell::load("elman"), options_of(2, true));
  const ParameterList& list = stack.parameters();
  const std::size_t quarter = list.size() / 4;
  EXPECT_TRUE(list[0]->name().starts_with("layers.0.forward."));
  EXPECT_TRUE(list[quarter]->name().starts_with("layers.0.backward."));
  EXPECT_TRUE(list[3 * quarter]->name().starts_with("layers.1.backward."));
  EXPECT_EQ(stack.output_size(), 8);
  EXPECT_NE(list[0]->value()[0], list[quarter]->value()[0]);
}

/// The largest difference between a bidirectional layer on a ragged batch, and each of its directions on single
/// sequences and on reversed ones.
float difference_from_single_sequences(const std::string& cell) {
  const Unrolling unrolling = Unrolling::ragged(kLengths);
  const Tensor x = random_tensor({unrolling.rows(), kInput}, 1);
  RecurrentStack both(Cell::load(cell), options_of(1, true));
  RecurrentStack forward(Cell::load(cell), options_of(1, false));
  RecurrentStack backward(Cell::load(cell), options_of(1, false));
  copy_parameters(both, "layers.0.forward.", forward);
  copy_parameters(both, "layers.0.backward.", backward);
  const Tensor joined = run(both, x, unrolling);
  const Index width = forward.output_size();
  float difference = 0;
  for (Index sequence = 0; sequence < unrolling.batch(); ++sequence) {
    const Index steps = kLengths[static_cast<std::size_t>(sequence)];
    const Tensor there = run(forward, rows_of(x, unrolling, sequence, false), Unrolling::equal(steps, 1));
    const Tensor back = run(backward, rows_of(x, unrolling, sequence, true), Unrolling::equal(steps, 1));
    const Tensor found = rows_of(joined, unrolling, sequence, false);
    for (Index t = 0; t < steps; ++t) {
      for (Index i = 0; i < width; ++i) {
        const float* row = found.data() + t * 2 * width;
        difference = std::max({difference, std::abs(row[i] - there[t * width + i]),
                               std::abs(row[width + i] - back[(steps - 1 - t) * width + i])});
      }
    }
  }
  return difference;
}

/// The shipped cells with one input.
std::vector<std::string> cells_of_layers() {
  std::vector<std::string> names;
  for (const std::string& name : shipped_cells()) {
    try {
      RecurrentStack(Cell::load(name), options_of(1, false));
      names.push_back(name);
    } catch (const InputError&) {
    }
  }
  return names;
}

TEST(Bidirectional, IsForwardAndReversedForwardJoinedForEveryCell) {
  const std::vector<std::string> cells = cells_of_layers();
  EXPECT_GT(cells.size(), 10U);
  for (const std::string& cell : cells) {
    EXPECT_LT(difference_from_single_sequences(cell), kBatchingTolerance) << cell;
  }
}

// Kernels are chosen once per process, so this needs a process of its own.
TEST(Bidirectional, IsTheSameBitForBitInTheNaiveExecutor) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto check = [] {
    setenv("UNFOLD_KERNELS", "naive", 1);
    float difference = 0;
    for (const std::string& cell : cells_of_layers()) {
      difference = std::max(difference, difference_from_single_sequences(cell));
    }
    std::_Exit(difference == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
  };
  EXPECT_EXIT(check(), testing::ExitedWithCode(EXIT_SUCCESS), "");
}

TEST(Bidirectional, GradientOfRaggedBatchesThroughTwoLayers) {
  RecurrentStack stack(Cell::load("lstm"), options_of(2, true));
  const Unrolling unrolling = Unrolling::ragged(std::array<Index, 3>{2, 4, 0});
  const Network network = [&](Tape& tape, const std::vector<Variable>& x) {
    return stack.forward(tape, x[0], unrolling, {.batch = 3}, Mode::kTraining).output;
  };
  EXPECT_LT(gradient_error({random_tensor({6, kInput}, 1)}, network, stack.parameters()), kGradientTolerance);
}

TEST(Bidirectional, GradientOfTokensAndOfTheirTable) {
  const std::vector<std::int32_t> tokens = {1, 0, 3, 3, 2, 1};
  const Unrolling unrolling = Unrolling::ragged(std::array<Index, 3>{3, 1, 2});
  StackOptions options = options_of(1, true);
  options.input = 4;
  RecurrentStack one_hot(Cell::load("gru"), options);
  const Network of_tokens = [&](Tape& tape, const std::vector<Variable>&) {
    return one_hot.forward(tape, OneHotTokens{tokens}, unrolling, {.batch = 3}, Mode::kTraining).output;
  };
  EXPECT_LT(gradient_error({}, of_tokens, one_hot.parameters()), kGradientTolerance);

  Parameter table("table", {4, kInput});
  table.edit() = random_tensor({4, kInput}, 2);
  RecurrentStack embedded(Cell::load("gru"), options_of(1, true));
  const Network of_rows = [&](Tape& tape, const std::vector<Variable>&) {
    return embedded.forward(tape, EmbeddedTokens{tokens, &table}, unrolling, {.batch = 3}, Mode::kTraining).output;
  };
  ParameterList parameters = embedded.parameters();
  parameters.push_back(&table);
  EXPECT_LT(gradient_error({}, of_rows, parameters), kGradientTolerance);
}

/// The output of a training step and the gradients of its input, its table and its parameters.
std::vector<std::vector<float>> training_step(bool embedded) {
  StackOptions options = options_of(2, true);
  options.skip = true;
  options.rewrites = {{.kind = Rewrite::Kind::kZoneout, .rate = 0.3}};
  RecurrentStack stack(Cell::load("lstm"), options);
  std::vector<Index> lengths;
  for (Index i = 0; i < 40; ++i) lengths.push_back(i % 7);
  const Unrolling unrolling = Unrolling::ragged(lengths);
  Parameter table("table", {unrolling.rows(), kInput});
  table.edit() = random_tensor(table.value().shape(), 1);
  std::vector<std::int32_t> tokens(static_cast<std::size_t>(unrolling.rows()));
  for (std::size_t i = 0; i < tokens.size(); ++i) tokens[i] = static_cast<std::int32_t>(i * i % tokens.size());
  Tape tape;
  const Variable x = tape.leaf(table.value());
  const SequenceInput input = embedded ? SequenceInput(EmbeddedTokens{tokens, &table}) : SequenceInput(x);
  const Variable y = stack.forward(tape, input, unrolling, {.batch = 40}, Mode::kTraining).output;
  std::vector<std::vector<float>> found;
  const auto add = [&](const Tensor& tensor) { found.emplace_back(tensor.values().begin(), tensor.values().end()); };
  add(tape.value(y));
  tape.backward(y, random_tensor(tape.shape(y), 2));
  if (tape.gradient(x) != nullptr) add(*tape.gradient(x));
  add(table.gradient());
  for (Parameter* parameter : stack.parameters()) add(parameter->gradient());
  return found;
}

// One thread runs a direction after the other, two both at once, three both in turn on all.
TEST(Bidirectional, AnyNumberOfThreadsGivesTheSameBits) {
  const ThreadCountKept kept;
  for (const bool embedded : {false, true}) {
    set_thread_count(1);
    const auto expected = training_step(embedded);
    for (const int threads : {2, 3}) {
      set_thread_count(threads);
      EXPECT_EQ(training_step(embedded), expected) << threads << " threads";
    }
  }
}

TEST(Bidirectional, BothDirectionsWearMasksOfTheirOwn) {
  StackOptions options = options_of(1, true);
  options.rewrites = {{.kind = Rewrite::Kind::kVariationalDropout, .rate = 0.5}};
  RecurrentStack stack(Cell::load("elman"), options);
  const std::size_t half = stack.parameters().size() / 2;
  for (std::size_t p = 0; p < half; ++p) stack.parameters()[half + p]->edit() = stack.parameters()[p]->value();
  // The same parameters on a palindrome: only the masks can differ.
  Tensor x = random_tensor({5, kInput}, 1);
  for (Index t = 0; t < 2; ++t) std::copy_n(x.data() + t * kInput, kInput, x.data() + (4 - t) * kInput);
  const auto last_and_first = [&](Mode mode) {
    Tape tape(Tape::Recording::kOff);
    const Variable y = stack.forward(tape, tape.constant(x), Unrolling::equal(5, 1), {.batch = 1}, mode).output;
    const std::span<const float> values = tape.value(y).values();
    return std::pair(std::vector<float>(values.end() - 8, values.end() - 4),
                     std::vector<float>(values.begin() + 4, values.begin() + 8));
  };
  const auto [plain_last, plain_first] = last_and_first(Mode::kEvaluation);
  EXPECT_EQ(plain_last, plain_first);
  const auto [masked_last, masked_first] = last_and_first(Mode::kTraining);
  EXPECT_NE(masked_last, masked_first);
}

TEST(Bidirectional, ConnectsSkipsAndResiduals) {
  StackOptions options = options_of(2, true);
  options.skip = true;
  options.residual = true;
  RecurrentStack stack(Cell::load("elman"), options);
  EXPECT_EQ(stack.output_size(), 16);
  EXPECT_EQ(stack.layers_without_residual(), std::vector<Index>{0});
  const Unrolling unrolling = Unrolling::ragged(std::array<Index, 2>{2, 3});
  const Network network = [&](Tape& tape, const std::vector<Variable>& x) {
    return stack.forward(tape, x[0], unrolling, {.batch = 2}, Mode::kTraining).output;
  };
  EXPECT_LT(gradient_error({random_tensor({5, kInput}, 1)}, network, stack.parameters()), kGradientTolerance);
}

TEST(Bidirectional, ReadsWholeSequencesOnly) {
  RecurrentStack forward(Cell::load("elman"), options_of(1, false));
  RecurrentStack both(Cell::load("elman"), options_of(1, true));
  Tape tape(Tape::Recording::kOff);
  const Variable x = tape.constant(Tensor({1, kInput}));
  const Unrolling step = Unrolling::equal(1, 1);
  const State after = forward.forward(tape, x, step, {.batch = 1}, Mode::kEvaluation).state;
  EXPECT_TRUE(both.forward(tape, x, step, {.batch = 1}, Mode::kEvaluation).state.layers.empty());
  EXPECT_THROW(both.forward(tape, x, step, after, Mode::kEvaluation), ContractError);
  EXPECT_THROW(both.stream(nullptr), ContractError);

  StackOptions taught = options_of(1, true);
  taught.target = 4;
  taught.rewrites = {{Rewrite::Kind::kTeacherForcing, "y", 0}};
  expect_error<InputError>([&] { RecurrentStack(Cell::load("jordan"), taught); }, {"bidirectional", "label"});
}

}  // namespace
}  // namespace unfold
