// Texts scored side by side, in windows that bound the memory whatever their lengths.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "generate/known_tokens.h"
#include "generate/start.h"
#include "unfold/scoring.h"

namespace unfold {

namespace {

/// Texts side by side: more gain no speed.
constexpr std::size_t kTogether = 64;
/// Log-probabilities [N, V] of a window, at most: 32 MB.
constexpr Index kLargestAnswer = Index{1} << 23;

/// What a text reads, and what it is to predict from it: token i of one from token i of the other.
struct Pairs {
  std::vector<std::int32_t> inputs = {};
  std::vector<std::int32_t> targets = {};
  Index length() const { return static_cast<Index>(inputs.size()); }
};

/// Adds what needs no model to the score.
Pairs pairs_of(const Vocabulary& vocabulary, const std::string& text, TextScore& score) {
  const KnownTokens known = known_tokens(vocabulary, text);
  Pairs pairs{.targets = known.tokens};
  if (const auto boundary = boundary_token(vocabulary)) pairs.targets.push_back(*boundary);
  score.unknown = known.unknown;
  score.tokens = static_cast<Index>(pairs.targets.size()) + known.unknown;
  score.log_probability += static_cast<double>(known.unknown) * kUnknownNats;
  if (pairs.targets.empty()) return pairs;

  pairs.inputs.assign(pairs.targets.begin(), pairs.targets.end() - 1);
  if (const auto first = first_token(vocabulary)) {
    pairs.inputs.insert(pairs.inputs.begin(), *first);
  } else {
    pairs.targets.erase(pairs.targets.begin());
    score.log_probability -= std::log(static_cast<double>(vocabulary.size()));
  }
  return pairs;
}

/// Ticks [first, first + ticks) of texts that are as long or longer than that, and of others what they have.
TokenBatch window(const std::vector<Pairs>& texts, Index first, Index ticks) {
  std::vector<Index> lengths;
  for (const Pairs& text : texts) lengths.push_back(std::clamp<Index>(text.length() - first, 0, ticks));
  TokenBatch batch;
  batch.unrolling = Unrolling::ragged(lengths);
  batch.inputs.resize(static_cast<std::size_t>(batch.unrolling.rows()));
  batch.targets.resize(batch.inputs.size());
  for (std::size_t text = 0; text < texts.size(); ++text) {
    for (Index tick = 0; tick < lengths[text]; ++tick) {
      const auto row = static_cast<std::size_t>(batch.unrolling.row(static_cast<Index>(text), tick));
      const auto place = static_cast<std::size_t>(first + tick);
      batch.inputs[row] = texts[text].inputs[place];
      batch.targets[row] = texts[text].targets[place];
    }
  }
  return batch;
}

/// Adds log p of texts that begin together.
void add_scores(TextModel& model, const std::vector<Pairs>& texts, std::span<TextScore*> scores) {
  const auto batch = static_cast<Index>(texts.size());
  const Index ticks = std::max<Index>(1, kLargestAnswer / (batch * model.symbols()));
  Index longest = 0;
  for (const Pairs& text : texts) longest = std::max(longest, text.length());
  TextState state = model.begin(batch);
  for (Index first = 0; first < longest; first += ticks) {
    const TokenBatch rows = window(texts, first, ticks);
    const std::vector<float> answers = model.score(rows, state);
    for (Index text = 0; text < batch; ++text) {
      for (Index tick = 0; tick < rows.unrolling.lengths()[static_cast<std::size_t>(text)]; ++tick) {
        scores[static_cast<std::size_t>(text)]->log_probability +=
            answers[static_cast<std::size_t>(rows.unrolling.row(text, tick))];
      }
    }
  }
}

}  // namespace

std::vector<TextScore> score_texts(TextModel& model, const Vocabulary& vocabulary, std::span<const std::string> texts) {
  std::vector<TextScore> scores(texts.size());
  std::vector<Pairs> pairs;
  for (std::size_t i = 0; i < texts.size(); ++i) pairs.push_back(pairs_of(vocabulary, texts[i], scores[i]));
  // Texts of about the same length side by side: few ticks have few rows.
  std::vector<std::size_t> order(texts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return pairs[a].length() > pairs[b].length(); });
  for (std::size_t first = 0; first < order.size(); first += kTogether) {
    std::vector<Pairs> together;
    std::vector<TextScore*> their_scores;
    for (std::size_t i = first; i < std::min(order.size(), first + kTogether); ++i) {
      together.push_back(std::move(pairs[order[i]]));
      their_scores.push_back(&scores[order[i]]);
    }
    add_scores(model, together, their_scores);
  }
  return scores;
}

}  // namespace unfold
