// Class Recurrence as its callers see it: contracts, threads, starts, carried states.
#include "unfold/recurrence.h"

#include <gtest/gtest.h>

#include "base/thread_count_kept.h"
#include "recurrence/precisions.h"
#include "unfold/error.h"

namespace unfold {
namespace {

Workload tokens_of(Index batch, Index steps) {
  Workload workload;
  workload.input = InputValues::Kind::kOneHot;
  workload.batch = batch;
  workload.steps = steps;
  return workload;
}

std::vector<std::int32_t> some_tokens(Index count, Index symbols) {
  std::vector<std::int32_t> tokens;
  for (Index i = 0; i < count; ++i) tokens.push_back(static_cast<std::int32_t>((i * 7919 + i / 3) % symbols));
  return tokens;
}

struct Bits {
  std::vector<float> output;
  std::vector<std::vector<float>> gradients;
  bool is_shared = false;
  bool operator==(const Bits&) const = default;
};

/// One training step of a dropped-out cell on `threads` threads. An output that is not shared is overwritten before
/// backward.
Bits run(const Cell& cell, int threads, Precision precision, bool share_output = false) {
  const ThreadCountKept kept;
  set_thread_count(threads);
  Workload workload = tokens_of(50, 9);
  workload.precision = precision;
  Recurrence recurrence(cell, {11, 24, 11},
                        {{.kind = Rewrite::Kind::kVariationalDropout, .rate = 0.25},
                         {.kind = Rewrite::Kind::kZoneout, .rate = 0.1},
                         {.kind = Rewrite::Kind::kWeightDrop, .rate = 0.3},
                         {.kind = Rewrite::Kind::kMessageClip, .bound = 0.5}},
                        workload, 3);
  const std::vector<Index> lengths = [] {
    std::vector<Index> result;
    for (Index i = 0; i < 50; ++i) result.push_back(i * 5 % 10);
    return result;
  }();
  const Unrolling unrolling = Unrolling::ragged(lengths);
  const auto tokens = some_tokens(unrolling.rows(), 11);
  ForwardArguments arguments;
  arguments.unrolling = &unrolling;
  arguments.inputs = {{InputValues::Kind::kOneHot, nullptr, tokens}};
  arguments.mode = Mode::kTraining;
  arguments.keys.seed = 9;
  arguments.keep_for_backward = true;
  arguments.share_output = share_output;
  ForwardResult forward = recurrence.forward(arguments);
  Bits bits;
  bits.is_shared = forward.output.is_shared();
  bits.output.assign(forward.output.values().begin(), forward.output.values().end());
  const Tensor gradient = forward.output;
  if (!share_output) forward.output.fill(7);
  BackwardArguments back;
  back.output_gradient = gradient;
  recurrence.backward(forward.execution, back);
  if (share_output) {
    EXPECT_TRUE(std::ranges::equal(forward.output.values(), bits.output)) << "no gradient lies there";
  }
  for (const Parameter* parameter : recurrence.parameters()) {
    bits.gradients.emplace_back(parameter->gradient().values().begin(), parameter->gradient().values().end());
  }
  return bits;
}

TEST(Recurrence, ThreadsChangeNoBit) {
  for (const char* name : {"lstm", "gru", "lstm_layernorm"}) {
    const Cell cell = Cell::load(name);
    for (const Precision precision : precisions()) {
      const Bits one = run(cell, 1, precision);
      EXPECT_EQ(one, run(cell, 2, precision)) << name;
      EXPECT_EQ(one, run(cell, 3, precision)) << name;
    }
  }
}

TEST(Recurrence, SharesItsOutputWhereItIsAskedTo) {
  const Cell beside =
      Cell::parse("cell beside\ninput x\nstate h\na[hidden] = W x\nb[hidden] = V x\nh' = tanh(a * b + U h)\noutput a\n",
                  "beside.cell");
  for (const Cell& cell : {Cell::load("lstm"), Cell::load("deep_output"), beside}) {
    SCOPED_TRACE(cell.name());
    const Bits own = run(cell, 1, Precision::kFloat32), shared = run(cell, 1, Precision::kFloat32, true);
    EXPECT_EQ(own.output, shared.output);
    EXPECT_EQ(own.gradients, shared.gradients);
    EXPECT_FALSE(own.is_shared);
    EXPECT_EQ(shared.is_shared, cell.name() != "beside") << "rows of a lie beside those of b: one product makes both";
  }
}

TEST(Recurrence, TruncationCarriesTheState) {
  Recurrence recurrence(Cell::load("gru"), {5, 6, 0}, {}, tokens_of(2, 4), 1);
  const auto tokens = some_tokens(16, 5);
  const Unrolling whole = Unrolling::equal(8, 2);
  const Unrolling half = Unrolling::equal(4, 2);
  ForwardArguments arguments;
  arguments.unrolling = &whole;
  arguments.inputs = {{InputValues::Kind::kOneHot, nullptr, tokens}};
  const ForwardResult all = recurrence.forward(arguments);
  arguments.unrolling = &half;
  arguments.inputs = {{InputValues::Kind::kOneHot, nullptr, std::span(tokens).subspan(0, 8)}};
  const ForwardResult first = recurrence.forward(arguments);
  arguments.initial = &first.final;
  arguments.inputs = {{InputValues::Kind::kOneHot, nullptr, std::span(tokens).subspan(8, 8)}};
  const ForwardResult second = recurrence.forward(arguments);
  for (Index i = 0; i < second.output.count(); ++i) EXPECT_EQ(second.output[i], all.output[48 + i]);
}

TEST(Recurrence, ARunKeptForBackwardHasTablesOfItsOwn) {
  Recurrence recurrence(Cell::load("mlstm"), {5, 6, 0}, {}, tokens_of(2, 4), 1);
  const auto tokens = some_tokens(8, 5);
  const Unrolling unrolling = Unrolling::equal(4, 2);
  ForwardArguments arguments;
  arguments.unrolling = &unrolling;
  arguments.inputs = {{InputValues::Kind::kOneHot, nullptr, tokens}};
  arguments.keep_for_backward = true;
  const auto gradients = [&](bool others_between) {
    for (Parameter* parameter : recurrence.parameters()) parameter->gradient().fill(0);
    ForwardResult kept = recurrence.forward(arguments);
    for (int i = 0; others_between && i < 3; ++i) recurrence.forward(arguments);
    BackwardArguments back;
    back.output_gradient = kept.output;
    recurrence.backward(kept.execution, std::move(back));
    std::vector<std::vector<float>> all;
    for (const Parameter* parameter : recurrence.parameters())
      all.emplace_back(parameter->gradient().values().begin(), parameter->gradient().values().end());
    return all;
  };
  EXPECT_EQ(gradients(false), gradients(true));
}

TEST(Recurrence, LearnedStartsReceiveTheirGradient) {
  const Cell cell = Cell::parse("cell started\ninput x\nstate h = learned\nh' = h + W x\noutput h'\n", "started.cell");
  Recurrence recurrence(cell, {2, 3, 0});
  Parameter* start = nullptr;
  for (Parameter* parameter : recurrence.parameters()) {
    if (parameter->shape() == Shape{3}) start = parameter;
  }
  ASSERT_NE(start, nullptr);
  start->edit().fill(0.5F);
  EXPECT_EQ(recurrence.start(2)[0][4], 0.5F);
  const Unrolling unrolling = Unrolling::equal(4, 2);
  Tensor x({8, 2});
  ForwardArguments arguments;
  arguments.unrolling = &unrolling;
  arguments.inputs = {{InputValues::Kind::kDense, &x, {}}};
  arguments.keep_for_backward = true;
  const ForwardResult forward = recurrence.forward(arguments);
  Tensor ones({8, 3});
  ones.fill(1);
  BackwardArguments back;
  back.output_gradient = ones;
  recurrence.backward(forward.execution, back);
  for (Index i = 0; i < 3; ++i)
    EXPECT_EQ(start->gradient()[i], 8) << "every one of the 2 x 4 outputs holds the start once";
}

TEST(Recurrence, NamesWhatDisagrees) {
  Recurrence recurrence(Cell::load("lstm"), {4, 3, 0});
  const Unrolling unrolling = Unrolling::equal(2, 2);
  ForwardArguments arguments;
  arguments.unrolling = &unrolling;
  const auto message = [&] {
    try {
      recurrence.forward(arguments);
    } catch (const ContractError& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_NE(message().find("reads 1 inputs, 0 are given"), std::string::npos) << message();
  Tensor x({4, 5});
  arguments.inputs = {{InputValues::Kind::kDense, &x, {}}};
  EXPECT_NE(message().find("input x has shape [4, 5], expected [N = 4, I = 4]"), std::string::npos) << message();
  const std::vector<std::int32_t> tokens{0, 1, 2, 4};
  arguments.inputs = {{InputValues::Kind::kOneHot, nullptr, tokens}};
  EXPECT_NE(message().find("token 4 of input x is not in [0, V = 4)"), std::string::npos) << message();
  Tensor good({4, 4});
  arguments.inputs = {{InputValues::Kind::kDense, &good, {}}};
  CellState state{Tensor({2, 3})};
  arguments.initial = &state;
  EXPECT_NE(message().find("has 2 states, 1 are given"), std::string::npos) << message();
}

TEST(Unrolling, OrdersByLengthAndKeepsTies) {
  const Unrolling unrolling = Unrolling::ragged(std::vector<Index>{1, 3, 0, 3});
  EXPECT_EQ(unrolling.steps(), 3);
  EXPECT_EQ(unrolling.rows(), 7);
  EXPECT_EQ(std::vector<Index>(unrolling.order().begin(), unrolling.order().end()), (std::vector<Index>{1, 3, 0, 2}));
  EXPECT_EQ(unrolling.rows_at(0), 3);
  EXPECT_EQ(unrolling.rows_at(2), 2);
  EXPECT_EQ(unrolling.row(3, 2), 6);
  EXPECT_FALSE(unrolling.is_equal());
  EXPECT_TRUE(Unrolling::equal(5, 3).is_equal());
  EXPECT_EQ(Unrolling::equal(0, 3).rows(), 0);
  EXPECT_THROW(Unrolling::ragged(std::vector<Index>{2, -1}), ContractError);
}

}  // namespace
}  // namespace unfold
