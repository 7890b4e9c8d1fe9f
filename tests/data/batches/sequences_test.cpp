// Batches of texts that fall into sequences: every pair is read once, and states are carried as far as a sequence goes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <set>
#include <vector>

#include "base/expect_error.h"
#include "base/random.h"
#include "unfold/batches.h"
#include "unfold/error.h"

namespace unfold {
namespace {

using Ids = std::vector<std::int32_t>;

constexpr std::int32_t kBoundary = 0;

/// A boundary, then sequences of up to `longest` tokens with one behind each. Every other token is its own place in the
/// text, so that a pair says where it is from.
Ids sequences(std::uint64_t key, Index count, Index longest) {
  Random random(key);
  Ids tokens = {kBoundary};
  for (Index i = 0; i < count; ++i) {
    const auto length = 1 + static_cast<Index>(random.below(static_cast<std::uint64_t>(longest)));
    for (Index tick = 0; tick < length; ++tick) tokens.push_back(static_cast<std::int32_t>(tokens.size()));
    tokens.push_back(kBoundary);
  }
  return tokens;
}

/// Reads batches as a model would: what each stream has read since it was at the cell's start.
class Reader {
 public:
  explicit Reader(Index streams) : streams_(static_cast<std::size_t>(streams)) {}

  void read(const TokenBatch& batch) {
    ASSERT_EQ(batch.continues.size(), static_cast<std::size_t>(batch.unrolling.batch()));
    ASSERT_EQ(static_cast<Index>(batch.inputs.size()), batch.unrolling.rows());
    std::vector<Ids> now;
    for (Index s = 0; s < batch.unrolling.batch(); ++s) {
      const Index from = batch.continues[static_cast<std::size_t>(s)];
      Ids& history = now.emplace_back(from == TokenBatch::kStart ? Ids{} : streams_.at(static_cast<std::size_t>(from)));
      for (Index tick = 0; tick < batch.unrolling.lengths()[static_cast<std::size_t>(s)]; ++tick) {
        const auto row = static_cast<std::size_t>(batch.unrolling.row(s, tick));
        history.push_back(batch.inputs[row]);
        pairs_.push_back({history, batch.targets[row]});
      }
    }
    std::vector<Ids> next;
    for (const Index sequence : batch.carries) next.push_back(now.at(static_cast<std::size_t>(sequence)));
    streams_ = std::move(next);
  }

  /// Each prediction: what was read since the start, and the target.
  std::vector<std::pair<Ids, std::int32_t>> pairs() const {
    auto sorted = pairs_;
    std::sort(sorted.begin(), sorted.end());
    return sorted;
  }

 private:
  std::vector<Ids> streams_;
  std::vector<std::pair<Ids, std::int32_t>> pairs_;
};

/// Every pair of a text that is read by itself, with what a state knows there: all since the last boundary, or since
/// the beginning of a stream of `length` pairs.
std::vector<std::pair<Ids, std::int32_t>> expected_pairs(const Ids& tokens, Index length, Index pairs) {
  std::vector<std::pair<Ids, std::int32_t>> expected;
  Ids history;
  for (Index i = 0; i < pairs; ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (tokens[at] == kBoundary || i % length == 0) history.clear();
    history.push_back(tokens[at]);
    expected.push_back({history, tokens[at + 1]});
  }
  std::sort(expected.begin(), expected.end());
  return expected;
}

TEST(StreamBatches, BeginAnewAtEveryBoundary) {
  for (const Index batch : {1, 3, 4}) {
    for (const Index steps : {1, 5, 16}) {
      for (std::uint64_t key = 0; key < 6; ++key) {
        const Ids tokens = sequences(key, 25, 9);
        for (const bool jitter : {false, true}) {
          StreamBatches batches(tokens, batch, steps, {.boundary = kBoundary, .jitter = jitter, .seed = key});
          const Index pairs = batches.tokens_per_epoch();
          for (Index epoch = 0; epoch < 2; ++epoch) {
            Reader reader(batches.streams());
            for (Index w = batches.windows(epoch); w > 0; --w) reader.read(batches.next());
            ASSERT_EQ(batches.position(), (BatchPosition{epoch + 1, 0}));
            ASSERT_EQ(reader.pairs(), expected_pairs(tokens, pairs / batches.batch(), pairs));
          }
        }
      }
    }
  }
}

TEST(StreamBatches, CutAWindowBeforeTheBoundaryThatIsRead) {
  //                  stream 0: 0 1 2 0 4 | 5   stream 1: 5 0 7 8 9 | 0
  const Ids tokens = {0, 1, 2, 0, 4, 5, 0, 7, 8, 9, 0};
  StreamBatches batches(tokens, 2, 5, {.boundary = kBoundary});
  const TokenBatch batch = batches.next();
  EXPECT_EQ(batch.continues, (std::vector<Index>{-1, -1, -1, -1}));
  EXPECT_EQ(batch.carries, (std::vector<Index>{1, 3}));
  EXPECT_EQ(std::vector<Index>(batch.unrolling.lengths().begin(), batch.unrolling.lengths().end()),
            (std::vector<Index>{3, 2, 1, 4}));
}

TEST(StreamBatches, OfRandomLengthAreReadOnceAndResumeExactly) {
  Ids tokens(5000);
  std::iota(tokens.begin(), tokens.end(), 1);
  const StreamOptions options{.jitter = true, .seed = 3};
  StreamBatches batches(tokens, 4, 40, options);
  std::vector<TokenBatch> first;
  std::vector<BatchPosition> positions;
  for (int i = 0; i < 90; ++i) {
    positions.push_back(batches.position());
    first.push_back(batches.next());
  }
  for (std::size_t i = 0; i < first.size(); i += 7) {
    StreamBatches resumed(tokens, 4, 40, options);
    resumed.seek(positions[i]);
    EXPECT_EQ(resumed.next().inputs, first[i].inputs) << i;
  }
  EXPECT_NE(first[0].inputs, first[static_cast<std::size_t>(batches.windows(0))].inputs) << "another epoch, other cuts";
  EXPECT_THROW(batches.seek({0, batches.windows(0)}), ContractError);
  EXPECT_NEAR(batches.epochs(batches.windows(0) + batches.windows(1)), 2.0, 1e-12);
}

TEST(StreamBatches, LengthsVaryAroundTheirMean) {
  Ids tokens(400'000, 1);
  StreamBatches batches(tokens, 1, 64, {.jitter = true, .seed = 1});
  std::vector<Index> usual;
  std::vector<Index> half;
  const Index windows = batches.windows(0);
  for (Index w = 0; w + 1 < windows; ++w) {
    const Index length = batches.next().unrolling.steps();
    (length < 48 ? half : usual).push_back(length);
  }
  const auto mean = [](const std::vector<Index>& of) {
    return std::accumulate(of.begin(), of.end(), 0.0) / static_cast<double>(of.size());
  };
  // Four standard errors, for some 6400 windows with a deviation of 5.
  EXPECT_NEAR(mean(usual), 64, 4 * 5 / std::sqrt(static_cast<double>(usual.size())));
  EXPECT_NEAR(mean(half), 32, 4 * 5 / std::sqrt(static_cast<double>(half.size())));
  const double share = static_cast<double>(half.size()) / static_cast<double>(windows);
  EXPECT_NEAR(share, 0.05, 4 * std::sqrt(0.05 * 0.95 / static_cast<double>(windows)));
}

TEST(LineBatches, ReadEverySequenceWholeOnceAnEpoch) {
  const Ids tokens = sequences(1, 100, 12);
  for (const Index batch : {1, 7, 32, 200}) {
    LineBatches batches(tokens, kBoundary, batch, /*seed=*/5);
    EXPECT_EQ(batches.batch(), std::min<Index>(batch, 100));
    EXPECT_EQ(batches.tokens_per_epoch(), static_cast<Index>(tokens.size()) - 1);
    for (Index epoch = 0; epoch < 3; ++epoch) {
      Reader reader(0);
      for (Index w = batches.windows(epoch); w > 0; --w) {
        const TokenBatch next = batches.next();
        EXPECT_TRUE(next.carries.empty());
        reader.read(next);
      }
      const auto pairs = static_cast<Index>(tokens.size()) - 1;
      EXPECT_EQ(reader.pairs(), expected_pairs(tokens, pairs, pairs));
    }
  }
}

TEST(LineBatches, GroupLengthsAndDrawAnotherOrderEveryEpoch) {
  const Ids tokens = sequences(2, 4000, 50);
  LineBatches batches(tokens, kBoundary, 16, /*seed=*/5);
  std::vector<Ids> epochs(2);
  double spread = 0;
  for (Ids& epoch : epochs) {
    for (Index w = 0; w < batches.windows(0); ++w) {
      const TokenBatch batch = batches.next();
      const auto [least, most] = std::ranges::minmax(batch.unrolling.lengths());
      spread += static_cast<double>(most - least) / static_cast<double>(2 * batches.windows(0));
      epoch.insert(epoch.end(), batch.inputs.begin(), batch.inputs.end());
    }
  }
  EXPECT_NE(epochs[0], epochs[1]);
  EXPECT_LT(spread, 5) << "of lengths 2 to 51, in one batch on average";
}

TEST(LineBatches, ContinueExactlyFromASavedPosition) {
  const Ids tokens = sequences(3, 60, 9);
  LineBatches batches(tokens, kBoundary, 8, 2);
  for (int i = 0; i < 11; ++i) batches.next();
  LineBatches resumed(tokens, kBoundary, 8, 2);
  resumed.seek(batches.position());
  for (int i = 0; i < 20; ++i) ASSERT_EQ(resumed.next().inputs, batches.next().inputs);
}

TEST(LineBatches, RefuseATextWithoutSequences) {
  for (const Ids& tokens : {Ids{}, Ids{0}, Ids{1, 2, 3}, Ids{0, 1, 2}, Ids{1, 0, 2, 0}}) {
    expect_error<InputError>([&] { LineBatches(tokens, kBoundary, 8, 2); }, {"no line"});
  }
  EXPECT_THROW(LineBatches(Ids{0, 1, 0}, kBoundary, 0, 2), UsageError);
}

TEST(EvaluationBatches, PredictEveryTokenOnceWithItsSequenceBefore) {
  for (const Index batch : {1, 3, 8}) {
    for (const bool lines : {false, true}) {
      const Ids tokens = sequences(4, 40, 9);
      const EvaluationBatches batches(tokens, batch, 6, {.boundary = kBoundary, .lines = lines});
      Reader reader(batches.batch());
      for (Index w = 0; w < batches.windows(); ++w) reader.read(batches.window(w));
      const auto pairs = static_cast<Index>(tokens.size()) - 1;
      EXPECT_EQ(static_cast<Index>(reader.pairs().size()), pairs);
      if (batch == 1 || lines) {
        EXPECT_EQ(reader.pairs(), expected_pairs(tokens, pairs, pairs));
      }
    }
  }
  EXPECT_THROW(EvaluationBatches(Ids{0, 1, 0}, 1, 6, {.boundary = {}, .lines = true}), ContractError);
}

}  // namespace
}  // namespace unfold
