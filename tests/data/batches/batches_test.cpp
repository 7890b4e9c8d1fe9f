#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>
#include <vector>

#include "base/expect_error.h"
#include "unfold/data.h"
#include "unfold/error.h"

namespace unfold {
namespace {

using Tokens = std::vector<std::int32_t>;

// 0, 1, 2, ...: a token is its own place in the text.
Tokens counting(Index count) {
  Tokens tokens(static_cast<std::size_t>(count));
  std::iota(tokens.begin(), tokens.end(), 0);
  return tokens;
}

struct Sizes {
  Index tokens;
  Index batch;
  Index steps;
};

// Text sizes around every boundary of B streams of windows of T.
std::vector<Sizes> many_sizes() {
  std::vector<Sizes> sizes;
  for (const Index batch : {1, 2, 3, 5}) {
    for (const Index steps : {1, 2, 4, 7}) {
      for (Index tokens = 2; tokens < 50; ++tokens) sizes.push_back({tokens, batch, steps});
    }
  }
  return sizes;
}

std::string shown(const Sizes& s) {
  return std::to_string(s.tokens) + " tokens, batch " + std::to_string(s.batch) + ", steps " + std::to_string(s.steps);
}

bool begins(const TokenBatch& batch) {
  return std::all_of(batch.continues.begin(), batch.continues.end(),
                     [](Index from) { return from == TokenBatch::kStart; });
}

TEST(StreamBatches, AreTicksOfParallelStreams) {
  StreamBatches batches(counting(12), 2, 3);  // 11 pairs: two streams of 5, one pair left over
  EXPECT_EQ(batches.batch(), 2);
  EXPECT_EQ(batches.windows(), 2);
  EXPECT_EQ(batches.tokens_per_epoch(), 10);
  TokenBatch batch = batches.next();
  EXPECT_TRUE(begins(batch));
  EXPECT_TRUE(batch.unrolling.is_equal());
  EXPECT_EQ(batch.unrolling.steps(), 3);
  EXPECT_EQ(batch.unrolling.batch(), 2);
  EXPECT_EQ(batch.inputs, (Tokens{0, 5, 1, 6, 2, 7}));
  EXPECT_EQ(batch.targets, (Tokens{1, 6, 2, 7, 3, 8}));
  batch = batches.next();
  EXPECT_EQ(batch.continues, (std::vector<Index>{0, 1}));
  EXPECT_EQ(batch.unrolling.steps(), 2) << "the last window is shorter";
  EXPECT_EQ(batch.inputs, (Tokens{3, 8, 4, 9}));
  EXPECT_EQ(batch.targets, (Tokens{4, 9, 5, 10}));
  EXPECT_EQ(batches.position(), (BatchPosition{1, 0}));
  batch = batches.next();
  EXPECT_TRUE(begins(batch)) << "the next epoch begins anew";
  EXPECT_EQ(batch.inputs, (Tokens{0, 5, 1, 6, 2, 7}));
}

TEST(StreamBatches, UseEveryPairOnceAnEpochButTheRemainder) {
  for (const Sizes& s : many_sizes()) {
    StreamBatches batches(counting(s.tokens), s.batch, s.steps);
    for (int epoch = 0; epoch < 2; ++epoch) {
      Tokens seen;
      for (Index w = 0; w < batches.windows(); ++w) {
        const TokenBatch batch = batches.next();
        ASSERT_EQ(static_cast<Index>(batch.inputs.size()), batch.unrolling.rows()) << shown(s);
        for (std::size_t row = 0; row < batch.inputs.size(); ++row) {
          ASSERT_EQ(batch.targets[row], batch.inputs[row] + 1) << shown(s);
        }
        seen.insert(seen.end(), batch.inputs.begin(), batch.inputs.end());
      }
      std::sort(seen.begin(), seen.end());
      const Index pairs = s.tokens - 1;
      ASSERT_EQ(seen, counting(pairs - pairs % batches.batch())) << shown(s);
      ASSERT_EQ(batches.tokens_per_epoch(), static_cast<Index>(seen.size())) << shown(s);
      ASSERT_EQ(batches.position(), (BatchPosition{epoch + 1, 0})) << shown(s);
    }
  }
}

TEST(StreamBatches, CarryEachStreamOnFromWindowToWindow) {
  StreamBatches batches(counting(100), 3, 4);
  Tokens last;
  for (Index w = 0; w < batches.windows(); ++w) {
    const TokenBatch batch = batches.next();
    if (w > 0) {
      EXPECT_TRUE(std::equal(last.begin(), last.end(), batch.inputs.begin()));
    }
    last.assign(batch.targets.end() - 3, batch.targets.end());
  }
}

TEST(StreamBatches, ContinueExactlyFromASavedPosition) {
  StreamBatches batches(counting(60), 2, 4);
  for (int i = 0; i < 11; ++i) batches.next();
  const BatchPosition position = batches.position();
  StreamBatches resumed(counting(60), 2, 4);
  resumed.seek(position);
  for (int i = 0; i < 20; ++i) {
    const TokenBatch expected = batches.next();
    const TokenBatch found = resumed.next();
    ASSERT_EQ(found.inputs, expected.inputs);
    ASSERT_EQ(found.targets, expected.targets);
    ASSERT_EQ(found.continues, expected.continues);
  }
  EXPECT_EQ(resumed.position(), batches.position());
  EXPECT_THROW(resumed.seek({0, resumed.windows()}), ContractError);
  EXPECT_THROW(resumed.seek({0, -1}), ContractError);
  EXPECT_THROW(resumed.seek({-1, 0}), ContractError);
}

TEST(StreamBatches, ShortTextsGetFewerStreamsOfWholeWindows) {
  EXPECT_EQ(StreamBatches(counting(1 + 64 * 10), 64, 10).batch(), 64);
  EXPECT_EQ(StreamBatches(counting(64 * 10), 64, 10).batch(), 63);
  EXPECT_EQ(StreamBatches(counting(25), 64, 10).batch(), 2);
  StreamBatches hello(counting(5), 64, 64);  // one stream, one window
  EXPECT_EQ(hello.batch(), 1);
  EXPECT_EQ(hello.next().inputs, counting(4));
  EXPECT_EQ(StreamBatches(counting(2), 64, 64).tokens_per_epoch(), 1);
}

TEST(StreamBatches, RefuseTextsWithoutAPredictionAndSizesBelowOne) {
  expect_error<InputError>([] { StreamBatches(counting(1), 8, 8); }, {"too short", "two tokens", "found 1"});
  EXPECT_THROW(StreamBatches(counting(0), 8, 8), InputError);
  EXPECT_THROW(StreamBatches(counting(9), 0, 8), UsageError);
  EXPECT_THROW(StreamBatches(counting(9), 8, 0), UsageError);
  EXPECT_THROW(EvaluationBatches(counting(1), 8, 8), InputError);
}

TEST(EvaluationBatches, PredictEveryTokenButTheFirstExactlyOnce) {
  for (const Sizes& s : many_sizes()) {
    const EvaluationBatches batches(counting(s.tokens), s.batch, s.steps);
    ASSERT_EQ(batches.predictions(), s.tokens - 1);
    Tokens predicted = {0};
    std::map<Index, std::int32_t> last;  // target of each stream's row before
    for (Index w = 0; w < batches.windows(); ++w) {
      const TokenBatch batch = batches.window(w);
      ASSERT_EQ(begins(batch), w == 0);
      ASSERT_EQ(batch.unrolling.batch(), batches.batch()) << shown(s);
      ASSERT_LE(batch.unrolling.steps(), s.steps) << shown(s);
      ASSERT_EQ(batch.unrolling.rows(), static_cast<Index>(batch.inputs.size())) << shown(s);
      predicted.insert(predicted.end(), batch.targets.begin(), batch.targets.end());
      for (Index stream = 0; stream < batches.batch(); ++stream) {
        const Index length = batch.unrolling.lengths()[static_cast<std::size_t>(stream)];
        for (Index tick = 0; tick < length; ++tick) {
          const auto row = static_cast<std::size_t>(batch.unrolling.row(stream, tick));
          ASSERT_EQ(batch.targets[row], batch.inputs[row] + 1) << shown(s);
          if (last.contains(stream)) {
            ASSERT_EQ(batch.inputs[row], last[stream]) << shown(s);
          }
          last[stream] = batch.targets[row];
        }
      }
    }
    std::sort(predicted.begin(), predicted.end());
    ASSERT_EQ(predicted, counting(s.tokens)) << shown(s);
    // A stream ends where the next begins.
    for (Index stream = 0; stream + 1 < batches.batch(); ++stream) {
      const TokenBatch first = batches.window(0);
      ASSERT_EQ(last[stream], first.inputs[static_cast<std::size_t>(first.unrolling.row(stream + 1, 0))]) << shown(s);
    }
  }
}

TEST(EvaluationBatches, OfOneStreamAreTheWholeTextInOrder) {
  const EvaluationBatches batches(counting(11), 1, 4);
  EXPECT_EQ(batches.windows(), 3);
  EXPECT_EQ(batches.window(0).inputs, (Tokens{0, 1, 2, 3}));
  EXPECT_EQ(batches.window(2).inputs, (Tokens{8, 9}));
  EXPECT_THROW(batches.window(3), ContractError);
  EXPECT_THROW(batches.window(-1), ContractError);
}

TEST(SplitTail, HoldsOutTheEnd) {
  const Tokens tokens = counting(1'115'394);
  const Split split = split_tail(tokens, 0.1);
  EXPECT_EQ(split.train.size(), 1'003'854u);
  EXPECT_EQ(split.valid.size(), 111'540u);
  EXPECT_EQ(split.train.data(), tokens.data());
  EXPECT_EQ(split.valid.front(), 1'003'854);
  EXPECT_EQ(split.valid.back(), tokens.back());
}

TEST(SplitTail, RefusesWhatLeavesAPartWithoutAPrediction) {
  const Tokens tokens = counting(10);
  expect_error<InputError>([&] { split_tail(tokens, 0.1); }, {"too short", "10 %", "found 9 and 1"});
  EXPECT_THROW(split_tail(tokens, 0.85), InputError);
  EXPECT_EQ(split_tail(tokens, 0.2).valid.size(), 2u);
  for (const double fraction : {0.0, 1.0, -0.1, 1.5, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THROW(split_tail(tokens, fraction), UsageError);
  }
}

}  // namespace
}  // namespace unfold
