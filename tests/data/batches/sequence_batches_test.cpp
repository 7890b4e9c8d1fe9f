// Batches of ragged sequences.
#include "unfold/sequence_batches.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "base/expect_error.h"
#include "base/random.h"
#include "unfold/error.h"

namespace unfold {
namespace {

using testing::ElementsAre;

std::vector<Index> random_lengths(std::size_t count) {
  Random random(5);
  std::vector<Index> lengths(count);
  for (Index& length : lengths) length = static_cast<Index>(random.below(60));
  return lengths;
}

Index steps(const std::vector<Index>& batch, const std::vector<Index>& lengths) {
  Index sum = 0;
  for (const Index sequence : batch) sum += lengths[static_cast<std::size_t>(sequence)];
  return sum;
}

TEST(GroupByLength, KeepsToTheBudget) {
  EXPECT_THAT(group_by_length(std::vector<Index>{3, 9, 4, 3, 0}, 7),
              ElementsAre(ElementsAre(1), ElementsAre(2, 0), ElementsAre(3, 4)));
  EXPECT_TRUE(group_by_length({}, 7).empty());
  expect_error<UsageError>([] { group_by_length({}, 0); }, {"at least 1"});
}

TEST(SequenceBatches, ReadEverySequenceOnceAnEpoch) {
  const std::vector<Index> lengths = random_lengths(500);
  SequenceBatches batches(lengths, 200, 3);
  for (Index epoch = 0; epoch < 2; ++epoch) {
    std::vector<Index> seen;
    while (batches.position().epoch == epoch) {
      const std::vector<Index> batch = batches.next();
      EXPECT_LE(steps(batch, lengths), 200);
      seen.insert(seen.end(), batch.begin(), batch.end());
    }
    std::sort(seen.begin(), seen.end());
    std::vector<Index> all(lengths.size());
    std::iota(all.begin(), all.end(), Index{0});
    EXPECT_EQ(seen, all);
  }
  EXPECT_EQ(batches.steps_per_epoch(), std::accumulate(lengths.begin(), lengths.end(), Index{0}));
}

TEST(SequenceBatches, AreNearlyFullAndOfNearlyEqualLengths) {
  const std::vector<Index> lengths = random_lengths(3000);
  SequenceBatches batches(lengths, 400, 3);
  const Index count = batches.batches(0);
  EXPECT_LT(count, batches.steps_per_epoch() / 400 * 11 / 10);
  Index widest = 0;  // in all, what padding would cost
  for (Index i = 0; i < count; ++i) {
    const std::vector<Index> batch = batches.next();
    Index longest = 0;
    for (const Index sequence : batch) longest = std::max(longest, lengths[static_cast<std::size_t>(sequence)]);
    widest += longest * static_cast<Index>(batch.size());
  }
  EXPECT_LT(widest, batches.steps_per_epoch() * 11 / 10);
}

TEST(SequenceBatches, DifferFromEpochToEpochAndContinueAnywhere) {
  const std::vector<Index> lengths = random_lengths(300);
  SequenceBatches batches(lengths, 100, 3);
  const std::vector<Index> first = batches.next();
  for (int i = 0; i < 150; ++i) batches.next();
  const BatchPosition position = batches.position();
  ASSERT_GT(position.epoch, 0);
  const std::vector<Index> expected = batches.next();
  SequenceBatches others(lengths, 100, 3);
  others.seek(position);
  EXPECT_EQ(others.next(), expected);
  others.seek({1, 0});
  EXPECT_NE(others.next(), first);
  expect_error<ContractError>([&] { others.seek({0, 100000}); }, {"no batch"});
}

TEST(VectorBatch, LiesTickAfterTick) {
  SequenceData data;
  data.kind = SequenceKind::kVectors;
  data.sequences.resize(2);
  data.sequences[0].values = Tensor({1, 2}, std::vector<float>{1, 2});
  data.sequences[0].label = 4;
  data.sequences[1].values = Tensor({2, 2}, std::vector<float>{3, 4, 5, 6});
  data.sequences[1].step_labels = {7, 8};
  const VectorBatch batch = batch_of_vectors(data, std::vector<Index>{0, 1});
  EXPECT_THAT(std::vector(batch.values.values().begin(), batch.values.values().end()), ElementsAre(3, 4, 1, 2, 5, 6));
  EXPECT_THAT(batch.labels, ElementsAre(4, Labels::kNone));
  EXPECT_THAT(batch.step_labels, ElementsAre(7, Labels::kNone, 8));
}

}  // namespace
}  // namespace unfold
