// Steps of every shipped cell, one at a time, against whole sequences; rows that come and go; formats of weights.
#include "unfold/streaming.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "base/thread_count_kept.h"
#include "count_allocations.h"
#include "recurrence/check/check.h"
#include "unfold/error.h"

namespace unfold::recurrence {
namespace {

constexpr Sizes kSizes{.input = 5, .hidden = 19, .target = 7};
constexpr Index kSteps = 6;
constexpr Index kBatch = 5;
/// Largest difference of a state or an output after a few steps whose activations are rounded to 15 bits beside int8
/// weights: some 1e-5 a product, larger where a cell divides by a deviation.
constexpr double kInt8Tolerance = 2e-3;

using Kind = InputValues::Kind;

std::int32_t token(Index tick, Index row) { return static_cast<std::int32_t>((3 * tick + 2 * row) % kSizes.input); }

/// A cell, what it reads, and its states and outputs over a whole batch of sequences.
struct Case {
  Recurrence recurrence;
  Parameter table{"table", {kSizes.input, kSizes.input}};
  Kind kind;
  Tensor dense{{kSteps * kBatch, kSizes.input}};
  std::vector<std::int32_t> tokens;

  Case(const std::string& cell, Kind kind_) : recurrence(Cell::load(cell), kSizes, {}, {}, 5), kind(kind_) {
    Random random(9);
    for (float& value : dense.values()) value = random.uniform() * 2 - 1;
    for (float& value : table.edit().values()) value = random.uniform() * 2 - 1;
    for (Index row = 0; row < kSteps * kBatch; ++row) tokens.push_back(token(row / kBatch, row % kBatch));
  }

  ForwardResult whole() {
    const Unrolling unrolling = Unrolling::equal(kSteps, kBatch);
    const Tensor* values = kind == Kind::kDense ? &dense : kind == Kind::kEmbedded ? &table.value() : nullptr;
    ForwardArguments arguments;
    arguments.unrolling = &unrolling;
    arguments.inputs = {{kind, values, tokens}};
    return recurrence.forward(arguments);
  }

  RecurrenceStream stream() { return RecurrenceStream(recurrence, {kind, kind == Kind::kEmbedded ? &table : nullptr}); }

  /// Row `row` of the stream reads what sequence `sequence` reads at a tick.
  void read(RecurrenceStream& stream, Index row, Index tick, Index sequence) const {
    stream.set_token(row, token(tick, sequence));
    std::copy_n(dense.data() + (tick * kBatch + sequence) * kSizes.input, kSizes.input, stream.input(row));
  }
};

void expect_equals_the_whole(Case& of, double tolerance) {
  const ForwardResult all = of.whole();
  RecurrenceStream stream = of.stream();
  stream.reserve(kBatch);
  const Index size = stream.output_size();
  for (Index tick = 0; tick < kSteps; ++tick) {
    for (Index row = 0; row < kBatch; ++row) of.read(stream, row, tick, row);
    stream.step(kBatch);
    for (Index i = 0; i < kBatch * size; ++i) {
      ASSERT_NEAR(stream.output(i / size)[i % size], all.output[tick * kBatch * size + i], tolerance)
          << "tick " << tick;
    }
  }
  for (Index s = 0; s < stream.states(); ++s) {
    for (Index i = 0; i < kBatch * stream.state_size(s); ++i) {
      const float* row = stream.state(s, i / stream.state_size(s));
      ASSERT_NEAR(row[i % stream.state_size(s)], all.final[at(s)][i], tolerance) << "state " << s;
    }
  }
}

class Streaming : public testing::TestWithParam<std::string> {};

TEST_P(Streaming, EqualsTheWholeSequence) {
  for (const Kind kind : {Kind::kDense, Kind::kOneHot, Kind::kEmbedded}) {
    SCOPED_TRACE(static_cast<int>(kind));
    Case of(GetParam(), kind);
    expect_equals_the_whole(of, kPlanTolerance);
  }
}

TEST_P(Streaming, EqualsTheWholeSequenceWithRoundedWeights) {
  for (const WeightFormat format : {WeightFormat::kBf16, WeightFormat::kInt8}) {
    SCOPED_TRACE(weight_format_name(format));
    Case of(GetParam(), Kind::kDense);
    for (Parameter* parameter : of.recurrence.parameters()) {
      if (parameter->shape().rank() == 2) parameter->round_to(format);
    }
    expect_equals_the_whole(of, format == WeightFormat::kInt8 ? kInt8Tolerance : kPlanTolerance);
  }
}

/// Bit for bit: a stream alone, and beside others at changing places.
TEST_P(Streaming, RowsDoNotDependOnEachOther) {
  Case of(GetParam(), Kind::kDense);
  RecurrenceStream alone = of.stream(), together = of.stream();
  together.reserve(kBatch);
  for (Index tick = 0; tick < kSteps; ++tick) {
    of.read(alone, 0, tick, 0);
    alone.step();
    const Index place = tick % kBatch, before = std::max<Index>(0, tick - 1) % kBatch;
    for (Index s = 0; s < together.states() && tick > 0; ++s) {
      std::swap_ranges(together.state(s, place), together.state(s, place) + together.state_size(s),
                       together.state(s, before));
    }
    for (Index row = 0; row < kBatch; ++row) of.read(together, row, tick, row == place ? 0 : row);
    together.step(kBatch);
    for (Index i = 0; i < alone.output_size(); ++i) ASSERT_EQ(together.output(place)[i], alone.output(0)[i]);
  }
}

TEST_P(Streaming, AllocatesNothing) {
  for (const WeightFormat format : {WeightFormat::kF32, WeightFormat::kInt8}) {
    Case of(GetParam(), Kind::kDense);
    for (Parameter* parameter : of.recurrence.parameters()) parameter->round_to(format);
    RecurrenceStream stream = of.stream();
    stream.step();
    const long before = allocations;
    stream.refresh();
    stream.step();
    EXPECT_EQ(allocations, before);
  }
}

INSTANTIATE_TEST_SUITE_P(Cells, Streaming, testing::ValuesIn(shipped_cells()),
                         [](const auto& cell) { return cell.param; });

/// 300 units: a matrix of 1.4 MB.
TEST(RecurrenceStream, ThreadsThatShareALargeMatrixAllocateNothing) {
  const ThreadCountKept kept;
  set_thread_count(2);
  const Recurrence recurrence(Cell::load("lstm"), {1, 300, 0});
  RecurrenceStream stream(recurrence);
  stream.step();
  const long allocated = allocations;
  stream.step();
  EXPECT_EQ(allocations, allocated);
}

TEST(RecurrenceStream, SeesNewParametersAfterRefresh) {
  Case of("gru", Kind::kEmbedded);
  RecurrenceStream stream = of.stream();
  stream.step();
  const float before = stream.output(0)[0];
  for (float& value : of.recurrence.parameters()[0]->edit().values()) value += 0.5F;
  for (float& value : of.table.edit().values()) value += 0.5F;
  stream.refresh();
  stream.start(0);
  stream.step();
  const float after = stream.output(0)[0];
  RecurrenceStream fresh = of.stream();
  fresh.step();
  EXPECT_EQ(after, fresh.output(0)[0]);
  EXPECT_NE(after, before);
}

TEST(RecurrenceStream, MoreRowsKeepTheirStates) {
  Case of("lstm", Kind::kOneHot);
  RecurrenceStream stream = of.stream(), other = of.stream();
  for (RecurrenceStream* each : {&stream, &other}) each->step();
  stream.reserve(4);
  for (RecurrenceStream* each : {&stream, &other}) each->step();
  EXPECT_EQ(stream.rows(), 4);
  for (Index i = 0; i < kSizes.hidden; ++i) EXPECT_EQ(stream.output(0)[i], other.output(0)[i]);
  for (Index i = 0; i < kSizes.hidden; ++i) EXPECT_EQ(stream.state(0, 3)[i], 0);
  EXPECT_THROW(stream.step(5), ContractError);
}

TEST(RecurrenceStream, ReadsFewerBytesOfSmallerWeights) {
  Case of("lstm", Kind::kDense);
  const Index f32 = of.stream().bytes();
  for (Parameter* parameter : of.recurrence.parameters()) parameter->round_to(WeightFormat::kInt8);
  // Pairs of rows are filled up: 19 -> 20 and 5 -> 6.
  EXPECT_EQ(of.stream().bytes() * 4 * (19 + 5), f32 * (20 + 6));
}

TEST(RecurrenceStream, ATokenBelowZeroReadsAsZeros) {
  for (const Kind kind : {Kind::kOneHot, Kind::kEmbedded}) {
    Case of("gru", kind), zeros("gru", Kind::kDense);
    RecurrenceStream stream = of.stream(), expected = zeros.stream();
    stream.set_token(0, -1);
    stream.step();
    expected.step();
    for (Index i = 0; i < kSizes.hidden; ++i) EXPECT_EQ(stream.output(0)[i], expected.output(0)[i]);
  }
}

}  // namespace
}  // namespace unfold::recurrence
