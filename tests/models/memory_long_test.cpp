// What can be learned over how many steps: truncated backpropagation reaches as far as its window, a recurrence through
// the output only as far as the output tells.
#include <gtest/gtest.h>

#include "base/random.h"
#include "unfold/clipping.h"
#include "unfold/data.h"
#include "unfold/language_model.h"
#include "unfold/optimizer.h"

namespace unfold {
namespace {

constexpr std::int32_t kBlank = 0;
constexpr std::int32_t kQuestion = 1;
constexpr std::int32_t kFirstCue = 2;  // cues are 2 and 3
constexpr Index kSymbols = 4;

/// Rounds of: a cue, blanks, a question `lag` steps after the cue, and the cue again as the answer.
class Recall {
 public:
  explicit Recall(Index lag) : lag_(lag) {}

  std::vector<std::int32_t> text(Index rounds, std::uint64_t seed) const {
    Random random(seed);
    std::vector<std::int32_t> tokens;
    for (Index round = 0; round < rounds; ++round) {
      const std::int32_t cue = kFirstCue + static_cast<std::int32_t>(random.below(2));
      tokens.push_back(cue);
      tokens.insert(tokens.end(), static_cast<std::size_t>(lag_ - 1), kBlank);
      tokens.push_back(kQuestion);
      tokens.push_back(cue);
    }
    return tokens;
  }

  /// Share of the questions that the model answers rightly, over one long text.
  double share_right(LanguageModel& model) const {
    constexpr Index kRounds = 500;
    const std::vector<std::int32_t> tokens = text(kRounds, 99);
    State state = model.state(1);
    const Tensor log_p = model.log_probabilities(Unrolling::equal(static_cast<Index>(tokens.size()), 1), tokens, state);
    Index right = 0;
    for (std::size_t n = 0; n + 1 < tokens.size(); ++n) {
      if (tokens[n] != kQuestion) continue;
      const float* row = log_p.data() + static_cast<Index>(n) * kSymbols;
      const std::int32_t other = kFirstCue + (tokens[n + 1] == kFirstCue ? 1 : 0);
      right += row[tokens[n + 1]] > row[other] ? 1 : 0;
    }
    return static_cast<double>(right) / kRounds;
  }

 private:
  Index lag_;
};

LanguageModelOptions options(const std::string& cell, Index unroll) {
  LanguageModelOptions chosen{.cell = Cell::load(cell)};
  chosen.hidden = {24};
  chosen.seed = 3;
  chosen.batch = 16;
  chosen.steps = unroll;
  return chosen;
}

/// Learns by truncated backpropagation with carried state, windows of options.steps.
double learned(const Recall& recall, const LanguageModelOptions& chosen, std::uint64_t steps) {
  LanguageModel model(chosen, kSymbols);
  Adam adam(model.parameters());
  StreamBatches batches(recall.text(4000, 1), chosen.batch, chosen.steps);
  State state;
  Tape tape;
  for (std::uint64_t step = 0; step < steps; ++step) {
    const TokenBatch batch = batches.next();
    tape.clear();
    LanguageModel::Loss loss = model.loss(tape, batch, state, step);
    tape.backward(loss.objective);
    adam.step(5e-3, clip_factor(global_norm(model.parameters()), 1.0));
    state = std::move(loss.state);
  }
  return recall.share_right(model);
}

// Of 500 coin flips more than 60 % are right with probability below 1e-5.
constexpr double kChance = 0.6;
constexpr double kLearned = 0.99;

TEST(Memory, ALagOfFifteenIsLearnedWithAWindowOfTwentyAndNotOfTen) {
  // Of a tanh cell: one that keeps its state without having learned to (a gated cell) may find the cue in what the
  // window before carried over, although no gradient comes from there.
  const Recall recall(15);
  EXPECT_GE(learned(recall, options("elman", 20), 5000), kLearned);
  EXPECT_LE(learned(recall, options("elman", 10), 5000), kChance);
}

TEST(Memory, ARecurrenceThroughTheOutputCannotHoldWhatTheOutputDoesNotShow) {
  const Recall recall(4);
  LanguageModelOptions jordan = options("jordan", 20);
  // Forced, its only memory is the label of the step before: a blank.
  jordan.rewrites = {{.kind = Rewrite::Kind::kTeacherForcing, .state = "y"}};
  EXPECT_LE(learned(recall, jordan, 800), kChance);
  EXPECT_GE(learned(recall, options("elman", 20), 800), kLearned);
}

}  // namespace
}  // namespace unfold
