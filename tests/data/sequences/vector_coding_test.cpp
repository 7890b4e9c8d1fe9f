// Which numbers of a step a model reads and predicts, and in which form.
#include "unfold/vector_coding.h"

#include <gmock/gmock.h>

#include <cmath>

#include "base/expect_error.h"
#include "unfold/error.h"

namespace unfold {
namespace {

using testing::ElementsAre;
using testing::FloatNear;

SequenceData data_of(Index width, const std::vector<std::vector<float>>& sequences) {
  SequenceData data;
  data.kind = SequenceKind::kVectors;
  for (const std::vector<float>& values : sequences) {
    Sequence& sequence = data.sequences.emplace_back();
    sequence.values = Tensor({static_cast<Index>(values.size()) / width, width}, values);
    sequence.line = static_cast<Index>(data.sequences.size());
  }
  return data;
}

std::vector<float> read(const VectorCoding& coding, const std::vector<float>& row) {
  std::vector<float> input(static_cast<std::size_t>(coding.inputs()));
  coding.read(row, input);
  return input;
}

std::vector<float> compared(const VectorCoding& coding, const std::vector<float>& row) {
  std::vector<float> target(static_cast<std::size_t>(coding.targets()));
  coding.compare(row, target);
  return target;
}

std::vector<float> values_of(const Tensor& tensor) { return {tensor.values().begin(), tensor.values().end()}; }

TEST(VectorCoding, NumbersAreStandardisedAndComeBack) {
  const VectorCoding coding = VectorCoding::of(data_of(2, {{1, 10, 3, 30}}), {});
  EXPECT_EQ(coding.target, VectorTarget::kSquared);
  EXPECT_THAT(coding.names, ElementsAre("1", "2"));
  EXPECT_THAT(read(coding, {3, 10}), ElementsAre(1, -1));
  EXPECT_THAT(read(coding, {3, NAN}), ElementsAre(1, 0));
  EXPECT_THAT(compared(coding, {1, 30}), ElementsAre(-1, 1));
  EXPECT_TRUE(std::isnan(compared(coding, {1, NAN})[1]));
  EXPECT_THAT(coding.restored(std::vector<float>{-1, 1}), ElementsAre(1, 30));
  EXPECT_EQ(coding.predictions(5), 4);
  EXPECT_EQ(coding.predictions(0), 0);
}

TEST(VectorCoding, WhatIsOnlyZerosAndOnesIsBits) {
  const VectorCoding coding = VectorCoding::of(data_of(2, {{0, 1, 1, 0}, {1, 1}}), {});
  EXPECT_EQ(coding.target, VectorTarget::kBernoulli);
  EXPECT_THAT(read(coding, {1, 0}), ElementsAre(1, 0));
  EXPECT_EQ(VectorCoding::of(data_of(2, {{0, 1, 1, 0}}), VectorTarget::kSquared).target, VectorTarget::kSquared);
  expect_error<InputError>(
      [] {
        VectorCoding::of(data_of(2, {{0, 1}, {1, 0.5F}}), VectorTarget::kBernoulli);
      },
      {"line 2", "'2'", "0.5"});
}

TEST(VectorCoding, SymbolsAreANumberOrOneOfManyColumns) {
  const VectorCoding number = VectorCoding::of(data_of(1, {{0, 2, 1}}), VectorTarget::kCategorical);
  EXPECT_EQ(number.symbols, 3);
  EXPECT_EQ(number.targets(), 1);
  EXPECT_THAT(read(number, {2}), ElementsAre(0, 0, 1));
  EXPECT_THAT(number.restored(std::vector<float>{2}), ElementsAre(2));
  const VectorCoding columns = VectorCoding::of(data_of(3, {{0, 0, 1, 1, 0, 0}}), VectorTarget::kCategorical);
  EXPECT_EQ(columns.symbols, 3);
  EXPECT_THAT(compared(columns, {0, 1, 0}), ElementsAre(1));
  EXPECT_THAT(columns.restored(std::vector<float>{1}), ElementsAre(0, 1, 0));
  expect_error<InputError>([] { VectorCoding::of(data_of(2, {{1, 1}}), VectorTarget::kCategorical); }, {"line 1"});
  expect_error<InputError>([] { VectorCoding::of(data_of(1, {{-1}}), VectorTarget::kCategorical); }, {"line 1", "-1"});
  expect_error<InputError>([&] { number.expect(data_of(1, {{7}}).sequences[0], SequenceKind::kVectors); }, {"7"});
}

TEST(VectorCoding, SomeColumnsArePredictedFromTheOthers) {
  SequenceData data = data_of(3, {{1, 0, 5, 3, 1, 9}});
  data.features = {"x", "on", "y"};
  const VectorCoding coding = VectorCoding::of(data, {}, {"on"});
  EXPECT_EQ(coding.target, VectorTarget::kBernoulli);
  EXPECT_THAT(read(coding, {3, 1, 5}), ElementsAre(1, -1));
  EXPECT_THAT(compared(coding, {3, 1, 5}), ElementsAre(1));
  EXPECT_EQ(coding.predictions(5), 5);
  const VectorCoding both = VectorCoding::of(data, {}, {"y", "x"});
  EXPECT_EQ(both.target, VectorTarget::kSquared);
  EXPECT_THAT(compared(both, {3, 1, 5}), ElementsAre(1, -1));
  EXPECT_THAT(read(both, {3, 1, 5}), ElementsAre(FloatNear(1, 1e-6F)));
  expect_error<UsageError>([&] { VectorCoding::of(data, {}, {"z"}); }, {"'z'", "x, on, y"});
  EXPECT_THROW(VectorCoding::of(data, {}, {"x", "x"}), UsageError);
  EXPECT_THROW(VectorCoding::of(data, {}, {"x", "y", "on"}), UsageError);
}

TEST(VectorCoding, TextsAndOtherWidthsAreRefused) {
  SequenceData texts;
  texts.sequences.emplace_back().text = "abc";
  EXPECT_THROW(VectorCoding::of(texts, {}), InputError);
  const VectorCoding coding = VectorCoding::of(data_of(2, {{1, 2, 3, 4}}), {});
  expect_error<InputError>([&] { coding.expect(data_of(1, {{1}}).sequences[0], SequenceKind::kVectors); },
                           {"2 numbers", "has 1"});
}

TEST(VectorStepBatch, HoldsEachStepBesideTheNext) {
  const SequenceData data = data_of(2, {{1, 0, 0, 1, 1, 1}, {0, 0, 1, 0}});
  const VectorCoding coding = VectorCoding::of(data, {});
  const std::vector<Index> both = {1, 0};
  const VectorStepBatch batch = batch_of_steps(data, coding, both);
  EXPECT_THAT(batch.unrolling.lengths(), ElementsAre(1, 2));
  EXPECT_THAT(batch.sequences, ElementsAre(1, 0));
  // The longer sequence comes first in every tick.
  EXPECT_THAT(values_of(batch.inputs), ElementsAre(1, 0, 0, 0, 0, 1));
  EXPECT_THAT(values_of(batch.targets), ElementsAre(0, 1, 1, 0, 1, 1));
}

TEST(VectorStepBatch, MovesColumnsAndLosesWhatLeaves) {
  const SequenceData data = data_of(3, {{1, 1, 0, 0, 0, 1}});
  const VectorCoding coding = VectorCoding::of(data, {});
  const std::vector<Index> one = {0};
  const VectorStepBatch up = batch_of_steps(data, coding, one, std::vector<Index>{1});
  EXPECT_THAT(values_of(up.inputs), ElementsAre(0, 1, 1));
  EXPECT_THAT(values_of(up.targets), ElementsAre(0, 0, 0));
  const VectorStepBatch down = batch_of_steps(data, coding, one, std::vector<Index>{-1});
  EXPECT_THAT(values_of(down.inputs), ElementsAre(1, 0, 0));
  EXPECT_THAT(values_of(down.targets), ElementsAre(0, 1, 0));
}

}  // namespace
}  // namespace unfold
