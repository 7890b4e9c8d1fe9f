// Holding out, duplicates, class weights, standardisation.
#include "unfold/preparation.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <map>

#include "base/expect_error.h"
#include "unfold/error.h"

namespace unfold {
namespace {

using testing::ElementsAre;

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

/// Texts "0", "1", ... with the given labels.
SequenceData texts(const std::vector<std::string>& labels) {
  SequenceData data;
  for (const std::string& label : labels) {
    Sequence sequence;
    sequence.text = std::to_string(data.sequences.size());
    sequence.label = data.labels.add(label);
    data.sequences.push_back(std::move(sequence));
  }
  return data;
}

std::vector<std::string> contents(const SequenceData& data) {
  std::vector<std::string> all;
  for (const Sequence& sequence : data.sequences) all.push_back(sequence.text);
  return all;
}

SequenceData vectors(const std::vector<std::vector<float>>& sequences, Index width) {
  SequenceData data;
  data.kind = SequenceKind::kVectors;
  for (const std::vector<float>& values : sequences) {
    Sequence sequence;
    sequence.values = Tensor({static_cast<Index>(values.size()) / width, width}, values);
    data.sequences.push_back(std::move(sequence));
  }
  return data;
}

TEST(HoldOut, TakesTheSameShareOfEveryLabel) {
  std::vector<std::string> labels(40, "a");
  labels.insert(labels.end(), 20, "b");
  labels.push_back("lonely");
  const HoldOut parts = stratified_hold_out(texts(labels), 0.1, 1);
  EXPECT_EQ(parts.train.sequences.size(), 55U);
  std::map<std::int32_t, int> counts;
  for (const Sequence& sequence : parts.held_out.sequences) ++counts[sequence.label];
  EXPECT_THAT(counts, ElementsAre(testing::Pair(0, 4), testing::Pair(1, 2)));
  EXPECT_EQ(parts.held_out.labels, parts.train.labels);
}

TEST(HoldOut, DependsOnTheSeedAlone) {
  const std::vector<std::string> labels(50, "a");
  const auto held_out = [&](std::uint64_t seed, const std::vector<std::string>& more = {}) {
    std::vector<std::string> all = labels;
    all.insert(all.end(), more.begin(), more.end());
    SequenceData part = stratified_hold_out(texts(all), 0.2, seed).held_out;
    std::erase_if(part.sequences, [](const Sequence& sequence) { return sequence.label != 0; });
    return contents(part);
  };
  EXPECT_EQ(held_out(1), held_out(1));
  EXPECT_NE(held_out(1), held_out(2));
  EXPECT_EQ(held_out(1), held_out(1, {"b", "b", "c"}));  // another label's sequences change nothing
}

TEST(HoldOut, RefusesAShareOfOne) {
  expect_error<UsageError>([] { stratified_hold_out(texts({"a"}), 1, 1); }, {"below 1"});
}

TEST(Duplicates, AreRemovedWithinALabel) {
  SequenceData data = texts({"a", "b", "a", "a"});
  for (const std::size_t i : {0, 1, 2}) data.sequences[i].text = "same";
  EXPECT_EQ(remove_duplicates(data), 1);
  EXPECT_THAT(contents(data), ElementsAre("same", "same", "3"));
}

TEST(Duplicates, AreFoundBetweenTwoParts) {
  EXPECT_THAT(identical_sequences(texts({"a", "b"}), texts({"a", "a", "a"})),
              ElementsAre(Leak{0, true}, Leak{1, false}));
  const SequenceData some = vectors({{1, 2}, {3}}, 1);
  EXPECT_THAT(identical_sequences(some, vectors({{1}, {3}, {1, 2}}, 1)), ElementsAre(Leak{1, true}, Leak{2, true}));
}

TEST(ClassWeights, MakeLabelsCountAlike) {
  SequenceData data = texts({"a", "a", "a", "b"});
  data.labels.add("never");
  EXPECT_THAT(class_weights(data), ElementsAre(testing::FloatEq(4.0F / 6), 2, 0));
  SequenceData steps = texts({"x"});
  steps.sequences[0].label = Labels::kNone;
  steps.sequences[0].step_labels = {0, 0, Labels::kNone, 0};
  EXPECT_THAT(class_weights(steps), ElementsAre(1));
}

TEST(Standardisation, MakesMeanZeroAndDeviationOne) {
  SequenceData data = vectors({{1, 5, 3, 5}, {5, 5, kMissing, kMissing}}, 2);
  const Standardisation statistics = Standardisation::of(data);
  EXPECT_THAT(statistics.mean, ElementsAre(3, 5));
  EXPECT_THAT(statistics.deviation, ElementsAre(testing::FloatEq(std::sqrt(8.0F / 3)), 1));
  Tensor& values = data.sequences[1].values;
  statistics.apply(values);
  EXPECT_FLOAT_EQ(values[0], 2 / std::sqrt(8.0F / 3));
  EXPECT_THAT(std::vector(values.values().begin() + 1, values.values().end()), ElementsAre(0, 0, 0));
}

TEST(Standardisation, KeepsItsDigitsFarFromZero) {
  const Standardisation statistics = Standardisation::of(vectors({{1e6F, 1e6F + 1}}, 1));
  EXPECT_FLOAT_EQ(statistics.deviation[0], 0.5F);
}

TEST(Standardisation, RefusesAnotherWidth) {
  Tensor values({1, 3});
  const Standardisation statistics{{0, 0}, {1, 1}};
  expect_error<ContractError>([&] { statistics.apply(values); }, {"2 numbers", "[1, 3]"});
}

}  // namespace
}  // namespace unfold
